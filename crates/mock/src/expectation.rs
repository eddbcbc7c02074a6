//! An expectation: which requests it answers, how often, for how long, and with what.
//!
//! Read and compiled once; afterwards only the number of uses left changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use styk_core::{Attributes, Facts, SharedFacts};

use crate::action::{Action, SideActions, delay};
use crate::json::{Json, Object, compact};
use crate::matcher::RequestMatcher;
use crate::openapi::Sources;
use crate::schema::{Complaints, Fields, UNREADABLE, indented};

const UNLIMITED: u64 = u64::MAX;

/// What MockServer's expectations may hold and this server does not do.
const NOT_BUILT: &[&str] = &[
    "httpForwardClassCallback",
    "httpForwardValidateAction",
    "httpForwardWithFallback",
    "steps",
    "grpcBidiResponse",
    "chaos",
    "rateLimit",
    "capture",
    "namespace",
    "crossProtocolScenarios",
    "specUrlOrPayload",
    "operationsAndResponses",
];

/// What a person asked for; see [`Expectation`] for what came of it.
#[derive(Debug)]
pub(crate) struct ExpectationSpec {
    pub(crate) id: Option<String>,
    priority: i64,
    request: Option<RequestMatcher>,
    action: Action,
    /// The action's fields in MockServer's JSON.
    action_written: Vec<(&'static str, Json)>,
    times: u64,
    time_to_live: Option<(Duration, Json)>,
    share: Option<u8>,
    scenario: Option<Scenario>,
    side_actions: SideActions,
}

/// The place of an expectation in a scenario: a small state machine that several expectations share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    /// The state in which it answers; any when there is none.
    pub(crate) state: Option<String>,
    /// The state that follows.
    pub(crate) next: Option<String>,
}

/// A mounted expectation.
#[derive(Debug)]
pub(crate) struct Expectation {
    pub(crate) id: Arc<str>,
    /// Its id and its answer as it was written, for the exchanges it answers.
    pub(crate) facts: SharedFacts,
    pub(crate) priority: i64,
    /// Its age: lower numbers were registered earlier.
    pub(crate) created: u64,
    pub(crate) request: RequestMatcher,
    pub(crate) action: Action,
    /// How many of a hundred matching requests it answers.
    pub(crate) share: Option<u8>,
    pub(crate) scenario: Option<Scenario>,
    pub(crate) side_actions: SideActions,
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
    pub(crate) fn read(json: &Json, sources: &Sources) -> Result<Self, Complaints> {
        let mut complaints = Complaints {
            sources: sources.clone(),
            ..Complaints::default()
        };
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
        let action = Action::read(&mut fields, complaints);
        let id = fields.text("id", complaints);
        let priority = fields.integer("priority", complaints).unwrap_or_default();
        let times = fields
            .take("times")
            .map_or(Some(UNLIMITED), |json| read_times(json, complaints));
        let time_to_live = fields
            .take("timeToLive")
            .and_then(|json| read_time_to_live(json, complaints));
        let (side_actions, side_written) = SideActions::read(&mut fields, complaints);
        let share = read_share(&mut fields, complaints);
        let scenario = read_scenario(&mut fields, complaints);
        fields.take("timestamp");
        fields.finish(complaints);
        let (action, mut action_written) = action?;
        action_written.extend(side_written);
        Some(Self {
            id,
            priority,
            request,
            action,
            action_written,
            times: times?,
            time_to_live,
            share,
            scenario,
            side_actions,
        })
    }

