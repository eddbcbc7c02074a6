//! What a failed verification is answered.
//!
//! First the original's text to the letter, then three lines and the fields that differ, for people; or all of it as JSON,
//! for machines that ask for it.

use std::sync::Arc;

use http::StatusCode;
use styk_core::{Exchange, Request};

use super::Failed;
use super::response::answered;
use super::wanted::{RequestWanted, Times, Wanted};
use crate::closest::{Difference, Differences, flat};
use crate::control::{Reply, list};
use crate::describe::{request_json, response_json};
use crate::json::{Json, Object, compact, pretty};
use crate::matcher::{Field, RequestMatcher, Subject};
use crate::scope::Scope;
use crate::server::Shared;

/// Exchanges among which the closest is looked for; of more the newest.
const LOOKED_AT_MAX: usize = 1_000;
/// The longest value that is shown beside another.
const VALUE_CHARS_MAX: usize = 400;
/// The longest difference in the original's block.
const DIFFERENCE_CHARS_MAX: usize = 500;

/// How a refusal is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Json,
}

impl Form {
    /// JSON for those who accept nothing else.
    pub(super) fn of(request: &Request) -> Self {
        let accepted = request.headers.text("accept").unwrap_or_default();
        let accepted = accepted.trim();
        if accepted.starts_with("application/json") && !accepted.contains(',') {
            Self::Json
        } else {
            Self::Text
        }
    }
}

/// A verification that failed, with all that is known about it.
pub(super) struct Failure<'a> {
    pub(super) shared: &'a Shared,
    pub(super) scope: &'a Scope,
    /// One, or the steps of a sequence.
    pub(super) sought: &'a [Wanted],
    /// None for sequences.
    pub(super) times: Option<Times>,
    pub(super) failed: &'a Failed,
    pub(super) shown_max: usize,
}

/// The exchange that came closest.
struct Closest<'a> {
    exchange: &'a Exchange,
    differences: Vec<Difference>,
    fields: Vec<FieldDifference>,
}

/// A field that differs.
pub(super) struct FieldDifference {
    pub(super) name: &'static str,
    /// What differs, in a few words.
    pub(super) text: String,
    pub(super) expected: String,
    pub(super) received: String,
}

