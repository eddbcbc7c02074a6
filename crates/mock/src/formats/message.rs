//! Requests and responses in MockServer's JSON, as the writers of forms look at them.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::field;
use crate::json::{Json, Object, pretty};

/// The order in which the original writes the fields of a request.
const REQUEST_FIELDS: &[&str] = &[
    "method",
    "path",
    "pathParameters",
    "queryStringParameters",
    "headers",
    "cookies",
    "keepAlive",
    "secure",
    "socketAddress",
    "protocol",
    "localAddress",
    "remoteAddress",
    "clientCertificateChain",
    "body",
];

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

/// The request of an item: of an exchange or an expectation its `httpRequest`, else the item itself.
pub(super) fn request_of(item: &Json) -> Message<'_> {
    let Json::Object(object) = item else {
        return Message(None);
    };
    if object.contains_key("method") || object.contains_key("path") {
        return Message(Some(object));
    }
    Message(member(object, "httpRequest"))
}

/// The response of an item, if it has a fixed one.
pub(super) fn response_of(item: &Json) -> Option<Message<'_>> {
    let Json::Object(object) = item else {
        return None;
    };
    member(object, "httpResponse").map(|response| Message(Some(response)))
}

pub(super) fn member<'a>(object: &'a Object, name: &str) -> Option<&'a Object> {
    match object.get(name) {
        Some(Json::Object(member)) => Some(member),
        _ => None,
    }
}

/// A text of a matcher, which may be negated or optional.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) is_negated: bool,
    pub(super) is_optional: bool,
}

impl<'a> Word<'a> {
    pub(super) fn read(written: &'a str) -> Self {
        let (mut text, mut is_negated, mut is_optional) = (written, false, false);
        while let Some(mark) = text.chars().next().filter(|mark| matches!(mark, '!' | '?')) {
            let seen = if mark == '!' {
                &mut is_negated
            } else {
                &mut is_optional
            };
            if *seen {
                break;
            }
            *seen = true;
            text = &text[1..];
        }
        Self {
            text: Cow::Borrowed(text),
            is_negated,
            is_optional,
        }
    }

    /// A text may also be written as `{"not": true, "value": "..."}`.
    pub(super) fn of(json: &'a Json) -> Option<Self> {
        match json {
            Json::Text(text) => Some(Self::read(text)),
            Json::Number(text) => Some(Self::read(text)),
            Json::Bool(value) => Some(Self::read(if *value { "true" } else { "false" })),
            Json::Object(object) => {
                let mut word = Self::of(field(object, "value")?)?;
                word.is_negated |= object.get("not") == Some(&Json::Bool(true));
                word.is_optional |= object.get("optional") == Some(&Json::Bool(true));
                Some(word)
            }
            Json::Null | Json::Array(_) => None,
        }
    }

    pub(super) fn is_plain(&self) -> bool {
        !self.is_negated && !self.is_optional
    }
}

/// A name with its values.
pub(super) type Entry<'a> = (Word<'a>, Vec<Word<'a>>);

