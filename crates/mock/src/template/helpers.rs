//! The helper objects that every template can call.
//!
//! Java tells methods apart by the kinds of their arguments, and so do these: a method that does not fit the arguments is
//! no method (`None`), while one that fits and fails is an error. A null stands for a missing text.

use crate::json::Json;

use super::{OUTPUT_BYTES_MAX, Scope, Tools};

mod arguments;
mod calc;
mod crypto;
mod csv;
mod date_pattern;
mod dates;
mod decimal_format;
mod faker;
mod html;
mod json_transform;
mod jwt;
mod regex;
mod strings;
mod yaml;

pub(super) use date_pattern::MONTHS;

/// What a call came to; `None` when there is no such method.
pub(crate) type Called = Option<Result<Json, String>>;

/// The helper objects by name, with what they print as.
const OBJECTS: [(&str, &str); 14] = [
    ("jwt", ""),
    ("strings", "StringTemplateHelper"),
    ("jsonTransform", "JsonTemplateHelper"),
    ("dates", ""),
    ("calc", "MathTemplateHelper"),
    ("faker", "Faker.en"),
    ("crypto", "CryptoTemplateHelper"),
    ("regex", "RegexTemplateHelper"),
    ("scenario", "ScenarioTemplateHelper"),
    ("html", "HtmlTemplateHelper"),
    ("csv", "CsvTemplateHelper"),
    ("xpath", "XmlXPathTemplateHelper"),
    ("yaml", "YamlTemplateHelper"),
    ("jsonPath", "JsonPathTool"),
];

/// The names of the helper objects.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    OBJECTS.iter().map(|(name, _)| *name)
}

pub(super) fn is_helper(name: &str) -> bool {
    names().any(|known| known == name) || faker::is_provider(name)
}

pub(super) fn call(scope: &Scope, object: &str, method: &str, arguments: &[Json]) -> Called {
    if (method, arguments.len()) == ("toString", 0) {
        return printed(scope, object);
    }
    let called = match object {
        "strings" => strings::call(method, arguments),
        "jsonTransform" => json_transform::call(method, arguments),
        "dates" => dates::call(scope.now, method, arguments),
        "calc" => calc::call(&mut scope.random.borrow_mut(), method, arguments),
        "jwt" => jwt::call(scope, method, arguments),
        "crypto" => crypto::call(method, arguments),
        "regex" => regex::call(method, arguments),
        "html" => html::call(method, arguments),
        "csv" => csv::call(method, arguments),
        "yaml" => yaml::call(method, arguments),
        _ => faker::call(scope, object, method, arguments),
    };
    called.map(|result| result.and_then(bounded))
}

pub(super) fn call_with_tools(
    tools: &Tools,
    scope: &Scope,
    object: &str,
    method: &str,
    arguments: &[Json],
) -> Called {
    match (object, method, arguments) {
        ("xpath", "evaluate", [Json::Text(xml), Json::Text(expression)]) => Some(Ok(Json::Text(
            (tools.xpath)(xml, expression).unwrap_or_default(),
        ))),
        ("xpath", "evaluate", [Json::Text(_) | Json::Null, Json::Text(_) | Json::Null]) => {
            Some(Ok(Json::text("")))
        }
        // A path that finds nothing, or is none, is an empty value.
        ("jsonPath", "find" | "jsonPath", [Json::Text(path)]) => {
            Some(Ok(
                (tools.json_path)(scope.request_body(), path).unwrap_or(Json::Null)
            ))
        }
        ("xPath", "find" | "xPath", [Json::Text(path)]) => Some(Ok(Json::Text(
            (tools.xpath)(scope.request_body(), path).unwrap_or_default(),
        ))),
        ("scenario", "get", [Json::Text(name)]) => {
            Some(Ok(Json::Text(tools.scenarios.state(name))))
        }
        ("scenario", "set", [Json::Text(name), Json::Text(state)]) => {
            tools.scenarios.set_state(name, state);
            Some(Ok(Json::text("")))
        }
        ("scenario", "matches", [Json::Text(name), Json::Text(state)]) => {
            Some(Ok(Json::Bool(tools.scenarios.state(name) == *state)))
        }
        _ => call(scope, object, method, arguments),
    }
}

fn printed(scope: &Scope, object: &str) -> Called {
    match object {
        "jwt" => jwt::call(scope, "generate", &[]),
        "dates" => dates::call(scope.now, "now", &[]),
        "xPath" => Some(Ok(Json::text("XPathTool"))),
        _ => {
            let (_, printed) = OBJECTS.iter().find(|(name, _)| *name == object)?;
            Some(Ok(Json::text(*printed)))
        }
    }
}

fn bounded(value: Json) -> Result<Json, String> {
    match &value {
        Json::Text(text) if text.len() > OUTPUT_BYTES_MAX => Err(too_long()),
        _ => Ok(value),
    }
}

fn too_long() -> String {
    format!("a text of more than {OUTPUT_BYTES_MAX} bytes")
}
