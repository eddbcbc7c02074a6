use test_case::test_case;

use super::super::query_pairs;
use super::*;
use crate::json::parse_lenient;
use crate::schema::Complaints;

fn pairs(text: &str) -> Pairs {
    let json = parse_lenient(text).expect("JSON");
    let mut complaints = Complaints::default();
    let pairs = Pairs::read(&json, "$", &mut complaints).expect("pairs");
    assert!(complaints.errors.is_empty(), "{complaints:?}");
    pairs
}

#[test_case("{'!a': ['.*']}", &["", "b=2"], &["a=1", "a=1&b=2"]; "an absent key")]
#[test_case("{a: ['!1']}", &["a=2", "a=1&a=2"], &["a=1", "", "b=2"]; "another value")]
#[test_case("{'!a': ['!1']}", &["", "b=2"], &["a=2", "a=1", "b=1"]; "notted twice")]
#[test_case("{'?a': ['1']}", &["", "a=1", "b=2"], &["a=2"]; "an optional key")]
#[test_case("{a: []}", &["", "a=1", "b=2"], &[]; "no values")]
#[test_case("{a: ['']}", &["a", "a=", "a=1"], &["", "b=1"]; "a blank value")]
#[test_case("{a: ['.*', '.*']}", &["a=1&a=2"], &["a=1"]; "distinct pairs")]
#[test_case("{a: '1'}", &["a=1", "A=1", "b=2&a=1"], &["a=2", "a=1;b=2"]; "a single value")]
#[test_case("{'!a': ['2'], b: ['2']}", &["b=2"], &["a=1&b=2", "b=1"]; "an absent key needs no pair of its own")]
#[test_case("{'?!a': ['1']}", &["", "b=1"], &["b=2", "a=1", "a=2"]; "absent and optional")]
#[test_case("{'!a': ['!1'], b: ['2']}", &["b=2&c=2"], &["b=2"]; "notted twice needs a pair of its own")]
#[test_case("{'!a': ['1'], '?b': ['2']}", &["c=1"], &["", "b=2"]; "nothing given meets no mixed keys")]
#[test_case("{'?a': ['1'], a: ['2']}", &["", "b=1", "a=1&a=2"], &["a=1"]; "one key, optional as written first")]
#[test_case("{a: ['1'], '?a': ['2']}", &["a=1&a=2"], &["", "b=1", "a=1"]; "one key, required as written first")]
#[test_case("{a: [], '?a': ['2']}", &["", "a=2"], &["a=1"]; "a key without values is absent")]
#[test_case("{a: ['1']}", &["a=1"], &["a=1&b=%zz", "a=%3"]; "a broken escape spoils the query")]
#[test_case("{'1': ['']}", &["=1", "==1"], &["1x"]; "an equals sign in front of a name")]
#[test_case("{a: ['!']}", &[], &["a=1", "a=", "b=1", ""]; "not anything")]
#[test_case("{keyMatchStyle: 'MATCHING_KEY', '!b': ['1']}", &["", "a=2", "c=1"], &["b=2", "a=1&b=2"]; "matching key, notted")]
#[test_case("{keyMatchStyle: 'MATCHING_KEY', '!b': [], b: ['2']}", &["b=2"], &["b=3", ""]; "matching key without values")]
#[test_case("{keyMatchStyle: 'MATCHING_KEY', '[a-z]+': ['1'], a: ['2']}", &["a=2", "b=1&a=2"], &["a=1", "b=1", "a=2&b=3"]; "matching key takes values of keys it matches")]
#[test_case("{keyMatchStyle: 'MATCHING_KEY', a: ['1'], '!b': ['.*']}", &["a=1", "a=7"], &["a=1&b=2", "c=1"]; "matching key takes values of notted keys")]
#[test_case("[{name: 'a', values: ['1', '2']}]", &["a=2&a=1"], &["a=1"]; "the list form")]
#[test_case("{keyMatchStyle: 'MATCHING_KEY', a: ['1', '2']}", &["a=1", "a=1&a=2", "a=2&b=3"], &["a=1&a=3", "b=1"]; "matching key")]
fn a_subset_may_negate_and_leave_out(matcher: &str, matching: &[&str], other: &[&str]) {
    let matcher = pairs(matcher);
    for query in matching {
        assert!(matcher.matches(&query_pairs(query)), "{query} should match");
    }
    for query in other {
        assert!(
            !matcher.matches(&query_pairs(query)),
            "{query} should not match"
        );
    }
}

