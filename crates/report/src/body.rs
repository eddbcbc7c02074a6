//! Bodies as text: masked, bounded, and as they were written.

use serde::Serialize;

use crate::format::{number, prefix};
use crate::json_text;
use crate::mask::Masker;

/// The largest body a report keeps, in bytes.
const BODY_MAX: usize = 64 << 10;
/// How much of a longer text is masked beyond that.
const LOOK_AHEAD: usize = 4 << 10;

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
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Some(Self::cut(BodyKind::Binary, bytes.len(), String::new(), 0));
        };
        if let Some(masked) = json_text::mask(text, BODY_MAX, masker) {
            let (text, rest) = (masked.text, masked.rest);
            return Some(Self::cut(BodyKind::Json, bytes.len(), text, rest));
        }
        // A secret that begins in the part that is shown is looked at whole.
        let looked_at = prefix(text, BODY_MAX + LOOK_AHEAD);
        let rest = text.len() - looked_at.len();
        let (kind, masked) = if media_type.starts_with("application/x-www-form-urlencoded") {
            // A form is a query without the question mark.
            let masked = masker.url(&format!("?{looked_at}"));
            (BodyKind::Form, masked.trim_start_matches('?').to_owned())
        } else {
            (BodyKind::Text, masker.text(looked_at))
        };
        Some(Self::cut(kind, bytes.len(), masked, rest))
    }

    fn cut(kind: BodyKind, size: usize, mut text: String, rest: usize) -> Self {
        let kept = prefix(&text, BODY_MAX).len();
        let omitted = text.len() - kept + rest;
        text.truncate(kept);
        Self {
            kind,
            size_bytes: number(size),
            text,
            omitted_bytes: number(omitted),
        }
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
