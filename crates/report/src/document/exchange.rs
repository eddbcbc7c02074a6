//! An exchange that may be shown.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use styk_core::{Exchange, ExchangeKind, Outcome};

use super::Seconds;
use crate::body::Body;
use crate::mask::Masker;

/// One recorded crossing, masked.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ExchangeView {
    pub(crate) seq: u64,
    pub(crate) kind: ExchangeKind,
    /// As the observer saw it; see the crossings for who really called.
    pub(crate) edge: String,
    pub(crate) operation: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    pub(crate) started_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) duration_seconds: Option<Seconds>,
    /// The outcome in one word, as coverage counts it.
    pub(crate) outcome: &'static str,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request: Option<Message>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) response: Option<Message>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trace_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) span_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parent_span_id: Option<String>,
    pub(crate) attributes: BTreeMap<String, String>,
}

/// One half of an exchange over HTTP.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Message {
    pub(crate) headers: Vec<Header>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<Body>,
}

/// One header line.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl ExchangeView {
    pub(crate) fn new(exchange: &Exchange, masker: &Masker) -> Self {
        let request = exchange.request();
        let response = exchange.response();
        let reason = match exchange.outcome() {
            Some(Outcome::Failed { reason }) => Some(masker.text(reason)),
            Some(Outcome::Answered | Outcome::Unmatched | Outcome::Dropped) | None => None,
        };
        Self {
            seq: exchange.seq(),
            kind: exchange.kind(),
            edge: exchange.edge().to_string(),
            operation: masker.url(&masker.text(exchange.operation())),
            method: request.map(|request| request.method.to_string()),
            url: request.map(|request| masker.url(&request.uri.to_string())),
            started_at: exchange.started_at(),
            duration_seconds: exchange.duration().map(Seconds),
            outcome: exchange.outcome_class(),
            reason,
            status: response.map(|response| response.status.as_u16()),
            request: request.map(|request| {
                let headers = request.headers.iter();
                message(headers, &request.body, masker)
            }),
            response: response.map(|response| {
                let headers = response.headers.iter();
                message(headers, &response.body, masker)
            }),
            trace_id: exchange.trace_id().map(|id| id.to_string()),
            span_id: exchange.trace().map(|trace| trace.span_id.to_string()),
            parent_span_id: exchange.parent_span().map(|span| span.to_string()),
            attributes: exchange
                .attributes()
                .map(|(name, value)| (name.to_owned(), masker.named(name, value)))
                .collect(),
        }
    }
}

fn message<'a>(
    headers: impl Iterator<Item = (&'a str, &'a [u8])>,
    body: &[u8],
    masker: &Masker,
) -> Message {
    let mut media_type = String::new();
    let headers = headers
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value);
            if name.eq_ignore_ascii_case("content-type") {
                media_type = value.to_ascii_lowercase();
            }
            Header {
                name: name.to_owned(),
                value: masker.header(name, &value),
            }
        })
        .collect();
    Message {
        headers,
        body: Body::new(body, &media_type, masker),
    }
}
