//! One scenario of the plan, with its attempts and the stage for each of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::Value;
use styk_core::{Attempt, Clock, Diagnostic, Dropped, ScenarioSummary, Status};
use styk_scenario::{Case, Interrupt, SharedFixtures, Skip, play, shop_variables, skip_reason};
use tokio::sync::mpsc;

use crate::ground::{Ground, Tools, if_ready};
use crate::schedule::Message;

/// What a worker knows about the scenario it plays.
#[derive(Debug)]
pub(crate) struct CaseTask {
    pub(crate) tools: Arc<Tools>,
    pub(crate) case: Case,
    pub(crate) summary: ScenarioSummary,
    /// The stage that all share, with this worker's fixtures; else each attempt has its own.
    pub(crate) shared: Option<(Arc<Ground>, SharedFixtures)>,
    pub(crate) retries: u32,
    pub(crate) interrupt: Interrupt,
    pub(crate) messages: mpsc::Sender<Message>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct PlayedCase {
    pub(crate) attempts: Vec<Attempt>,
    /// Why it was skipped.
    pub(crate) skip_reason: Option<String>,
    /// Whether a stage stood under at least one attempt.
    pub(crate) stood: bool,
    /// Why a stage did not come up, when none did.
    pub(crate) stage_failed: bool,
}

impl CaseTask {
    /// Plays attempts until one passes, or there are no more.
    pub(crate) async fn play(self) -> PlayedCase {
        let mut played = PlayedCase::default();
        // Without a condition on the stage, it need not stand for that.
        let is_plain = |skip: &Skip| skip.when.is_none();
        if self.case.scenario.skip.as_ref().is_some_and(is_plain)
            && self
                .is_skipped(&Value::Null, &mut played)
                .is_ok_and(|skipped| skipped)
        {
            return played;
        }
        for number in 1..=self.retries + 1 {
            let started = Message::ScenarioStarted {
                scenario: self.summary.clone(),
                attempt: number,
            };
            // The coordinator is gone only when the whole run is dropped.
            let _ = self.messages.send(started).await;
            let Some(attempt) = self.attempt(number, &mut played).await else {
                return played;
            };
            let is_over = attempt.status.is_success() || self.interrupt.is_stopped();
            played.attempts.push(attempt);
            if is_over {
                break;
            }
        }
        played
    }

    /// One attempt, on a stage of its own or on the shared one. `None` when it turns out to be skipped.
    async fn attempt(&self, number: u32, played: &mut PlayedCase) -> Option<Attempt> {
        let clock = &self.tools.clock;
        let begin = (clock.now(), clock.instant());
        if let Some((ground, fixtures)) = &self.shared {
            if !self.case.scenario.shop.is_empty() {
                let reason = "it needs a shop with variables of its own; this one runs already";
                played.stood = true;
                played.skip_reason = Some(reason.to_owned());
                return None;
            }
            return self.on(ground, fixtures, number, begin, played).await;
        }
        let name = format!("{}/{number}", self.case.id);
        let tools = &self.tools;
        let variables = match shop_variables(&self.case, clock, &tools.run_id, &tools.env) {
            Ok(variables) => variables,
            Err(failure) => return Some(unplayed_attempt(clock, number, failure)),
        };
        match tools.stand(&name, &variables, true, &self.interrupt).await {
            Ok(ground) => {
                let fixtures = ground.fixtures.for_worker();
                let attempt = self.on(&ground, &fixtures, number, begin, played).await;
                let failures = self.tools.leave(ground, &[fixtures], &self.interrupt).await;
                attempt.map(|mut attempt| {
                    attempt.duration = clock.since(begin.1);
                    add_failures(&mut attempt, failures);
                    attempt
                })
            }
            Err(cause) => {
                played.stage_failed = cause.is_some();
                let stopped = || Diagnostic::error("the run was stopped before its stage stood");
                let failure = cause.unwrap_or_else(stopped);
                Some(Attempt {
                    started_at: begin.0,
                    duration: clock.since(begin.1),
                    ..unplayed_attempt(clock, number, failure)
                })
            }
        }
    }

    async fn on(
        &self,
        ground: &Ground,
        fixtures: &SharedFixtures,
        number: u32,
        begin: (Timestamp, Instant),
        played: &mut PlayedCase,
    ) -> Option<Attempt> {
        played.stood = true;
        let clock = &self.tools.clock;
        match self.is_skipped(ground.stage.values(), played) {
            Ok(false) => {}
            Ok(true) => return None,
            Err(failure) => return Some(unplayed_attempt(clock, number, *failure)),
        }
        let world = self.tools.world(ground, fixtures);
        let mut attempt = play(&self.case, &world, number, &self.interrupt).await;
        attempt.started_at = begin.0;
        attempt.duration = clock.since(begin.1);
        if let Some(cause) = if_ready(ground.stage.died()) {
            let died = format!("the shop died while the scenario was played: {cause}");
            add_failures(&mut attempt, vec![Diagnostic::error(died).code("E0501")]);
        }
        Some(attempt)
    }

    /// Whether it is skipped; why goes to `played`.
    fn is_skipped(&self, stage: &Value, played: &mut PlayedCase) -> Result<bool, Box<Diagnostic>> {
        let tools = &self.tools;
        let reason = skip_reason(&self.case, &tools.clock, &tools.run_id, stage, &tools.env);
        played.skip_reason = reason.map_err(Box::new)?;
        Ok(played.skip_reason.is_some())
    }
}

/// What went wrong beside the steps: then it cannot be judged.
fn add_failures(attempt: &mut Attempt, failures: Vec<Diagnostic>) {
    if failures.is_empty() {
        return;
    }
    attempt.failures.extend(failures);
    if attempt.status.is_success() {
        attempt.status = Status::Error;
    }
}

/// An attempt at which nothing was played.
pub(crate) fn unplayed_attempt(clock: &Clock, number: u32, failure: Diagnostic) -> Attempt {
    Attempt {
        number,
        status: Status::Error,
        started_at: clock.now(),
        duration: Duration::ZERO,
        failures: vec![failure],
        steps: Vec::new(),
        trace_id: None,
        exchanges: Vec::new(),
        dropped: Dropped::default(),
        attribution: None,
    }
}
