//! Body matchers: text, part of a text, regular expression, JSON, form parameters, bytes.

use bytes::Bytes;
use http::{Method, Uri};
use styk_core::{Headers, Request};

use super::compare::JsonMatcher;
use super::{Pairs, Subject, query_pairs};
use crate::body::{BodySpec, Content};
use crate::json::{Json, pretty};
use crate::pattern::Pattern;
use crate::schema::Complaints;

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
    /// An empty text matches anything.
    Anything,
    Text {
        text: String,
        part: bool,
    },
    Regex(Pattern),
    Json(JsonMatcher),
    Parameters(Pairs),
    Binary(Bytes),
}

impl BodyMatcher {
    pub(crate) fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let spec = BodySpec::read(json, "body matcher", path, complaints)?;
        let written = spec.written();
        let mut not = spec.not;
        let kind = match spec.content {
            Content::Text { text, .. } if text.is_empty() => Kind::Anything,
            Content::Text { text, part } => match text.strip_prefix('!') {
                Some(rest) => {
                    not = !not;
                    let text = rest.to_owned();
                    Kind::Text { text, part }
                }
                None => Kind::Text { text, part },
            },
            Content::Regex(regex) => match Pattern::compile(&regex) {
                Ok(pattern) => Kind::Regex(pattern),
                Err(construct) => {
                    complaints.not_built(construct);
                    return None;
                }
            },
            Content::Json { value, strict, .. } => Kind::Json(JsonMatcher::new(value, strict)),
            Content::Parameters(parameters) => Kind::Parameters(Pairs::read(
                &parameters,
                &format!("{path}.parameters"),
                complaints,
            )?),
            Content::Binary { bytes, .. } => Kind::Binary(bytes),
            Content::Xml(_) => {
                complaints.not_built("body matcher XML");
                return None;
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
        match &self.kind {
            Kind::Anything => true,
            Kind::Text { text, part: false } => subject.body() == text.as_bytes(),
            Kind::Text { text, part: true } => subject.body_text().contains(text),
            Kind::Regex(pattern) => pattern.matches(subject.body_text()),
            Kind::Json(matcher) => subject
                .body_json()
                .is_some_and(|given| matcher.matches(given)),
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
            Kind::Json(matcher) => pretty(matcher.expected()),
            Kind::Anything | Kind::Parameters(_) | Kind::Binary(_) => return false,
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
