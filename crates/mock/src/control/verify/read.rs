//! Reading verifications.

use std::time::Duration;

use super::response::ResponseMatcher;
use super::wanted::{Disposition, RequestWanted, Times, Wanted};
use crate::control::{Reply, parse, required};
use crate::json::Json;
use crate::matcher::RequestMatcher;
use crate::schema::{Complaints, Fields, REFERENCES};
use crate::server::Shared;

const ONE_OF: &str = "should be valid to one and only one schema, but ";

/// A line that the original adds when nothing is asked for.
const ACTIONS: &str = "oneOf of the following must be specified [httpError, httpForward, httpForwardClassCallback, httpForwardObjectCallback, httpForwardTemplate, httpForwardValidateAction, httpForwardWithFallback, httpOverrideForwardedRequest, httpResponse, httpResponseClassCallback, httpResponseObjectCallback, httpResponseTemplate]";

#[derive(Debug)]
pub(super) struct Verification {
    pub(super) wanted: Wanted,
    pub(super) times: Times,
    pub(super) timeout: Option<Duration>,
    pub(super) shown_max: usize,
}

#[derive(Debug)]
pub(super) struct Sequence {
    pub(super) wanted: Vec<Wanted>,
    pub(super) timeout: Option<Duration>,
    pub(super) shown_max: usize,
}

/// A verification, and its JSON.
pub(super) fn read_verification(
    shared: &Shared,
    text: &str,
) -> Result<(Verification, Json), Reply> {
    read("verification", text, |mut fields, complaints| {
        let request = fields.take("httpRequest");
        let response = fields.take("httpResponse");
        let expectation = fields.take("expectationId");
        let disposition = fields.word("disposition", &["MOCKED", "FORWARDED"], complaints);
        let times = fields
            .take("times")
            .map_or(Some(Times::ONCE), |json| read_times(json, complaints));
        let timeout = read_timeout(&mut fields, complaints);
        let shown_max = read_shown_max(shared, &mut fields, complaints);
        fields.finish(complaints);
        let given = [expectation.is_some(), request.is_some(), response.is_some()];
        check_given("", given, complaints);
        let by_id = expectation.and_then(|json| read_id(json, "$.expectationId", complaints));
        let request = request.map(|json| RequestMatcher::read(json, "$.httpRequest", complaints));
        let request = request.map(|matcher| RequestWanted::Matcher(Box::new(matcher)));
        let response =
            response.and_then(|json| ResponseMatcher::read(json, "$.httpResponse", complaints));
        Some(Verification {
            wanted: Wanted {
                request: request.or(by_id.map(RequestWanted::AnsweredBy)),
                response,
                disposition: disposition.map(|word| match word {
                    "FORWARDED" => Disposition::Forwarded,
                    _ => Disposition::Mocked,
                }),
            },
            times: times?,
            timeout,
            shown_max,
        })
    })
}

