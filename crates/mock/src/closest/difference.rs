//! In which fields a request differs from a matcher, in the words of the original.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::json::json_difference;
use super::pairs::{cookie_texts, pair_texts};
use crate::json::{Json, Object, pretty};
use crate::matcher::{Field, RequestMatcher, Subject, query_pairs};
use crate::pattern::Pattern;

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// The name that the original calls the field by.
    pub(crate) name: &'static str,
    pub(crate) texts: Vec<String>,
}

/// All fields that differ, in the order in which the original compares them.
#[derive(Debug)]
pub(crate) struct Differences;

/// Bytes of a binary body that are shown.
const BYTES_SHOWN_MAX: usize = 1_000;

/// The order in which the original compares.
const ORDER: &[&str] = &[
    "method",
    "path",
    "body",
    "headers",
    "cookies",
    "pathParameters",
    "queryParameters",
    "keep-alive",
    "secure",
    "protocol",
];

impl Differences {
    pub(crate) fn between(matcher: &RequestMatcher, subject: &Subject<'_>) -> Vec<Difference> {
        Self::among(&matcher.misses(subject), matcher, subject)
    }

    /// The differences in fields that are known to differ.
    pub(crate) fn among(
        missed: &[Field],
        matcher: &RequestMatcher,
        subject: &Subject<'_>,
    ) -> Vec<Difference> {
        if let Some(closest) = matcher.closest_alternative(subject) {
            return Self::among(missed, closest, subject);
        }
        let Json::Object(written) = matcher.written() else {
            return Vec::new();
        };
        let mut found: Vec<Difference> = missed
            .iter()
            .flat_map(|field| {
                let reason = matcher.difference(*field, subject);
                differences_in(*field, &written, subject, &reason)
            })
            .collect();
        let place =
            |difference: &Difference| ORDER.iter().position(|name| *name == difference.name);
        found.sort_by_key(|difference| place(difference).unwrap_or(ORDER.len()));
        found
    }
}

/// How a field differs; `reason` says so in a few words.
fn differences_in(
    field: Field,
    written: &Object,
    subject: &Subject<'_>,
    reason: &str,
) -> Vec<Difference> {
    let expected = |name: &str| written.get(name).map(shown).unwrap_or_default();
    let one = |name, text| {
        vec![Difference {
            name,
            texts: vec![text],
        }]
    };
    let map = |name: &str| match written.get(name) {
        Some(Json::Object(object)) => object.clone(),
        _ => Object::new(),
    };
    match field {
        Field::Method => one("method", string(&expected("method"), subject.method())),
        Field::Path => one("path", string(&expected("path"), subject.path())),
        Field::PathParameters => in_path(&expected("path"), &map("pathParameters"), subject.path()),
        Field::Query => vec![Difference {
            name: "queryParameters",
            texts: pair_texts(&map("queryStringParameters"), subject.query()),
        }],
        Field::Headers => vec![Difference {
            name: "headers",
            texts: pair_texts(&map("headers"), subject.headers()),
        }],
        Field::Cookies => vec![Difference {
            name: "cookies",
            texts: cookie_texts(&map("cookies"), subject.cookies()),
        }],
        Field::KeepAlive => one(
            "keep-alive",
            failed(
                "boolean match",
                &expected("keepAlive"),
                bool(subject.keep_alive()),
            ),
        ),
        Field::Secure => one(
            "secure",
            failed(
                "boolean match",
                &expected("secure"),
                bool(subject.is_secure()),
            ),
        ),
        Field::Protocol => one(
            "protocol",
            failed(
                "exact string match",
                &expected("protocol"),
                subject.protocol(),
            ),
        ),
        Field::Body => vec![Difference {
            name: "body",
            texts: in_body(written.get("body").unwrap_or(&Json::Null), subject, reason),
        }],
        Field::Not => one("not", reason.to_owned()),
        Field::OpenApi => one("operation", reason.to_owned()),
    }
}

/// A rule that failed, with what it wanted and what it found.
pub(super) fn failed(rule: &str, expected: &str, found: &str) -> String {
    let (expected, found) = (deep(expected), deep(found));
    format!("  {rule} failed expected:\n\n{expected}\n\n   found:\n\n{found}\n")
}

/// As [`failed`], with a reason.
pub(super) fn failed_because(rule: &str, expected: &str, found: &str, reason: &str) -> String {
    let text = failed(rule, expected, found);
    format!("{text}\n   failed because:\n\n{}\n", deep(reason))
}

/// The rule for texts.
pub(super) fn string(expected: &str, found: &str) -> String {
    failed("string or regex match", expected, found)
}

