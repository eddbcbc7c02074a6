//! The operators as a table, the texts of mismatches, and the two laws of matchers.

use proptest::prelude::*;
use serde_json::{Value, json};
use test_case::test_case;

use crate::value::tests_support::{node, tests_context};
use crate::value::{Matcher, Scope};
use crate::{Diagnostics, Source};

fn compile(yaml: &str) -> (Matcher, Diagnostics) {
    // Inside a list, because a document that is `null` is no document.
    let source = Source::new("a.styk.yaml", "", format!("- {yaml}\n"));
    let list = node(&source);
    let node = list.as_list().and_then(|items| items.first());
    let mut diagnostics = Diagnostics::default();
    let matcher = Matcher::compile(node.expect("one element"), &mut diagnostics);
    (matcher, diagnostics)
}

fn scope() -> Scope {
    let mut scope = Scope::new(tests_context());
    scope.set("ids", json!([1, 2]));
    scope.set("name", json!("Mug"));
    scope
}

fn messages(yaml: &str, actual: Option<&Value>) -> Vec<String> {
    let (matcher, diagnostics) = compile(yaml);
    assert!(!diagnostics.has_errors(), "{:?}", diagnostics.into_sorted());
    let mismatches = matcher
        .check(actual, &scope(), false)
        .expect("can be judged");
    mismatches.iter().map(|m| m.message("$")).collect()
}

fn errors(yaml: &str) -> Vec<String> {
    let (_, diagnostics) = compile(yaml);
    let sorted = diagnostics.into_sorted();
    sorted
        .into_iter()
        .map(|diagnostic| diagnostic.message)
        .collect()
}

#[test_case("100", json!(100.0), json!("100"); "numbers by value, types strictly")]
#[test_case("$name", json!("Mug"), json!("mug"); "a variable")]
#[test_case("{a: {b: 1}}", json!({"a": {"b": 1, "c": 2}, "d": 3}), json!({"a": {}}); "objects match partially")]
#[test_case("[{a: 1}, 2]", json!([{"a": 1, "b": 1}, 2]), json!([{"a": 1}, 2, 3]); "lists have the same length")]
#[test_case("{a: {gt: 5}}", json!({"a": 6}), json!({"a": 5}); "operators inside objects")]
#[test_case("{eq: {type: email}}", json!({"type": "email"}), json!("a@b.test"); "eq makes a literal")]
#[test_case("{ne: 5}", json!(4), json!(5.0); "ne")]
#[test_case("{exact: {a: {b: 1}}}", json!({"a": {"b": 1}}), json!({"a": {"b": 1, "c": 2}}); "exact is deep")]
#[test_case("{in: [new, paid]}", json!("paid"), json!("lost"); "in")]
#[test_case("{in: $ids}", json!(2), json!(3); "in a variable")]
#[test_case("{not_in: [new, paid]}", json!("lost"), json!("paid"); "not in")]
#[test_case("{gt: 1, lte: 3}", json!(3), json!(1); "all operators must hold")]
#[test_case("{gte: 2}", json!(2), json!(1.9); "gte")]
#[test_case("{lt: 2}", json!(1), json!(2); "lt")]
#[test_case("{near: {value: 10, within: 0.5}}", json!(10.4), json!(10.6); "near")]
#[test_case("{before: 2026-01-31T12:00:00Z}", json!("2026-01-31T12:59:00+01:00"), json!("2026-02-01"); "before")]
#[test_case("{after: \"${now()}\"}", json!("2026-01-31"), json!("1969-12-31"); "after")]
#[test_case("{contains: b}", json!("abc"), json!("ac"); "text contains")]
#[test_case("{contains: {id: 2}}", json!([{"id": 1}, {"id": 2, "x": 0}]), json!([{"id": 1}]); "list contains")]
#[test_case("{excludes: b}", json!("ac"), json!("abc"); "text excludes")]
#[test_case("{excludes: {eq: {id: 2}}}", json!([{"id": 1}]), json!([{"id": 2}]); "list excludes")]
#[test_case("{starts_with: ab}", json!("abc"), json!("bc"); "starts with")]
#[test_case("{ends_with: bc}", json!("abc"), json!("ab"); "ends with")]
#[test_case("{matches: '^a.c$'}", json!("abc"), json!("abcd"); "matches")]
#[test_case("{matches: 'b'}", json!("abc"), json!("ac"); "matches anywhere")]
#[test_case("{type: [integer, null]}", json!(null), json!(1.5); "type")]
#[test_case("{empty: true}", json!([]), json!([1]); "empty")]
#[test_case("{empty: false}", json!("a"), json!(""); "not empty")]
#[test_case("{len: 2}", json!("äö"), json!([1]); "len counts characters and elements")]
#[test_case("{len: {gte: 2}}", json!([1, 2, 3]), json!({"a": 1}); "len takes a matcher")]
#[test_case("{each: {id: {type: integer}}}", json!([{"id": 1}]), json!([{"id": 1}, {}]); "each")]
#[test_case("{any: {id: 2}}", json!([{"id": 1}, {"id": 2}]), json!([]); "any")]
#[test_case("{none: {lt: 0}}", json!([1, 2]), json!([1, -2]); "none")]
#[test_case("{unordered: [201, 409]}", json!([409, 201]), json!([201, 201]); "unordered")]
#[test_case("{unordered: [{type: integer}, 1]}", json!([1, 2]), json!([2, 3]); "unordered finds the right pairs")]
#[test_case("{unordered: $ids}", json!([2, 1]), json!([1, 2, 2]); "unordered takes a variable")]
#[test_case("{not: {starts_with: a}}", json!("b"), json!("a"); "not")]
#[test_case("{all: [{gt: 1}, {lt: 3}]}", json!(2), json!(3); "all")]
#[test_case("{one_of: [{lt: 1}, {gt: 3}, null]}", json!(null), json!(2); "one of")]
fn an_operator_holds_for_one_value_and_not_for_another(yaml: &str, good: Value, bad: Value) {
    assert_eq!(messages(yaml, Some(&good)), Vec::<String>::new());
    assert_ne!(messages(yaml, Some(&bad)), Vec::<String>::new());
}

