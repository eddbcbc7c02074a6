//! Body matchers: text, part of a text, regular expression, JSON, JSON Schema, JSONPath, XML, XPath, form parameters,
//! bytes, GraphQL, JSON-RPC, multipart forms, similar texts, and several of them at once.

use std::collections::HashMap;

use bytes::Bytes;
use http::{Method, Uri};
use styk_core::{Headers, Request};

use super::compare::JsonMatcher;
use super::convert::styled_form_json;
use super::difference::shortened;
use super::fuzzy::Fuzzy;
use super::graphql::GraphQl;
use super::json_rpc::JsonRpc;
use super::multipart::Multipart;
use super::style::ParameterStyle;
use super::xml::XmlMatcher;
use super::{JsonPath, JsonSchema, Pairs, Subject, XPath};
use crate::body::{BodySpec, Content};
use crate::json::{Json, Object, compact, pretty};
use crate::pattern::{Pattern, marks};
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
    /// What is blank matches anything.
    Anything,
    Text {
        text: String,
        part: bool,
    },
    Regex(Pattern),
    Json(JsonMatcher),
    /// Without a schema nothing matches: the original takes some that it cannot use.
    Schema {
        schema: Option<JsonSchema>,
        styles: HashMap<String, &'static ParameterStyle>,
    },
    /// What is no path only matches a body of the same text; so for the next two.
    JsonPath {
        text: String,
        path: Option<JsonPath>,
    },
    XPath {
        text: String,
        xpath: Option<XPath>,
    },
    Xml {
        text: String,
        matcher: Option<XmlMatcher>,
    },
    Parameters(Pairs),
    Binary(Bytes),
    AllOf(Vec<BodyMatcher>),
    GraphQl(GraphQl),
    JsonRpc(JsonRpc),
    Fuzzy(Fuzzy),
    Multipart(Multipart),
}

