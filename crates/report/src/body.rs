//! Bodies as text: masked, bounded, and as they were written.

use serde::Serialize;

use crate::format::{number, prefix};
use crate::json_text;
use crate::mask::Masker;

/// The largest body a report keeps, in bytes.
const BODY_MAX: usize = 64 << 10;

/// What a body holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BodyKind {
    /// Well-formed JSON.
    Json,
    /// An HTML form.
    Form,
    /// Any other text.
    Text,
    /// No text; nothing of it is shown.
    Binary,
}

/// A body that may be shown.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Body {
    pub(crate) kind: BodyKind,
    /// Its size on the wire, in bytes.
    pub(crate) size_bytes: u64,
    /// Its text, masked.
    pub(crate) text: String,
    /// Bytes of the masked text that were left out.
    pub(crate) omitted_bytes: u64,
}

impl Body {
    /// `None` for an empty body.
    pub(crate) fn new(bytes: &[u8], media_type: &str, masker: &Masker) -> Option<Self> {
        if bytes.is_empty() {
            return None;
        }
        let (kind, text) = match std::str::from_utf8(bytes) {
            Err(_) => (BodyKind::Binary, String::new()),
            Ok(text) => {
                if let Some(masked) = json_text::mask(text, masker) {
                    (BodyKind::Json, masked)
                } else if media_type.starts_with("application/x-www-form-urlencoded") {
                    // A form is a query without the question mark.
                    let masked = masker.url(&format!("?{text}"));
                    (BodyKind::Form, masked.trim_start_matches('?').to_owned())
                } else {
                    (BodyKind::Text, masker.text(text))
                }
            }
        };
        let kept = prefix(&text, BODY_MAX);
        Some(Self {
            kind,
            size_bytes: number(bytes.len()),
            omitted_bytes: number(text.len() - kept.len()),
            text: kept.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use styk_core::Secrets;

    use super::*;

    fn body(text: &[u8], media_type: &str) -> Body {
        let masker = Masker::new(&Secrets::default());
        Body::new(text, media_type, &masker).expect("not empty")
    }

    #[test]
    fn every_kind_of_body_is_masked_in_its_own_way() {
        let json = body(b"{\"total\":10.00,\"token\":\"abc\"}", "text/plain");
        assert_eq!(json.text, "{\"total\":10.00,\"token\":\"***\"}");
        let form = body(
            b"a=1&password=p%40ss",
            "application/x-www-form-urlencoded; charset=utf-8",
        );
        assert_eq!(
            (form.kind, form.text.as_str()),
            (BodyKind::Form, "a=1&password=***")
        );
        let broken = body(b"{\"password\":\"hunter2\",", "application/json");
        assert_eq!(broken.text, "{\"password\":\"***\",");
        let binary = body(b"\xff\xfe\x00", "image/png");
        assert_eq!((binary.kind, binary.text.as_str()), (BodyKind::Binary, ""));
    }

    #[test]
    fn a_long_body_is_cut_and_says_so() {
        let long = body("ж".repeat(40_000).as_bytes(), "text/plain");
        assert_eq!(long.size_bytes, 80_000);
        assert_eq!(long.text.len(), 65_536);
        assert_eq!(long.omitted_bytes, 80_000 - 65_536);
    }
}