#[test_case("2940", json!(2900), "expected $ to be 2940, it is 2900"; "a literal")]
#[test_case("{items: [{price: 1}]}", json!({"items": [{"price": 2}]}), "expected $.items[0].price to be 1, it is 2"; "deep inside")]
#[test_case("{items: [1, 2]}", json!({"items": [1]}), "expected $.items to be a list of 2, it has 1: [1]"; "a list of another length")]
#[test_case("{a: 1}", json!({}), "expected $.a to be 1, it is missing"; "a missing member")]
#[test_case("{a: 1}", json!([1]), "expected $ to be an object, it is a list: [1]"; "no object")]
#[test_case("{password: x1}", json!({"password": "x2"}), "expected $.password to be ***, it is ***"; "a secret")]
#[test_case("{exact: {a: 1}}", json!({"a": 1, "b": 2, "c": 3}), "expected $ to have no other members, it also has b, c"; "too many members")]
#[test_case("{gt: 5}", json!("6"), "expected $ to be greater than 5, it is text: \"6\""; "another type")]
#[test_case("{in: [new, paid]}", json!("lost"), "expected $ to be one of [new, paid], it is \"lost\""; "none of the choices")]
#[test_case("{contains: '#17'}", json!("Order #18"), "expected $ to contain \"#17\", it is \"Order #18\""; "text without the part")]
#[test_case("{not: {gt: 5}}", json!(6), "expected $ not to match {gt: 5}, it is 6"; "negated")]
#[test_case("{ne: 5}", json!(5), "expected $ not to be 5, it is 5"; "the same")]
#[test_case("{len: {gte: 2}}", json!([1]), "expected $ to have a length that is at least 2, its length is 1: [1]"; "too short")]
#[test_case("{any: {id: 2}}", json!([]), "expected $ to have an element that matches {id: 2}, it is []"; "nothing fits")]
#[test_case("{type: uuid}", json!("x"), "expected $ to be of type uuid, it is text: \"x\""; "another form")]
#[test_case("{matches: '^a'}", json!("b"), "expected $ to match /^a/, it is \"b\""; "no match")]
fn a_mismatch_says_what_was_expected_and_what_came(yaml: &str, actual: Value, expected: &str) {
    assert_eq!(messages(yaml, Some(&actual)), [expected]);
}