    /// The same with another action, which `written` stands for in place of the field `place`.
    pub(crate) fn answered_by(
        mut self,
        action: Action,
        place: &str,
        written: (&'static str, Json),
    ) -> Self {
        self.action = action;
        self.action_written.retain(|(name, _)| *name != place);
        self.action_written.insert(0, written);
        self
    }

    /// Mounts it under `id`; `now` starts its time to live.
    pub(crate) fn mount(self, id: Arc<str>, created: u64, now: Instant) -> Expectation {
        let written = self.written(&id);
        let ends_at = self
            .time_to_live
            .and_then(|(duration, _)| now.checked_add(duration));
        Expectation {
            facts: Arc::new(Facts {
                attributes: Attributes::from([("expectation", &*id)]),
                answer_as_written: self.action.answer_as_written().map(compact),
                answer: self.action.answer().map(|answer| answer.recorded()),
            }),
            id,
            priority: self.priority,
            created,
            request: self.request.unwrap_or_default(),
            action: self.action,
            share: self.share,
            scenario: self.scenario,
            side_actions: self.side_actions,
            uses_left: AtomicU64::new(self.times),
            ends_at,
            written,
        }
    }

    /// The expectation in MockServer's JSON, its fields in alphabetical order, without the uses that are left.
    fn written(&self, id: &str) -> Object {
        let unlimited = || Json::object([("unlimited", Json::Bool(true))]);
        let time_to_live = self
            .time_to_live
            .as_ref()
            .map(|(_, written)| written.clone());
        let request = self.request.as_ref().map(RequestMatcher::written);
        let scenario = self.scenario.as_ref();
        let text = |value: Option<&String>| value.map(Json::text);
        let mut object = Object::new();
        let mut put = |name: &str, value: Option<Json>| {
            if let Some(value) = value {
                object.insert(name.to_owned(), value);
            }
        };
        put("httpRequest", request);
        for (name, value) in &self.action_written {
            put(name, Some(value.clone()));
        }
        put("id", (!id.is_empty()).then(|| Json::text(id)));
        put("percentage", self.share.map(Json::number));
        put("priority", Some(Json::number(self.priority)));
        put(
            "scenarioName",
            text(scenario.map(|scenario| &scenario.name)),
        );
        put(
            "scenarioState",
            text(scenario.and_then(|scenario| scenario.state.as_ref())),
        );
        put(
            "newScenarioState",
            text(scenario.and_then(|scenario| scenario.next.as_ref())),
        );
        put("timeToLive", time_to_live.or_else(|| Some(unlimited())));
        object.sort_unstable_keys();
        object
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

    /// How many requests it still answers; `None` when there is no limit.
    pub(crate) fn uses_left(&self) -> Option<u64> {
        let left = self.uses_left.load(Ordering::Relaxed);
        (left != UNLIMITED).then_some(left)
    }

    /// How long it still lives; `None` when there is no limit.
    pub(crate) fn time_left(&self, now: Instant) -> Option<Duration> {
        self.ends_at.map(|end| end.saturating_duration_since(now))
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
    if i32::try_from(remaining).is_err() {
        complaints.other = Some(UNREADABLE.to_owned());
    }
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
    let unit = delay::time_unit(&mut fields, complaints);
    let amount = fields.integer("timeToLive", complaints).unwrap_or_default();
    let unlimited = fields.boolean("unlimited", complaints).unwrap_or_default();
    fields.finish(complaints);
    // Without a unit there is no limit either.
    let (name, nanos) = unit.filter(|_| !unlimited)?;
    let written = delay::written(name, "timeToLive", amount);
    Some((delay::duration(amount, nanos), written))
}

/// `percentage`: between 0 and 100.
fn read_share(fields: &mut Fields<'_>, complaints: &mut Complaints) -> Option<u8> {
    let share = fields.integer("percentage", complaints)?;
    let valid = u8::try_from(share).ok().filter(|share| *share <= 100);
    if valid.is_none() {
        complaints.error("$.percentage", "must have a value between 0 and 100");
    }
    valid
}

fn read_scenario(fields: &mut Fields<'_>, complaints: &mut Complaints) -> Option<Scenario> {
    let name = fields.text("scenarioName", complaints);
    let state = fields.text("scenarioState", complaints);
    let next = fields.text("newScenarioState", complaints);
    Some(Scenario {
        name: name?,
        state,
        next,
    })
}
