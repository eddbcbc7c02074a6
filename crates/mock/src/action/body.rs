//! The body of a response: its bytes, and the content type that goes with its form.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderValue;

use crate::json::{Json, Object, pretty};
use crate::schema::{Complaints, Fields};

const PATH: &str = "$.httpResponse.body";
const JSON_TYPE: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
const XML_TYPE: HeaderValue = HeaderValue::from_static("application/xml; charset=utf-8");

/// Body types of MockServer's responses; `true` for those that are built.
const TYPES: &[(&str, bool)] = &[
    ("STRING", true),
    ("JSON", true),
    ("XML", true),
    ("BINARY", true),
    ("PARAMETERS", false),
    ("FILE", false),
];

#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) bytes: Bytes,
    /// Added when the response has no such header.
    pub(super) content_type: Option<HeaderValue>,
}

impl Body {
    pub(super) fn read(json: &Json, complaints: &mut Complaints) -> Option<Self> {
        match json {
            // A plain string has no content type, and is sent as UTF-8.
            Json::Text(text) => Some(Self {
                bytes: Bytes::from(text.clone()),
                content_type: None,
            }),
            Json::Object(object) => match type_of(object) {
                Some((name, true)) => Self::read_typed(name, object, complaints),
                Some((name, false)) => {
                    complaints.not_built(format!("response body {name}"));
                    None
                }
                None => Some(Self::json(json)),
            },
            Json::Array(_) => Some(Self::json(json)),
            other => {
                complaints.error(
                    PATH,
                    format_args!("{} found, string or object expected", other.kind()),
                );
                None
            }
        }
    }

    fn json(json: &Json) -> Self {
        Self {
            bytes: Bytes::from(pretty(json)),
            content_type: Some(JSON_TYPE),
        }
    }

    fn read_typed(name: &str, object: &Object, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of_object(object, PATH.to_owned());
        for ignored in [
            "type",
            "not",
            "optional",
            "rawBytes",
            "matchType",
            "subString",
        ] {
            fields.take(ignored);
        }
        let given_type = read_content_type(&mut fields, complaints);
        let charset = charset_of(given_type.as_ref(), &mut fields, complaints)?;
        let (content, default_type) = match name {
            "STRING" => (
                fields
                    .text("string", complaints)
                    .map(|text| charset.encode(&text, complaints)),
                None,
            ),
            "XML" => (
                fields
                    .text("xml", complaints)
                    .map(|text| charset.encode(&text, complaints)),
                Some(XML_TYPE),
            ),
            "JSON" => {
                // JSON given as text is sent byte for byte.
                let text = fields.take("json").map(|json| match json {
                    Json::Text(text) => text.clone(),
                    other => pretty(other),
                });
                (
                    text.map(|text| charset.encode(&text, complaints)),
                    Some(JSON_TYPE),
                )
            }
            _ => (read_bytes(&mut fields, complaints), None),
        };
        fields.finish(complaints);
        Some(Self {
            bytes: content.unwrap_or_default(),
            content_type: given_type.or(default_type),
        })
    }
}

fn read_bytes(fields: &mut Fields<'_>, complaints: &mut Complaints) -> Option<Bytes> {
    let encoded = fields.text("base64Bytes", complaints)?;
    match STANDARD.decode(encoded.as_bytes()) {
        Ok(bytes) => Some(Bytes::from(bytes)),
        Err(error) => {
            complaints.error(
                &fields.at("base64Bytes"),
                format_args!("is no base64: {error}"),
            );
            None
        }
    }
}

fn read_content_type(fields: &mut Fields<'_>, complaints: &mut Complaints) -> Option<HeaderValue> {
    let text = fields.text("contentType", complaints)?;
    let value = HeaderValue::from_str(&text).ok();
    if value.is_none() {
        complaints.error(
            &fields.at("contentType"),
            "holds characters that a header cannot hold",
        );
    }
    value
}

/// The encodings a body can be sent in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Charset {
    Utf8,
    Latin1,
    Utf16,
    Utf16Be,
    Utf16Le,
}

fn charset_of(
    content_type: Option<&HeaderValue>,
    fields: &mut Fields<'_>,
    complaints: &mut Complaints,
) -> Option<Charset> {
    let named = content_type
        .and_then(|value| value.to_str().ok())
        .and_then(|value| {
            let parameters = value.split(';').skip(1);
            let mut named = parameters.filter_map(|parameter| parameter.trim().split_once('='));
            let (_, charset) = named.find(|(name, _)| name.eq_ignore_ascii_case("charset"))?;
            Some(charset.trim_matches('"').to_owned())
        });
    let given = fields.text("charset", complaints);
    let name = named
        .or(given)
        .unwrap_or_else(|| "utf-8".to_owned())
        .to_ascii_lowercase();
    Some(match name.as_str() {
        "utf-8" | "utf8" => Charset::Utf8,
        "us-ascii" | "ascii" | "iso-8859-1" | "latin1" => Charset::Latin1,
        "utf-16" => Charset::Utf16,
        "utf-16be" => Charset::Utf16Be,
        "utf-16le" => Charset::Utf16Le,
        _ => {
            complaints.not_built(format!("charset `{name}`"));
            return None;
        }
    })
}

impl Charset {
    fn encode(self, text: &str, complaints: &mut Complaints) -> Bytes {
        let units = text.encode_utf16();
        match self {
            Self::Utf8 => Bytes::copy_from_slice(text.as_bytes()),
            Self::Latin1 => {
                let bytes: Option<Vec<u8>> = text
                    .chars()
                    .map(|c| u8::try_from(u32::from(c)).ok())
                    .collect();
                if bytes.is_none() {
                    complaints.error(PATH, "holds characters that its charset does not have");
                }
                Bytes::from(bytes.unwrap_or_default())
            }
            // Java writes a byte order mark and then the big end first.
            Self::Utf16 => std::iter::once(0xfeff)
                .chain(units)
                .flat_map(u16::to_be_bytes)
                .collect(),
            Self::Utf16Be => units.flat_map(u16::to_be_bytes).collect(),
            Self::Utf16Le => units.flat_map(u16::to_le_bytes).collect(),
        }
    }
}

/// The body type an object names; `None` for an object that is itself the JSON to send.
fn type_of(object: &Object) -> Option<(&'static str, bool)> {
    let named = object
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("type"));
    match named {
        Some((_, Json::Text(word))) => TYPES
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(word))
            .copied(),
        _ => None,
    }
}
