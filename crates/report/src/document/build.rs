//! From results to the document: the only place where raw values are read.

use std::sync::Arc;

use styk_core::{
    CategoryResult, Crossing, CrossingKind, Diagnostic, Exchange, MatrixCoverage, RunResult,
    ScenarioResult, Secrets, StepResult, Totals, crossings,
};

use super::{
    Attempt, Category, CategoryOutcome, CrossingView, Document, ExchangeView, Headline, Run,
    SCHEMA, Scenario, Seconds, Step,
};
use crate::format::{number, prefix};
use crate::mask::Masker;

/// The most a report keeps of what a foreign suite printed, in bytes.
const OUTPUT_MAX: usize = 256 << 10;
/// The most exchanges of an attempt that a report keeps. The newest stay: there the cause stands.
const EXCHANGES_MAX: usize = 2_000;

impl Document {
    /// The result with everything secret masked and everything long cut.
    pub(crate) fn new(result: &RunResult, secrets: &Secrets) -> Self {
        let masker = &Masker::new(secrets);
        let passed = result.passed_categories();
        Self {
            schema: SCHEMA,
            integration_test_report: Headline {
                start_time: result.started_at,
                end_time: result.ended_at,
                duration_seconds: Seconds(result.duration),
                total_test_categories: result.categories.len(),
                passed_categories: passed,
                failed_categories: result.categories.len() - passed,
                success_rate: (result.success_rate() * 100.0).round() / 100.0,
            },
            test_results: result
                .categories
                .iter()
                .map(|category| (masker.text(&category.name), outcome(category, masker)))
                .collect(),
            run: run(result, masker),
            categories: result
                .categories
                .iter()
                .map(|one| category(one, masker))
                .collect(),
            matrix: result.matrix.as_ref().map(|one| matrix(one, masker)),
            notices: masker.diagnostics(&result.notices),
        }
    }
}

fn run(result: &RunResult, masker: &Masker) -> Run {
    Run {
        id: masker.text(&result.run_id),
        version: result.version.clone(),
        seed: result.seed.to_string(),
        stage: masker.text(&result.stage),
        success: result.is_success(),
        success_threshold: result.success_threshold,
        strict: result.strict,
        interrupted: result.interrupted,
        totals: result.totals(),
        repeat: repeat_command(result.seed, result.strict),
    }
}

/// The command that plays the same again.
pub(crate) fn repeat_command(seed: styk_core::Seed, strict: bool) -> String {
    let strict = if strict { " --strict" } else { "" };
    format!("styk test --seed {seed}{strict}")
}

fn outcome(category: &CategoryResult, masker: &Masker) -> CategoryOutcome {
    CategoryOutcome {
        exit_code: category.exit_code,
        success: category.success,
        stdout: output(&category.stdout, masker),
        stderr: output(&category.stderr, masker),
        error: first_error(category).map(|error| masker.text(&error)),
    }
}

/// One sentence on why a category did not pass.
fn first_error(category: &CategoryResult) -> Option<String> {
    let outside = category.errors.first().map(|error| error.message.clone());
    let inside = || {
        let mut totals = Totals::default();
        for scenario in &category.scenarios {
            totals.add(scenario.status);
        }
        let bad = category
            .scenarios
            .iter()
            .filter(|scenario| !scenario.status.is_success());
        let titles: Vec<&str> = bad.map(|one| one.scenario.title.as_str()).collect();
        (!titles.is_empty()).then(|| {
            format!(
                "{} of {} scenarios did not pass: {}",
                titles.len(),
                totals.all(),
                titles.join("; ")
            )
        })
    };
    if category.success {
        outside
    } else {
        outside.or_else(inside)
    }
}

/// What was printed, masked; of a long text the end, where the cause stands.
fn output(text: &str, masker: &Masker) -> String {
    let masked = masker.text(text);
    if masked.len() <= OUTPUT_MAX {
        return masked;
    }
    let cut = prefix(&masked, masked.len() - OUTPUT_MAX).len();
    format!("[{cut} bytes left out]\n{}", &masked[cut..])
}