impl BodyMatcher {
    pub(crate) fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let spec = BodySpec::read(json, "body matcher", path, complaints)?;
        Self::of(spec, path, complaints)
    }

    fn of(spec: BodySpec, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let written = spec.written();
        let mut not = spec.not;
        let kind = match spec.content {
            Content::Text { text, part } => {
                let (is_notted, _, text) = marks(&text);
                not ^= is_notted;
                let text = text.to_owned();
                Kind::Text { text, part }
            }
            Content::Regex(regex) => match Pattern::compile(&regex) {
                Ok(pattern) => Kind::Regex(pattern),
                Err(construct) => {
                    complaints.not_built(construct);
                    return None;
                }
            },
            Content::Json {
                value,
                strict,
                by_value,
                ..
            } => Kind::Json(JsonMatcher::new(value, strict, by_value)),
            Content::JsonSchema { schema, styles } => match compiled_schema(&schema) {
                Ok(schema) => Kind::Schema {
                    schema,
                    styles: read_styles(&styles, &format!("{path}.parameterStyles"), complaints),
                },
                Err(error) => {
                    complaints.other = Some(error);
                    return None;
                }
            },
            Content::JsonPath(text) => Kind::JsonPath {
                path: usable(JsonPath::compile(&text), "JSONPath", &text),
                text,
            },
            Content::XPath { xpath, prefixes } => {
                let prefixes = prefixes.into_iter().filter_map(|(prefix, uri)| match uri {
                    Json::Text(uri) => Some((prefix, uri)),
                    _ => None,
                });
                let compiled = XPath::compile(&xpath, prefixes.collect());
                Kind::XPath {
                    xpath: usable(compiled, "XPath", &xpath),
                    text: xpath,
                }
            }
            Content::Xml(text) => {
                let expected = text.strip_prefix('!').unwrap_or(&text);
                not ^= expected.len() < text.len();
                Kind::Xml {
                    matcher: XmlMatcher::compile(expected),
                    text,
                }
            }
            Content::Parameters(parameters) => Kind::Parameters(Pairs::read_form(
                &parameters,
                &format!("{path}.parameters"),
                complaints,
            )?),
            Content::Binary { bytes, .. } if bytes.is_empty() => Kind::Anything,
            Content::Binary { bytes, .. } => Kind::Binary(bytes),
            Content::Rare { name, fields } => {
                let fields = Fields::of_object(&fields, path.to_owned());
                match name {
                    "GRAPHQL" => Kind::GraphQl(GraphQl::read(fields, complaints)),
                    "JSON_RPC" => Kind::JsonRpc(JsonRpc::read(fields, complaints)),
                    "FUZZY" => Kind::Fuzzy(Fuzzy::read(fields, complaints)),
                    _ => Kind::Multipart(Multipart::read(fields, complaints)),
                }
            }
            Content::AllOf(specs) => {
                let read = |(place, spec)| {
                    Self::of(spec, &format!("{path}.bodyAllOf[{place}]"), complaints)
                };
                let all: Option<Vec<Self>> = specs.into_iter().enumerate().map(read).collect();
                Kind::AllOf(all?)
            }
        };
        Some(Self {
            kind,
            not,
            optional: spec.optional,
            written,
        })
    }

    pub(crate) fn matches(&self, subject: &Subject<'_>) -> bool {
        if self.optional && subject.body().is_empty() {
            return true;
        }
        self.matches_positive(subject) != self.not
    }

    fn matches_positive(&self, subject: &Subject<'_>) -> bool {
        let is_text = |text: &str| !text.is_empty() && subject.body() == text.as_bytes();
        match &self.kind {
            Kind::Anything => true,
            Kind::Text { text, part } => {
                let (is_notted, _, given) = marks(subject.body_text());
                let is_met = if *part {
                    given.contains(text)
                } else {
                    text.trim().is_empty() || given == text
                };
                is_met != is_notted
            }
            Kind::Regex(pattern) => {
                let (is_notted, _, given) = marks(subject.body_text());
                let matches = match given {
                    // Even `.*` does not match a body that is not there.
                    "" => pattern.is_blank() != pattern.is_not(),
                    text if text.trim().is_empty() => pattern.matches(""),
                    text => pattern.matches(text),
                };
                matches != is_notted
            }
            Kind::Json(matcher) => subject
                .body_json()
                .is_some_and(|given| matcher.matches(given)),
            Kind::Schema { schema, styles } => schema.as_ref().is_some_and(|schema| {
                schema_subject(styles, subject).is_some_and(|json| schema.accepts(&json))
            }),
            Kind::JsonPath { text, path } => {
                let finds = |path: &JsonPath| {
                    let json = subject.body_for_path();
                    json.is_some_and(|json| path.finds(json))
                };
                path.as_ref().is_some_and(finds) || is_text(text)
            }
            Kind::XPath { text, xpath } => {
                let is_true = |xpath: &XPath| xpath.is_true_of(subject.body_text());
                xpath.as_ref().is_some_and(is_true) || is_text(text)
            }
            Kind::Xml { matcher, .. } => matcher
                .as_ref()
                .is_some_and(|matcher| matcher.difference(subject.body_text()).is_none()),
            Kind::Parameters(pairs) => pairs.matches_lists(subject.form(), ParameterStyle::split),
            Kind::Binary(bytes) => subject.body() == bytes,
            Kind::AllOf(all) => all.iter().all(|one| one.matches(subject)),
            Kind::GraphQl(matcher) => match subject.body_json() {
                Some(Json::Object(request)) => !subject.is_form() && matcher.matches(request),
                Some(_) => false,
                None => matcher.matches_text(subject.body_text()),
            },
            Kind::JsonRpc(matcher) => subject
                .body_json()
                .is_some_and(|request| matcher.matches(request)),
            Kind::Fuzzy(matcher) => matcher.matches(subject.body_text()),
            Kind::Multipart(matcher) => {
                matcher.matches(subject.content_type().as_deref(), subject.body_text())
            }
        }
    }

    /// Why the body does not match, in one line; `None` when it does.
    pub(super) fn difference(&self, subject: &Subject<'_>) -> Option<String> {
        if self.matches(subject) {
            return None;
        }
        if self.not {
            return Some("matches, which is not expected".to_owned());
        }
        let received = || match subject.body_text() {
            "" => "nothing".to_owned(),
            text => shortened(text),
        };
        let plain = |expected: &str| {
            let expected = shortened(expected);
            Some(format!("expected {expected}, received {}", received()))
        };
        match &self.kind {
            Kind::Anything => None,
            Kind::Text { text, part: false } => plain(text),
            Kind::Text { text, part: true } => plain(&format!("a text with {text}")),
            Kind::Regex(pattern) => plain(&format!("a text like {}", pattern.text())),
            Kind::Json(matcher) => match subject.body_json() {
                Some(given) => matcher.difference(given),
                None => plain("JSON"),
            },
            Kind::Schema { schema, styles } => match (schema, schema_subject(styles, subject)) {
                (Some(schema), Some(json)) => schema.difference(&json),
                (None, _) => Some("the JSON Schema cannot be used".to_owned()),
                (_, None) => plain("JSON"),
            },
            Kind::JsonPath { text, path } => match (path, subject.body_json()) {
                (None, _) => Some(format!("{text} is no JSONPath")),
                (_, None) => plain("JSON"),
                _ => Some(format!("{text} finds nothing")),
            },
            Kind::XPath { text, xpath: None } => Some(format!("{text} is no XPath")),
            Kind::XPath { text, .. } => Some(format!("{text} finds nothing")),
            Kind::Xml { matcher: None, .. } => Some("the expected text is no XML".to_owned()),
            Kind::Xml {
                matcher: Some(matcher),
                ..
            } => matcher.difference(subject.body_text()),
            Kind::Parameters(pairs) => {
                pairs.difference_of_lists(subject.form(), ParameterStyle::split)
            }
            Kind::Binary(bytes) => Some(format!(
                "expected {} other bytes, received {}",
                bytes.len(),
                subject.body().len()
            )),
            Kind::AllOf(all) => all.iter().find_map(|one| one.difference(subject)),
            Kind::GraphQl(_) => plain("another GraphQL request"),
            Kind::JsonRpc(_) => plain("another JSON-RPC request"),
            Kind::Fuzzy(_) => plain("a text more alike"),
            Kind::Multipart(_) => plain("other parts of a form"),
        }
    }

    /// Whether this filter selects a stored matcher: it is the same, or it matches what the stored one asks for.
    pub(crate) fn meets(&self, stored: &Self) -> bool {
        if self.written == stored.written {
            return true;
        }
        // A stored pattern takes the text of the filter.
        if let (Kind::Text { text, part: false }, Kind::Regex(pattern)) = (&self.kind, &stored.kind)
        {
            return pattern.matches(text) != (self.not != stored.not);
        }
        let body = match &stored.kind {
            Kind::Text { text, .. } | Kind::Xml { text, .. } => text.clone(),
            Kind::Regex(pattern) => pattern.text().to_owned(),
            Kind::Json(matcher) => pretty(matcher.expected()),
            _ => return false,
        };
        let request = Request::new(
            Method::GET,
            Uri::default(),
            Headers::new(),
            Bytes::from(body),
        );
        self.not == stored.not && self.matches_positive(&Subject::new(&request))
    }

    /// The matcher in MockServer's JSON.
    pub(crate) fn written(&self) -> Json {
        self.written.clone()
    }
}

