//! `jsonTransform`: small changes to JSON texts. What is no JSON comes back as it is.

use crate::json::{Json, parse_lenient, pretty};

use super::super::text::{compact, through_java};
use super::Called;
use super::arguments::texts;

pub(super) fn call(method: &str, arguments: &[Json]) -> Called {
    let arguments = texts(arguments)?;
    if let Some(None) = arguments.first() {
        return Some(Err(format!("jsonTransform.{method} needs a JSON text")));
    }
    let result = match (method, arguments.as_slice()) {
        ("merge", [Some(text), Some(more)]) => merge(text, more),
        ("merge", [_, None]) => return Some(Err("jsonTransform.merge needs two texts".to_owned())),
        ("sort", [Some(text), field]) => sort(text, *field),
        ("arrayAdd", [Some(text), item]) => array_add(text, *item),
        ("remove", [Some(text), field]) => remove(text, *field),
        ("prettyPrint", [Some(text)]) if text.trim().is_empty() => "null".to_owned(),
        ("prettyPrint", [Some(text)]) => parse_lenient(text)
            .map_or_else(|_| (*text).to_owned(), |json| pretty(&through_java(json))),
        ("field", [Some(text), field]) => field_of(text, *field),
        ("size", [Some(text)]) => {
            let size = match parse_lenient(text) {
                Ok(Json::Array(items)) => items.len(),
                _ => 0,
            };
            return Some(Ok(Json::number(size)));
        }
        _ => return None,
    };
    Some(Ok(Json::Text(result)))
}

/// The fields of the second object over those of the first.
fn merge(text: &str, more: &str) -> String {
    match (parse_lenient(text), parse_lenient(more)) {
        (Ok(Json::Object(mut fields)), Ok(Json::Object(more))) => {
            fields.extend(more);
            compact(&Json::Object(fields))
        }
        (Ok(json), _) => compact(&json),
        (Err(_), _) => text.to_owned(),
    }
}

/// Sorts by the text of the field: `10` comes before `2`.
fn sort(text: &str, field: Option<&str>) -> String {
    match parse_lenient(text) {
        Ok(Json::Array(mut items)) => {
            if let Some(field) = field {
                items.sort_by_cached_key(|item| match item {
                    Json::Object(fields) => fields.get(field).map_or_else(String::new, scalar),
                    _ => String::new(),
                });
            }
            compact(&Json::Array(items))
        }
        Ok(json) => compact(&json),
        Err(_) => text.to_owned(),
    }
}

fn array_add(text: &str, item: Option<&str>) -> String {
    match parse_lenient(text) {
        Ok(Json::Array(mut items)) => {
            let item = item.unwrap_or_default();
            if item.trim().is_empty() {
                items.push(Json::Null);
            } else if let Ok(item) = parse_lenient(item) {
                items.push(item);
            }
            compact(&Json::Array(items))
        }
        Ok(json) => compact(&json),
        Err(_) => text.to_owned(),
    }
}

fn remove(text: &str, field: Option<&str>) -> String {
    match parse_lenient(text) {
        Ok(Json::Object(mut fields)) => {
            if let Some(field) = field {
                fields.shift_remove(field);
            }
            compact(&Json::Object(fields))
        }
        Ok(json) => compact(&json),
        Err(_) => text.to_owned(),
    }
}

/// One field of the object, not a path: a text as it is, lists and objects as JSON.
fn field_of(text: &str, field: Option<&str>) -> String {
    let Ok(Json::Object(fields)) = parse_lenient(text) else {
        return String::new();
    };
    match field.and_then(|field| fields.get(field)) {
        None => String::new(),
        Some(value @ (Json::Array(_) | Json::Object(_))) => compact(value),
        Some(value) => scalar(value),
    }
}