fn category(category: &CategoryResult, masker: &Masker) -> Category {
    let mut totals = Totals::default();
    for scenario in &category.scenarios {
        totals.add(scenario.status);
    }
    Category {
        name: masker.text(&category.name),
        success: category.success,
        exit_code: category.exit_code,
        started_at: category.started_at,
        duration_seconds: Seconds(category.duration),
        totals,
        errors: masker.diagnostics(&category.errors),
        scenarios: category
            .scenarios
            .iter()
            .map(|one| scenario(one, masker))
            .collect(),
    }
}

fn scenario(result: &ScenarioResult, masker: &Masker) -> Scenario {
    let summary = &result.scenario;
    Scenario {
        id: masker.text(&summary.id),
        title: masker.text(&summary.title),
        category: masker.text(&summary.category),
        file: masker.declared(&summary.file),
        tags: summary.tags.iter().map(|tag| masker.text(tag)).collect(),
        result: result.status,
        duration_seconds: Seconds(result.duration()),
        skip_reason: result.skip_reason.as_ref().map(|why| masker.text(why)),
        attempts: result
            .attempts
            .iter()
            .map(|one| attempt(one, masker))
            .collect(),
        output: result
            .foreign_output
            .as_ref()
            .map(|text| output(text, masker)),
    }
}

fn attempt(attempt: &styk_core::Attempt, masker: &Masker) -> Attempt {
    let view = |exchange: &Arc<Exchange>| ExchangeView::new(exchange, masker);
    let omitted = attempt.exchanges.len().saturating_sub(EXCHANGES_MAX);
    let exchanges = &attempt.exchanges[omitted..];
    Attempt {
        number: attempt.number,
        result: attempt.status,
        started_at: attempt.started_at,
        duration_seconds: Seconds(attempt.duration),
        trace_id: attempt.trace_id.map(|id| id.to_string()),
        errors: masker.diagnostics(&attempt.failures),
        steps: attempt.steps.iter().map(|one| step(one, masker)).collect(),
        exchanges: exchanges.iter().map(view).collect(),
        omitted_exchanges: number(omitted),
        crossings: crossings(exchanges).into_iter().map(crossing).collect(),
        dropped: attempt.dropped,
        attribution: attempt.attribution.as_ref().map(|how| masker.text(how)),
    }
}

fn crossing(crossing: Crossing) -> CrossingView {
    CrossingView {
        edge: crossing.edge.to_string(),
        kind: match crossing.kind {
            CrossingKind::Inbound => "inbound",
            CrossingKind::Entry => "entry",
            CrossingKind::Internal => "internal",
            CrossingKind::Outbound => "outbound",
        },
        seq: crossing.seq,
        caller_seq: crossing.caller_seq,
        depth: crossing.depth,
        outcome: crossing.outcome,
        crossing,
    }
}

fn step(result: &StepResult, masker: &Masker) -> Step {
    let place = result.location.as_ref();
    Step {
        path: masker.text(&result.path),
        label: masker.text(&result.label),
        result: result.status,
        duration_seconds: Seconds(result.duration),
        file: place.map(|place| masker.declared(&place.file)),
        line: place.map(|place| place.line),
        note: result.note.as_ref().map(|note| masker.text(note)),
        errors: result
            .failures
            .iter()
            .map(|one: &Diagnostic| masker.diagnostic(one))
            .collect(),
        exchanges: result.exchanges.clone(),
        children: result
            .children
            .iter()
            .map(|one| step(one, masker))
            .collect(),
    }
}

/// The names of edges stay: they come from the matrix, and a masked one could not be read again.
fn matrix(matrix: &MatrixCoverage, masker: &Masker) -> MatrixCoverage {
    let mut masked = matrix.clone();
    for edge in &mut masked.edges {
        for id in &mut edge.scenarios {
            *id = masker.text(id);
        }
    }
    for flow in &mut masked.flows {
        flow.flow = masker.text(&flow.flow);
        for id in &mut flow.scenarios {
            *id = masker.text(id);
        }
    }
    masked
}
