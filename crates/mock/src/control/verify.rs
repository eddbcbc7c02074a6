//! `verify` and `verifySequence`: questions to the journal.
//!
//! The first line of a refusal is MockServer's, which tests read; the closest request follows. When the journal has
//! dropped exchanges that count and the answer could be another with them, it is a third one: incomplete.

use std::fmt;
use std::sync::Arc;

use http::StatusCode;
use styk_core::Exchange;

use super::{Reply, no_such_expectation, parse, required};
use crate::describe::request_json;
use crate::json::{Json, pretty_sorted};
use crate::matcher::{RequestMatcher, Subject};
use crate::record::Recorded;
use crate::schema::{Complaints, Fields};
use crate::server::Shared;

const SHOWN_MAX_DEFAULT: usize = 10;

/// How often a request should have come. -1 over the wire is no bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Times {
    at_least: Option<u64>,
    at_most: Option<u64>,
}

/// What a verification looks for.
enum Wanted {
    Request(Box<RequestMatcher>),
    /// Requests that this expectation answered.
    AnsweredBy(String),
}

pub(super) fn verify(shared: &Shared, text: &str) -> Result<Reply, Reply> {
    let json = parse(text)?;
    let Some(json) = json.filter(|json| !matches!(json, Json::Null)) else {
        return Err(Reply::bad_request(required("a verification")));
    };
    let mut complaints = Complaints::default();
    let read = read_verification(&json, &mut complaints);
    if let Some(refusal) = Reply::complaints("verification", &json, &complaints) {
        return Err(refusal);
    }
    let Some((wanted, times, shown_max)) = read else {
        return Err(Reply::bad_request(required("a verification")));
    };
    let recorded = shared.recorder.recorded();
    if let Wanted::AnsweredBy(id) = &wanted {
        check_known(shared, &recorded, id)?;
    }
    let found = recorded
        .exchanges
        .iter()
        .filter(|exchange| wanted.is_met_by(exchange))
        .count() as u64;
    let enough = times.at_least.is_none_or(|at_least| found >= at_least);
    let too_many = times.at_most.is_some_and(|at_most| found > at_most);
    // Dropped exchanges can only add to what was found.
    let could_change = recorded.is_incomplete && !too_many && (!enough || times.at_most.is_some());
    if could_change {
        let what = format!("{found} of those kept match, wanted was {times}");
        Err(incomplete(&what))
    } else if enough && !too_many {
        Ok(Reply::empty(StatusCode::ACCEPTED))
    } else {
        let expected = wanted.written(shared);
        let mut text = format!(
            "Request not found {times}, expected:<{}> but was",
            pretty_sorted(&expected)
        );
        text.push_str(&but_was(&recorded, found, shown_max));
        if let Wanted::Request(matcher) = &wanted
            && !enough
        {
            text.push_str(&closest(matcher, &recorded));
        }
        Err(Reply::text(StatusCode::NOT_ACCEPTABLE, text))
    }
}

pub(super) fn verify_sequence(shared: &Shared, text: &str) -> Result<Reply, Reply> {
    let json = parse(text)?;
    let Some(json) = json.filter(|json| !matches!(json, Json::Null)) else {
        return Err(Reply::bad_request(required("a verification sequence")));
    };
    let mut complaints = Complaints::default();
    let read = read_sequence(&json, &mut complaints);
    if let Some(refusal) = Reply::complaints("verification sequence", &json, &complaints) {
        return Err(refusal);
    }
    let (sequence, shown_max) = read.unwrap_or_default();
    if sequence.is_empty() {
        let text = "No expectations, requests or responses specified in verification sequence";
        return Err(Reply::text(StatusCode::NOT_ACCEPTABLE, text.to_owned()));
    }
    let recorded = shared.recorder.recorded();
    for wanted in &sequence {
        if let Wanted::AnsweredBy(id) = wanted {
            check_known(shared, &recorded, id)?;
        }
    }
    let mut rest = recorded.exchanges.iter();
    let met = sequence
        .iter()
        .take_while(|wanted| rest.any(|exchange| wanted.is_met_by(exchange)))
        .count();
    if met == sequence.len() {
        Ok(Reply::empty(StatusCode::ACCEPTED))
    } else if recorded.is_incomplete {
        Err(incomplete("the sequence is not among those kept"))
    } else {
        let expected = Json::Array(
            sequence
                .iter()
                .map(|wanted| wanted.written(shared))
                .collect(),
        );
        let mut text = format!(
            "Request sequence not found, expected:<{}> but was",
            pretty_sorted(&expected)
        );
        text.push_str(&but_was(&recorded, 0, shown_max));
        Err(Reply::text(StatusCode::NOT_ACCEPTABLE, text))
    }
}

