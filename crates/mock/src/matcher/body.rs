//! Body matchers: text, part of a text, regular expression, JSON, form parameters, bytes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::compare::{Mode, json_matches};
use super::{Pairs, Subject, query_pairs};
use crate::json::{Json, Object, parse_lenient, pretty};
use crate::pattern::Pattern;
use crate::schema::{Complaints, Fields};

/// What the body of a request must look like.
#[derive(Debug)]
pub(crate) struct BodyMatcher {
    kind: Kind,
    not: bool,
    optional: bool,
    written: Json,
}

#[derive(Debug)]
enum Kind {
    Text { text: String, part: bool },
    Regex(Pattern),
    Json { expected: Json, mode: Mode },
    Parameters(Pairs),
    Binary(Bytes),
}

/// Body types of MockServer; `true` for those that are built.
const TYPES: &[(&str, bool)] = &[
    ("STRING", true),
    ("REGEX", true),
    ("JSON", true),
    ("PARAMETERS", true),
    ("BINARY", true),
    ("JSON_SCHEMA", false),
    ("JSON_PATH", false),
    ("XML", false),
    ("XML_SCHEMA", false),
    ("XPATH", false),
    ("GRAPHQL", false),
    ("JSON_RPC", false),
    ("FILE", false),
    ("FUZZY", false),
    ("MULTIPART", false),
    ("WASM", false),
    ("ALL_OF", false),
];