/// The schema; none when the original takes it, and matches nothing with it. It refuses bounds that are no numbers and
/// drafts that it does not know.
fn compiled_schema(schema: &Json) -> Result<Option<JsonSchema>, String> {
    const BOUNDS: &[&str] = &[
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
    ];
    let error = match JsonSchema::compile(schema) {
        Ok(schema) => return Ok(Some(schema)),
        Err(error) => error,
    };
    if let Json::Object(fields) = schema {
        let is_wrong = |name: &&&str| {
            fields
                .get(**name)
                .is_some_and(|bound| !matches!(bound, Json::Number(_)))
        };
        if let Some(bound) = BOUNDS.iter().find(is_wrong) {
            return Err(format!("{bound} value is not a number"));
        }
        if let Some(Json::Text(draft)) = fields.get("$schema")
            && !draft.contains("json-schema.org/")
        {
            return Err(format!(
                "Schema from '{draft}' is not allowed to be loaded."
            ));
        }
    }
    Ok(usable(Err(error), "JSON Schema", &compact(schema)))
}

/// What compiled. What did not is taken by the original, and never matches; the log says so.
fn usable<T>(compiled: Result<T, String>, what: &str, text: &str) -> Option<T> {
    compiled
        .inspect_err(|error| {
            tracing::warn!(%error, text, "an expectation has an unusable {what}: it matches nothing");
        })
        .ok()
}

fn read_styles(
    styles: &Object,
    path: &str,
    complaints: &mut Complaints,
) -> HashMap<String, &'static ParameterStyle> {
    let style = |(name, style): (&String, &Json)| {
        let style = ParameterStyle::read(style, &format!("{path}.{name}"), complaints)?;
        Some((name.clone(), style))
    };
    styles.iter().filter_map(style).collect()
}

/// What a schema looks at: the body as JSON, where a form may write lists in a style.
fn schema_subject(
    styles: &HashMap<String, &'static ParameterStyle>,
    subject: &Subject<'_>,
) -> Option<Json> {
    if subject.is_form() {
        let style = |name: &str| styles.get(name).copied();
        return Some(styled_form_json(subject.form(), style));
    }
    subject.body_json().cloned()
}
