//! Values of the plain types: from an example, a default, an enumeration, or by format and bounds.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::json::{Json, is_integer, parse_strict};
use crate::openapi::document::Node;
use crate::openapi::response::compact;

use super::{Content, date_time, pattern};

/// Bounds beyond this one are not kept: the number would not be exact.
const NUMBER_MAX: f64 = 1e15;

const TEXT: &str = "some_string_value";

/// The example of a schema as a value of its type; an example that is none is passed over.
pub(super) fn given<'a>(kind: &str, schema: Node<'a>, example: &Json) -> Content<'a> {
    let value = match kind {
        "string" if schema.is_3_1() => Some(example.clone()),
        "string" => text_of(schema, example).map(Json::Text),
        "integer" | "number" => number_of(kind, example),
        "boolean" => Some(boolean_of(example)),
        _ => Some(example.clone()),
    };
    match value {
        Some(value) if matches!(kind, "string" | "integer" | "number" | "boolean") => {
            Content::Scalar(static_kind(kind), value)
        }
        Some(value) => Content::Given(value),
        None => made_up(kind, schema).unwrap_or_else(|| Content::Given(example.clone())),
    }
}

/// A value of a plain type; `None` for a type that is not known.
pub(super) fn made_up<'a>(kind: &str, schema: Node<'a>) -> Option<Content<'a>> {
    let value = match kind {
        "string" => Json::Text(text(schema)),
        "integer" => preset_number(kind, schema).unwrap_or_else(|| integer(schema)),
        "number" => preset_number(kind, schema).unwrap_or_else(|| number(schema)),
        "boolean" => schema
            .raw("default")
            .map_or(Json::Bool(true), |default| boolean_of(default.json())),
        _ => return None,
    };
    Some(Content::Scalar(static_kind(kind), value))
}

fn static_kind(kind: &str) -> &'static str {
    match kind {
        "string" => "string",
        "integer" => "integer",
        "boolean" => "boolean",
        _ => "number",
    }
}

fn first_of_enum<'a>(schema: Node<'a>) -> Option<&'a Json> {
    schema.raw("enum")?.items().next().map(Node::json)
}

fn boolean_of(value: &Json) -> Json {
    match value {
        Json::Bool(value) => Json::Bool(*value),
        Json::Text(text) => Json::Bool(text.eq_ignore_ascii_case("true")),
        _ => Json::Bool(false),
    }
}

/// The value as a number; texts count when they are one.
fn number_of(kind: &str, value: &Json) -> Option<Json> {
    let number = match value {
        Json::Number(_) => value.clone(),
        Json::Text(text) => parse_strict(text.trim()).ok()?,
        _ => return None,
    };
    let Json::Number(text) = &number else {
        return None;
    };
    (kind == "number" || is_integer(text)).then_some(number)
}

fn preset_number(kind: &str, schema: Node<'_>) -> Option<Json> {
    let default = schema.raw("default").map(Node::json);
    let default = default.filter(|default| matches!(default, Json::Number(_)));
    let default = default.and_then(|default| number_of(kind, default));
    default.or_else(|| number_of(kind, first_of_enum(schema)?))
}

/// A bound of a number, and whether the bound itself is outside: OpenAPI 3.0 says it with a flag, 3.1 with a bound.
fn bound(schema: Node<'_>, name: &str, exclusive: &str) -> Option<(f64, bool)> {
    let value = |name| {
        let value = schema.number(name).and_then(|text| text.parse().ok());
        value.filter(|value: &f64| value.abs() < NUMBER_MAX)
    };
    if let Some(limit) = value(exclusive) {
        return Some((limit, true));
    }
    Some((value(name)?, schema.flag(exclusive) == Some(true)))
}

/// The start value, moved by `step` into the bounds.
fn bounded(start: f64, step: f64, schema: Node<'_>) -> f64 {
    let mut value = start;
    if let Some((limit, outside)) = bound(schema, "minimum", "exclusiveMinimum")
        && (value < limit || (outside && value <= limit))
    {
        value = if outside { limit + step } else { limit };
    }
    if let Some((limit, outside)) = bound(schema, "maximum", "exclusiveMaximum")
        && (value > limit || (outside && value >= limit))
    {
        value = if outside { limit - step } else { limit };
    }
    value
}

fn integer(schema: Node<'_>) -> Json {
    let value = bounded(0.0, 1.0, schema);
    Json::number(format_args!("{:.0}", value.trunc() + 0.0))
}

fn number(schema: Node<'_>) -> Json {
    let is_float = matches!(schema.text("format"), Some("float" | "double"));
    let start = if is_float { 1.1 } else { 1.5 };
    let value = bounded(start, 0.01, schema);
    // A bound that is met keeps its text.
    let written = ["minimum", "maximum"]
        .iter()
        .filter_map(|name| schema.number(name))
        .find(|text| text.parse() == Ok(value));
    match written {
        Some(text) if is_float && is_integer(text) => Json::number(format_args!("{text}.0")),
        Some(text) => Json::number(text),
        None => Json::number((value * 1e6).round() / 1e6),
    }
}

/// The example of a text as its format writes it; `None` when it does not fit the format. OpenAPI 3.1 takes it as it is.
fn text_of(schema: Node<'_>, example: &Json) -> Option<String> {
    let text = match example {
        Json::Text(text) => text.clone(),
        other => compact(other),
    };
    match schema.text("format").filter(|_| !schema.is_3_1()) {
        Some("date") => text.parse::<jiff::civil::Date>().is_ok().then_some(text),
        Some("date-time") => date_time::normal(&text),
        Some("uuid") => uuid::Uuid::parse_str(&text)
            .ok()
            .map(|uuid| uuid.hyphenated().to_string()),
        Some("byte" | "binary") => Some(STANDARD.encode(text)),
        _ => Some(text),
    }
}

fn text(schema: Node<'_>) -> String {
    let format = schema.text("format").unwrap_or_default();
    let ignores_default =
        !schema.is_3_1() && matches!(format, "date" | "date-time" | "byte" | "binary");
    let default = schema.raw("default").filter(|_| !ignores_default);
    let preset = default.map(Node::json).or_else(|| first_of_enum(schema));
    let preset = preset.filter(|value| !matches!(value, Json::Null));
    if let Some(text) = preset.and_then(|value| text_of(schema, value)) {
        return text;
    }
    let made_up = match format {
        "date" => "2018-11-13",
        "date-time" => "2018-11-13T20:20:39+00:00",
        "time" => "20:20:39",
        "uuid" => "3fa85f64-5717-4562-b3fc-2c963f66afa6",
        "email" => "some_email@mockserver.com",
        "byte" => "c29tZV9ieXRlX3ZhbHVl",
        _ => {
            let by_pattern = schema.text("pattern").and_then(pattern::sample);
            return by_pattern.unwrap_or_else(|| TEXT.to_owned());
        }
    };
    made_up.to_owned()
}
