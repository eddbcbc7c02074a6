//! What happens during a run, as it happens.
//!
//! The runner emits events; the terminal and the machine-readable stream consume them. Nobody formats text
//! inside the runner.

use std::sync::Arc;
use std::time::Duration;

use crate::{Diagnostic, RunResult, ScenarioSummary, Seed, Status};

/// One event of a run, in the order of happening.
#[derive(Clone, Debug)]
pub enum RunEvent {
    /// The plan stands; nothing has been played yet.
    RunStarted {
        /// The run's id.
        run_id: String,
        /// The seed, for repeating the run.
        seed: Seed,
        /// Categories and how many scenarios (or foreign suites) each has.
        categories: Vec<(String, usize)>,
        /// How many scenarios are played side by side.
        jobs: usize,
    },
    /// A shop that runs elsewhere is being waited for.
    ShopAwaited {
        /// Its address.
        address: String,
        /// How long to wait at most.
        limit: Duration,
    },
    /// A category's first scenario is about to be played.
    CategoryStarted {
        /// The category.
        category: String,
    },
    /// A scenario (one attempt of it) begins.
    ScenarioStarted {
        /// Which one.
        scenario: ScenarioSummary,
        /// The attempt, from 1.
        attempt: u32,
    },
    /// A scenario is over, all attempts included.
    ScenarioFinished {
        /// Which one.
        scenario: ScenarioSummary,
        /// How it went.
        status: Status,
        /// Time of its last attempt.
        duration: Duration,
        /// Attempts made.
        attempts: u32,
        /// What went wrong in the last attempt.
        failures: Vec<Diagnostic>,
    },
    /// A line that a foreign suite printed.
    Output {
        /// The category.
        category: String,
        /// The line.
        line: String,
    },
    /// A category is over.
    CategoryFinished {
        /// The category.
        category: String,
        /// Whether all its scenarios passed.
        success: bool,
        /// Time from its first to its last scenario.
        duration: Duration,
    },
    /// Something a person should know that is no result.
    Notice {
        /// The message.
        message: Diagnostic,
    },
    /// The run was asked to stop.
    Interrupted,
    /// Everything is over.
    RunFinished {
        /// The whole result.
        result: Arc<RunResult>,
    },
}

/// Who takes the events of a run. Called from the run's own task, in order; it must not block for long.
pub trait EventSink: Send {
    /// Takes one event.
    fn event(&mut self, event: &RunEvent);
}

impl EventSink for Vec<RunEvent> {
    fn event(&mut self, event: &RunEvent) {
        self.push(event.clone());
    }
}
