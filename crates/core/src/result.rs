//! What came of a run, as data. Reporters read these types and nothing else.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Diagnostic, Dropped, Exchange, Location, MatrixCoverage, Seed, TraceId};

/// The verdict on a scenario or step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Everything held.
    Passed,
    /// Everything held, but only after a retry.
    Flaky,
    /// An expectation did not hold.
    Failed,
    /// It could not be judged: the environment or a fixture failed.
    Error,
    /// It was not played, on purpose.
    Skipped,
}

impl Status {
    /// Whether this counts as passed in a run that is not strict.
    #[must_use]
    pub fn is_success(self) -> bool {
        matches!(self, Self::Passed | Self::Flaky | Self::Skipped)
    }

    /// The word for it in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Flaky => "flaky",
            Self::Failed => "failed",
            Self::Error => "error",
            Self::Skipped => "skipped",
        }
    }
}

/// Names one scenario.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ScenarioSummary {
    /// Stable and unique within a run: file path and ordinal, or as the scenario says; rows add `#2`.
    pub id: String,
    /// The title, for people.
    pub title: String,
    /// The category it is played in.
    pub category: String,
    /// Where it stands.
    pub file: String,
    /// Its tags.
    pub tags: Vec<String>,
}

/// One step as it was played.
#[derive(Clone, Debug)]
pub struct StepResult {
    /// The step's `id`, else its path: `5`, `5.0` (first loop pass), `finally.1`.
    pub path: String,
    /// What it does: `POST /api/orders`, `verify email`.
    pub label: String,
    /// The verdict.
    pub status: Status,
    /// Time spent.
    pub duration: Duration,
    /// Where it stands.
    pub location: Option<Location>,
    /// A digest for people: `new ×2, paid ×21`, or why it was skipped.
    pub note: Option<String>,
    /// What did not hold.
    pub failures: Vec<Diagnostic>,
    /// Sequence numbers of the exchanges that happened while it ran.
    pub exchanges: Vec<u64>,
    /// The steps inside: loops, groups, fixtures, parallel copies.
    pub children: Vec<StepResult>,
}

/// One attempt at a scenario.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Counted from 1.
    pub number: u32,
    /// The verdict.
    pub status: Status,
    /// When it began.
    pub started_at: Timestamp,
    /// Time spent, stage included.
    pub duration: Duration,
    /// Everything that did not hold, in order, also from steps.
    pub failures: Vec<Diagnostic>,
    /// The steps.
    pub steps: Vec<StepResult>,
    /// The trace all its requests belong to.
    pub trace_id: Option<TraceId>,
    /// The exchanges that belong to it, oldest first.
    pub exchanges: Vec<Arc<Exchange>>,
    /// What the journal had to drop.
    pub dropped: Dropped,
    /// How exchanges were told apart from those of others, when that was needed (`trace`, `time window`).
    pub attribution: Option<String>,
}

/// One scenario, all attempts included.
#[derive(Clone, Debug)]
pub struct ScenarioResult {
    /// Which one.
    pub scenario: ScenarioSummary,
    /// The verdict over all attempts.
    pub status: Status,
    /// Why it was skipped.
    pub skip_reason: Option<String>,
    /// The attempts, first to last. Empty when it was skipped or never begun.
    pub attempts: Vec<Attempt>,
    /// The text a foreign suite gave for a case that did not pass.
    pub foreign_output: Option<String>,
}

impl ScenarioResult {
    /// The last attempt.
    #[must_use]
    pub fn last(&self) -> Option<&Attempt> {
        self.attempts.last()
    }

    /// The time of the last attempt.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.last()
            .map_or(Duration::ZERO, |attempt| attempt.duration)
    }
}

/// One category of the run.
#[derive(Clone, Debug)]
pub struct CategoryResult {
    /// Its name.
    pub name: String,
    /// Whether it passed: all scenarios passed (flaky ones included), and nothing else went wrong.
    pub success: bool,
    /// 0 when it passed; a foreign suite's own exit code; else 1.
    pub exit_code: i32,
    /// When its first scenario began.
    pub started_at: Timestamp,
    /// Time to its last scenario's end.
    pub duration: Duration,
    /// What a foreign suite printed (bounded).
    pub stdout: String,
    /// What a foreign suite printed as errors (bounded).
    pub stderr: String,
    /// What went wrong outside of scenarios: a time-out of the category, a JUnit file that is no XML.
    pub errors: Vec<Diagnostic>,
    /// The scenarios in the plan's order.
    pub scenarios: Vec<ScenarioResult>,
}

/// Scenario counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Passed at the first attempt.
    pub passed: u64,
    /// Passed after a retry.
    pub flaky: u64,
    /// An expectation did not hold.
    pub failed: u64,
    /// Could not be judged.
    pub errors: u64,
    /// Not played, on purpose.
    pub skipped: u64,
}

impl Totals {
    /// Counts one scenario.
    pub fn add(&mut self, status: Status) {
        let count = match status {
            Status::Passed => &mut self.passed,
            Status::Flaky => &mut self.flaky,
            Status::Failed => &mut self.failed,
            Status::Error => &mut self.errors,
            Status::Skipped => &mut self.skipped,
        };
        *count += 1;
    }

    /// All scenarios.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.passed + self.flaky + self.failed + self.errors + self.skipped
    }
}

/// A whole run.
#[derive(Clone, Debug)]
pub struct RunResult {
    /// The run's id; also the name of its report folder.
    pub run_id: String,
    /// The version of styk that played it.
    pub version: String,
    /// The seed that repeats it.
    pub seed: Seed,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Time between the two.
    pub duration: Duration,
    /// `embedded` or `attached`, for people.
    pub stage: String,
    /// Share of passed categories that makes the run a success, in percent.
    pub success_threshold: f64,
    /// Whether every scenario has to pass, and flaky counts as failed.
    pub strict: bool,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
    /// The categories in the configuration's order.
    pub categories: Vec<CategoryResult>,
    /// The integration matrix, when there is one.
    pub matrix: Option<MatrixCoverage>,
    /// Notices that belong to no category.
    pub notices: Vec<Diagnostic>,
}

impl RunResult {
    /// Scenario counts over all categories.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for scenario in self
            .categories
            .iter()
            .flat_map(|category| &category.scenarios)
        {
            totals.add(scenario.status);
        }
        totals
    }

    /// Passed categories.
    #[must_use]
    pub fn passed_categories(&self) -> usize {
        self.categories
            .iter()
            .filter(|category| category.success)
            .count()
    }

    /// Passed categories of all categories, in percent. Zero when there is none.
    #[must_use]
    pub fn success_rate(&self) -> f64 {
        let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
        if self.categories.is_empty() {
            return 0.0;
        }
        100.0 * count(self.passed_categories()) / count(self.categories.len())
    }

    /// The verdict on the run: complete, and at or above the threshold; under `strict`, every scenario passed
    /// at its first attempt.
    #[must_use]
    pub fn is_success(&self) -> bool {
        let strict_ok = || {
            let totals = self.totals();
            totals.failed + totals.errors + totals.flaky == 0
                && self.passed_categories() == self.categories.len()
        };
        !self.interrupted
            && !self.categories.is_empty()
            && self.success_rate() >= self.success_threshold
            && (!self.strict || strict_ok())
    }
}
