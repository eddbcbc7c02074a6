//! `verify` and `verifySequence`: questions to the journal.
//!
//! The first line of a refusal is MockServer's, which tests read; the closest request follows. When the journal has
//! dropped exchanges that count and the answer could be another with them, it is a third one: incomplete.

use std::fmt;
use std::sync::Arc;

use http::StatusCode;
use styk_core::Exchange;

use super::{Reply, list, no_such_expectation, parse, required};
use crate::describe::{in_order, request_json};
use crate::json::{Json, pretty};
use crate::matcher::{RequestMatcher, Subject};
use crate::record::Recorded;
use crate::schema::{Complaints, Fields, REFERENCES};
use crate::scope::Scope;

const SHOWN_MAX_DEFAULT: usize = 10;
const ONE_OF: &str = "should be valid to one and only one schema, but ";

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

pub(super) fn verify(scope: &Scope, text: &str) -> Result<Reply, Reply> {
    let (wanted, times, shown_max) = read("verification", text, read_verification)?;
    let recorded = scope.recorder.recorded();
    if let Wanted::AnsweredBy(id) = &wanted {
        check_known(scope, &recorded, id)?;
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
        let expected = wanted.written(scope);
        let candidates = candidates(&wanted, &recorded);
        let total = candidates.len();
        let received = if total > 0 && total >= shown_max {
            format!("but was found {found} times among {total} total requests")
        } else {
            but_was(&candidates)
        };
        let expected = pretty(&expected);
        let mut text = format!("Request not found {times}, expected:<{expected}> {received}");
        if let Wanted::Request(matcher) = &wanted
            && !enough
        {
            text.push_str(&closest(matcher, &recorded));
        }
        Err(Reply::text(StatusCode::NOT_ACCEPTABLE, text))
    }
}