/// A sequence, and its JSON.
pub(super) fn read_sequence(shared: &Shared, text: &str) -> Result<(Sequence, Json), Reply> {
    let what = "verification sequence";
    let (read, json) = read(what, text, |mut fields, complaints| {
        let requests = fields.take("httpRequests");
        let responses = fields.take("httpResponses");
        let expectations = fields.take("expectationIds");
        let timeout = read_timeout(&mut fields, complaints);
        let shown_max = read_shown_max(shared, &mut fields, complaints);
        fields.finish(complaints);
        let given = [
            expectations.is_some(),
            requests.is_some(),
            responses.is_some(),
        ];
        check_given("s", given, complaints);
        let mut steps = Vec::new();
        for (json, path) in items(requests, "$.httpRequests", complaints) {
            let matcher = RequestMatcher::read(json, &path, complaints);
            steps.push(RequestWanted::Matcher(Box::new(matcher)));
        }
        for (json, path) in items(expectations, "$.expectationIds", complaints) {
            steps.extend(read_id(json, &path, complaints).map(RequestWanted::AnsweredBy));
        }
        let mut answers = Vec::new();
        for (json, path) in items(responses, "$.httpResponses", complaints) {
            answers.extend(ResponseMatcher::read(json, &path, complaints));
        }
        Some((steps, answers, timeout, shown_max))
    })?;
    let (steps, answers, timeout, shown_max) = read;
    if !steps.is_empty() && !answers.is_empty() && steps.len() != answers.len() {
        let text = format!(
            "Request and response sequences must be the same length for a response-aware verification sequence, found {} request(s) and {} response(s)",
            steps.len(),
            answers.len()
        );
        return Err(Reply::text(http::StatusCode::NOT_ACCEPTABLE, text));
    }
    let length = steps.len().max(answers.len());
    let mut steps = steps.into_iter();
    let mut answers = answers.into_iter();
    let wanted = (0..length).map(|_| Wanted {
        request: steps.next(),
        response: answers.next(),
        disposition: None,
    });
    let sequence = Sequence {
        wanted: wanted.collect(),
        timeout,
        shown_max,
    };
    Ok((sequence, json))
}

/// Reads the `what` of a request with `fields`.
fn read<T>(
    what: &str,
    text: &str,
    fields: impl FnOnce(Fields<'_>, &mut Complaints) -> Option<T>,
) -> Result<(T, Json), Reply> {
    if text.trim().is_empty() {
        let required = required(&format!("a {what}"), text);
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
        (None, Some(read)) => Ok((read, json)),
        (refusal, _) => {
            Err(refusal.unwrap_or_else(|| Reply::bad_request(required(&format!("a {what}"), ""))))
        }
    }
}

/// Complains unless something is asked for, by id or by request.
fn check_given(plural: &str, [by_id, request, response]: [bool; 3], complaints: &mut Complaints) {
    if by_id && request {
        complaints.error("$", format_args!("{ONE_OF}2 are valid with indexes '0, 1'"));
    }
    if by_id || request || response {
        return;
    }
    let id = format!("$.expectationId{plural}");
    complaints.error(&id, "is missing but it is required");
    for kind in ["Request", "Response"] {
        let required =
            format!("is missing, but is required, if specifying action of type {kind}{plural}");
        complaints.error(&format!("$.http{kind}{plural}"), required);
    }
    complaints.error("$", format_args!("{ONE_OF}0 are valid"));
    complaints.errors.push(ACTIONS.to_owned());
}

/// The items of a list that stands at `path`, with their own paths.
fn items<'a>(
    json: Option<&'a Json>,
    path: &str,
    complaints: &mut Complaints,
) -> Vec<(&'a Json, String)> {
    match json {
        Some(Json::Array(items)) => {
            let items = items.iter().enumerate();
            items
                .map(|(place, item)| (item, format!("{path}[{place}]")))
                .collect()
        }
        Some(other) => {
            complaints.error(path, format_args!("{} found, array expected", other.kind()));
            Vec::new()
        }
        None => Vec::new(),
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

fn read_timeout(fields: &mut Fields<'_>, complaints: &mut Complaints) -> Option<Duration> {
    let millis = fields.integer("timeout", complaints)?;
    let valid = u64::try_from(millis).ok();
    if valid.is_none() {
        complaints.error("$.timeout", "must have a minimum value of 0");
    }
    valid
        .filter(|millis| *millis > 0)
        .map(Duration::from_millis)
}

fn read_shown_max(shared: &Shared, fields: &mut Fields<'_>, complaints: &mut Complaints) -> usize {
    let given = fields.integer(
        "maximumNumberOfRequestToReturnInVerificationFailure",
        complaints,
    );
    let usual = || {
        let settings = shared.settings();
        let usual = settings.maximum_number_of_request_to_return_in_verification_failure;
        usize::try_from(usual).unwrap_or(usize::MAX)
    };
    let given = given.and_then(|given| usize::try_from(given).ok());
    given.unwrap_or_else(usual)
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
