//! What is recorded becomes text: masked, bounded, and otherwise as it was written.

use std::sync::LazyLock;

use http::Uri;
use regex::{Captures, Regex};
use styk_core::{Headers, MASK, is_secret_header, is_secret_name, mask_json, mask_url};

use crate::json::{Json, parse_strict, pretty};

/// How much of a longer text is masked beyond what is shown: a secret that begins in the shown part is seen whole.
const LOOK_AHEAD: usize = 4 << 10;
/// Bytes of a binary body that are shown.
const BINARY_SHOWN: usize = 256;
/// The longest target or header value that is shown whole.
const LINE_MAX: usize = 4 << 10;

/// Shapes of `name` and `value` in a text that is no JSON: members, elements, parameters.
static NAMED: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    [
        r#"(?P<name>"[^"\\\n]{1,64}\\?"\s*:\s*)(?P<value>\\?"(?:[^"\\]|\\.)*"?|[^\s,}\]\["{]+)"#,
        r"(?P<name><[A-Za-z0-9_:.-]{1,64}>)(?P<value>[^<>]+)",
        r#"(?P<name>[A-Za-z0-9_.\-\[\]]{1,64}=)(?P<value>[^\s&;,"'<>]+)"#,
    ]
    .map(|pattern| Regex::new(pattern).expect("the patterns of this file are well-formed"))
});

/// Credentials that carry no name: schemes of `Authorization`, users in URLs.
static BARE: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    [
        r"(?i)(?P<name>\b(?:bearer|basic) )(?P<value>[A-Za-z0-9._~+/=-]{6,})",
        r"(?P<name>://)(?P<value>[^/\s@]+)@",
    ]
    .map(|pattern| Regex::new(pattern).expect("the patterns of this file are well-formed"))
});

static CARD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(?:\d{4}[ -]?){3}\d{1,7}\b").expect("the pattern is well-formed")
});

/// JSON with its secrets masked; also those in lists under a secret name, as headers are written.
pub(super) fn json(value: &Json) -> Json {
    match value {
        Json::Object(fields) => {
            let says = |name: &str| matches!(fields.get("name"), Some(Json::Text(text)) if name == "value" && is_secret(text));
            let shown = fields.iter().map(|(name, value)| {
                let hides = is_secret(name) || says(name.trim_end_matches('s'));
                let shown = if hides { hidden(value) } else { json(value) };
                (name.clone(), shown)
            });
            Json::Object(shown.collect())
        }
        Json::Array(items) => Json::Array(items.iter().map(json).collect()),
        Json::Text(value) => Json::Text(text(value)),
        Json::Number(number) if is_card(number) => Json::text(MASK),
        other => other.clone(),
    }
}

fn hidden(value: &Json) -> Json {
    match value {
        Json::Null => Json::Null,
        Json::Array(items) => Json::Array(items.iter().map(hidden).collect()),
        Json::Object(_) => json(value),
        Json::Bool(_) | Json::Number(_) | Json::Text(_) => Json::text(MASK),
    }
}

/// Whether what has this name must not be shown.
pub(super) fn is_secret(name: &str) -> bool {
    is_secret_name(name) || is_secret_header(name)
}

fn is_card(text: &str) -> bool {
    mask_json(&serde_json::Value::from(text)) == MASK
}

/// Any text.
pub(super) fn text(text: &str) -> String {
    let mut masked = text.to_owned();
    for shape in BARE.iter() {
        let value = |found: &Captures<'_>| found[0].replace(&found["value"], MASK);
        masked = shape.replace_all(&masked, value).into_owned();
    }
    for shape in NAMED.iter() {
        masked = shape.replace_all(&masked, without_secret).into_owned();
    }
    let card = |found: &Captures<'_>| {
        let whole = &found[0];
        (if is_card(whole) { MASK } else { whole }).to_owned()
    };
    CARD.replace_all(&masked, card).into_owned()
}

fn without_secret(found: &Captures<'_>) -> String {
    let (name, value) = (&found["name"], &found["value"]);
    if !is_secret(name) || value == "null" {
        return found[0].to_owned();
    }
    let quote = ["\\\"", "\""]
        .into_iter()
        .find(|quote| value.starts_with(quote))
        .unwrap_or_default();
    format!("{name}{quote}{MASK}{quote}")
}

/// The target of a request.
pub(super) fn target(uri: &Uri) -> String {
    line(&text(&mask_url(&uri.to_string())))
}

/// Names and values of header fields, in their order.
pub(super) fn headers(headers: &Headers) -> Json {
    let pair = |(name, value): (&str, &[u8])| {
        let value = if is_secret_header(name) {
            MASK.to_owned()
        } else {
            line(&text(&String::from_utf8_lossy(value)))
        };
        Json::Array(vec![Json::text(name), Json::Text(value)])
    };
    Json::Array(headers.iter().map(pair).collect())
}

