//! `debugMismatch` and `explainUnmatched`: why requests match no expectation.

use std::sync::Arc;

use http::{Method, StatusCode};
use styk_core::{Exchange, Headers, Outcome, Request};

use super::server::written_instant;
use super::{Reply, parse};
use crate::action::RequestChange;
use crate::closest::{Difference, Differences, FIELDS_TOTAL, LOOKED_AT_MAX, candidates};
use crate::describe::written_time;
use crate::expectation::Expectation;
use crate::json::{Json, Object, parse_lenient, pretty};
use crate::matcher::{RequestMatcher, Subject};
use crate::schema::Complaints;
use crate::scope::Scope;
use crate::server::Shared;

const WHAT: &str = "request matcher";
/// Unmatched requests that are explained unless the client says how many, and the most it may want.
const LIMIT_DEFAULT: usize = 10;
const LIMIT_MAX: usize = 100;
/// Expectations that are shown for each of them.
const CLOSEST_MAX: usize = 5;

/// An expectation beside a request.
struct Comparison {
    expectation: Arc<Expectation>,
    differences: Vec<Difference>,
}

/// Compares the request in the body with the active expectations.
pub(super) fn debug(shared: &Shared, scope: &Scope, text: &str) -> Reply {
    let request = match read_request(text) {
        Ok(request) => request,
        Err(refusal) => {
            let why = refusal.text_of_body();
            let error = Json::Text(format!("failed to debug request mismatch: {why}"));
            let [id, timestamp] = stamp(shared);
            return Reply::object(refusal.status(), [("error", error), id, timestamp]);
        }
    };
    let active = candidates(shared, scope);
    let compared = compare(&active, &Subject::new(&request));
    let closest = compared
        .iter()
        .filter(|comparison| !comparison.differences.is_empty())
        .min_by_key(|comparison| comparison.differences.len());
    let closest = closest.map(|comparison| {
        let shown = Json::object([
            ("expectationId", Json::text(&*comparison.expectation.id)),
            ("matchedFields", Json::number(comparison.matched())),
            ("totalFields", Json::number(FIELDS_TOTAL)),
        ]);
        ("closestMatch", shown)
    });
    let results = compared.iter().map(|comparison| comparison.written(false));
    let results = Json::Array(results.collect());
    let [id, timestamp] = stamp(shared);
    let head = [
        id,
        timestamp,
        ("totalExpectations", Json::number(active.len())),
        ("evaluatedExpectations", Json::number(compared.len())),
    ];
    let fields = head.into_iter().chain(closest);
    Reply::object(StatusCode::OK, fields.chain([("results", results)]))
}

/// Explains the last requests that no expectation matched.
pub(super) fn explain(shared: &Shared, scope: &Scope, text: &str) -> Reply {
    let limit = limit(text);
    let recorded = scope.recorder.recorded();
    let unmatched = recorded.exchanges.iter().rev().filter(|exchange| {
        let outcome = exchange.outcome();
        outcome == Some(&Outcome::Unmatched)
    });
    let unmatched: Vec<_> = unmatched.take(limit).collect();
    let active = candidates(shared, scope);
    let shown = unmatched
        .iter()
        .filter_map(|exchange| explained(exchange, &active));
    let shown = Json::Array(shown.collect());
    let [id, timestamp] = stamp(shared);
    let fields = [
        id,
        timestamp,
        ("unmatchedRequestCount", Json::number(unmatched.len())),
        ("truncated", Json::Bool(recorded.is_incomplete)),
        ("unmatchedRequests", shown),
    ];
    Reply::object(StatusCode::OK, fields)
}

fn explained(exchange: &Exchange, active: &[Arc<Expectation>]) -> Option<Json> {
    let request = exchange.request()?;
    let mut compared = compare(active, &Subject::new(request));
    let evaluated = compared.len();
    compared.sort_by_key(|comparison| comparison.differences.len());
    let closest = compared.iter().take(CLOSEST_MAX);
    let closest = closest.map(|comparison| comparison.written(true)).collect();
    Some(Json::object([
        ("timestamp", Json::Text(written_time(exchange.started_at()))),
        ("method", Json::text(request.method.as_str())),
        ("path", Json::text(request.uri.path())),
        ("closestExpectations", Json::Array(closest)),
        ("totalExpectationsEvaluated", Json::number(evaluated)),
    ]))
}

fn compare(active: &[Arc<Expectation>], subject: &Subject<'_>) -> Vec<Comparison> {
    let looked_at = active.iter().take(LOOKED_AT_MAX);
    looked_at
        .map(|expectation| Comparison {
            expectation: Arc::clone(expectation),
            differences: Differences::between(&expectation.request, subject),
        })
        .collect()
}