fn read_verification(json: &Json, complaints: &mut Complaints) -> Option<(Wanted, Times, usize)> {
    let mut fields = Fields::of(json, "$", complaints)?;
    fields.refuse(&["httpResponse", "disposition", "timeout"], complaints);
    let request = fields.take("httpRequest");
    let expectation = fields.take("expectationId");
    let times = fields
        .take("times")
        .map_or(Some(Times::ONCE), |json| read_times(json, complaints));
    let shown_max = read_shown_max(&mut fields, complaints);
    fields.finish(complaints);
    let wanted = match (request, expectation) {
        (Some(_), Some(_)) => {
            complaints.error(
                "$",
                "must have either `httpRequest` or `expectationId`, not both",
            );
            None
        }
        (Some(request), None) => Some(Wanted::Request(Box::new(RequestMatcher::read(
            request,
            "$.httpRequest",
            complaints,
        )))),
        (None, Some(expectation)) => {
            read_id(expectation, "$.expectationId", complaints).map(Wanted::AnsweredBy)
        }
        (None, None) => Some(Wanted::Request(Box::default())),
    };
    Some((wanted?, times?, shown_max))
}

fn read_sequence(json: &Json, complaints: &mut Complaints) -> Option<(Vec<Wanted>, usize)> {
    let mut fields = Fields::of(json, "$", complaints)?;
    fields.refuse(&["httpResponses"], complaints);
    let requests = fields.take("httpRequests").map(items).unwrap_or_default();
    let expectations = fields.take("expectationIds").map(items).unwrap_or_default();
    let shown_max = read_shown_max(&mut fields, complaints);
    fields.finish(complaints);
    if !requests.is_empty() && !expectations.is_empty() {
        complaints.error(
            "$",
            "must have either `httpRequests` or `expectationIds`, not both",
        );
    }
    let mut sequence = Vec::new();
    for (place, request) in requests.iter().enumerate() {
        let matcher =
            RequestMatcher::read(request, &format!("$.httpRequests[{place}]"), complaints);
        sequence.push(Wanted::Request(Box::new(matcher)));
    }
    for (place, expectation) in expectations.iter().enumerate() {
        let id = read_id(
            expectation,
            &format!("$.expectationIds[{place}]"),
            complaints,
        );
        sequence.extend(id.map(Wanted::AnsweredBy));
    }
    Some((sequence, shown_max))
}

/// A list, or the one value given in its place.
fn items(json: &Json) -> &[Json] {
    match json {
        Json::Array(items) => items,
        one => std::slice::from_ref(one),
    }
}

fn read_id(json: &Json, path: &str, complaints: &mut Complaints) -> Option<String> {
    let mut fields = Fields::of(json, path, complaints)?;
    let id = fields.text("id", complaints);
    if id.is_none() {
        complaints.error(&fields.at("id"), "is missing but it is required");
    }
    fields.finish(complaints);
    id
}

fn read_shown_max(fields: &mut Fields<'_>, complaints: &mut Complaints) -> usize {
    let given = fields.integer(
        "maximumNumberOfRequestToReturnInVerificationFailure",
        complaints,
    );
    given
        .and_then(|given| usize::try_from(given).ok())
        .unwrap_or(SHOWN_MAX_DEFAULT)
}

/// Bounds; none at all means exactly once.
fn read_times(json: &Json, complaints: &mut Complaints) -> Option<Times> {
    let mut fields = Fields::of(json, "$.times", complaints)?;
    let at_least = fields.integer("atLeast", complaints);
    let at_most = fields.integer("atMost", complaints);
    fields.finish(complaints);
    if at_least.is_none() && at_most.is_none() {
        return Some(Times::ONCE);
    }
    let bound = |given: Option<i64>| given.and_then(|given| u64::try_from(given).ok());
    Some(Times {
        at_least: bound(at_least),
        at_most: bound(at_most),
    })
}

