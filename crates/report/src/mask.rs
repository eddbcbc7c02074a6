//! Takes secrets out of everything that is about to be shown.
//!
//! Names and shapes are decided in `styk_core`; this applies them to text of any origin: messages, notes, what
//! a foreign runner printed. It rather hides too much than too little, but leaves prose alone.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::Value;
use styk_core::{
    Diagnostic, Location, MASK, Secrets, SourceLine, is_secret_header, is_secret_name, mask_json,
    mask_url,
};

/// Masks values for one report.
#[derive(Clone, Debug)]
pub(crate) struct Masker {
    secrets: Secrets,
}

/// A shape in which secrets stand in a text, and what to put there.
struct Shape {
    /// A quick look whether the pattern is worth trying.
    may_match: fn(&str) -> bool,
    pattern: Regex,
    replace: fn(&Captures<'_>) -> String,
}

/// `"password": "x"`.
const MEMBER: &str =
    r#"(?P<name>"[^"\\\n]{1,64}"\s*:\s*)(?P<value>"(?:[^"\\]|\\.)*"?|[^\s,}\]\["{]+)"#;
/// `'password': 'x'`, as Python prints it.
const MEMBER_SINGLE: &str = r"(?P<name>'[^'\\\n]{1,64}'\s*:\s*)(?P<value>'(?:[^'\\]|\\.)*'?)";
/// A member of JSON inside a JSON string.
const MEMBER_ESCAPED: &str =
    r#"(?P<name>\\"[^"\\\n]{1,64}\\"\s*:\s*)(?P<value>\\"(?:[^"\\]|\\[^"])*(?:\\")?)"#;
/// `token=x` of a query or form.
const PARAMETER: &str = r#"(?P<name>[A-Za-z0-9_.\-\[\]]{1,64}=)(?P<value>[^\s&;,"'<>]+)"#;
/// `Authorization: Bearer x` and the like.
const CREDENTIAL: &str = r#"(?xi)
    (?P<name> \b(?:(?:proxy-)?authorization|x-api-key|x-webhook-signature) ["']?\s*[:=]\s*["']? (?:[a-z]+\x20)? )
    (?P<value> [A-Za-z0-9._~+/=-]{6,} )
  | (?P<name2> \bbearer\x20 ) (?P<value2> [A-Za-z0-9._~+/=-]{6,} )
"#;
const COOKIE: &str =
    r#"(?i)(?P<name>\b(?:set-)?cookie["']?\s*[:=]\s*["']?)(?P<value>[^\s=;,]+=[^\r\n"']+)"#;
const USER_INFO: &str = r"(?P<name>://)(?P<value>[^/\s@]+)@";
/// Fifteen or sixteen digits, perhaps in groups.
const CARD: &str = r"\b(?:\d{4}[ -]?){3}\d{3,4}\b";

static SHAPES: LazyLock<Vec<Shape>> = LazyLock::new(|| {
    let shape = |may_match, pattern: &str, replace| Shape {
        may_match,
        pattern: Regex::new(pattern).expect("the patterns of this file are well-formed"),
        replace,
    };
    vec![
        shape(
            |text| text.contains([':', '=', ' ']),
            CREDENTIAL,
            |found| masked_when(found, |_, value| value.bytes().any(|b| b.is_ascii_digit())),
        ),
        shape(
            |text| text.contains('='),
            COOKIE,
            |found| masked_when(found, |_, _| true),
        ),
        shape(
            |text| text.contains("://"),
            USER_INFO,
            |_| format!("://{MASK}@"),
        ),
        shape(|text| text.contains('"'), MEMBER, masked_member),
        shape(|text| text.contains('\''), MEMBER_SINGLE, masked_member),
        shape(|text| text.contains("\\\""), MEMBER_ESCAPED, masked_member),
        shape(
            |text| text.contains('='),
            PARAMETER,
            |found| masked_when(found, |name, _| is_secret_name(name)),
        ),
        shape(has_many_digits, CARD, |found| {
            if is_card(&found[0]) {
                MASK.to_owned()
            } else {
                found[0].to_owned()
            }
        }),
    ]
});

fn masked_member(found: &Captures<'_>) -> String {
    masked_when(found, |name, value| value != "null" && is_secret_name(name))
}

/// The match with its value masked when `is_secret(name, value)`; quotes around the value stay.
fn masked_when(found: &Captures<'_>, is_secret: impl Fn(&str, &str) -> bool) -> String {
    let whole = &found[0];
    let part = |names: [&str; 2]| names.iter().find_map(|name| found.name(name));
    let (Some(name), Some(value)) = (part(["name", "name2"]), part(["value", "value2"])) else {
        return whole.to_owned();
    };
    let is_masked_already = value.as_str().trim_matches(['"', '\'', '\\']) == MASK;
    if is_masked_already || !is_secret(name.as_str(), value.as_str()) {
        return whole.to_owned();
    }
    let quote = ["\\\"", "\"", "'"]
        .into_iter()
        .find(|quote| value.as_str().starts_with(quote))
        .unwrap_or_default();
    format!("{}{quote}{MASK}{quote}", name.as_str())
}

fn has_many_digits(text: &str) -> bool {
    text.bytes().filter(u8::is_ascii_digit).nth(14).is_some()
}

/// Whether this text alone is a card number.
pub(crate) fn is_card(text: &str) -> bool {
    mask_json(&Value::from(text)) == MASK
}

impl Masker {
    pub(crate) fn new(secrets: &Secrets) -> Self {
        Self {
            secrets: secrets.clone(),
        }
    }

    /// Any text.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut masked = self.declared(text);
        for shape in SHAPES.iter() {
            if (shape.may_match)(&masked) && shape.pattern.is_match(&masked) {
                masked = shape
                    .pattern
                    .replace_all(&masked, shape.replace)
                    .into_owned();
            }
        }
        masked
    }

    /// Only what was declared secret.
    pub(crate) fn declared(&self, text: &str) -> String {
        self.secrets.mask(text)
    }

    /// A URL, or a path with its query.
    pub(crate) fn url(&self, url: &str) -> String {
        self.declared(&mask_url(url))
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str, value: &str) -> String {
        if is_secret_header(name) {
            MASK.to_owned()
        } else {
            self.text(value)
        }
    }

    /// The value of a named fact, such as a span's attribute.
    pub(crate) fn named(&self, name: &str, value: &str) -> String {
        if is_secret_name(name) {
            MASK.to_owned()
        } else {
            self.text(value)
        }
    }

    /// A message with its evidence.
    pub(crate) fn diagnostic(&self, diagnostic: &Diagnostic) -> Diagnostic {
        let text = |text: &String| self.text(text);
        Diagnostic {
            severity: diagnostic.severity,
            code: self.declared(&diagnostic.code),
            message: text(&diagnostic.message),
            location: diagnostic.location.as_ref().map(|at| self.location(at)),
            label: diagnostic.label.as_ref().map(text),
            notes: diagnostic.notes.iter().map(text).collect(),
            help: diagnostic.help.as_ref().map(text),
        }
    }

    /// Several messages.
    pub(crate) fn diagnostics(&self, diagnostics: &[Diagnostic]) -> Vec<Diagnostic> {
        diagnostics.iter().map(|one| self.diagnostic(one)).collect()
    }

    /// A place with its lines.
    pub(crate) fn location(&self, location: &Location) -> Location {
        let line = |line: &SourceLine| SourceLine {
            number: line.number,
            text: self.declared(&line.text),
        };
        Location {
            file: self.declared(&location.file),
            lines: location.lines.iter().map(line).collect(),
            ..*location
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        Masker::new(&Secrets::default()).text(text)
    }

    #[test]
    fn members_parameters_and_credentials_are_found_in_any_text() {
        for (text, expected) in [
            (
                r#"body: {"email":"a@b.test","password":"hun\"ter2","n":1}"#,
                r#"body: {"email":"a@b.test","password":"***","n":1}"#,
            ),
            (
                r#"{"access_token": 12345678, "a": null}"#,
                r#"{"access_token": ***, "a": null}"#,
            ),
            (r#"{"password": "cut of"#, r#"{"password": "***""#),
            ("{'password': 'x y', 'b': 1}", "{'password': '***', 'b': 1}"),
            (
                r#"{"raw":"{\"token\":\"abc\"}"}"#,
                r#"{"raw":"{\"token\":\"***\"}"}"#,
            ),
            ("GET /a?token=abc&b=2", "GET /a?token=***&b=2"),
            (
                "> Authorization: Bearer abc123def",
                "> Authorization: Bearer ***",
            ),
            ("sent bearer eyJhbGciOi1", "sent bearer ***"),
            ("Set-Cookie: sid=abc; Path=/", "Set-Cookie: ***"),
            ("postgres://u:p@db/x", "postgres://***@db/x"),
            ("paid with 4242 4242 4242 4242 today", "paid with *** today"),
        ] {
            assert_eq!(masked(text), expected);
        }
    }

    #[test]
    fn prose_and_ordinary_values_stay() {
        for text in [
            "expected header set-cookie: it was absent",
            "authorization: expected to exist",
            "password: at least 8 characters",
            "order 1732320000000000 is new",
            r#"{"token_type":"bearer","password":null,"errors":{"password":["too short"]}}"#,
            "a=1&b=2; http://host:80/a@b",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn a_source_line_loses_only_what_was_declared() {
        let secrets = Secrets::default();
        secrets.add("s3cr3t");
        let location = Location {
            file: "a.yaml".to_owned(),
            line: 1,
            column: 1,
            length: 1,
            lines: vec![SourceLine {
                number: 1,
                text: "json: {\"password\": Passw0rd!, key: s3cr3t}".to_owned(),
            }],
        };
        let masked = Masker::new(&secrets).location(&location);
        assert_eq!(
            masked.lines[0].text,
            "json: {\"password\": Passw0rd!, key: ***}"
        );
    }
}