// What MockServer 8.0.0 makes of queries.
#[test_case("SIMPLE", &["a=1,2", "a=1&a=2", "a=2,1", "a=1,2,3"], &["a=1", "a=.1.2", "a=;a=1,2", "a=1%7C2"])]
#[test_case("FORM", &["a=1,2", "a=1&a=2", "a=2,1", "a=1,2,3"], &["a=1", "a=.1,2", "b=1"])]
#[test_case("LABEL_EXPLODED", &["a=.1.2", "a=1&a=2"], &["a=1,2", "a=.1,2", "a=1"])]
#[test_case("MATRIX_EXPLODED", &["a=;a=1;a=2", "a=1&a=2"], &["a=;a=1,2", "a=1,2", "a=1;2"])]
#[test_case("SPACE_DELIMITED", &["a=1+2", "a=1%202", "a=1&a=2"], &["a=1,2", "a=1|2"])]
#[test_case("PIPE_DELIMITED", &["a=1|2", "a=1%7C2", "a=1&a=2"], &["a=1,2", "a=1+2"])]
#[test_case("DEEP_OBJECT", &["a=1&a=2"], &["a=1,2", "a[0]=1&a[1]=2"])]
#[test_case("FORM_EXPLODED", &["a=1&a=2"], &["a=1,2"])]
fn a_value_may_hold_a_list(style: &str, matching: &[&str], other: &[&str]) {
    let text = format!("{{a: {{parameterStyle: '{style}', values: ['1', '2']}}}}");
    let matcher = pairs(&text);
    for query in matching {
        let given = query_pairs(query);
        assert!(
            matcher.matches_lists(&given, ParameterStyle::split),
            "{query}"
        );
    }
    for query in other {
        let given = query_pairs(query);
        assert!(
            !matcher.matches_lists(&given, ParameterStyle::split),
            "{query}"
        );
    }
}

#[test]
fn a_key_may_have_all_its_list_items_matched() {
    let text = "{keyMatchStyle: 'MATCHING_KEY', a: {parameterStyle: 'FORM', values: ['1', '2']}}";
    let matcher = pairs(text);
    for (query, expected) in [
        ("a=1,2", true),
        ("a=1", true),
        ("a=1,3", false),
        ("b=1", false),
    ] {
        let given = query_pairs(query);
        assert_eq!(
            matcher.matches_lists(&given, ParameterStyle::split),
            expected,
            "{query}"
        );
    }
}

#[test_case("{schema: {type: 'integer'}}", &["7", "3"], &["z", "7.5", ""])]
#[test_case("{schema: {type: 'integer'}, not: true}", &["z", "7.5", ""], &["7"])]
#[test_case("{value: 'z', schema: {type: 'integer'}}", &["7"], &["z"]; "a text beside says nothing")]
fn a_value_may_be_a_schema(value: &str, matching: &[&str], other: &[&str]) {
    let matcher = pairs(&format!("{{a: [{value}]}}"));
    for value in matching {
        assert!(
            matcher.matches(&query_pairs(&format!("a={value}"))),
            "{value}"
        );
    }
    for value in other {
        assert!(
            !matcher.matches(&query_pairs(&format!("a={value}"))),
            "{value}"
        );
    }
    assert!(!matcher.matches(&query_pairs("b=7")));
}

#[test_case("{a: ['1']}", "a=2&a=3&b=1", "a: expected 1, received 2, 3")]
#[test_case("{a: ['1']}", "b=2&c=3", "a: expected 1, received no a, only b, c")]
#[test_case("{a: ['1']}", "", "a: expected 1, received no a, only nothing")]
#[test_case("{a: ['1'], b: ['2']}", "a=1&b=3", "b: expected 2, received 3")]
#[test_case("{'!a': ['.*']}", "a=1", "a: expected none, received 1")]
#[test_case("{a: ['.*', '.*']}", "a=1", "a: expected 2 values, received 1"; "distinct pairs are missing")]
#[test_case(
    "{keyMatchStyle: 'MATCHING_KEY', a: ['1', '2']}",
    "a=1&a=3",
    "a: expected only 1, 2, received 1, 3"
)]
#[test_case("{a: ['.*', '2']}", "a=1", "a: expected 2, received 1")]
fn a_difference_names_the_pair(matcher: &str, query: &str, difference: &str) {
    let found = pairs(matcher).difference(&query_pairs(query));
    assert_eq!(found.as_deref(), Some(difference));
}

#[test]
fn queries_are_decoded_like_forms() {
    let matcher = pairs("{'a b': ['c d'], z: ['']}");
    assert!(matcher.matches(&query_pairs("a+b=c%20d&z")));
}

#[test_case("{a: {value: '1'}}"; "an object")]
#[test_case("{a: {schema: {type: 'integer'}}}"; "a schema")]
#[test_case("{a: null}"; "null")]
fn some_values_only_stand_in_lists(text: &str) {
    let json = parse_lenient(text).expect("JSON");
    let mut complaints = Complaints::default();
    Pairs::read(&json, "$", &mut complaints);
    assert!(!complaints.is_empty());
    let mut complaints = Complaints::default();
    Pairs::read_form(&json, "$", &mut complaints);
    assert_eq!(complaints.is_empty(), text != "{a: null}");
}

#[test]
fn cookies_have_one_value_each() {
    let read = |text| {
        let mut complaints = Complaints::default();
        let json = parse_lenient(text).expect("JSON");
        let pairs = Pairs::read_single(&json, "$", &mut complaints).expect("pairs");
        (pairs, complaints.is_empty())
    };
    assert!(!read("{a: ['1']}").1);
    let (pairs, is_right) = read("{a: '1', '?a': {not: true, value: '2'}}");
    assert!(is_right);
    assert!(pairs.matches(&query_pairs("a=3")));
    assert!(!pairs.matches(&query_pairs("a=2")));
    assert!(!pairs.matches(&query_pairs("b=3")));
}
