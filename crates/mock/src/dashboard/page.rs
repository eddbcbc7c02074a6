//! The page: one document, made once from its parts, and the policy it is shown under.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::StatusCode;
use sha2::{Digest, Sha256};
use styk_core::Headers;

use crate::http1::Answer;

const DOCUMENT: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

static PAGE: LazyLock<Bytes> = LazyLock::new(|| {
    let page = DOCUMENT.replacen("/*style*/", STYLE, 1);
    Bytes::from(page.replacen("/*script*/", SCRIPT, 1))
});

/// Nothing but the page's own style and script, and connections to its own server.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    let (script, style) = (hash(SCRIPT), hash(STYLE));
    format!(
        "default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; connect-src 'self'; \
         img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
});

pub(super) fn answer() -> Answer {
    let headers = [
        ("content-type", "text/html; charset=utf-8"),
        ("content-security-policy", POLICY.as_str()),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ];
    Answer {
        headers: headers.into_iter().collect::<Headers>(),
        body: PAGE.clone(),
        ..Answer::new(StatusCode::OK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_whole_and_loads_nothing() {
        let page = std::str::from_utf8(&PAGE).expect("text");
        assert!(page.contains(STYLE) && page.contains(SCRIPT));
        for word in [
            "http://",
            "https://",
            "src=",
            "@import",
            "url(",
            "innerHTML",
            "eval(",
        ] {
            assert!(!page.contains(word), "{word}");
        }
        assert_eq!(page.matches("</script>").count(), 1);
        assert_eq!(page.matches("</style>").count(), 1);
    }
}