/// A text of one line, cut when it is too long.
pub(super) fn line(text: &str) -> String {
    let (shown, omitted) = cut(text, LINE_MAX);
    if omitted == 0 {
        shown.to_owned()
    } else {
        format!("{shown}… ({omitted} more bytes)")
    }
}

/// A body: what kind it is, its size, its text up to `limit` bytes, and how many of them are left out.
pub(super) fn body(bytes: &[u8], content_type: Option<&str>, limit: usize) -> Json {
    let shown = |kind: &str, text: &str, unseen: usize| {
        let (text, omitted) = cut(text, limit);
        Json::object([
            ("kind", Json::text(kind)),
            ("bytes", Json::number(bytes.len())),
            ("text", Json::text(text)),
            ("omitted", Json::number(omitted + unseen)),
        ])
    };
    let Ok(given) = std::str::from_utf8(bytes) else {
        let head: Vec<_> = bytes.chunks(16).take(BINARY_SHOWN / 16).map(hex).collect();
        let unseen = bytes.len().saturating_sub(BINARY_SHOWN);
        return shown("binary", &head.join("\n"), unseen);
    };
    if given.trim_start().starts_with(['{', '['])
        && let Ok(parsed) = parse_strict(given)
    {
        return shown("json", &pretty(&json(&parsed)), 0);
    }
    let (looked_at, unseen) = cut(given, limit.saturating_add(LOOK_AHEAD));
    let media = content_type.unwrap_or_default().to_ascii_lowercase();
    if media.starts_with("application/x-www-form-urlencoded") {
        // A form is a query without the question mark, shown a pair a line.
        let masked = text(&mask_url(&format!("?{looked_at}")));
        return shown(
            "form",
            &masked.trim_start_matches('?').replace('&', "\n&"),
            unseen,
        );
    }
    let kind = if media.contains("xml") { "xml" } else { "text" };
    shown(kind, &text(looked_at), unseen)
}

fn hex(bytes: &[u8]) -> String {
    let hex: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    hex.join(" ")
}

/// The beginning of a text that fits into `max` bytes, and how many bytes are left out.
pub(super) fn cut(text: &str, max: usize) -> (&str, usize) {
    let end = text.floor_char_boundary(max);
    let shown = text.get(..end).unwrap_or_default();
    (shown, text.len() - shown.len())
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::json::compact;

    #[test_case(r#"{"password":"hunter2","sum":0.00}"#, r#"{"password":"***","sum":0.00}"#; "a member; numbers stay as written")]
    #[test_case(r#"{"headers":{"Authorization":["Bearer abcdef1"],"Accept":["a"]}}"#, r#"{"headers":{"Authorization":["***"],"Accept":["a"]}}"#; "lists of header values")]
    #[test_case(r#"{"headers":[{"name":"Cookie","values":["sid=1"]}]}"#, r#"{"headers":[{"name":"Cookie","values":["***"]}]}"#; "pairs of name and values")]
    #[test_case(r#"{"n":4242424242424242,"t":"4242 4242 4242 4242","u":4242424242424241}"#, r#"{"n":"***","t":"***","u":4242424242424241}"#; "card numbers")]
    #[test_case(r#"{"body":"{\"token\":\"abc\"}"}"#, r#"{"body":"{\"token\":\"***\"}"}"#; "json in a text")]
    #[test_case(r#"{"token":{"password":"x","name":"y"},"secret":null}"#, r#"{"token":{"password":"***","name":"y"},"secret":null}"#; "objects keep their form")]
    fn json_is_masked(given: &str, expected: &str) {
        let masked = json(&parse_strict(given).expect("JSON"));
        assert_eq!(compact(&masked), expected);
    }

    #[test_case("{\"password\": \"hunter2\", oops", "{\"password\": \"***\", oops"; "broken json")]
    #[test_case("<a><password>hunter2</password></a>", "<a><password>***</password></a>"; "an element")]
    #[test_case("x token=abc&b=2", "x token=***&b=2"; "a parameter")]
    #[test_case("use Bearer abcdef123 now", "use Bearer *** now"; "a credential")]
    #[test_case("see http://u:p@host/a", "see http://***@host/a"; "a user in a url")]
    #[test_case("plain words, 12 of them: a=b", "plain words, 12 of them: a=b"; "prose stays")]
    fn text_is_masked(given: &str, expected: &str) {
        assert_eq!(text(given), expected);
    }

    #[test]
    fn bodies_are_cut_and_say_so() {
        let shown = compact(&body("€".repeat(10).as_bytes(), Some("text/plain"), 7));
        assert_eq!(
            shown,
            r#"{"kind":"text","bytes":30,"text":"€€","omitted":24}"#
        );
        let shown = compact(&body(&[0xff, 0], None, 100));
        assert_eq!(
            shown,
            r#"{"kind":"binary","bytes":2,"text":"ff 00","omitted":0}"#
        );
        let shown = compact(&body(
            b"a=1&password=x",
            Some("application/x-www-form-urlencoded"),
            100,
        ));
        assert!(shown.contains(r#""text":"a=1\n&password=***""#), "{shown}");
    }
}
