//! Finding calls in the journal: what `verify` and `wait` look at.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use styk_core::{
    CrossingKind, Diagnostic, Edge, Exchange, ExchangeKind, Headers, Outcome, crossings,
    is_secret_header, is_secret_name, mask_url,
};

use crate::Scope;
use crate::ast::{Condition, ExchangePart, StatusCheck, VerifySubject, WebhookWait};

/// The most calls that a message lists.
const LISTED_MAX: usize = 8;

/// Calls of one subject, told apart by conditions.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// Those that meet all conditions, oldest first.
    pub(super) matched: Vec<Arc<Exchange>>,
    /// The others, each with what it does not meet.
    pub(super) others: Vec<(Arc<Exchange>, Vec<String>)>,
}

/// The calls of a subject among the attempt's exchanges.
pub(super) fn select(
    own: &[Arc<Exchange>],
    subject: &VerifySubject,
    conditions: &[Condition],
    scope: &Scope,
) -> Result<Calls, Diagnostic> {
    let mut calls = Calls::default();
    for exchange in of_subject(own, subject) {
        let body = request_json(&exchange);
        let mut unmet = Vec::new();
        for condition in conditions {
            unmet.extend(check(condition, &exchange, body.as_ref(), scope)?);
        }
        if unmet.is_empty() {
            calls.matched.push(exchange);
        } else {
            calls.others.push((exchange, unmet));
        }
    }
    Ok(calls)
}

/// The webhooks of a fake (of any, when it is not said) that are as described.
pub(super) fn select_webhooks(
    own: &[Arc<Exchange>],
    from: Option<&str>,
    wanted: &WebhookWait,
    conditions: &[Condition],
    scope: &Scope,
) -> Result<Calls, Diagnostic> {
    let mut calls = Calls::default();
    let webhooks = own.iter().filter(|exchange| {
        exchange.kind() == ExchangeKind::Webhook
            && from.is_none_or(|from| exchange.edge().from() == from)
    });
    for exchange in webhooks {
        let body = request_json(exchange);
        let mut unmet = Vec::new();
        if let Some(event) = &wanted.event {
            let seen = Value::from(exchange.operation());
            let mismatches = event.check(Some(&seen), scope, false)?;
            unmet.extend(mismatches.iter().map(|mismatch| mismatch.message("event")));
        }
        if let Some(status) = &wanted.delivered {
            unmet.extend(not_answered(status, exchange, scope)?);
        }
        for condition in conditions {
            unmet.extend(check(condition, exchange, body.as_ref(), scope)?);
        }
        if unmet.is_empty() {
            calls.matched.push(Arc::clone(exchange));
        } else {
            calls.others.push((Arc::clone(exchange), unmet));
        }
    }
    Ok(calls)
}

/// What is wrong with the shop's answer to a webhook, if anything.
fn not_answered(
    wanted: &StatusCheck,
    exchange: &Exchange,
    scope: &Scope,
) -> Result<Option<String>, Diagnostic> {
    let status = exchange.response().map(|response| response.status.as_u16());
    let Some(status) = status else {
        return Ok(Some("the shop has not answered it".to_owned()));
    };
    match wanted {
        StatusCheck::OneOf(ranges) => {
            let is_one = ranges.iter().any(|range| range.contains(status));
            Ok((!is_one).then(|| format!("the shop answered {status}")))
        }
        StatusCheck::Matches(matcher) => {
            let mismatches = matcher.check(Some(&status.into()), scope, false)?;
            let first = mismatches.first();
            Ok(first.map(|mismatch| mismatch.message("the shop's answer")))
        }
    }
}

/// `email`, or `orders → payments`.
pub(super) fn name_of(subject: &VerifySubject) -> String {
    match subject {
        VerifySubject::Mock(name) => name.clone(),
        VerifySubject::Edge(edge) => edge.to_string(),
        VerifySubject::NoDuplicateCalls => "no_duplicate_calls".to_owned(),
    }
}

impl Calls {
    /// The calls as captures see them.
    pub(super) fn to_json(&self) -> Value {
        self.matched
            .iter()
            .map(|exchange| as_json(exchange))
            .collect()
    }

    /// Evidence: the calls that count, and those that missed it, with the reason.
    pub(super) fn notes(&self) -> Vec<String> {
        let matched = self.matched.iter().map(|exchange| line(exchange));
        let others = self.others.iter().map(|(exchange, unmet)| {
            let reason = unmet.first().map_or("", String::as_str);
            format!("not counted: {}: {reason}", line(exchange))
        });
        let total = self.matched.len() + self.others.len();
        let mut notes: Vec<String> = matched.chain(others).take(LISTED_MAX).collect();
        if total > LISTED_MAX {
            notes.push(format!("and {} more", total - LISTED_MAX));
        }
        notes
    }
}

/// `exchange 12: POST /api/v1/emails/send → 202`.
pub(super) fn line(exchange: &Exchange) -> String {
    let module = match exchange.kind() {
        ExchangeKind::Span => format!("{}: ", exchange.edge().to()),
        _ => String::new(),
    };
    format!(
        "exchange {}: {module}{} → {}",
        exchange.seq(),
        mask_url(exchange.operation()),
        outcome(exchange)
    )
}

/// What came of an exchange, in a few words.
pub(super) fn outcome(exchange: &Exchange) -> String {
    let Some(outcome) = exchange.outcome() else {
        return "under way".to_owned();
    };
    match (outcome, exchange.response()) {
        (Outcome::Failed { reason }, _) => format!("failed: {reason}"),
        (Outcome::Dropped, _) => "connection dropped".to_owned(),
        (Outcome::Unmatched, _) => "404, no expectation matched".to_owned(),
        (Outcome::Answered, Some(response)) => response.status.as_u16().to_string(),
        (Outcome::Answered, None) => "done".to_owned(),
    }
}

