//! An expectation: which requests it answers, how often, for how long, and with what.
//!
//! Read and compiled once; afterwards only the number of uses left changes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use styk_core::SharedAttributes;

use crate::action::Action;
use crate::json::{Json, Object};
use crate::matcher::RequestMatcher;
use crate::schema::{Complaints, Fields, indented};

const UNLIMITED: u64 = u64::MAX;

/// What MockServer's expectations may hold and this server cannot do yet.
const NOT_BUILT: &[&str] = &[
    "httpResponseTemplate",
    "httpResponseClassCallback",
    "httpResponseObjectCallback",
    "httpForward",
    "httpForwardTemplate",
    "httpForwardClassCallback",
    "httpForwardObjectCallback",
    "httpOverrideForwardedRequest",
    "httpForwardValidateAction",
    "httpForwardWithFallback",
    "httpResponses",
    "responseMode",
    "responseWeights",
    "switchAfter",
    "percentage",
    "scenarioName",
    "scenarioState",
    "newScenarioState",
    "beforeActions",
    "afterActions",
    "steps",
    "httpSseResponse",
    "httpWebSocketResponse",
    "grpcStreamResponse",
    "grpcBidiResponse",
    "binaryResponse",
    "dnsResponse",
    "httpLlmResponse",
    "chaos",
    "rateLimit",
    "capture",
    "namespace",
    "crossProtocolScenarios",
    "specUrlOrPayload",
    "operationsAndResponses",
];

const TWO_ACTIONS: &str =
    "when multiple action types are configured, exactly one must be marked as primary";

const TIME_UNITS: &[(&str, u64)] = &[
    ("DAYS", 86_400_000_000_000),
    ("HOURS", 3_600_000_000_000),
    ("MINUTES", 60_000_000_000),
    ("SECONDS", 1_000_000_000),
    ("MILLISECONDS", 1_000_000),
    ("MICROSECONDS", 1_000),
    ("NANOSECONDS", 1),
];

/// What a person asked for; see [`Expectation`] for what came of it.
#[derive(Debug)]
pub(crate) struct ExpectationSpec {
    pub(crate) id: Option<String>,
    priority: i64,
    request: Option<RequestMatcher>,
    action: Action,
    times: u64,
    time_to_live: Option<(Duration, Json)>,
}

/// A mounted expectation.
#[derive(Debug)]
pub(crate) struct Expectation {
    pub(crate) id: Arc<str>,
    /// Its id, for the exchanges it answers.
    pub(crate) attributes: SharedAttributes,
    pub(crate) priority: i64,
    /// Its age: lower numbers were registered earlier.
    pub(crate) created: u64,
    pub(crate) request: RequestMatcher,
    pub(crate) action: Action,
    uses_left: AtomicU64,
    ends_at: Option<Instant>,
    written: Object,
}

/// What became of the attempt to use an expectation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// It answers this request.
    Taken,
    /// It answers this request, and never another.
    Last,
    /// Its uses are taken.
    None,
}

impl ExpectationSpec {
    /// Reads one expectation.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, or not there yet.
    pub(crate) fn read(json: &Json) -> Result<Self, Complaints> {
        let mut complaints = Complaints::default();
        let spec = Self::read_fields(json, &mut complaints);
        match spec {
            Some(spec) if complaints.is_empty() => Ok(spec),
            _ => Err(complaints),
        }
    }

    fn read_fields(json: &Json, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, "$", complaints)?;
        fields.refuse(NOT_BUILT, complaints);
        let request = fields
            .take("httpRequest")
            .map(|json| RequestMatcher::read(json, "$.httpRequest", complaints));
        let response = fields
            .take("httpResponse")
            .map(|json| Action::read_response(json, complaints));
        let error = fields
            .take("httpError")
            .map(|json| Action::read_error(json, complaints));
        let id = fields.text("id", complaints);
        let priority = fields.integer("priority", complaints).unwrap_or_default();
        let times = fields
            .take("times")
            .map_or(Some(UNLIMITED), |json| read_times(json, complaints));
        let time_to_live = fields
            .take("timeToLive")
            .and_then(|json| read_time_to_live(json, complaints));
        fields.take("timestamp");
        fields.finish(complaints);
        let action = match (response, error) {
            (Some(_), Some(_)) => {
                complaints.other = Some(TWO_ACTIONS.to_owned());
                None
            }
            (Some(action), None) | (None, Some(action)) => action,
            (None, None) => {
                if complaints.not_built.is_empty() {
                    complaints.error(
                        "$.httpResponse",
                        "is missing, but is required, if specifying action of type Response",
                    );
                    complaints.error(
                        "$.httpError",
                        "is missing, but is required, if specifying action of type Error",
                    );
                }
                None
            }
        };
        Some(Self {
            id,
            priority,
            request,
            action: action?,
            times: times?,
            time_to_live,
        })
    }

    /// Mounts it under `id`; `now` starts its time to live.
    pub(crate) fn mount(self, id: Arc<str>, created: u64, now: Instant) -> Expectation {
        let written = self.written(&id);
        let ends_at = self
            .time_to_live
            .and_then(|(duration, _)| now.checked_add(duration));
        Expectation {
            attributes: Arc::new(BTreeMap::from([("expectation".to_owned(), id.to_string())])),
            id,
            priority: self.priority,
            created,
            request: self.request.unwrap_or_default(),
            action: self.action,
            uses_left: AtomicU64::new(self.times),
            ends_at,
            written,
        }
    }

    /// The expectation in MockServer's JSON, in its order of fields, without the uses that are left.
    fn written(&self, id: &str) -> Object {
        let unlimited = || Json::object([("unlimited", Json::Bool(true))]);
        let time_to_live = self
            .time_to_live
            .as_ref()
            .map(|(_, written)| written.clone());
        let request = self.request.as_ref().map(RequestMatcher::written);
        let (name, action) = self.action.written();
        let (error, response) = if name == "httpError" {
            (Some(action), None)
        } else {
            (None, Some(action))
        };
        let fields = [
            ("httpError", error),
            ("httpRequest", request),
            ("httpResponse", response),
            ("id", Some(Json::text(id))),
            ("priority", Some(Json::number(self.priority))),
            ("timeToLive", time_to_live.or_else(|| Some(unlimited()))),
        ];
        fields
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect()
    }
}

