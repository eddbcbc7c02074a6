use super::*;
use crate::json::{Json, parse_strict};

/// Expected documents and whether received ones match them, as observed.
const OBSERVED: &str = include_str!("observed.txt");

#[test]
fn documents_match_what_they_match_in_the_original() {
    let text = |json: &str| match parse_strict(json).expect("JSON") {
        Json::Text(text) => text,
        other => panic!("{other:?}"),
    };
    let (mut expected, mut matcher) = (String::new(), None);
    let mut wrong = Vec::new();
    for line in OBSERVED.lines().filter(|line| !line.starts_with('#')) {
        let (mark, json) = line.split_once(' ').expect("a mark");
        let given = text(json);
        if mark == "=" {
            matcher = XmlMatcher::compile(&given);
            expected = given;
            continue;
        }
        let difference = matcher
            .as_ref()
            .map_or(Some("no XML".to_owned()), |matcher| {
                matcher.difference(&given)
            });
        if difference.is_none() != (mark == "+") {
            wrong.push(format!("{expected} and {given}: {difference:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_differs_is_named() {
    let difference = |expected: &str, given: &str| {
        let matcher = XmlMatcher::compile(expected).expect("XML");
        matcher.difference(given).expect("a difference")
    };
    assert_eq!(
        difference("<a><b i='1'>x</b></a>", "<a><b i='2'>x</b></a>"),
        "/a/b/@i: expected 1, received 2"
    );
    assert_eq!(
        difference("<a><b>x</b></a>", "<a><b>y</b></a>"),
        "/a/b: expected x, received y"
    );
    assert_eq!(
        difference("<a><b/></a>", "<a/>"),
        "/a: expected <b>, received none"
    );
    assert_eq!(
        difference("<a/>", "<a><b/></a>"),
        "/a: received <b>, which is not expected"
    );
}

#[test]
fn documents_are_bounded() {
    let deep = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert!(parse(&deep(150)).is_some());
    assert!(parse(&deep(100_000)).is_none());
    let laughs = "<!DOCTYPE a [<!ENTITY b 'x'><!ENTITY c '&b;&b;'>]><a>&c;</a>";
    assert!(parse(laughs).is_none());
    let wide = format!("<a>{}</a>", "<b/>".repeat(1_000_001));
    assert!(parse(&wide).is_none());
}