/// The request's body as JSON; a form as an object of texts, with the names as they were written.
pub(super) fn request_json(exchange: &Exchange) -> Option<Value> {
    const FORM: &str = "application/x-www-form-urlencoded";
    let request = exchange.request()?;
    let media_type = request.headers.text("content-type").unwrap_or_default();
    if media_type.to_ascii_lowercase().starts_with(FORM) {
        let fields = url::form_urlencoded::parse(&request.body);
        let fields: Map<String, Value> = fields
            .map(|(name, value)| (name.into_owned(), value.into_owned().into()))
            .collect();
        return Some(Value::Object(fields));
    }
    serde_json::from_slice(&request.body).ok()
}

fn of_subject(own: &[Arc<Exchange>], subject: &VerifySubject) -> Vec<Arc<Exchange>> {
    let wanted: HashSet<u64> = match subject {
        VerifySubject::Mock(name) => {
            let is_call = |exchange: &&Arc<Exchange>| {
                exchange.kind() != ExchangeKind::Span && exchange.edge().to() == name
            };
            own.iter()
                .filter(is_call)
                .map(|exchange| exchange.seq())
                .collect()
        }
        VerifySubject::Edge(edge) => crossings(own)
            .into_iter()
            .filter(|crossing| crosses(&crossing.edge, crossing.kind, edge))
            .map(|crossing| crossing.seq)
            .collect(),
        VerifySubject::NoDuplicateCalls => HashSet::new(),
    };
    let is_wanted = |exchange: &&Arc<Exchange>| wanted.contains(&exchange.seq());
    own.iter().filter(is_wanted).cloned().collect()
}

/// Arrows between modules are flow of data, and calls may run against it.
fn crosses(seen: &Edge, kind: CrossingKind, wanted: &Edge) -> bool {
    seen == wanted || (kind == CrossingKind::Internal && seen.joins_same(wanted))
}

fn check(
    condition: &Condition,
    exchange: &Exchange,
    body: Option<&Value>,
    scope: &Scope,
) -> Result<Vec<String>, Diagnostic> {
    let request = exchange.request();
    let (subject, value, hidden) = match &condition.part {
        ExchangePart::Method => {
            let value = request.map(|request| request.method.as_str().into());
            ("method".to_owned(), value, false)
        }
        ExchangePart::Path => {
            let value = request.map(|request| request.uri.path().into());
            ("path".to_owned(), value, false)
        }
        ExchangePart::Status => {
            let response = exchange.response();
            let value = response.map(|response| response.status.as_u16().into());
            ("status".to_owned(), value, false)
        }
        ExchangePart::Header(name) => {
            let value = request.and_then(|request| joined(&request.headers, name));
            (format!("header {name}"), value, is_secret_header(name))
        }
        ExchangePart::Query(name) => {
            let value = request.and_then(|request| query(&request.uri).remove(name));
            (format!("query {name}"), value, is_secret_name(name))
        }
        ExchangePart::Text => {
            let text = request.map(|request| String::from_utf8_lossy(&request.body).into());
            ("the text".to_owned(), text, false)
        }
        ExchangePart::Body(path) => {
            let value = body.and_then(|body| path.value(body));
            let value = value.map(std::borrow::Cow::into_owned);
            (path.text().to_owned(), value, path.is_secret())
        }
    };
    let mismatches = condition.matcher.check(value.as_ref(), scope, hidden)?;
    Ok(mismatches
        .iter()
        .map(|mismatch| mismatch.message(&subject))
        .collect())
}

fn joined(headers: &Headers, name: &str) -> Option<Value> {
    let values: Vec<_> = headers.get_all(name).map(String::from_utf8_lossy).collect();
    (!values.is_empty()).then(|| values.join(", ").into())
}

/// Parameters by name; one that is given several times is a list.
fn query(uri: &http::Uri) -> Map<String, Value> {
    let mut parameters = Map::new();
    let raw = uri.query().unwrap_or_default();
    for (name, value) in url::form_urlencoded::parse(raw.as_bytes()) {
        let value = Value::from(value);
        match parameters.get_mut(&*name) {
            None => {
                parameters.insert(name.into_owned(), value);
            }
            Some(Value::Array(values)) => values.push(value),
            Some(first) => {
                let before = first.take();
                *first = json!([before, value]);
            }
        }
    }
    parameters
}

fn as_json(exchange: &Exchange) -> Value {
    let headers = |headers: &Headers| -> Map<String, Value> {
        let names = headers.iter().map(|(name, _)| name.to_ascii_lowercase());
        names
            .filter_map(|name| {
                let value = joined(headers, &name)?;
                Some((name, value))
            })
            .collect()
    };
    let body = |body: &[u8]| {
        serde_json::from_slice(body).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(body)))
    };
    let mut call = json!({
        "exchange": exchange.seq(),
        "edge": exchange.edge(),
        "operation": exchange.operation(),
    });
    if let Some(request) = exchange.request() {
        call["method"] = request.method.as_str().into();
        call["path"] = request.uri.path().into();
        call["query"] = query(&request.uri).into();
        call["headers"] = headers(&request.headers).into();
        call["body"] = body(&request.body);
    }
    if let Some(response) = exchange.response() {
        call["status"] = response.status.as_u16().into();
        call["response"] = json!({
            "status": response.status.as_u16(),
            "headers": headers(&response.headers),
            "body": body(&response.body),
        });
    }
    call
}
