//! The body of a response: its bytes, and the content type that goes with its form.

use std::sync::Arc;

use bytes::Bytes;

use crate::body::{BodySpec, Content, decode_base64};
use crate::charset::{Charset, MediaType};
use crate::json::{Json, Object, pretty};
use crate::schema::Complaints;

const JSON_TYPE: &str = "application/json; charset=utf-8";
const XML_TYPE: &str = "application/xml; charset=utf-8";

/// Types that say what a request is like. In a response they come out as an empty object.
const MATCHERS: &[&str] = &[
    "REGEX",
    "JSON_SCHEMA",
    "JSON_PATH",
    "XML_SCHEMA",
    "XPATH",
    "PARAMETERS",
    "GRAPHQL",
    "JSON_RPC",
    "FUZZY",
    "MULTIPART",
    "ALL_OF",
    "WASM",
];

/// The fields by which an object without `type` is recognised as a body of a type.
const RECOGNISED: &[&str] = &["string", "xml", "json", "base64Bytes", "filePath"];

/// A body that is ready to be sent.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) bytes: Bytes,
    /// Added when the response has no such header.
    pub(super) content_type: Option<Arc<str>>,
    /// The body in MockServer's JSON; none for one that is left out there.
    pub(super) written: Option<Json>,
}

impl Body {
    /// Reads the body that stands at `path`; `header` is the `Content-Type` that goes with it.
    pub(super) fn read(
        json: &Json,
        path: &str,
        header: Option<&str>,
        complaints: &mut Complaints,
    ) -> Option<Self> {
        match json {
            Json::Object(object) => match form(object) {
                Form::Plain => return Some(Self::json(json, header)),
                Form::Empty => return Some(Self::json(&Json::Object(Object::new()), header)),
                Form::Nothing => return Some(Self::nothing(object)),
                Form::Binary(base64) => return Some(Self::binary(base64, object)),
                Form::Typed => {}
            },
            Json::Array(_) => return Some(Self::json(json, header)),
            _ => {}
        }
        let mut spec = BodySpec::read(json, "response body", path, complaints)?;
        let charset = spec.charset.take();
        if let (Some(charset), None) = (charset, &spec.content_type) {
            let charset = charset.to_ascii_lowercase();
            spec.content_type = Some(format!("text/plain; charset={charset}"));
        }
        let given = spec.content_type.as_deref();
        let (text, default) = match &spec.content {
            Content::Text { text, .. } => (text.clone(), None),
            Content::Xml(xml) => (xml.clone(), Some(XML_TYPE)),
            Content::Json { value, source, .. } => {
                let text = source.clone();
                let text = text.unwrap_or_else(|| pretty(value));
                (text, Some(JSON_TYPE))
            }
            other => {
                complaints.not_built(format!("response body {}", other.name()));
                return None;
            }
        };
        let bytes = Charset::of(given.or(default), header).encode(&text);
        spec.not = false;
        match &mut spec.content {
            Content::Text { part, .. } => *part = false,
            Content::Json {
                strict, by_value, ..
            } => (*strict, *by_value) = (false, false),
            _ => {}
        }
        Some(Self {
            content_type: content_type(given, default),
            written: (!bytes.is_empty()).then(|| spec.written()),
            bytes,
        })
    }

    fn json(value: &Json, header: Option<&str>) -> Self {
        Self {
            bytes: Charset::of(Some(JSON_TYPE), header).encode(&pretty(value)),
            content_type: Some(Arc::from(JSON_TYPE)),
            written: Some(value.clone()),
        }
    }

    /// JSON without its text.
    fn nothing(object: &Object) -> Self {
        Self {
            bytes: Bytes::new(),
            content_type: content_type(text_of(object, "contentType"), Some(JSON_TYPE)),
            written: None,
        }
    }

    /// What is no base64 comes to no bytes.
    fn binary(base64: &str, object: &Object) -> Self {
        let bytes = decode_base64(base64, "", &mut Complaints::default());
        let given = text_of(object, "contentType");
        let kept = if bytes.is_some() { base64 } else { "" };
        let written = [
            Some(("type", Json::text("BINARY"))),
            Some(("base64Bytes", Json::text(kept))),
            given.map(|given| ("contentType", Json::text(given))),
        ];
        Self {
            bytes: bytes.unwrap_or_default(),
            content_type: content_type(given, None),
            written: Some(Json::object(written.into_iter().flatten())),
        }
    }
}

/// How an object stands for a body.
enum Form<'a> {
    /// It is the body itself.
    Plain,
    /// It names a type that a response cannot have.
    Empty,
    /// JSON by its type, but without a text.
    Nothing,
    /// Bytes.
    Binary(&'a str),
    /// Any other type.
    Typed,
}

fn form(object: &Object) -> Form<'_> {
    let kind = match object.get("type") {
        Some(Json::Text(word)) => word.to_ascii_uppercase(),
        Some(_) => return Form::Plain,
        None if !RECOGNISED.iter().any(|field| object.contains_key(*field)) => return Form::Plain,
        None if object.contains_key("base64Bytes") => "BINARY".to_owned(),
        None if object.contains_key("json") => "JSON".to_owned(),
        None => return Form::Typed,
    };
    match (kind.as_str(), object.get("json"), object.get("base64Bytes")) {
        ("JSON", Some(Json::Text(text)), _) if text.is_empty() => Form::Nothing,
        ("JSON", None, _) => Form::Nothing,
        ("BINARY", _, Some(Json::Text(base64))) => Form::Binary(base64),
        ("STRING" | "JSON" | "XML" | "BINARY" | "FILE", ..) => Form::Typed,
        (kind, ..) if MATCHERS.contains(&kind) => Form::Empty,
        _ => Form::Plain,
    }
}

fn text_of<'a>(object: &'a Object, name: &str) -> Option<&'a str> {
    match object.get(name) {
        Some(Json::Text(text)) => Some(text),
        _ => None,
    }
}

/// The content type as it goes out: the one given, in MockServer's spelling, else that of the form.
fn content_type(given: Option<&str>, default: Option<&str>) -> Option<Arc<str>> {
    match given {
        Some(given) => MediaType::parse(given).map(|media_type| Arc::from(media_type.to_string())),
        None => default.map(Arc::from),
    }
}