impl Expectation {
    /// Takes one use, if one is left.
    pub(crate) fn take_use(&self) -> Use {
        if self.uses_left.load(Ordering::Relaxed) == UNLIMITED {
            return Use::Taken;
        }
        let taken = self
            .uses_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            });
        match taken {
            Ok(1) => Use::Last,
            Ok(_) => Use::Taken,
            Err(_none_left) => Use::None,
        }
    }

    /// Whether its time to live has not passed. `now` is asked only when there is one.
    pub(crate) fn is_alive(&self, now: impl FnOnce() -> Instant) -> bool {
        self.ends_at.is_none_or(|end| now() < end)
    }

    /// Whether it could still answer a request.
    pub(crate) fn is_active(&self, now: impl FnOnce() -> Instant) -> bool {
        self.uses_left.load(Ordering::Relaxed) > 0 && self.is_alive(now)
    }

    /// The expectation in MockServer's JSON.
    pub(crate) fn written(&self) -> Json {
        let left = self.uses_left.load(Ordering::Relaxed);
        let times = if left == UNLIMITED {
            Json::object([("unlimited", Json::Bool(true))])
        } else {
            Json::object([("remainingTimes", Json::number(left))])
        };
        let mut written = self.written.clone();
        written.insert("times".to_owned(), times);
        Json::Object(written)
    }
}

/// The report of the schema check for a control object, `shown` as the client wrote it.
pub(crate) fn incorrect_format(what: &str, shown: &str, complaints: &Complaints) -> String {
    let (shown, report) = (indented(shown), complaints.report());
    format!(
        "incorrect {what} json format for:\n\n{shown}\n\n schema validation errors:\n\n{report}"
    )
}

/// `times`: an empty object means no uses at all.
fn read_times(json: &Json, complaints: &mut Complaints) -> Option<u64> {
    let mut fields = Fields::of(json, "$.times", complaints)?;
    let remaining = fields
        .integer("remainingTimes", complaints)
        .unwrap_or_default();
    let unlimited = fields.boolean("unlimited", complaints).unwrap_or_default();
    fields.finish(complaints);
    let times = u64::try_from(remaining).unwrap_or_default();
    Some(if unlimited {
        UNLIMITED
    } else {
        times.min(UNLIMITED - 1)
    })
}

fn read_time_to_live(json: &Json, complaints: &mut Complaints) -> Option<(Duration, Json)> {
    let mut fields = Fields::of(json, "$.timeToLive", complaints)?;
    fields.refuse(&["endDate"], complaints);
    let unit = time_unit(&mut fields, complaints);
    let amount = fields.integer("timeToLive", complaints).unwrap_or_default();
    let unlimited = fields.boolean("unlimited", complaints).unwrap_or_default();
    fields.finish(complaints);
    // Without a unit there is no limit either.
    let (name, nanos) = unit.filter(|_| !unlimited)?;
    let mut written = Object::new();
    written.insert("timeUnit".to_owned(), Json::text(name));
    written.insert("timeToLive".to_owned(), Json::number(amount));
    Some((duration(amount, nanos), Json::Object(written)))
}

/// A delay: `{timeUnit, value}`.
pub(crate) fn read_delay(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Duration> {
    let mut fields = Fields::of(json, path, complaints)?;
    fields.refuse(&["distribution", "template", "templateType"], complaints);
    let unit = time_unit(&mut fields, complaints);
    let value = fields.integer("value", complaints).unwrap_or_default();
    fields.finish(complaints);
    let (_, nanos) = unit.unwrap_or(("MILLISECONDS", 1_000_000));
    Some(duration(value, nanos))
}

fn time_unit(fields: &mut Fields<'_>, complaints: &mut Complaints) -> Option<(&'static str, u64)> {
    let names: Vec<&'static str> = TIME_UNITS.iter().map(|(name, _)| *name).collect();
    let name = fields.word("timeUnit", &names, complaints)?;
    TIME_UNITS.iter().find(|(unit, _)| *unit == name).copied()
}

fn duration(amount: i64, nanos: u64) -> Duration {
    let amount = u64::try_from(amount).unwrap_or_default();
    Duration::from_nanos(amount.saturating_mul(nanos))
}
