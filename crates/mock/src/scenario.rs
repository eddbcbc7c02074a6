//! Scenarios: small state machines that several expectations share. Each begins in the state `Started`.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::clock::ServerClock;
use crate::expectation::{Scenario, Use};
use crate::template::ScenarioStates;

const STARTED: &str = "Started";

/// Scenarios that a scope may have states of.
const SCENARIOS_MAX: usize = 10_000;

/// There are as many scenarios as a scope takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are {SCENARIOS_MAX} scenarios, the limit: reset those that are no longer needed")]
pub(crate) struct TooManyScenarios;

/// The states of all scenarios of a scope.
#[derive(Debug)]
pub(crate) struct Scenarios {
    states: Mutex<HashMap<String, State>>,
    clock: ServerClock,
}

#[derive(Clone, Debug)]
struct State {
    name: String,
    /// The state that follows by itself, and when.
    later: Option<(Instant, String)>,
}

impl Scenarios {
    pub(crate) fn new(clock: ServerClock) -> Self {
        Self {
            states: Mutex::default(),
            clock,
        }
    }

    /// Takes a use of an expectation that takes part in `scenario`, if the scenario is in its state; then the scenario
    /// moves on. Nobody else moves it in between.
    pub(crate) fn step(&self, scenario: &Scenario, take: impl FnOnce() -> Use) -> Use {
        let mut states = self.lock();
        let state = states
            .entry(scenario.name.clone())
            .or_insert_with(State::started);
        state.settle(self.clock.instant());
        if scenario
            .state
            .as_ref()
            .is_some_and(|wanted| *wanted != state.name)
        {
            return Use::None;
        }
        let taken = take();
        if let Some(next) = scenario.next.as_ref().filter(|_| taken != Use::None) {
            *state = State {
                name: next.clone(),
                later: None,
            };
        }
        taken
    }

    /// The state of a scenario.
    pub(crate) fn state(&self, name: &str) -> String {
        let mut states = self.lock();
        let state = states.get_mut(name);
        state.map_or_else(
            || STARTED.to_owned(),
            |state| {
                state.settle(self.clock.instant());
                state.name.clone()
            },
        )
    }

    /// Sets the state of a scenario, and which state follows after a while.
    pub(crate) fn set(
        &self,
        name: &str,
        state: String,
        later: Option<(Duration, String)>,
    ) -> Result<(), TooManyScenarios> {
        let now = self.clock.instant();
        let later = later.and_then(|(after, next)| Some((now.checked_add(after)?, next)));
        let mut states = self.lock();
        if states.len() >= SCENARIOS_MAX && !states.contains_key(name) {
            return Err(TooManyScenarios);
        }
        states.insert(name.to_owned(), State { name: state, later });
        Ok(())
    }

    /// All scenarios that have left their beginning or were asked about, by name.
    pub(crate) fn all(&self) -> Vec<(String, String)> {
        let now = self.clock.instant();
        let mut states = self.lock();
        let mut all: Vec<_> = states
            .iter_mut()
            .map(|(name, state)| {
                state.settle(now);
                (name.clone(), state.name.clone())
            })
            .collect();
        all.sort_unstable();
        all
    }

    /// Puts all scenarios back to their beginning.
    pub(crate) fn reset(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, State>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Templates may ask and move scenarios too.
impl ScenarioStates for Scenarios {
    fn state(&self, scenario: &str) -> String {
        Self::state(self, scenario)
    }

    fn set_state(&self, scenario: &str, state: &str) {
        if let Err(error) = self.set(scenario, state.to_owned(), None) {
            tracing::warn!(scenario, %error, "a template cannot set a scenario");
        }
    }
}

impl State {
    fn started() -> Self {
        Self {
            name: STARTED.to_owned(),
            later: None,
        }
    }

    /// Moves on when the time for it has come.
    fn settle(&mut self, now: Instant) {
        if let Some((at, next)) = self.later.take() {
            if at <= now {
                self.name = next;
            } else {
                self.later = Some((at, next));
            }
        }
    }
}
