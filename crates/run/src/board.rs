//! The score board: results as they come in, events as they happen.
//!
//! Only the coordinator writes here, so that events come in one order and results in the plan's.

use std::time::Instant;

use jiff::Timestamp;
use styk_core::{
    CategoryResult, Clock, Diagnostic, EventSink, MatrixCoverage, RunEvent, ScenarioResult,
    ScenarioSummary, Status,
};

use crate::command::PlayedCommand;
use crate::coverage::Coverage;
use crate::plan::Plan;
use crate::play::{PlayedCase, unplayed_attempt};
use crate::project::CategoryKind;

/// Everything that is known so far.
pub(crate) struct Board<'s> {
    sink: &'s mut dyn EventSink,
    clock: Clock,
    categories: Vec<Entry>,
    pub(crate) coverage: Option<Coverage>,
    pub(crate) notices: Vec<Diagnostic>,
}

/// One category.
#[derive(Debug)]
struct Entry {
    name: String,
    began: Option<(Timestamp, Instant)>,
    result: CategoryResult,
    slots: Vec<Slot>,
    /// Units whose end is not known yet.
    open: usize,
    /// Whether everything that was planned was played.
    is_complete: bool,
}

/// One scenario of a category.
#[derive(Debug)]
struct Slot {
    summary: ScenarioSummary,
    result: Option<ScenarioResult>,
}

impl std::fmt::Debug for Board<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Board")
            .field("categories", &self.categories)
            .finish_non_exhaustive()
    }
}

impl<'s> Board<'s> {
    pub(crate) fn new(
        plan: &Plan,
        coverage: Option<Coverage>,
        clock: Clock,
        sink: &'s mut dyn EventSink,
    ) -> Self {
        let now = clock.now();
        let categories = plan.categories.iter().map(|category| {
            let slots: Vec<Slot> = match &category.kind {
                CategoryKind::Command(_) => Vec::new(),
                CategoryKind::Scenarios(cases) => cases
                    .iter()
                    .map(|case| Slot {
                        summary: case.summary(&category.name),
                        result: None,
                    })
                    .collect(),
            };
            Entry {
                name: category.name.clone(),
                began: None,
                open: category.size(),
                result: empty_result(&category.name, now),
                slots,
                is_complete: true,
            }
        });
        Self {
            categories: categories.collect(),
            sink,
            clock,
            coverage,
            notices: Vec::new(),
        }
    }

    pub(crate) fn emit(&mut self, event: &RunEvent) {
        self.sink.event(event);
    }

    pub(crate) fn notice(&mut self, message: Diagnostic) {
        self.emit(&RunEvent::Notice {
            message: message.clone(),
        });
        self.notices.push(message);
    }

    /// The scenario of a slot.
    pub(crate) fn summary(&self, category: usize, slot: usize) -> &ScenarioSummary {
        &self.categories[category].slots[slot].summary
    }

    /// A category's first unit is about to be played.
    pub(crate) fn begin(&mut self, category: usize) {
        let began = (self.clock.now(), self.clock.instant());
        let entry = &mut self.categories[category];
        if entry.began.is_none() {
            entry.began = Some(began);
            entry.result.started_at = began.0;
            let category = entry.name.clone();
            self.emit(&RunEvent::CategoryStarted { category });
        }
    }

    /// When a category began.
    pub(crate) fn began(&self, category: usize) -> Option<Instant> {
        self.categories[category].began.map(|(_, instant)| instant)
    }

    pub(crate) fn is_open(&self, category: usize) -> bool {
        self.categories[category].open > 0
    }

    /// Something went wrong with a category as a whole. Said once each.
    pub(crate) fn fail(&mut self, category: usize, error: Diagnostic) {
        let errors = &mut self.categories[category].result.errors;
        if !errors.contains(&error) {
            errors.push(error);
        }
    }

    pub(crate) fn finish_case(&mut self, category: usize, slot: usize, played: PlayedCase) {
        let summary = self.summary(category, slot).clone();
        if let Some(coverage) = &mut self.coverage {
            for attempt in &played.attempts {
                coverage.add(&summary.id, &attempt.exchanges);
            }
        }
        let status = verdict(&played);
        let result = ScenarioResult {
            scenario: summary,
            status,
            skip_reason: played.skip_reason,
            attempts: played.attempts,
            foreign_output: None,
        };
        let event = finished(&result);
        self.finish_slot(category, slot, result, &event);
    }