impl Failure<'_> {
    pub(super) fn reply(&self, form: Form) -> Reply {
        let candidates = self.candidates();
        let closest = self.closest(&candidates);
        let message = self.message(&candidates, closest.as_ref());
        match form {
            Form::Text => {
                let report = self.report(&candidates, closest.as_ref());
                let gap = if message.ends_with('\n') {
                    "\n"
                } else {
                    "\n\n"
                };
                let text = format!("{message}{gap}{report}");
                Reply::text(StatusCode::NOT_ACCEPTABLE, text)
            }
            Form::Json => {
                let json = self.json(&message, &candidates, closest.as_ref());
                Reply::json(StatusCode::NOT_ACCEPTABLE, pretty(&json))
            }
        }
    }

    /// The one that was not found.
    fn missed(&self) -> Option<&Wanted> {
        self.sought.get(self.failed.place)
    }

    fn is_about_responses(&self) -> bool {
        self.sought.iter().any(|wanted| wanted.response.is_some())
    }

    /// The exchanges that the refusal is about.
    fn candidates(&self) -> Vec<&Arc<Exchange>> {
        let by_id = |wanted: &Wanted| matches!(wanted.request, Some(RequestWanted::AnsweredBy(_)));
        let is_by_id = self.sought.first().is_some_and(by_id);
        let about_responses = self.is_about_responses();
        let is_candidate = |exchange: &&Arc<Exchange>| {
            if about_responses {
                let one = self.times.is_some();
                let fits = |wanted: &Wanted| wanted.fits_request(exchange);
                answered(exchange).is_some() && (!one || self.sought.iter().all(fits))
            } else {
                !is_by_id || exchange.attribute("expectation").is_some()
            }
        };
        let recorded = self.failed.recorded.exchanges.iter();
        recorded.filter(is_candidate).collect()
    }

    /// The original's text.
    fn message(&self, candidates: &[&Arc<Exchange>], closest: Option<&Closest<'_>>) -> String {
        let about_responses = self.is_about_responses();
        let noun = if about_responses {
            "Response"
        } else {
            "Request"
        };
        let written = self.sought.iter().map(|wanted| wanted.written(self.scope));
        let mut written: Vec<Json> = written.collect();
        let is_single = written.len() == 1 && (self.times.is_some() || about_responses);
        let expected = match written.pop() {
            Some(one) if is_single => pretty(&one),
            last => {
                written.extend(last);
                list(written)
            }
        };
        let total = candidates.len();
        let received = if total < self.shown_max {
            let shown = candidates.iter().map(|exchange| self.shown(exchange));
            let mut shown: Vec<Json> = shown.collect();
            match (shown.len(), shown.pop()) {
                (1, Some(one)) => format!("but was:<{}>", pretty(&one)),
                (_, last) => {
                    shown.extend(last);
                    format!("but was:<{}>", list(shown))
                }
            }
        } else if self.times.is_some() && !self.shared.follows_5_15() {
            let found = self.failed.found;
            let times = if found == 1 { "time" } else { "times" };
            let what = if about_responses {
                "recorded responses"
            } else {
                "total requests"
            };
            format!("but was found {found} {times} among {total} {what}")
        } else {
            let what = noun.to_lowercase();
            format!("but was not found, found {total} other {what}s")
        };
        let sought = match self.times {
            Some(times) => format!("{noun} not found {times}"),
            None => format!("{noun} sequence not found"),
        };
        let mut text = format!("{sought}, expected:<{expected}> {received}");
        if self.shared.settings().detailed_verification_failures
            && !self.shared.follows_5_15()
            && self.is_nowhere()
            && let Some(first) = closest.and_then(|closest| closest.differences.first())
        {
            text.push_str(&format!("\n\nclosest match diff:\n  {}:\n", first.name));
            for difference in &first.texts {
                let line = cut(&flat(difference), DIFFERENCE_CHARS_MAX, "...[truncated]");
                text.push_str(&format!("    {line}\n"));
            }
        }
        text
    }

    /// Whether no exchange at all is what was sought.
    fn is_nowhere(&self) -> bool {
        match (self.times, self.missed()) {
            (Some(_), _) => self.failed.found == 0,
            (None, Some(missed)) => {
                let mut recorded = self.failed.recorded.exchanges.iter();
                !recorded.any(|exchange| missed.is_met_by(exchange))
            }
            (None, None) => false,
        }
    }

    fn shown(&self, exchange: &Exchange) -> Json {
        if self.is_about_responses() {
            response_json(exchange).unwrap_or(Json::Null)
        } else {
            request_json(exchange)
        }
    }

    /// Three lines, and the fields that differ.
    fn report(&self, candidates: &[&Arc<Exchange>], closest: Option<&Closest<'_>>) -> String {
        let what = self.what_matched(candidates);
        let wanted = self.what_was_wanted();
        let mut text = format!("wanted:  {wanted}\nmatched: {what}\n");
        let too_many = self.times.and_then(|times| times.at_most);
        let is_too_many = too_many.is_some_and(|at_most| self.failed.found > at_most);
        match closest.filter(|_| !is_too_many) {
            Some(closest) => {
                let names: Vec<_> = closest.fields.iter().map(|field| field.name).collect();
                let (operation, names) = (closest.exchange.operation(), names.join(", "));
                text.push_str(&format!("closest: {operation} (differs in {names})\n"));
                text.push('\n');
                for field in &closest.fields {
                    text.push_str(&format!("  {}: {}\n", field.name, field.text));
                }
            }
            None if is_too_many => text.push_str("closest: those that match are too many\n"),
            None if candidates.is_empty() => {
                text.push_str("closest: none, since nothing was recorded\n");
            }
            None => text.push_str("closest: each of them is there, but not in this order\n"),
        }
        text
    }

    fn what_was_wanted(&self) -> String {
        let operation = |wanted: &Wanted| {
            let mut parts = Vec::new();
            match &wanted.request {
                Some(RequestWanted::Matcher(matcher)) => {
                    let written = matcher.written();
                    parts.push(cut(&compact(&written), VALUE_CHARS_MAX, "…"));
                }
                Some(RequestWanted::AnsweredBy(id)) => {
                    parts.push(format!("a request answered by expectation {id}"));
                }
                None => {}
            }
            if let Some(response) = &wanted.response {
                let written = compact(&response.written());
                parts.push(format!(
                    "the answer {}",
                    cut(&written, VALUE_CHARS_MAX, "…")
                ));
            }
            parts.join(" with ")
        };
        match (self.times, self.missed()) {
            (Some(times), Some(wanted)) => format!("{}, {times}", operation(wanted)),
            (_, Some(missed)) => {
                let (place, length) = (self.failed.place + 1, self.sought.len());
                format!(
                    "{}, number {place} of a sequence of {length}",
                    operation(missed)
                )
            }
            (_, None) => String::new(),
        }
    }

    fn what_matched(&self, candidates: &[&Arc<Exchange>]) -> String {
        let found = self.failed.found;
        if self.times.is_none() {
            return format!("the first {found} of {} in this order", self.sought.len());
        }
        let what = if self.is_about_responses() {
            "answers"
        } else {
            "requests"
        };
        format!("{found} of {} recorded {what}", candidates.len())
    }

    fn json(
        &self,
        message: &str,
        candidates: &[&Arc<Exchange>],
        closest: Option<&Closest<'_>>,
    ) -> Json {
        let wanted = self.sought.iter().map(|wanted| wanted.written(self.scope));
        let wanted = Json::Array(wanted.collect());
        let bound = |bound: Option<u64>| bound.map_or(Json::Null, Json::number);
        let times = self.times.map(|times| {
            let bounds = [
                ("atLeast", bound(times.at_least)),
                ("atMost", bound(times.at_most)),
            ];
            ("times", Json::object(bounds))
        });
        let closest = closest.map_or(Json::Null, |closest| {
            let fields = closest.fields.iter().map(|field| {
                Json::object([
                    ("field", Json::text(field.name)),
                    ("difference", Json::text(&field.text)),
                    ("expected", Json::text(&field.expected)),
                    ("received", Json::text(&field.received)),
                ])
            });
            Json::object([
                ("exchange", Json::number(closest.exchange.seq())),
                ("received", self.shown(closest.exchange)),
                ("differences", Json::Array(fields.collect())),
            ])
        });
        let head = [
            ("verified", Json::Bool(false)),
            ("complete", Json::Bool(true)),
            ("message", Json::text(message)),
            ("wanted", wanted),
        ];
        let tail = [
            ("matched", Json::number(self.failed.found)),
            ("recorded", Json::number(candidates.len())),
            ("closest", closest),
        ];
        Json::object(head.into_iter().chain(times).chain(tail))
    }

    /// The exchange that differs in the fewest fields from what was not found.
    fn closest<'c>(&self, candidates: &[&'c Arc<Exchange>]) -> Option<Closest<'c>> {
        let missed = self.missed()?;
        let newest = candidates.len().saturating_sub(LOOKED_AT_MAX);
        let compared = candidates.iter().skip(newest).filter_map(|exchange| {
            let count = self.count_differences(missed, exchange);
            (count > 0).then_some((count, *exchange))
        });
        let (_, exchange) = compared.min_by_key(|(count, _)| *count)?;
        let (differences, fields) = self.compare(missed, exchange);
        Some(Closest {
            exchange,
            differences,
            fields,
        })
    }

    fn count_differences(&self, missed: &Wanted, exchange: &Exchange) -> usize {
        if let Some(response) = &missed.response {
            let Some(given) = answered(exchange) else {
                return 0;
            };
            return response.fields(given).len() + response.texts(given).len();
        }
        let Some(request) = exchange.request() else {
            return 0;
        };
        let subject = Subject::new(request);
        self.with_matcher(missed, |matcher| matcher.misses(&subject).len())
            .unwrap_or_default()
    }

    fn compare(
        &self,
        missed: &Wanted,
        exchange: &Exchange,
    ) -> (Vec<Difference>, Vec<FieldDifference>) {
        if let Some(response) = &missed.response {
            let Some(given) = answered(exchange) else {
                return (Vec::new(), Vec::new());
            };
            let received = response_json(exchange).unwrap_or(Json::Null);
            let mut fields = response.fields(given);
            let texts = response.texts(given);
            fields.extend(beside(texts, &response.written(), &received));
            return (response.differences(given), fields);
        }
        let Some(request) = exchange.request() else {
            return (Vec::new(), Vec::new());
        };
        let subject = Subject::new(request);
        let received = request_json(exchange);
        let compared = self.with_matcher(missed, |matcher| {
            let texts = matcher.differences(&subject);
            let fields = beside(texts, &matcher.written(), &received);
            (Differences::between(matcher, &subject), fields)
        });
        compared.unwrap_or_default()
    }

    fn with_matcher<T>(
        &self,
        wanted: &Wanted,
        look: impl FnOnce(&RequestMatcher) -> T,
    ) -> Option<T> {
        match wanted.request.as_ref()? {
            RequestWanted::Matcher(matcher) => Some(look(matcher)),
            RequestWanted::AnsweredBy(id) => {
                let expectation = self.scope.store.get(id)?;
                Some(look(&expectation.request))
            }
        }
    }
}