impl BodyMatcher {
    pub(crate) fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        match json {
            Json::Text(text) => {
                let (not, text) = text
                    .strip_prefix('!')
                    .map_or((false, text.as_str()), |rest| (true, rest));
                let kind = Kind::Text {
                    text: text.to_owned(),
                    part: false,
                };
                // A blank matcher matches anything, also an absent body.
                (!text.is_empty()).then(|| Self {
                    kind,
                    not,
                    optional: false,
                    written: json.clone(),
                })
            }
            Json::Object(object) => match type_of(object) {
                Some((name, true)) => Self::read_typed(name, object, path, complaints),
                Some((name, false)) => {
                    complaints.not_built(format!("body matcher {name}"));
                    None
                }
                None => Some(Self::partial_json(json)),
            },
            Json::Array(_) => Some(Self::partial_json(json)),
            other => {
                complaints.error(
                    path,
                    format_args!("{} found, string or object expected", other.kind()),
                );
                None
            }
        }
    }

    fn partial_json(json: &Json) -> Self {
        Self {
            kind: Kind::Json {
                expected: json.clone(),
                mode: Mode::OnlyMatchingFields,
            },
            not: false,
            optional: false,
            written: json.clone(),
        }
    }

    fn read_typed(
        name: &str,
        object: &Object,
        path: &str,
        complaints: &mut Complaints,
    ) -> Option<Self> {
        let mut fields = Fields::of_object(object, path.to_owned());
        fields.take("type");
        let mut not = fields.boolean("not", complaints).unwrap_or_default();
        let optional = fields.boolean("optional", complaints).unwrap_or_default();
        let has_content_type = fields.take("contentType").is_some();
        fields.take("rawBytes");
        fields.take("charset");
        let kind = match name {
            "STRING" => {
                let text = fields.text("string", complaints).unwrap_or_default();
                let part = fields.boolean("subString", complaints).unwrap_or_default();
                let text = text
                    .strip_prefix('!')
                    .map(str::to_owned)
                    .map_or(text, |rest| {
                        not = !not;
                        rest
                    });
                Some(Kind::Text { text, part })
            }
            "REGEX" => {
                let regex = fields.text("regex", complaints).unwrap_or_default();
                match Pattern::compile(&regex) {
                    Ok(pattern) => Some(Kind::Regex(pattern)),
                    Err(construct) => {
                        complaints.not_built(construct);
                        None
                    }
                }
            }
            "JSON" => Self::read_json(&mut fields, complaints),
            "PARAMETERS" => {
                let parameters = fields.take("parameters").unwrap_or(&Json::Null);
                Pairs::read(parameters, &fields.at("parameters"), complaints).map(Kind::Parameters)
            }
            _ => Self::read_binary(&mut fields, complaints),
        };
        fields.finish(complaints);
        let short = match &kind {
            Some(Kind::Text { part: false, .. }) if !has_content_type && !not && !optional => {
                object.get("string")
            }
            Some(Kind::Json {
                mode: Mode::OnlyMatchingFields,
                expected,
            }) if !has_content_type && !not && !optional => Some(expected)
                .filter(|expected| matches!(expected, Json::Object(_) | Json::Array(_))),
            _ => None,
        };
        let written = short
            .cloned()
            .unwrap_or_else(|| Json::Object(object.clone()));
        kind.map(|kind| Self {
            kind,
            not,
            optional,
            written,
        })
    }

    fn read_json(fields: &mut Fields<'_>, complaints: &mut Complaints) -> Option<Kind> {
        let strict = fields.word("matchType", &["ONLY_MATCHING_FIELDS", "STRICT"], complaints)
            == Some("STRICT");
        fields.refuse(&["matchNumbersAsStrings"], complaints);
        let at = fields.at("json");
        let expected = match fields.take("json") {
            Some(Json::Text(text)) => match parse_lenient(text) {
                Ok(json) => json,
                Err(error) => {
                    complaints.error(&at, error);
                    return None;
                }
            },
            Some(json) => json.clone(),
            None => {
                complaints.error(&at, "is missing but it is required");
                return None;
            }
        };
        let mode = if strict {
            Mode::Strict
        } else {
            Mode::OnlyMatchingFields
        };
        Some(Kind::Json { expected, mode })
    }

    fn read_binary(fields: &mut Fields<'_>, complaints: &mut Complaints) -> Option<Kind> {
        let at = fields.at("base64Bytes");
        let encoded = fields.text("base64Bytes", complaints).unwrap_or_default();
        match STANDARD.decode(encoded.as_bytes()) {
            Ok(bytes) => Some(Kind::Binary(Bytes::from(bytes))),
            Err(error) => {
                complaints.error(&at, format_args!("is no base64: {error}"));
                None
            }
        }
    }

    pub(crate) fn matches(&self, subject: &Subject<'_>) -> bool {
        if self.optional && subject.body().is_empty() {
            return true;
        }
        self.matches_positive(subject) != self.not
    }

    fn matches_positive(&self, subject: &Subject<'_>) -> bool {
        match &self.kind {
            Kind::Text { text, part: false } => subject.body() == text.as_bytes(),
            Kind::Text { text, part: true } => subject.body_text().contains(text),
            Kind::Regex(pattern) => pattern.matches(subject.body_text()),
            Kind::Json { expected, mode } => subject
                .body_json()
                .is_some_and(|given| json_matches(expected, given, *mode)),
            Kind::Parameters(pairs) => {
                // Forms may also part their pairs with semicolons.
                let form = subject.body_text().replace(';', "&");
                pairs.matches(&query_pairs(&form))
            }
            Kind::Binary(bytes) => subject.body() == bytes,
        }
    }

    /// Whether this filter selects a stored matcher: it is the same, or it matches what the stored one asks for.
    pub(crate) fn meets(&self, stored: &Self) -> bool {
        if self.written == stored.written {
            return true;
        }
        let body = match &stored.kind {
            Kind::Text { text, .. } => text.clone(),
            Kind::Regex(pattern) => pattern.text().to_owned(),
            Kind::Json { expected, .. } => pretty(expected),
            Kind::Parameters(_) | Kind::Binary(_) => return false,
        };
        let request = styk_core::Request {
            method: http::Method::GET,
            uri: http::Uri::default(),
            headers: http::HeaderMap::new(),
            body: Bytes::from(body),
        };
        self.not == stored.not && self.matches_positive(&Subject::new(&request))
    }

    /// The matcher in MockServer's JSON, in its short form where it has one.
    pub(crate) fn written(&self) -> Json {
        self.written.clone()
    }
}

/// The body type an object names; `None` for an object that is itself a JSON body.
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