/// A text on the lines of a report: every line break becomes a space.
pub(crate) fn flat(text: &str) -> String {
    text.replace('\n', " ")
}

fn deep(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("    {}", text.replace('\n', "\n    "))
}

fn shown(json: &Json) -> String {
    match json {
        Json::Text(text) => text.clone(),
        other => pretty(other),
    }
}

fn bool(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// A path with parameters: its fixed parts, how many parts it has, and the values.
fn in_path(path: &str, parameters: &Object, given: &str) -> Vec<Difference> {
    let parts = |path: &str| -> Vec<String> {
        let parts = path.split('/').filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    };
    let (wanted, found) = (parts(path), parts(given));
    let name = |part: &str| {
        let inner = part.strip_prefix('{')?.strip_suffix('}')?;
        Some(inner.to_owned())
    };
    let open: String = wanted
        .iter()
        .map(|part| format!("/{}", if name(part).is_some() { ".*" } else { part }))
        .collect();
    let mut texts = Vec::new();
    if Pattern::compile(&open).is_ok_and(|pattern| !pattern.matches(given)) {
        texts.push(string(&open, given));
    }
    let same_count = wanted.len() == found.len();
    if !same_count {
        let count = |count: usize| format!("{count} part{}", if count == 1 { "" } else { "s" });
        let (wanted, found) = (count(wanted.len()), count(found.len()));
        texts.push(format!(
            "  expected path {path} has {wanted} but path {given} has {found} "
        ));
    }
    let values = wanted.iter().zip(&found).filter(|_| same_count);
    let values: Vec<(String, String)> = values
        .filter_map(|(wanted, found)| Some((name(wanted)?, found.clone())))
        .collect();
    let values: Vec<_> = values
        .iter()
        .map(|(name, value)| (name.as_str().into(), value.as_str().into()))
        .collect();
    let in_values = pair_texts(parameters, &values);
    let differences = [("path", texts), ("pathParameters", in_values)];
    let differences = differences
        .into_iter()
        .filter(|(_, texts)| !texts.is_empty());
    differences
        .map(|(name, texts)| Difference { name, texts })
        .collect()
}

/// Bytes as the original shows them.
fn bytes(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(BYTES_SHOWN_MAX)];
    let hex: String = shown.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("base64:\n  {}\nhex:\n  {hex}", STANDARD.encode(shown))
}

fn in_body(expected: &Json, subject: &Subject<'_>, reason: &str) -> Vec<String> {
    let found = subject.body_text();
    let is_negated = |json: &Json| match json {
        Json::Object(object) => object.get("not") == Some(&Json::Bool(true)),
        Json::Text(text) => text.starts_with('!'),
        _ => false,
    };
    if is_negated(expected) {
        return vec![format!("  {reason}\n")];
    }
    let Json::Object(object) = expected else {
        return match expected {
            Json::Text(text) => vec![failed("exact string match", text, found)],
            other => vec![json_difference(other, false, subject, reason)],
        };
    };
    let Some(Json::Text(kind)) = object.get("type") else {
        return vec![json_difference(expected, false, subject, reason)];
    };
    let content = |name: &str| object.get(name).map(shown).unwrap_or_default();
    let is = |name: &str, word: Json| object.get(name) == Some(&word);
    let text = match kind.as_str() {
        "STRING" if is("subString", Json::Bool(true)) => {
            failed("substring match", &content("string"), found)
        }
        "STRING" => failed("exact string match", &content("string"), found),
        "REGEX" => string(&content("regex"), found),
        "JSON" => {
            let is_strict = is("matchType", Json::text("STRICT"));
            let json = object.get("json").unwrap_or(&Json::Null);
            json_difference(json, is_strict, subject, reason)
        }
        "PARAMETERS" => {
            let form = found.replace(';', "&");
            let Some(Json::Object(parameters)) = object.get("parameters") else {
                return vec![failed("multimap match", &content("parameters"), found)];
            };
            return pair_texts(parameters, &query_pairs(&form));
        }
        "BINARY" => failed(
            "binary match",
            &bytes(&STANDARD.decode(content("base64Bytes")).unwrap_or_default()),
            &bytes(subject.body()),
        ),
        "JSON_SCHEMA" => failed_because("json schema match", &content("jsonSchema"), found, reason),
        "JSON_PATH" => failed_because("json path match", &content("jsonPath"), found, reason),
        "XML" => failed_because("xml match", &content("xml"), found, reason),
        "XML_SCHEMA" => failed_because("xml schema match", &content("xmlSchema"), found, reason),
        "XPATH" => failed_because("xpath match", &content("xpath"), found, reason),
        _ => failed_because("body match", &pretty(expected), found, reason),
    };
    vec![text]
}