/// The values on both sides of fields that differ.
fn beside(texts: Vec<(Field, String)>, expected: &Json, received: &Json) -> Vec<FieldDifference> {
    let member = |json: &Json, name: &str| match json {
        Json::Object(object) => object.get(name).cloned(),
        _ => None,
    };
    let texts = texts.into_iter();
    texts
        .map(|(field, text)| {
            let expected = member(expected, field.name());
            // A path with parameters stands under its own name in records.
            let at = match field {
                Field::PathParameters => "path",
                other => other.name(),
            };
            let received = member(received, at).map(|received| named_in(&expected, received));
            FieldDifference {
                name: field.name(),
                text,
                expected: value(expected),
                received: value(received),
            }
        })
        .collect()
}

/// Of received pairs only those that were asked for by name, unless none was received.
fn named_in(expected: &Option<Json>, received: Json) -> Json {
    let (Some(Json::Object(expected)), Json::Object(received)) = (expected, &received) else {
        return received;
    };
    if expected.contains_key("type") || !received.values().all(is_pair_value) {
        return Json::Object(received.clone());
    }
    let is_named = |name: &str| {
        expected.keys().any(|key| {
            key.trim_start_matches(['!', '?'])
                .eq_ignore_ascii_case(name)
        })
    };
    let named: Object = received
        .iter()
        .filter(|(name, _)| is_named(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    Json::Object(named)
}

fn is_pair_value(json: &Json) -> bool {
    match json {
        Json::Array(values) => values.iter().all(|value| matches!(value, Json::Text(_))),
        Json::Text(_) => true,
        _ => false,
    }
}

fn value(json: Option<Json>) -> String {
    match json {
        None => "nothing".to_owned(),
        Some(Json::Object(object)) if object.is_empty() => "nothing".to_owned(),
        Some(json) => cut(&compact(&json), VALUE_CHARS_MAX, "…"),
    }
}

fn cut(text: &str, chars_max: usize, end: &str) -> String {
    match text.char_indices().nth(chars_max) {
        Some((place, _)) => format!("{}{end}", &text[..place]),
        None => text.to_owned(),
    }
}

pub(super) fn incomplete(form: Form, what: &str) -> Reply {
    let text = format!(
        "Verification incomplete: the journal has dropped exchanges of this server that count; {what}. \
         Raise the journal's limits, or reset the server between tests."
    );
    match form {
        Form::Text => Reply::text(StatusCode::NOT_ACCEPTABLE, text),
        Form::Json => Reply::object(
            StatusCode::NOT_ACCEPTABLE,
            [
                ("verified", Json::Bool(false)),
                ("complete", Json::Bool(false)),
                ("message", Json::Text(text)),
            ],
        ),
    }
}