#[test]
fn a_missing_value_is_right_only_for_who_asks_for_it() {
    assert!(messages("{exists: false}", None).is_empty());
    assert!(messages("{not: {exists: true}}", None).is_empty());
    assert!(messages("{one_of: [{exists: false}, 5]}", None).is_empty());
    for yaml in ["5", "{ne: 5}", "{not: {eq: 5}}", "{a: 1}", "{not_in: [1]}"] {
        assert_eq!(messages(yaml, None).len(), 1, "{yaml}");
    }
    let text = messages("{exists: true}", None);
    assert_eq!(text, ["expected $ to exist, it is missing"]);
    let text = messages("{exists: false}", Some(&json!(null)));
    assert_eq!(text, ["expected $ to be absent, it is null"]);
}

#[test]
fn negations_take_no_literal_objects() {
    let message = "a negation takes a scalar or an operator, not a plain object";
    for yaml in [
        "{not: {id: 2}}",
        "{none: {contians: x}}",
        "{ne: {id: 2}}",
        "{excludes: [{id: 2}]}",
        "{not_in: [{id: 2}]}",
    ] {
        assert!(errors(yaml).contains(&message.to_owned()), "{yaml}");
    }
    assert_eq!(errors("{not: {eq: {id: 2}}}"), Vec::<String>::new());
}

#[test_case("{gt: many}", "`gt` takes a number, here is text")]
#[test_case("{matches: 'a('}", "`a(` is no regular expression: unclosed group")]
#[test_case("{type: strnig}", "`type` knows no `strnig`")]
#[test_case("{exists: yes}", "`exists` takes `true` or `false`, here is text")]
#[test_case("{in: new}", "`in` takes a list, here is text")]
#[test_case(
    "{near: {value: 1}}",
    "`near` takes `{value: a number, within: a number}`"
)]
#[test_case(
    "{before: soon}",
    "`before` takes a time such as `2026-01-31T12:00:00Z` or `${now()}`, here is text"
)]
#[test_case("{schema: openapi}", "the operator `schema` is not in this version")]
#[test_case("{contians: x}", "`contians` is taken as a member's name")]
fn wrong_arguments_are_told_at_load(yaml: &str, expected: &str) {
    assert_eq!(errors(yaml), [expected]);
}

#[test]
fn a_variable_without_a_value_is_an_error_even_under_a_negation() {
    let (matcher, _) = compile("{not: {eq: $nothing}}");
    let error = matcher
        .check(Some(&json!(1)), &scope(), false)
        .expect_err("no value");
    assert_eq!(error.message, "`nothing` has no value here");
}

/// Any small JSON value; names and texts are from a small set so that values often meet.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0_i64..4).prop_map(Value::from),
        (0_i64..4).prop_map(|n| json!(f64::from(i32::try_from(n).unwrap_or(0)))),
        "[ab]{0,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::hash_map("[xyz]", inner, 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn every_value_matches_itself_in_all_three_ways(value in any_value()) {
        for yaml in [value.to_string(), format!("{{eq: {value}}}"), format!("{{exact: {value}}}")] {
            prop_assert_eq!(messages(&yaml, Some(&value)), Vec::<String>::new());
        }
    }

    #[test]
    fn exact_implies_partial(expected in any_value(), actual in any_value()) {
        let exact = messages(&format!("{{exact: {expected}}}"), Some(&actual)).is_empty();
        let partial = messages(&format!("{{eq: {expected}}}"), Some(&actual)).is_empty();
        prop_assert!(!exact || partial);
    }

    #[test]
    fn not_inverts(expected in any_value(), actual in any_value()) {
        let plain = messages(&format!("{{eq: {expected}}}"), Some(&actual)).is_empty();
        let negated = messages(&format!("{{not: {{eq: {expected}}}}}"), Some(&actual)).is_empty();
        prop_assert_ne!(plain, negated);
    }
}
