//! An expectation: which requests it answers, how often, for how long, and with what.
//!
//! Read and compiled once; afterwards only the number of uses left changes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use styk_core::SharedAttributes;

use crate::action::Action;
use crate::json::{Json, Object, pretty};
use crate::matcher::RequestMatcher;
use crate::schema::{Complaints, Fields};

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

const TIME_UNITS: &[(&str, u64)] = &[
    ("NANOSECONDS", 1),
    ("MICROSECONDS", 1_000),
    ("MILLISECONDS", 1_000_000),
    ("SECONDS", 1_000_000_000),
    ("MINUTES", 60_000_000_000),
    ("HOURS", 3_600_000_000_000),
    ("DAYS", 86_400_000_000_000),
];

/// What a person asked for; see [`Expectation`] for what came of it.
#[derive(Debug)]
pub(crate) struct ExpectationSpec {
    pub(crate) id: Option<String>,
    priority: i64,
    request: RequestMatcher,
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
    time_to_live: Json,
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
            Some(spec) if complaints.errors.is_empty() && complaints.not_built.is_empty() => {
                Ok(spec)
            }
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
                complaints.error(
                    "$",
                    "when multiple action types are configured, exactly one must be marked as primary",
                );
                None
            }
            (Some(action), None) | (None, Some(action)) => action,
            (None, None) => {
                if complaints.not_built.is_empty() {
                    complaints.error("$", "has no action: give `httpResponse` or `httpError`");
                }
                None
            }
        };
        Some(Self {
            id,
            priority,
            request: request.unwrap_or_default(),
            action: action?,
            times: times?,
            time_to_live,
        })
    }

    /// Mounts it under `id`; `now` starts its time to live.
    pub(crate) fn mount(self, id: Arc<str>, created: u64, now: Instant) -> Expectation {
        let unlimited = || Json::object([("unlimited", Json::Bool(true))]);
        let (ends_at, time_to_live) = match self.time_to_live {
            Some((duration, written)) => (now.checked_add(duration), written),
            None => (None, unlimited()),
        };
        Expectation {
            attributes: Arc::new(BTreeMap::from([("expectation".to_owned(), id.to_string())])),
            id,
            priority: self.priority,
            created,
            request: self.request,
            action: self.action,
            uses_left: AtomicU64::new(self.times),
            ends_at,
            time_to_live,
        }
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
        let (name, action) = self.action.written();
        Json::object([
            ("httpRequest", self.request.written()),
            (name, action),
            ("id", Json::text(&*self.id)),
            ("priority", Json::number(self.priority)),
            ("timeToLive", self.time_to_live.clone()),
            ("times", times),
        ])
    }
}

/// The report of the schema check for one control object.
pub(crate) fn incorrect_format(what: &str, json: &Json, complaints: &Complaints) -> String {
    let written = pretty(json).replace('\n', "\n  ");
    let report = complaints.report();
    format!(
        "incorrect {what} json format for:\n\n  {written}\n\n schema validation errors:\n\n{report}"
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
    if unlimited {
        return None;
    }
    let Some((name, duration)) = unit.map(|(name, nanos)| (name, duration(amount, nanos))) else {
        complaints.error("$.timeToLive.timeUnit", "is missing but it is required");
        return None;
    };
    let mut written = Object::new();
    written.insert("timeUnit".to_owned(), Json::text(name));
    written.insert("timeToLive".to_owned(), Json::number(amount));
    Some((duration, Json::Object(written)))
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
