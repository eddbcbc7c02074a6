//! The body of a response: its bytes, and the content type that goes with its form.

use std::sync::Arc;

use bytes::Bytes;

use crate::body::{BodySpec, Content};
use crate::json::{Json, pretty};
use crate::schema::Complaints;

const JSON_TYPE: &str = "application/json; charset=utf-8";
const XML_TYPE: &str = "application/xml; charset=utf-8";

/// A body that is ready to be sent.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) bytes: Bytes,
    /// Added when the response has no such header.
    pub(super) content_type: Option<Arc<str>>,
    /// The body in MockServer's JSON.
    pub(super) written: Json,
}

impl Body {
    pub(super) fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let spec = BodySpec::read(json, "response body", path, complaints)?;
        let written = spec.written();
        let given_type = spec.content_type.as_deref().map(Arc::from);
        let charset = Charset::of(&spec, complaints)?;
        let (bytes, default_type) = match spec.content {
            // A plain string has no content type.
            Content::Text { text, .. } => (charset.encode(&text, path, complaints), None),
            Content::Xml(xml) => (charset.encode(&xml, path, complaints), Some(XML_TYPE)),
            // JSON given as text is sent byte for byte.
            Content::Json { value, source, .. } => {
                let text = source.unwrap_or_else(|| pretty(&value));
                (charset.encode(&text, path, complaints), Some(JSON_TYPE))
            }
            Content::Binary { bytes, .. } => (bytes, None),
            other => return refuse(other.name(), complaints),
        };
        Some(Self {
            bytes,
            content_type: given_type.or(default_type.map(Arc::from)),
            written,
        })
    }
}

fn refuse(name: &str, complaints: &mut Complaints) -> Option<Body> {
    complaints.not_built(format!("response body {name}"));
    None
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

impl Charset {
    /// The charset of the content type, else the one given, else UTF-8.
    fn of(spec: &BodySpec, complaints: &mut Complaints) -> Option<Self> {
        let named = spec.content_type.as_deref().and_then(|value| {
            let parameters = value.split(';').skip(1);
            let mut pairs = parameters.filter_map(|parameter| parameter.trim().split_once('='));
            let (_, charset) = pairs.find(|(name, _)| name.eq_ignore_ascii_case("charset"))?;
            Some(charset.trim_matches('"'))
        });
        let name = named
            .or(spec.charset.as_deref())
            .unwrap_or("utf-8")
            .to_ascii_lowercase();
        Some(match name.as_str() {
            "utf-8" | "utf8" => Self::Utf8,
            "us-ascii" | "ascii" | "iso-8859-1" | "latin1" => Self::Latin1,
            "utf-16" => Self::Utf16,
            "utf-16be" => Self::Utf16Be,
            "utf-16le" => Self::Utf16Le,
            _ => {
                complaints.not_built(format!("charset `{name}`"));
                return None;
            }
        })
    }

    fn encode(self, text: &str, path: &str, complaints: &mut Complaints) -> Bytes {
        let units = text.encode_utf16();
        match self {
            Self::Utf8 => Bytes::copy_from_slice(text.as_bytes()),
            Self::Latin1 => {
                let bytes: Option<Vec<u8>> = text
                    .chars()
                    .map(|c| u8::try_from(u32::from(c)).ok())
                    .collect();
                if bytes.is_none() {
                    complaints.error(path, "holds characters that its charset does not have");
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
