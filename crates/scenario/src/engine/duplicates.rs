//! The rule `no_duplicate_calls`: nobody is charged, shipped to or written to twice.

use std::collections::HashMap;
use std::sync::Arc;

use http::Method;
use serde_json::Value;
use styk_core::{Exchange, ExchangeKind, Outcome, mask_url};

use super::attribution::TEST;
use super::calls::line;

/// A call that was made twice.
#[derive(Debug)]
pub(super) struct Duplicate {
    pub(super) message: String,
    pub(super) notes: Vec<String>,
}

/// Headers that name one operation for the receiver.
const KEYS: [&str; 3] = ["idempotency-key", "x-idempotency-key", "idempotence-key"];

/// Calls to the outside world with the same operation and the same idempotency key, or the same payload. A
/// repetition after no answer, or after a 5xx, is a retry and no duplicate.
pub(super) fn find(own: &[Arc<Exchange>]) -> Vec<Duplicate> {
    let mut groups: HashMap<(String, String), Vec<&Arc<Exchange>>> = HashMap::new();
    let mut order: Vec<(String, String)> = Vec::new();
    for exchange in own.iter().filter(|exchange| is_change(exchange)) {
        for mark in marks(exchange) {
            let operation = format!("{} {}", exchange.edge().to(), exchange.operation());
            let group = (operation, mark);
            let members = groups.entry(group.clone()).or_default();
            if members.is_empty() {
                order.push(group);
            }
            members.push(exchange);
        }
    }
    let mut found: Vec<Duplicate> = Vec::new();
    for group in order {
        let members = groups.remove(&group).unwrap_or_default();
        // The last may fail as it likes: what counts is what was taken before it.
        let is_repeated = members.len() > 1
            && members[..members.len() - 1]
                .iter()
                .any(|exchange| was_taken(exchange));
        let is_new = |notes: &Vec<String>| !found.iter().any(|known| known.notes == *notes);
        let notes: Vec<String> = members.iter().map(|exchange| line(exchange)).collect();
        if is_repeated && is_new(&notes) {
            found.push(duplicate(&members, &group.1, notes));
        }
    }
    found
}

fn duplicate(members: &[&Arc<Exchange>], mark: &str, notes: Vec<String>) -> Duplicate {
    let same = if mark.starts_with("key ") {
        "the same idempotency key"
    } else {
        "the same payload"
    };
    let (operation, to) = members.first().map_or(("", ""), |exchange| {
        (exchange.operation(), exchange.edge().to())
    });
    let times = super::poll::times(members.len());
    Duplicate {
        message: format!(
            "{} was sent to `{to}` {times} with {same}",
            mask_url(operation)
        ),
        notes,
    }
}

/// Whether a call goes to the outside world and changes something there.
fn is_change(exchange: &Exchange) -> bool {
    let reads = [Method::GET, Method::HEAD, Method::OPTIONS];
    exchange.kind() == ExchangeKind::Http
        && exchange.edge().from() != TEST
        && exchange
            .request()
            .is_some_and(|request| !reads.contains(&request.method))
}

/// Whether the receiver accepted or refused the call; without an answer, or after a failure of its own, the caller
/// is right to try again.
fn was_taken(exchange: &Exchange) -> bool {
    exchange.outcome() == Some(&Outcome::Answered)
        && exchange
            .response()
            .is_none_or(|response| !response.status.is_server_error())
}

fn marks(exchange: &Exchange) -> Vec<String> {
    let Some(request) = exchange.request() else {
        return Vec::new();
    };
    let keys = KEYS
        .iter()
        .filter_map(|name| request.headers.text(name))
        .map(|key| format!("key {key}"));
    let query = request.uri.query().unwrap_or_default();
    let payload = match serde_json::from_slice::<Value>(&request.body) {
        Ok(json) => canonical(&json),
        Err(_) => String::from_utf8_lossy(&request.body).into_owned(),
    };
    keys.chain([format!("payload {query} {payload}")]).collect()
}

/// JSON with sorted members.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort_unstable();
            let parts: Vec<String> = names
                .into_iter()
                .map(|name| format!("{name:?}:{}", canonical(&members[name])))
                .collect();
            format!("{{{}}}", parts.join(","))
        }
        Value::Array(items) => {
            let parts: Vec<String> = items.iter().map(canonical).collect();
            format!("[{}]", parts.join(","))
        }
        other => other.to_string(),
    }
}