/// A multi-value map in any of its written forms.
pub(super) fn entries(json: Option<&Json>) -> Vec<Entry<'_>> {
    match json {
        Some(Json::Object(object)) => {
            let named = object.iter().filter(|(name, _)| *name != "keyMatchStyle");
            let named = named.map(|(name, json)| {
                let styled = match json {
                    Json::Object(object) => object.get("values"),
                    _ => None,
                };
                (Word::read(name), entry_values(styled.unwrap_or(json)))
            });
            named.collect()
        }
        Some(Json::Array(items)) => items
            .iter()
            .filter_map(|item| {
                let Json::Object(object) = item else {
                    return None;
                };
                let name = Word::of(field(object, "name")?)?;
                let given = field(object, "values").or_else(|| field(object, "value"));
                Some((name, given.map(entry_values).unwrap_or_default()))
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn entry_values(json: &Json) -> Vec<Word<'_>> {
    match json {
        Json::Array(items) => items.iter().filter_map(Word::of).collect(),
        other => Word::of(other).into_iter().collect(),
    }
}

/// A request or a response; an absent request is empty.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message<'a>(Option<&'a Object>);

impl<'a> Message<'a> {
    pub(super) fn of(object: &'a Object) -> Self {
        Self(Some(object))
    }

    pub(super) fn is_present(self) -> bool {
        self.0.is_some()
    }

    pub(super) fn field(self, name: &str) -> Option<&'a Json> {
        self.0.and_then(|object| field(object, name))
    }

    /// A text of the message without its marks, `""` when it is absent.
    pub(super) fn text(self, name: &str) -> Cow<'a, str> {
        let word = self.field(name).and_then(Word::of);
        word.map_or(Cow::Borrowed(""), |word| word.text)
    }

    /// The path with a slash before it.
    pub(super) fn rooted_path(self) -> String {
        let path = self.text("path");
        if path.starts_with('/') {
            path.into_owned()
        } else {
            format!("/{path}")
        }
    }

    pub(super) fn entries(self, name: &str) -> Vec<Entry<'a>> {
        entries(self.field(name))
    }

    /// The first value of each name.
    pub(super) fn first_values(self, name: &str) -> Vec<(Cow<'a, str>, Cow<'a, str>)> {
        let entries = self.entries(name).into_iter();
        let first = |values: Vec<Word<'a>>| values.into_iter().next().map(|value| value.text);
        entries
            .map(|(name, values)| (name.text, first(values).unwrap_or_default()))
            .collect()
    }

    /// Every value with its name.
    pub(super) fn pairs(self, name: &str) -> Vec<(Cow<'a, str>, Cow<'a, str>)> {
        let entries = self.entries(name).into_iter();
        entries
            .flat_map(|(name, values)| {
                let pair = move |value: Word<'a>| (name.text.clone(), value.text);
                values.into_iter().map(pair)
            })
            .collect()
    }

    /// The first value of a header, whatever the case of its name.
    pub(super) fn header(self, name: &str) -> Option<Cow<'a, str>> {
        let headers = self.first_values("headers").into_iter();
        let mut named = headers.filter(|(given, _)| given.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value)
    }

    pub(super) fn status(self) -> Option<&'a str> {
        match self.field("statusCode") {
            Some(Json::Number(status)) => Some(status),
            _ => None,
        }
    }

    pub(super) fn body(self) -> Option<Body<'a>> {
        self.field("body").map(Body::of)
    }
}

/// A body in one of its written forms.
#[derive(Clone, Debug)]
pub(super) struct Body<'a> {
    /// `STRING`, `JSON`, ...
    pub(super) kind: &'static str,
    /// The text that matters: of a string, document or base64 the thing itself, of other matchers their JSON.
    pub(super) text: Cow<'a, str>,
    pub(super) content_type: Option<&'a str>,
    /// How many bytes go over the wire.
    pub(super) size: usize,
    /// The object it is written as, if it has a type.
    pub(super) object: Option<&'a Object>,
}

impl<'a> Body<'a> {
    fn of(json: &'a Json) -> Self {
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
        "PARAMETERS" => return Cow::Owned(form(&entries(object.get("parameters")))),
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
pub(super) fn encoded(text: &str, content_type: Option<&str>) -> Vec<u8> {
    if content_type.is_some_and(|value| value.to_ascii_lowercase().contains("utf-8")) {
        return text.as_bytes().to_vec();
    }
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
        .collect()
}

/// The type of a body that is written as an object with one.
pub(super) fn typed(json: &Json) -> Option<(&'static str, &Object)> {
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

/// Pairs as a form writes them.
pub(super) fn form(entries: &[Entry<'_>]) -> String {
    let pairs = entries.iter().flat_map(|(name, values)| {
        let pair = |value: &Word<'_>| format!("{}={}", escaped(&name.text), escaped(&value.text));
        values.iter().map(pair)
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// Percent-encoding for forms: letters, digits and `.-*_` stay, a blank becomes `+`.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'*' | b'_' => {
                out.push(byte.into())
            }
            b' ' => out.push('+'),
            _ => {
                use std::fmt::Write;
                // Writing to a string cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// A request with its fields in the order of the original.
pub(super) fn in_field_order(request: &Json) -> Json {
    let Json::Object(mut object) = without_raw_json(request) else {
        return request.clone();
    };
    let place = |name: &str| REQUEST_FIELDS.iter().position(|field| *field == name);
    object.sort_by_key(|name, _| place(name).unwrap_or(REQUEST_FIELDS.len()));
    Json::Object(object)
}

/// The item without the raw text of its JSON bodies, which only some forms show.
pub(super) fn without_raw_json(item: &Json) -> Json {
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
pub(super) fn with_bodies(json: &Json, change: &dyn Fn(&Json) -> Json) -> Json {
    match json {
        Json::Object(object) => Json::Object(
            object
                .iter()
                .map(|(name, value)| {
                    let value = if name == "body" {
                        change(value)
                    } else {
                        with_bodies(value, change)
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