impl Comparison {
    fn matched(&self) -> usize {
        FIELDS_TOTAL.saturating_sub(self.differences.len())
    }

    fn written(&self, with_remedies: bool) -> Json {
        let request = match self.expectation.request.written() {
            Json::Object(object) => object,
            _ => Object::new(),
        };
        let text = |name: &str| match request.get(name) {
            Some(Json::Text(text)) => Json::text(text),
            Some(other) => Json::Text(pretty(other)),
            None => Json::text(""),
        };
        let mut object = Object::new();
        let mut put = |name: &str, value| object.insert(name.to_owned(), value);
        put("expectationId", Json::text(&*self.expectation.id));
        put("expectationPath", text("path"));
        put("expectationMethod", text("method"));
        put("matches", Json::Bool(self.differences.is_empty()));
        put("matchedFieldCount", Json::number(self.matched()));
        put("totalFieldCount", Json::number(FIELDS_TOTAL));
        let count = self.differences.len();
        if with_remedies {
            put("differingFieldCount", Json::number(count));
        }
        if count > 0 {
            let differences = self.differences.iter().map(|difference| {
                let texts = difference.texts.iter().map(Json::text).collect();
                (difference.name, Json::Array(texts))
            });
            put("differences", Json::object(differences));
        }
        if with_remedies && count > 0 {
            let remedies = self.differences.iter().map(|difference| {
                let remedy = remedy(difference.name, &request);
                (difference.name, Json::Text(remedy))
            });
            put("remediation", Json::object(remedies));
        }
        Json::Object(object)
    }
}

/// What to look at when a field differs.
fn remedy(name: &str, request: &Object) -> String {
    let text = match name {
        "method" => {
            let method = match request.get("method") {
                Some(Json::Text(method)) => method.as_str(),
                _ => "any",
            };
            return format!("check the HTTP method (expected {method})");
        }
        "path" => "check the request path",
        "pathParameters" => "check path parameter values",
        "queryParameters" => "check query string parameters",
        "headers" => "check request headers",
        "cookies" => "check request cookies",
        "body" => "check the request body content",
        "keep-alive" => "check the keep-alive setting",
        "secure" => "check whether the request uses HTTPS vs HTTP",
        "protocol" => "check the protocol version",
        other => return format!("check {other}"),
    };
    text.to_owned()
}

/// How many requests to explain. What is no number counts as absent, as in the original.
fn limit(text: &str) -> usize {
    let given = match parse_lenient(text) {
        Ok(Json::Object(object)) => match object.get("limit") {
            Some(Json::Number(text)) => text.parse::<usize>().ok(),
            _ => None,
        },
        _ => None,
    };
    let given = given.filter(|limit| *limit > 0);
    given.unwrap_or(LIMIT_DEFAULT).min(LIMIT_MAX)
}

fn stamp(shared: &Shared) -> [(&'static str, Json); 2] {
    [
        ("correlationId", Json::Text(shared.random_id())),
        ("timestamp", Json::text(written_instant(shared.clock.now()))),
    ]
}

/// The request that the body describes; what it leaves open is as in a plain `GET /`.
fn read_request(text: &str) -> Result<Request, Reply> {
    let json = if text.trim().is_empty() {
        Json::Object(Object::new())
    } else {
        parse(WHAT, text)?
    };
    let mut complaints = Complaints::default();
    RequestMatcher::read(&json, "$", &mut complaints);
    if let Some(refusal) = Reply::complaints(WHAT, text, &complaints) {
        return Err(refusal);
    }
    let mut complaints = Complaints::default();
    let change = RequestChange::read(&json, "$", &mut complaints);
    if let Some(refusal) = Reply::complaints(WHAT, text, &complaints) {
        return Err(refusal);
    }
    let Some(outbound) = change.map(|change| change.outbound()) else {
        let nothing = Request::new(
            Method::GET,
            http::Uri::default(),
            Headers::new(),
            [].to_vec().into(),
        );
        return Ok(nothing);
    };
    let uri = match &outbound.query {
        Some(query) => format!("{}?{query}", outbound.path),
        None => outbound.path.clone(),
    };
    let uri = uri.parse().map_err(|error| {
        Reply::bad_request(format!("the path cannot be that of a request: {error}"))
    })?;
    let cookies: Vec<String> = outbound
        .cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let cookies =
        (!cookies.is_empty()).then(|| ("cookie".to_owned(), cookies.join("; ").into_bytes()));
    let headers = outbound.headers.into_iter().chain(cookies);
    Ok(Request::new(
        outbound.method,
        uri,
        headers.collect(),
        outbound.body,
    ))
}