    /// A scenario that is not played.
    pub(crate) fn leave_out(&mut self, category: usize, slot: usize, why: Unplayed) {
        let entry = &mut self.categories[category];
        entry.is_complete = false;
        let Some(summary) = entry.slots.get(slot).map(|slot| slot.summary.clone()) else {
            // A foreign suite has no scenarios yet.
            if let Unplayed::Error(error) | Unplayed::Broken(error) = why {
                self.fail(category, error);
            }
            self.close_unit(category);
            return;
        };
        let is_told = matches!(why, Unplayed::Error(_));
        let (status, skip_reason, attempts) = match why {
            Unplayed::Skipped(reason) => (Status::Skipped, Some(reason), Vec::new()),
            Unplayed::Error(error) | Unplayed::Broken(error) => {
                let attempt = unplayed_attempt(&self.clock, 1, error);
                (Status::Error, None, vec![attempt])
            }
        };
        let result = ScenarioResult {
            scenario: summary,
            status,
            skip_reason,
            attempts,
            foreign_output: None,
        };
        let mut event = finished(&result);
        if let RunEvent::ScenarioFinished { failures, .. } = &mut event
            && is_told
        {
            failures.clear();
        }
        self.finish_slot(category, slot, result, &event);
    }

    fn finish_slot(
        &mut self,
        category: usize,
        slot: usize,
        result: ScenarioResult,
        event: &RunEvent,
    ) {
        self.categories[category].slots[slot].result = Some(result);
        self.emit(event);
        self.close_unit(category);
    }

    pub(crate) fn finish_command(&mut self, category: usize, played: PlayedCommand) {
        let name = self.categories[category].name.clone();
        if let Some(coverage) = &mut self.coverage {
            coverage.add(&name, &played.exchanges);
        }
        for result in &played.scenarios {
            let event = finished(result);
            self.emit(&event);
        }
        let entry = &mut self.categories[category];
        entry.is_complete &= !played.cut_by_person;
        entry.result.exit_code = played.exit_code.unwrap_or(0);
        entry.result.stdout = played.stdout;
        entry.result.stderr = played.stderr;
        entry.result.errors.extend(played.errors);
        entry.result.scenarios = played.scenarios;
        self.close_unit(category);
    }

    fn close_unit(&mut self, category: usize) {
        let clock = self.clock.clone();
        let entry = &mut self.categories[category];
        entry.open = entry.open.saturating_sub(1);
        if entry.open > 0 {
            return;
        }
        entry.close(&clock);
        let event = RunEvent::CategoryFinished {
            category: entry.name.clone(),
            success: entry.result.success,
            duration: entry.result.duration,
        };
        self.emit(&event);
    }

    /// The results in the plan's order, and what was said beside them.
    pub(crate) fn into_results(self) -> Results<'s> {
        let categories = self.categories.into_iter().map(|entry| entry.result);
        Results {
            categories: categories.collect(),
            matrix: self.coverage.map(Coverage::finish),
            notices: self.notices,
            sink: self.sink,
        }
    }

    pub(crate) fn name(&self, category: usize) -> &str {
        &self.categories[category].name
    }
}

impl Entry {
    fn close(&mut self, clock: &Clock) {
        let slots = std::mem::take(&mut self.slots);
        let results = slots.into_iter().filter_map(|slot| slot.result);
        self.result.scenarios.extend(results);
        if let Some((_, instant)) = self.began {
            self.result.duration = clock.since(instant);
        }
        let all_good = self
            .result
            .scenarios
            .iter()
            .all(|result| result.status.is_success());
        self.result.success = all_good && self.is_complete && self.result.errors.is_empty();
        if !self.result.success && self.result.exit_code == 0 {
            self.result.exit_code = 1;
        }
    }
}

/// What is on the board at the end.
pub(crate) struct Results<'s> {
    pub(crate) categories: Vec<CategoryResult>,
    pub(crate) matrix: Option<MatrixCoverage>,
    pub(crate) notices: Vec<Diagnostic>,
    pub(crate) sink: &'s mut dyn EventSink,
}

/// Why a scenario is not played.
#[derive(Clone, Debug)]
pub(crate) enum Unplayed {
    /// On purpose: a person stopped the run, or asked for `--fail-fast`.
    Skipped(String),
    /// Not on purpose: a limit, or a stage that never came up. The cause was told elsewhere, once for all.
    Error(Diagnostic),
    /// styk itself broke.
    Broken(Diagnostic),
}

fn verdict(played: &PlayedCase) -> Status {
    match played.attempts.as_slice() {
        [] if played.skip_reason.is_some() => Status::Skipped,
        [] => Status::Error,
        [only] => only.status,
        [.., last] if last.status == Status::Passed => Status::Flaky,
        [.., last] => last.status,
    }
}

fn finished(result: &ScenarioResult) -> RunEvent {
    RunEvent::ScenarioFinished {
        scenario: result.scenario.clone(),
        status: result.status,
        duration: result.duration(),
        attempts: u32::try_from(result.attempts.len()).unwrap_or(u32::MAX),
        failures: result
            .last()
            .map(|attempt| attempt.failures.clone())
            .unwrap_or_default(),
    }
}

fn empty_result(name: &str, now: Timestamp) -> CategoryResult {
    CategoryResult {
        name: name.to_owned(),
        success: false,
        exit_code: 0,
        started_at: now,
        duration: std::time::Duration::ZERO,
        stdout: String::new(),
        stderr: String::new(),
        errors: Vec::new(),
        scenarios: Vec::new(),
    }
}