/// The text of a scalar; lists and objects have none.
fn scalar(value: &Json) -> String {
    match value {
        Json::Text(text) => text.clone(),
        Json::Array(_) | Json::Object(_) => String::new(),
        other => compact(other),
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("merge", &[r#"{"a":1,"b":{"c":1}}"#, r#"{"b":{"d":2},"e":3.00}"#], r#"{"a":1,"b":{"d":2},"e":3.0}"#)]
    #[test_case("merge", &[r#"{"a":1,"b":2}"#, r#"{"a":9,"c":3}"#], r#"{"a":9,"b":2,"c":3}"#; "places stay")]
    #[test_case("merge", &["[1]", r#"{"a":1}"#], "[1]")]
    #[test_case("merge", &[r#"{"a":1}"#, r#"{"a":null}"#], r#"{"a":null}"#)]
    #[test_case("merge", &["zz", "{}"], "zz")]
    #[test_case("merge", &["{'a':1} x", "{z:1}"], r#"{"a":1,"z":1}"#; "loosely written")]
    #[test_case("sort", &[r#"[{"n":2},{"n":1},{"n":10}]"#, "n"], r#"[{"n":1},{"n":10},{"n":2}]"#)]
    #[test_case("sort", &[r#"[{"n":"b"},{"n":"a"},{}]"#, "n"], r#"[{},{"n":"a"},{"n":"b"}]"#)]
    #[test_case("sort", &[r#"[{"n":true},{"n":null},{"n":3},{"n":[1]}]"#, "n"], r#"[{"n":[1]},{"n":3},{"n":null},{"n":true}]"#)]
    #[test_case("sort", &["[3,1,2]", "n"], "[3,1,2]")]
    #[test_case("sort", &[r#"{"a":1}"#, "n"], r#"{"a":1}"#)]
    #[test_case("arrayAdd", &["[1,2]", "3"], "[1,2,3]")]
    #[test_case("arrayAdd", &["[1]", r#"{"a":1.50}"#], r#"[1,{"a":1.5}]"#)]
    #[test_case("arrayAdd", &["[1]", "abc"], "[1]")]
    #[test_case("arrayAdd", &["[1]", ""], "[1,null]")]
    #[test_case("arrayAdd", &[r#"{"a":1}"#, "3"], r#"{"a":1}"#)]
    #[test_case("remove", &[r#"{"a":1,"b":2}"#, "a"], r#"{"b":2}"#)]
    #[test_case("remove", &[r#"{"a":{"b":1}}"#, "a.b"], r#"{"a":{"b":1}}"#)]
    #[test_case("prettyPrint", &[r#"{"a":[1,{"b":2.50}],"c":{}}"#], "{\n  \"a\" : [ 1, {\n    \"b\" : 2.5\n  } ],\n  \"c\" : { }\n}")]
    #[test_case("prettyPrint", &["nope"], "nope")]
    #[test_case("prettyPrint", &[" "], "null")]
    #[test_case("prettyPrint", &["1e400"], "\"Infinity\"")]
    #[test_case("field", &[r#"{"a":"x"}"#, "a"], "x")]
    #[test_case("field", &[r#"{"b":{"c":"é/"}}"#, "b"], r#"{"c":"é/"}"#)]
    #[test_case("field", &[r#"{"b":{"c":1}}"#, "b.c"], "")]
    #[test_case("field", &[r#"{"d":1.50}"#, "d"], "1.5")]
    #[test_case("field", &[r#"{"e":null}"#, "e"], "null")]
    #[test_case("field", &[r#"{"f":[1, 2]}"#, "f"], "[1,2]")]
    #[test_case("field", &["[5,6]", "0"], "")]
    fn json_comes_out_as_of_the_original(method: &str, arguments: &[&str], expected: &str) {
        let arguments: Vec<_> = arguments.iter().map(|text| Json::text(*text)).collect();
        assert_eq!(call(method, &arguments), Some(Ok(Json::text(expected))));
    }

    #[test_case("[1,2]", 2)]
    #[test_case(r#"{"a":1}"#, 0)]
    #[test_case("zz", 0)]
    fn only_lists_have_a_size(text: &str, size: usize) {
        assert_eq!(
            call("size", &[Json::text(text)]),
            Some(Ok(Json::number(size)))
        );
    }

    #[test]
    fn a_missing_text_is_an_error() {
        assert!(matches!(
            call("field", &[Json::Null, Json::text("a")]),
            Some(Err(_))
        ));
    }
}
