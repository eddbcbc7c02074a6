//! The log of a scope: what the journal says about its requests, and what clients did with it, in the order of time.

use std::sync::Arc;

use styk_core::{Exchange, Outcome};

use super::{Selection, is_forwarded, nothing};
use crate::describe::{self, response_json};
use crate::expectation::Expectation;
use crate::formats::{LogEvent, What};
use crate::json::Json;
use crate::scope::Scope;
use crate::server::Shared;

/// The actions of an expectation, by the names of their fields.
const ACTIONS: &[&str] = &[
    "httpResponse",
    "httpResponses",
    "httpResponseTemplate",
    "httpResponseObjectCallback",
    "httpForward",
    "httpForwardTemplate",
    "httpForwardObjectCallback",
    "httpOverrideForwardedRequest",
    "httpError",
];

pub(super) fn events(shared: &Shared, scope: &Scope, selection: &Selection) -> Vec<LogEvent> {
    // What clients did is about no request: a filter leaves it out.
    let mut events = match selection {
        Selection::All => scope.events.selected(|_| true),
        _ => Vec::new(),
    };
    for exchange in selection.exchanges(scope) {
        events.extend(of_exchange(shared, scope, &exchange));
    }
    events.sort_by_key(|event| event.at);
    events
}

/// Received, matched, answered.
fn of_exchange(shared: &Shared, scope: &Scope, exchange: &Exchange) -> Vec<LogEvent> {
    let Some(request) = exchange.request().map(describe::record) else {
        return Vec::new();
    };
    let correlation_id = Some(format!("{}-{}", scope.recorder.name(), exchange.seq()));
    let event = |at, what| LogEvent {
        at,
        correlation_id: correlation_id.clone(),
        port: Some(shared.port()),
        what,
    };
    let started = exchange.started_at();
    let received = What::Received {
        request: request.clone(),
    };
    let mut events = vec![event(started, received)];
    let expectation = exchange.attribute("expectation");
    let mounted = expectation.and_then(|id| {
        let own = scope.store.get(id);
        own.or_else(|| shared.scopes.common().store.get(id))
    });
    if let Some(expectation) = &mounted {
        let matched = What::Matched {
            request: request.clone(),
            expectation: expectation.written(),
        };
        events.push(event(started, matched));
    }
    if let Some(duration) = exchange.duration() {
        let at = started.checked_add(duration).unwrap_or(started);
        let action = mounted.as_ref().and_then(action);
        events.extend(ended(exchange, request, action).map(|what| event(at, what)));
    }
    events
}

/// What came of an exchange.
fn ended(exchange: &Exchange, request: Json, action: Option<(&'static str, Json)>) -> Option<What> {
    let outcome = exchange.outcome()?;
    let expectation_id = exchange.attribute("expectation").map(str::to_owned);
    let response = response_json(exchange);
    let (name, action) = action.unwrap_or(("", nothing()));
    match (outcome, response) {
        (Outcome::Unmatched, Some(response)) => Some(What::NoMatch { request, response }),
        (Outcome::Failed { reason }, Some(response)) => Some(What::ForwardFailed {
            request,
            reason: reason.clone(),
            response,
        }),
        (_, Some(response)) if is_forwarded(exchange) => Some(What::Forwarded {
            sent: request.clone(),
            request,
            response,
            by: expectation_id.map(|id| (action, id)),
        }),
        (_, Some(response)) => Some(What::Responded {
            request,
            action: if name == "httpResponse" {
                response.clone()
            } else {
                action
            },
            response,
            expectation_id: expectation_id.unwrap_or_default(),
        }),
        (Outcome::Dropped, None) => Some(What::BrokenOff {
            request,
            error: action,
            expectation_id: expectation_id?,
        }),
        (_, None) => None,
    }
}

fn action(expectation: &Arc<Expectation>) -> Option<(&'static str, Json)> {
    let Json::Object(written) = expectation.written() else {
        return None;
    };
    let mut actions = ACTIONS.iter();
    actions.find_map(|name| Some((*name, written.get(*name)?.clone())))
}