/// An expectation is known while it is mounted, and as long as the journal holds an exchange it answered.
fn check_known(shared: &Shared, recorded: &Recorded, id: &str) -> Result<(), Reply> {
    let has_answered = |exchange: &Arc<Exchange>| exchange.attribute("expectation") == Some(id);
    if shared.store.get(id).is_some() || recorded.exchanges.iter().any(has_answered) {
        Ok(())
    } else {
        Err(no_such_expectation(id))
    }
}

impl Wanted {
    fn is_met_by(&self, exchange: &Exchange) -> bool {
        match self {
            Self::Request(matcher) => exchange
                .request()
                .is_some_and(|request| matcher.matches(&Subject::new(request))),
            Self::AnsweredBy(id) => exchange.attribute("expectation") == Some(id),
        }
    }

    fn written(&self, shared: &Shared) -> Json {
        match self {
            Self::Request(matcher) => matcher.written(),
            Self::AnsweredBy(id) => {
                let mounted = shared
                    .store
                    .get(id)
                    .map(|expectation| expectation.request.written());
                mounted.unwrap_or_else(|| Json::object([("id", Json::text(id))]))
            }
        }
    }
}

impl Times {
    const ONCE: Self = Self {
        at_least: Some(1),
        at_most: Some(1),
    };
}

impl fmt::Display for Times {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |count: u64| {
            if count == 1 {
                "once".to_owned()
            } else {
                format!("{count} times")
            }
        };
        match (self.at_least, self.at_most) {
            (Some(least), Some(most)) if least == most => {
                write!(formatter, "exactly {}", count(least))
            }
            (Some(least), Some(most)) => write!(formatter, "between {least} and {most} times"),
            (Some(least), None) => write!(formatter, "at least {}", count(least)),
            (None, Some(most)) => write!(formatter, "at most {}", count(most)),
            (None, None) => formatter.write_str("any number of times"),
        }
    }
}

/// The end of a refusal's first sentence: the requests received, or how many there were.
fn but_was(recorded: &Recorded, found: u64, shown_max: usize) -> String {
    let total = recorded.exchanges.len();
    if total >= shown_max {
        return format!(" found {found} times among {total} total requests");
    }
    let requests: Vec<_> = recorded
        .exchanges
        .iter()
        .map(|exchange| request_json(exchange))
        .collect();
    let requests = match <[Json; 1]>::try_from(requests) {
        Ok([one]) => one,
        Err(many) => Json::Array(many),
    };
    format!(":<{}>", pretty_sorted(&requests))
}

/// The request that came closest, with the fields that differ: expected beside received.
fn closest(matcher: &RequestMatcher, recorded: &Recorded) -> String {
    let ranked = recorded.exchanges.iter().filter_map(|exchange| {
        let misses = matcher.misses(&Subject::new(exchange.request()?));
        (!misses.is_empty()).then_some((misses, exchange))
    });
    let Some((misses, exchange)) = ranked.min_by_key(|(misses, _)| misses.len()) else {
        return String::new();
    };
    let (expected, received) = (matcher.written(), request_json(exchange));
    let mut text = String::from("\n\nclosest match diff:\n");
    for field in misses {
        let of = |json: &Json| match json {
            Json::Object(object) => object.get(field.name()).map(pretty_sorted),
            _ => None,
        };
        let written = |value: Option<String>| {
            value.map_or_else(|| "nothing".to_owned(), |text| text.replace('\n', "\n  "))
        };
        let (expected, received) = (written(of(&expected)), written(of(&received)));
        text.push_str(&format!(
            "\n  {}: expected {expected} but was {received}\n",
            field.name()
        ));
    }
    text
}

fn incomplete(what: &str) -> Reply {
    let text = format!(
        "Verification incomplete: the journal has dropped exchanges of this server that count; {what}. \
         Raise the journal's limits, or reset the server between tests."
    );
    Reply::text(StatusCode::NOT_ACCEPTABLE, text)
}
