use super::*;
use crate::json::{parse_lenient, parse_strict, same_number};

/// `path => outcome` below the document it applies to, as observed.
const OBSERVED: &str = include_str!("observed.txt");

#[test]
fn paths_find_what_they_find_in_the_original() {
    let mut document = Json::Null;
    let mut wrong = Vec::new();
    for line in OBSERVED.lines().filter(|line| !line.starts_with('#')) {
        if let Some(json) = line.strip_prefix("= ") {
            document = parse_strict(json).expect("JSON");
            continue;
        }
        let (text, expected) = line.rsplit_once(" => ").expect("an arrow");
        let path = JsonPath::compile(text);
        let found = path.as_ref().is_ok_and(|path| path.finds(&document));
        if found != (expected != "-") {
            wrong.push(format!("{text}: found {found} ({path:?})"));
            continue;
        }
        if !matches!(expected, "+" | "-") {
            let expected = parse_lenient(expected).expect("JSON");
            let value = match path.expect("compiled").evaluate(&document) {
                Some(Found::One(one)) => one,
                Some(Found::Many(many)) => Json::Array(many),
                None => Json::Null,
            };
            if !alike(&value, &expected) {
                wrong.push(format!("{text}: {value:?}, not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Equal, with numbers by value: the original reads them into doubles.
fn alike(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => same_number(left, right),
        (Json::Array(left), Json::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| alike(l, r))
        }
        _ => left == right,
    }
}

#[test]
fn a_deep_scan_goes_on_after_a_wildcard() {
    let document = parse_strict(r#"{"a":[{"p":1},{"p":2}]}"#).expect("JSON");
    for path in ["$..*.p", "$..[*].p", "$..[0,1].p"] {
        let path = JsonPath::compile(path).expect("a path");
        assert_eq!(
            path.evaluate(&document),
            Some(Found::Many(vec![Json::number(1), Json::number(2)]))
        );
    }
}

#[test]
fn definite_and_other_paths_are_told_apart() {
    let document = parse_strict(r#"{"a":[1]}"#).expect("JSON");
    let evaluate = |path| JsonPath::compile(path).expect("a path").evaluate(&document);
    assert_eq!(evaluate("$.a[0]"), Some(Found::One(Json::number(1))));
    assert_eq!(evaluate("$.b"), None);
    assert_eq!(evaluate("$..b"), Some(Found::Many(Vec::new())));
}

#[test]
fn an_evaluation_ends() {
    let numbers = vec![Json::number(1); 2000];
    let document = Json::object([("a", Json::Array(numbers))]);
    let path = JsonPath::compile("$.a[?(@ in $.a[?(@ in $.a[?(@ == 2)])])]").expect("a path");
    assert!(!path.finds(&document));
    let deep = (0..150).fold(Json::number(1), |inner, _| Json::object([("a", inner)]));
    let large = (0..150).fold(Json::text("x".repeat(1 << 20)), |inner, _| {
        Json::object([("a", inner), ("b", Json::Null)])
    });
    for path in ["$..*", "$..['a','b']", "$.append($..a)", "$..a.append(1)"] {
        let path = JsonPath::compile(path).expect("a path");
        path.evaluate(&large);
        path.finds(&large);
    }
    let path = format!("${}.b", "..a".repeat(20));
    assert!(!JsonPath::compile(&path).expect("a path").finds(&deep));
    for text in [
        format!("${}", "[?(@.a".repeat(60)),
        format!("$[?({}", "(".repeat(5000)),
        format!("$[?({}@.a)]", "!(".repeat(3000)),
        format!("$.a.sum({}", "$.a.sum(".repeat(900)),
        format!("${}", ".a".repeat(3000)),
        "$.a".repeat(10_000),
    ] {
        assert!(JsonPath::compile(&text).is_err(), "{}", &text[..20]);
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "[$@.\\[\\]()?*'\"a-c0-9:,&|!=<>~/{} -]{0,30}") {
        if let Ok(path) = JsonPath::compile(&text) {
            let document = parse_lenient("{a: [{b: 1, c: 'x'}, [2, 3]], b: 'y'}").expect("JSON");
            let _ = path.evaluate(&document);
        }
    }
}
