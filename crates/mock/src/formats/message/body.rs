//! Bodies in the forms in which they are written.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::word::{Reading, entries, form};
use crate::json::{Json, Object, pretty};

/// The types of bodies that are objects with a `type`; any other object is JSON to be taken as it is.
const BODY_TYPES: &[&str] = &[
    "STRING",
    "JSON",
    "XML",
    "BINARY",
    "REGEX",
    "XPATH",
    "XML_SCHEMA",
    "JSON_SCHEMA",
    "JSON_PATH",
    "PARAMETERS",
    "GRAPHQL",
    "JSON_RPC",
    "FILE",
    "FUZZY",
    "MULTIPART",
    "WASM",
    "ALL_OF",
    "ANY_OF",
];

/// Fields whose names the user chose: a `body` in them is none.
const MAPS: &[&str] = &[
    "headers",
    "cookies",
    "queryStringParameters",
    "pathParameters",
    "trailers",
    "claims",
    "metadata",
];

/// A body in one of its written forms.
#[derive(Clone, Debug)]
pub(in crate::formats) struct Body<'a> {
    /// `STRING`, `JSON`, ...
    pub(in crate::formats) kind: &'static str,
    /// The text that matters: of a string, document or base64 the thing itself, of other matchers their JSON.
    pub(in crate::formats) text: Cow<'a, str>,
    pub(in crate::formats) content_type: Option<&'a str>,
    /// How many bytes go over the wire.
    pub(in crate::formats) size: usize,
    /// The object it is written as, if it has a type.
    pub(in crate::formats) object: Option<&'a Object>,
}

impl<'a> Body<'a> {
    pub(super) fn of(json: &'a Json) -> Self {
        let Some((kind, object)) = typed(json) else {
            let (kind, text) = match json {
                Json::Text(text) => ("STRING", Cow::Borrowed(text.as_str())),
                other => ("JSON", Cow::Owned(pretty(other))),
            };
            let size = size(kind, &text, None);
            return Self {
                kind,
                text,
                content_type: None,
                size,
                object: None,
            };
        };
        let text = body_text(kind, object, json);
        let content_type = match object.get("contentType") {
            Some(Json::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        let size = size(kind, &text, content_type);
        Self {
            kind,
            text,
            content_type,
            size,
            object: Some(object),
        }
    }
}

fn body_text<'a>(kind: &str, object: &'a Object, json: &'a Json) -> Cow<'a, str> {
    let value = |name: &str| object.get(name).unwrap_or(&Json::Null);
    let thing = match kind {
        "STRING" => value("string"),
        "XML" => value("xml"),
        "BINARY" => value("base64Bytes"),
        "JSON" => {
            return raw_text(object).map_or_else(
                || match value("json") {
                    Json::Text(text) => Cow::Borrowed(text.as_str()),
                    other => Cow::Owned(pretty(other)),
                },
                Cow::Owned,
            );
        }
        "PARAMETERS" => {
            return Cow::Owned(form(&entries(object.get("parameters"), Reading::Matcher)));
        }
        _ => return Cow::Owned(pretty(json)),
    };
    match thing {
        Json::Text(text) => Cow::Borrowed(text),
        _ => Cow::Borrowed(""),
    }
}

/// The text of a recorded body as it came.
fn raw_text(object: &Object) -> Option<String> {
    let Some(Json::Text(encoded)) = object.get("rawBytes") else {
        return None;
    };
    let bytes = STANDARD.decode(encoded).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn size(kind: &str, text: &str, content_type: Option<&str>) -> usize {
    match kind {
        "BINARY" => STANDARD.decode(text).map_or(0, |bytes| bytes.len()),
        "STRING" => encoded(text, content_type).len(),
        _ => text.len(),
    }
}

/// The bytes of a text in the character set of its content type; without one the original takes ISO 8859-1.
pub(in crate::formats) fn encoded(text: &str, content_type: Option<&str>) -> Vec<u8> {
    if content_type.is_some_and(|value| value.to_ascii_lowercase().contains("utf-8")) {
        return text.as_bytes().to_vec();
    }
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
        .collect()
}

/// The type of a body that is written as an object with one.
pub(in crate::formats) fn typed(json: &Json) -> Option<(&'static str, &Object)> {
    let Json::Object(object) = json else {
        return None;
    };
    let Some(Json::Text(name)) = object.get("type") else {
        return None;
    };
    let kind = BODY_TYPES
        .iter()
        .find(|kind| kind.eq_ignore_ascii_case(name))?;
    Some((kind, object))
}

/// The item without the raw text of its JSON bodies, which only some forms show.
pub(in crate::formats) fn without_raw_json(item: &Json) -> Json {
    with_bodies(item, &|body| {
        let mut body = body.clone();
        if let Json::Object(object) = &mut body
            && object.contains_key("json")
        {
            object.shift_remove("rawBytes");
        }
        body
    })
}

/// The JSON with every body in it changed by `change`.
pub(in crate::formats) fn with_bodies(json: &Json, change: &dyn Fn(&Json) -> Json) -> Json {
    match json {
        Json::Object(object) => Json::Object(
            object
                .iter()
                .map(|(name, value)| {
                    let value = match name.as_str() {
                        "body" => change(value),
                        name if MAPS.contains(&name) => value.clone(),
                        _ => with_bodies(value, change),
                    };
                    (name.clone(), value)
                })
                .collect(),
        ),
        Json::Array(items) => {
            Json::Array(items.iter().map(|item| with_bodies(item, change)).collect())
        }
        other => other.clone(),
    }
}
