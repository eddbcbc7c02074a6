//! `yaml`: YAML as JSON. What is no YAML comes back as it is.

use serde_saphyr::from_str_multiple_with_options;
use serde_saphyr::options::DuplicateKeyPolicy;

use crate::json::Json;

use super::super::text::compact;
use super::Called;
use super::arguments::texts;

pub(super) fn call(method: &str, arguments: &[Json]) -> Called {
    let arguments = texts(arguments)?;
    let text = match (method, arguments.as_slice()) {
        ("toJson", [text]) => {
            let text = text.unwrap_or_default();
            read(text).map_or_else(|| text.to_owned(), |value| compact(&value))
        }
        ("parse", [text, field]) => match (read(text.unwrap_or_default()), field) {
            (Some(Json::Object(fields)), Some(field)) => match fields.get(*field) {
                None | Some(Json::Null) => String::new(),
                Some(Json::Text(text)) => text.clone(),
                Some(value) => compact(value),
            },
            _ => String::new(),
        },
        _ => return None,
    };
    Some(Ok(Json::Text(text)))
}

/// The first document.
fn read(text: &str) -> Option<Json> {
    if text.trim().is_empty() {
        return None;
    }
    let options = serde_saphyr::options! { duplicate_keys: DuplicateKeyPolicy::LastWins };
    let documents: Vec<serde_json::Value> = from_str_multiple_with_options(text, options).ok()?;
    Some(documents.first().map_or(Json::Null, Json::from))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(
        "a: 1\nb: [1, 2.50]\nc: {d: x}\n",
        r#"{"a":1,"b":[1,2.5],"c":{"d":"x"}}"#
    )]
    #[test_case("- 1\n- a", r#"[1,"a"]"#)]
    #[test_case("a", r#""a""#)]
    #[test_case("a: 1\na: 2", r#"{"a":2}"#; "the last of equal names")]
    #[test_case("---\na: yes\n---\nb: 2", r#"{"a":true}"#; "the first document")]
    #[test_case("# only a comment", "null")]
    #[test_case("{", "{")]
    #[test_case("", "")]
    fn yaml_becomes_json(text: &str, expected: &str) {
        assert_eq!(
            call("toJson", &[Json::text(text)]),
            Some(Ok(Json::text(expected)))
        );
    }

    #[test_case("a", "1")]
    #[test_case("b", "[1,2.5]")]
    #[test_case("c", r#"{"d":"x"}"#)]
    #[test_case("c.d", "")]
    #[test_case("z", "")]
    fn one_field_can_be_read(field: &str, expected: &str) {
        let text = Json::text("a: 1\nb: [1, 2.50]\nc: {d: x}\n");
        let result = call("parse", &[text, Json::text(field)]);
        assert_eq!(result, Some(Ok(Json::text(expected))));
    }
}