pub(super) fn verify_sequence(scope: &Scope, text: &str) -> Result<Reply, Reply> {
    let (sequence, shown_max) = read("verification sequence", text, read_sequence)?;
    let Some(first) = sequence.first() else {
        let text = "No expectations, requests or responses specified in verification sequence";
        return Err(Reply::text(StatusCode::NOT_ACCEPTABLE, text.to_owned()));
    };
    let recorded = scope.recorder.recorded();
    for wanted in &sequence {
        if let Wanted::AnsweredBy(id) = wanted {
            check_known(scope, &recorded, id)?;
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
        let expected = list(
            sequence
                .iter()
                .map(|wanted| wanted.written(scope))
                .collect(),
        );
        let candidates = candidates(first, &recorded);
        let total = candidates.len();
        let received = if total > 0 && total >= shown_max {
            format!("but was not found, found {total} other requests")
        } else {
            but_was(&candidates)
        };
        let text = format!("Request sequence not found, expected:<{expected}> {received}");
        Err(Reply::text(StatusCode::NOT_ACCEPTABLE, text))
    }
}

/// Reads the `what` of a request with `fields`.
fn read<T>(
    what: &str,
    text: &str,
    fields: impl FnOnce(Fields<'_>, &mut Complaints) -> Option<T>,
) -> Result<T, Reply> {
    if text.is_empty() {
        let required = required(&format!("a {what}"));
        return Err(Reply::bad_request(format!("{required}\n\n{REFERENCES}")));
    }
    let json = parse(what, text)?;
    let mut complaints = Complaints::default();
    let read = match Fields::of(&json, "$", &mut complaints) {
        Some(object) => fields(object, &mut complaints),
        None => {
            complaints.error("$", format_args!("{ONE_OF}2 are valid with indexes '0, 1'"));
            None
        }
    };
    match (Reply::complaints(what, text, &complaints), read) {
        (None, Some(read)) => Ok(read),
        (refusal, _) => {
            Err(refusal.unwrap_or_else(|| Reply::bad_request(required(&format!("a {what}")))))
        }
    }
}

/// Complains unless exactly one of two fields is given.
fn check_one_of(names: [&str; 2], given: [bool; 2], complaints: &mut Complaints) {
    match given {
        [true, true] => {
            complaints.error("$", format_args!("{ONE_OF}2 are valid with indexes '0, 1'"));
        }
        [false, false] => {
            for name in names {
                complaints.error(&format!("$.{name}"), "is missing but it is required");
            }
            complaints.error("$", format_args!("{ONE_OF}0 are valid"));
        }
        _ => {}
    }
}

fn read_verification(
    mut fields: Fields<'_>,
    complaints: &mut Complaints,
) -> Option<(Wanted, Times, usize)> {
    fields.refuse(&["httpResponse", "disposition", "timeout"], complaints);
    let request = fields.take("httpRequest");
    let expectation = fields.take("expectationId");
    let times = fields
        .take("times")
        .map_or(Some(Times::ONCE), |json| read_times(json, complaints));
    let shown_max = read_shown_max(&mut fields, complaints);
    fields.finish(complaints);
    if complaints.not_built.is_empty() {
        let given = [expectation.is_some(), request.is_some()];
        check_one_of(["expectationId", "httpRequest"], given, complaints);
    }
    let wanted = match (request, expectation) {
        (Some(request), _) => {
            let matcher = RequestMatcher::read(request, "$.httpRequest", complaints);
            Some(Wanted::Request(Box::new(matcher)))
        }
        (None, Some(expectation)) => {
            read_id(expectation, "$.expectationId", complaints).map(Wanted::AnsweredBy)
        }
        (None, None) => None,
    };
    Some((wanted?, times?, shown_max))
}

fn read_sequence(
    mut fields: Fields<'_>,
    complaints: &mut Complaints,
) -> Option<(Vec<Wanted>, usize)> {
    fields.refuse(&["httpResponses"], complaints);
    let requests = fields.take("httpRequests");
    let expectations = fields.take("expectationIds");
    let shown_max = read_shown_max(&mut fields, complaints);
    fields.finish(complaints);
    if complaints.not_built.is_empty() {
        let given = [expectations.is_some(), requests.is_some()];
        check_one_of(["expectationIds", "httpRequests"], given, complaints);
    }
    let mut sequence = Vec::new();
    let requests = items(requests, "$.httpRequests", complaints);
    for (place, request) in requests.iter().enumerate() {
        let matcher =
            RequestMatcher::read(request, &format!("$.httpRequests[{place}]"), complaints);
        sequence.push(Wanted::Request(Box::new(matcher)));
    }
    let expectations = items(expectations, "$.expectationIds", complaints);
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

/// The items of a list that stands at `path`.
fn items<'a>(json: Option<&'a Json>, path: &str, complaints: &mut Complaints) -> &'a [Json] {
    match json {
        Some(Json::Array(items)) => items,
        Some(other) => {
            complaints.error(path, format_args!("{} found, array expected", other.kind()));
            &[]
        }
        None => &[],
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
fn check_known(scope: &Scope, recorded: &Recorded, id: &str) -> Result<(), Reply> {
    let has_answered = |exchange: &Arc<Exchange>| exchange.attribute("expectation") == Some(id);
    if scope.store.get(id).is_some() || recorded.exchanges.iter().any(has_answered) {
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

    fn written(&self, scope: &Scope) -> Json {
        match self {
            Self::Request(matcher) => in_order(matcher.written()),
            Self::AnsweredBy(id) => {
                let mounted = scope
                    .store
                    .get(id)
                    .map(|expectation| in_order(expectation.request.written()));
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

/// The exchanges that a refusal is about: all, or those that any expectation answered.
fn candidates<'a>(wanted: &Wanted, recorded: &'a Recorded) -> Vec<&'a Arc<Exchange>> {
    let is_candidate = |exchange: &&Arc<Exchange>| match wanted {
        Wanted::Request(_) => true,
        Wanted::AnsweredBy(_) => exchange.attribute("expectation").is_some(),
    };
    recorded.exchanges.iter().filter(is_candidate).collect()
}

/// The requests received, as the end of a refusal's first sentence.
fn but_was(candidates: &[&Arc<Exchange>]) -> String {
    let mut requests: Vec<_> = candidates
        .iter()
        .map(|exchange| request_json(exchange))
        .collect();
    let shown = match (requests.len(), requests.pop()) {
        (1, Some(one)) => pretty(&one),
        (_, last) => {
            requests.extend(last);
            list(requests)
        }
    };
    format!("but was:<{shown}>")
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
            Json::Object(object) => object.get(field.name()).map(pretty),
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
