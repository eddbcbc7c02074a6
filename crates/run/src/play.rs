//! One scenario of the plan, with its attempts and the stage for each of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use styk_core::{Attempt, Clock, Diagnostic, Dropped, ScenarioSummary, Status};
use styk_scenario::{Case, Interrupt, play};
use tokio::sync::mpsc;

use crate::ground::{Ground, Tools, if_ready};
use crate::schedule::Message;

/// What a worker knows about the scenario it plays.
#[derive(Debug)]
pub(crate) struct CaseTask {
    pub(crate) tools: Arc<Tools>,
    pub(crate) case: Case,
    pub(crate) summary: ScenarioSummary,
    /// The stage that all share; else each attempt has its own.
    pub(crate) shared: Option<Arc<Ground>>,
    pub(crate) retries: u32,
    pub(crate) interrupt: Interrupt,
    pub(crate) messages: mpsc::Sender<Message>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct PlayedCase {
    pub(crate) attempts: Vec<Attempt>,
    /// Whether a stage stood under at least one attempt.
    pub(crate) stood: bool,
    /// Why a stage did not come up, when none did.
    pub(crate) stage_failed: bool,
}

impl CaseTask {
    /// Plays attempts until one passes, or there are no more.
    pub(crate) async fn play(self) -> PlayedCase {
        let mut played = PlayedCase::default();
        for number in 1..=self.retries + 1 {
            let started = Message::ScenarioStarted {
                scenario: self.summary.clone(),
                attempt: number,
            };
            // The coordinator is gone only when the whole run is dropped.
            let _ = self.messages.send(started).await;
            let attempt = self.attempt(number, &mut played).await;
            let is_over = attempt.status.is_success() || self.interrupt.is_stopped();
            played.attempts.push(attempt);
            if is_over {
                break;
            }
        }
        played
    }

    async fn attempt(&self, number: u32, played: &mut PlayedCase) -> Attempt {
        let clock = &self.tools.clock;
        let begin = (clock.now(), clock.instant());
        if let Some(ground) = &self.shared {
            played.stood = true;
            return self.on(ground, number, begin).await;
        }
        let name = format!("{}/{number}", self.case.id);
        match self.tools.stand(&name, true, &self.interrupt).await {
            Ok(ground) => {
                played.stood = true;
                let mut attempt = self.on(&ground, number, begin).await;
                self.tools.leave(ground, &self.interrupt).await;
                attempt.duration = clock.since(begin.1);
                attempt
            }
            Err(cause) => {
                played.stage_failed = cause.is_some();
                let failure = cause.unwrap_or_else(|| {
                    Diagnostic::error("the run was stopped before its stage stood")
                });
                Attempt {
                    started_at: begin.0,
                    duration: clock.since(begin.1),
                    ..unplayed_attempt(clock, number, failure)
                }
            }
        }
    }

    async fn on(&self, ground: &Ground, number: u32, begin: (Timestamp, Instant)) -> Attempt {
        let world = self.tools.world(ground);
        let mut attempt = play(&self.case, &world, number, &self.interrupt).await;
        attempt.started_at = begin.0;
        attempt.duration = self.tools.clock.since(begin.1);
        if let Some(cause) = if_ready(ground.stage.died()) {
            let died = format!("the shop died while the scenario was played: {cause}");
            attempt.failures.push(Diagnostic::error(died).code("E0501"));
            attempt.status = Status::Error;
        }
        attempt
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
