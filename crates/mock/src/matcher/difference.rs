//! Why a request does not match: one short text for each field that keeps it from matching.
//!
//! The texts are for people: failed verifications, mismatches and hints show them. They read `expected X, received Y`, with
//! the place in front where a field has places: `$.items[0].price: expected 10, received 12`.

use super::style::ParameterStyle;
use super::{Field, RequestMatcher, Subject};
use crate::pattern::Pattern;

const LENGTH_MAX: usize = 200;

/// The text, cut to what a message can hold.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(LENGTH_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl RequestMatcher {
    /// The fields that keep the request from matching, each with what differs in it; empty when it matches.
    pub(crate) fn differences(&self, subject: &Subject<'_>) -> Vec<(Field, String)> {
        let misses = self.misses(subject).into_iter();
        misses
            .map(|field| (field, self.difference(field, subject)))
            .collect()
    }

    /// What differs in a field that keeps the request from matching.
    pub(crate) fn difference(&self, field: Field, subject: &Subject<'_>) -> String {
        if let Some(closest) = self.closest_alternative(subject) {
            return closest.difference(field, subject);
        }
        if let Some(counts) = self.choice.as_ref().and_then(|choice| choice.of(subject))
            && field != Field::Not
        {
            return counts.difference(field, subject);
        }
        let text = |wanted: &Option<Pattern>, received: &str| {
            wanted.as_ref().map(|wanted| {
                let wanted = shortened(&wanted.written());
                format!("expected {wanted}, received {}", shortened(received))
            })
        };
        let flag = |wanted: Option<bool>| {
            wanted.map(|wanted| format!("expected {wanted}, received {}", !wanted))
        };
        let found = match field {
            Field::Method => text(&self.method, subject.method()),
            Field::Path => text(&self.path, subject.path()),
            Field::PathParameters => {
                let template = self.template.as_ref();
                template.and_then(|template| template.difference(subject.path()))
            }
            Field::Query => {
                let pairs = self.query.as_ref();
                pairs.and_then(|pairs| {
                    pairs.difference_of_lists(subject.query(), ParameterStyle::split)
                })
            }
            Field::Headers => {
                let pairs = self.headers.as_ref();
                pairs.and_then(|pairs| pairs.difference(subject.headers()))
            }
            Field::Cookies => {
                let pairs = self.cookies.as_ref();
                pairs.and_then(|pairs| pairs.difference(subject.cookies()))
            }
            Field::KeepAlive => flag(self.keep_alive),
            Field::Secure => flag(self.secure),
            Field::Protocol => self.protocol.map(|wanted| {
                let received = subject.protocol();
                format!("expected {wanted}, received {received}")
            }),
            Field::Body => {
                let body = self.body.as_ref();
                body.and_then(|body| body.difference(subject))
            }
            Field::OpenApi => Some("the OpenAPI document has no such operation".to_owned()),
            Field::Not => Some("everything matches, which is not expected".to_owned()),
        };
        found.unwrap_or_else(|| "differs".to_owned())
    }
}
