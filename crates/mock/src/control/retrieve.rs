//! `retrieve`: recorded requests, exchanges, the log, and the active expectations, in all forms.

use std::sync::Arc;

use http::StatusCode;
use styk_core::{Exchange, Outcome, Request};

use super::{Filter, Reply, filter, list, no_such_expectation, parameter};
use crate::describe::{self, Addresses, response_json, written_time};
use crate::expectation::Expectation;
use crate::formats::{Format, RetrieveType, Retrieved, What, metrics_json, render, render_log};
use crate::json::{Json, Object};
use crate::matcher::{RequestMatcher, Subject};
use crate::scope::Scope;
use crate::server::Shared;

mod log;

pub(super) fn retrieve(
    shared: &Shared,
    scope: &Scope,
    query: &str,
    text: &str,
) -> Result<Reply, Reply> {
    let selection = Selection::read(scope, text)?;
    let follows_5_15 = shared.follows_5_15();
    let (types, formats) = if follows_5_15 {
        (RetrieveType::NAMES_5_15, Format::NAMES_5_15)
    } else {
        (RetrieveType::NAMES, Format::NAMES)
    };
    let format_name = parameter(query, "format", formats, "json")?;
    let type_name = parameter(query, "type", types, "requests")?;
    let what = RetrieveType::named(type_name).unwrap_or(RetrieveType::Requests);
    let format = Format::named(format_name).unwrap_or(Format::Json);
    let is_log = what == RetrieveType::Logs
        || (format == Format::LogEntries && what != RetrieveType::ActiveExpectations);
    let mut count = 0;
    let reply: Reply = match what {
        RetrieveType::Metrics => {
            let is_counted = shared.settings().metrics_enabled;
            let metrics = is_counted.then(|| shared.metrics());
            return Ok(metrics_json(metrics.as_ref()).into());
        }
        RetrieveType::Requests if format == Format::Json => {
            let exchanges = selection.exchanges(scope);
            let requests = exchanges.iter().filter_map(|exchange| exchange.request());
            let requests = requests.map(describe::request_with_bytes).collect();
            Reply::json(StatusCode::OK, list(requests))
        }
        _ if is_log => render_log(what, format, &log::events(shared, scope, &selection)).into(),
        _ => {
            let items = items(shared, scope, (what, format), &selection);
            count = items.len();
            render(what, format, &items).into()
        }
    };
    let format = format_name;
    let retrieved = match what {
        RetrieveType::Logs => Retrieved::Logs,
        RetrieveType::Requests | RetrieveType::Metrics => Retrieved::Requests { format },
        RetrieveType::RequestResponses => Retrieved::RequestResponses { format },
        RetrieveType::RecordedExpectations => Retrieved::RecordedExpectations { format },
        RetrieveType::ActiveExpectations => Retrieved::ActiveExpectations { format, count },
    };
    let filter = selection.written();
    let what = retrieved;
    scope.events.add(shared, What::Retrieved { what, filter });
    Ok(reply)
}

fn items(
    shared: &Shared,
    scope: &Scope,
    (what, format): (RetrieveType, Format),
    selection: &Selection,
) -> Vec<Json> {
    // Other forms want the bytes of bodies, too.
    let write = |request: &Request| match format {
        Format::Json => describe::request(request, Addresses::Shown),
        _ => describe::record(request),
    };
    let exchanges = || selection.exchanges(scope);
    match what {
        RetrieveType::Requests => {
            let exchanges = exchanges();
            let requests = exchanges.iter().filter_map(|exchange| exchange.request());
            requests.map(write).collect()
        }
        RetrieveType::RequestResponses => exchanges()
            .iter()
            .filter_map(|exchange| request_response(exchange, write))
            .collect(),
        RetrieveType::RecordedExpectations => {
            let exchanges = exchanges();
            let forwarded = exchanges.iter().filter(|exchange| is_forwarded(exchange));
            forwarded
                .filter_map(|exchange| recorded_expectation(shared, exchange, write))
                .collect()
        }
        RetrieveType::ActiveExpectations => {
            let active = scope.store.active();
            let selected = active
                .iter()
                .filter(|expectation| selection.selects(expectation));
            selected.map(|expectation| expectation.written()).collect()
        }
        RetrieveType::Logs | RetrieveType::Metrics => Vec::new(),
    }
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

    fn matcher(&self) -> Option<&RequestMatcher> {
        match self {
            Self::All => None,
            Self::Like(expectation) => Some(&expectation.request),
            Self::Matcher(matcher) => Some(matcher),
        }
    }

    fn written(&self) -> Option<Json> {
        self.matcher().map(RequestMatcher::written)
    }

    fn exchanges(&self, scope: &Scope) -> Vec<Arc<Exchange>> {
        let Some(matcher) = self.matcher() else {
            return scope.recorder.recorded().exchanges;
        };
        let path = matcher.literal_path().filter(|path| path.is_ascii());
        let recorded = match path {
            Some(path) => scope.recorder.recorded_on(path),
            None => scope.recorder.recorded(),
        };
        let mut exchanges = recorded.exchanges;
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

fn is_forwarded(exchange: &Exchange) -> bool {
    exchange.attribute("forwarded_to").is_some()
}

/// Request, response and time of an exchange that is over. One whose connection was dropped has no response.
fn request_response(exchange: &Exchange, write: impl Fn(&Request) -> Json) -> Option<Json> {
    exchange.outcome()?;
    let members = [
        exchange
            .request()
            .map(|request| ("httpRequest", write(request))),
        response_json(exchange).map(|response| ("httpResponse", response)),
        Some(("timestamp", Json::Text(written_time(exchange.started_at())))),
    ];
    Some(Json::object(members.into_iter().flatten()))
}

/// A forwarded exchange as the expectation that would have answered alike, once.
fn recorded_expectation(
    shared: &Shared,
    exchange: &Exchange,
    write: impl Fn(&Request) -> Json,
) -> Option<Json> {
    let answered = *exchange.outcome()? == Outcome::Answered;
    let response = describe::response(exchange.response().filter(|_| answered)?);
    let unlimited = Json::object([("unlimited", Json::Bool(true))]);
    let once = Json::object([("remainingTimes", Json::number(1))]);
    Some(Json::object([
        ("httpRequest", write(exchange.request()?)),
        ("httpResponse", response),
        ("id", Json::Text(shared.random_id())),
        ("priority", Json::number(0)),
        ("timeToLive", unlimited),
        ("times", once),
    ]))
}

/// An empty object.
fn nothing() -> Json {
    Json::Object(Object::new())
}
