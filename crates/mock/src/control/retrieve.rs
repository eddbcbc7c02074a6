//! `retrieve`: recorded requests, exchanges, the log, and the active expectations.

use std::sync::Arc;

use http::StatusCode;
use jiff::Timestamp;
use styk_core::{Exchange, Outcome};

use super::{Filter, Reply, filter, list, no_such_expectation, parameter};
use crate::describe::{self, request_json};
use crate::expectation::Expectation;
use crate::json::{Json, pretty};
use crate::matcher::{RequestMatcher, Subject};
use crate::scope::Scope;

const TYPES: &[&str] = &[
    "logs",
    "requests",
    "request_responses",
    "recorded_expectations",
    "active_expectations",
    "metrics",
];

const FORMATS: &[&str] = &[
    "java",
    "javascript",
    "python",
    "go",
    "csharp",
    "ruby",
    "rust",
    "php",
    "json",
    "log_entries",
    "har",
    "openapi",
    "postman",
    "bruno",
    "curl",
];

pub(super) fn retrieve(scope: &Scope, query: &str, text: &str) -> Result<Reply, Reply> {
    let selection = Selection::read(scope, text)?;
    let what = parameter(query, "type", TYPES, "requests")?;
    let format = parameter(query, "format", FORMATS, "json")?;
    if format != "json" && what != "logs" {
        let feature = format!("format `{format}` of retrieve");
        return Err(Reply::not_built(&[feature]));
    }
    let items = match what {
        "logs" => return Ok(logs(scope, &selection)),
        "requests" => {
            let exchanges = selection.exchanges(scope);
            exchanges
                .iter()
                .map(|exchange| request_json(exchange))
                .collect()
        }
        "request_responses" => selection
            .exchanges(scope)
            .iter()
            .filter_map(request_response)
            .collect(),
        "active_expectations" => {
            let active = scope.store.active();
            let selected = active
                .iter()
                .filter(|expectation| selection.selects(expectation));
            selected.map(|expectation| expectation.written()).collect()
        }
        // Only forwarded exchanges become expectations, and this version forwards nothing.
        "recorded_expectations" => Vec::new(),
        _ => return Err(Reply::not_built(&["metrics".to_owned()])),
    };
    Ok(Reply::json(StatusCode::OK, list(items)))
}

/// The filter of a retrieval, with its expectation looked up.
enum Selection {
    All,
    Like(Arc<Expectation>),
    Matcher(Box<RequestMatcher>),
}

impl Selection {
    fn read(scope: &Scope, text: &str) -> Result<Self, Reply> {
        Ok(match filter(text)? {
            Filter::All => Self::All,
            Filter::Matcher(matcher) => Self::Matcher(matcher),
            Filter::Id(id) => {
                let expectation = scope
                    .store
                    .get(&id)
                    .ok_or_else(|| no_such_expectation(&id))?;
                Self::Like(expectation)
            }
        })
    }

    fn exchanges(&self, scope: &Scope) -> Vec<Arc<Exchange>> {
        let matcher = match self {
            Self::All => return scope.recorder.recorded().exchanges,
            Self::Like(expectation) => &expectation.request,
            Self::Matcher(matcher) => matcher,
        };
        let mut exchanges = scope.recorder.recorded().exchanges;
        exchanges.retain(|exchange| {
            exchange
                .request()
                .is_some_and(|request| matcher.matches(&Subject::new(request)))
        });
        exchanges
    }

    fn selects(&self, expectation: &Expectation) -> bool {
        match self {
            Self::All => true,
            Self::Like(like) => like.id == expectation.id,
            Self::Matcher(matcher) => matcher.meets(&expectation.request),
        }
    }
}

/// Request, response and time of an exchange that is over. One whose connection was dropped has no response.
fn request_response(exchange: &Arc<Exchange>) -> Option<Json> {
    exchange.ending()?;
    let response = exchange.response().map(describe::response);
    let members = [
        Some(("httpRequest", request_json(exchange))),
        response.map(|response| ("httpResponse", response)),
        Some(("timestamp", Json::Text(written_time(exchange.started_at())))),
    ];
    Some(Json::object(members.into_iter().flatten()))
}

/// The log as text: blocks parted by a line of dashes.
fn logs(scope: &Scope, filter: &Selection) -> Reply {
    let mut blocks = Vec::new();
    for exchange in filter.exchanges(scope) {
        let time = written_time(exchange.started_at());
        let request = indented(&request_json(&exchange));
        blocks.push(format!("{time} - received request:\n\n  {request}\n\n"));
        let outcome = exchange.ending().map(|ending| &ending.outcome);
        if let Some(response) = exchange.response() {
            let response = indented(&describe::response(response));
            blocks.push(if outcome == Some(&Outcome::Unmatched) {
                format!("{time} - no expectation for:\n\n  {request}\n\n returning response:\n\n  {response}\n\n")
            } else {
                let id = exchange.attribute("expectation").unwrap_or_default();
                format!("{time} - returning response:\n\n  {response}\n\n for request:\n\n  {request}\n\n for action of expectation with id {id}\n\n")
            });
        }
    }
    let dashes = "-".repeat(36);
    let mut text = blocks.join(&format!("{dashes}\n"));
    if text.is_empty() {
        text.push('\n');
    }
    Reply::text(StatusCode::OK, text)
}

fn indented(json: &Json) -> String {
    pretty(json).replace('\n', "\n  ")
}

/// A time as logs write it, in UTC.
fn written_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S.%3f").to_string()
}
