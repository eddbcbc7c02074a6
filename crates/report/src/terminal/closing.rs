//! The block at the end of a run: the verdict, the counts, what to look at, and how to play it again.

use styk_core::{
    CategoryResult, EdgeState, MatrixCoverage, RunResult, ScenarioResult, Status, Totals,
};

use crate::diagnostic::{Paint, render_diagnostic};
use crate::document::repeat_command;
use crate::format::{count, duration, number, percent, printable};
use crate::mask::Masker;
use crate::matrix_table::matrix_line;
use crate::summary::totals_line;

/// The most entries of one list.
const LIST_MAX: usize = 10;

/// One named line of the block.
pub(crate) fn field(name: &str, value: &str) -> String {
    format!("  {name:<11} {value}")
}

/// The whole block, without a final line break.
pub(super) fn block(result: &RunResult, masker: &Masker, paint: Paint) -> String {
    let mut lines = vec![String::new()];
    for category in &result.categories {
        for error in &category.errors {
            lines.push(render_diagnostic(&masker.diagnostic(error), paint.is_on));
            lines.push(String::new());
        }
    }
    for notice in &result.notices {
        lines.push(render_diagnostic(&masker.diagnostic(notice), paint.is_on));
        lines.push(String::new());
    }
    lines.push(verdict(result, paint));
    lines.push(String::new());
    lines.extend(categories(result, masker, paint));
    lines.push(String::new());
    lines.push(field(
        "categories",
        &format!(
            "{} of {} passed, success rate {} (needed: {}{})",
            result.passed_categories(),
            result.categories.len(),
            percent(result.success_rate()),
            percent(result.success_threshold),
            if result.strict {
                ", and every scenario"
            } else {
                ""
            },
        ),
    ));
    let totals = result.totals();
    lines.push(field("scenarios", &scenarios_line(&totals, paint)));
    for (status, name) in [
        (Status::Failed, "failed"),
        (Status::Error, "errors"),
        (Status::Flaky, "flaky"),
    ] {
        lines.extend(named(result, status, name, masker, paint));
    }
    if let Some(matrix) = &result.matrix {
        lines.extend(matrix_lines(matrix));
    }
    let repeat = repeat_command(result.seed, result.strict);
    let seed = format!("{}; repeat with: {repeat}", result.seed);
    lines.push(field("seed", &seed));
    lines.join("\n")
}

fn verdict(result: &RunResult, paint: Paint) -> String {
    let word = match (result.is_success(), result.interrupted) {
        (true, _) => paint.green("passed"),
        (false, true) => paint.yellow("interrupted"),
        (false, false) => paint.red("FAILED"),
    };
    let time = duration(result.duration);
    format!("{} {word} in {time}", paint.bold("Integration tests"))
}

fn categories(result: &RunResult, masker: &Masker, paint: Paint) -> Vec<String> {
    let name = |category: &CategoryResult| printable(&masker.text(&category.name));
    let width = result
        .categories
        .iter()
        .map(|category| name(category).chars().count())
        .max()
        .unwrap_or_default();
    let line = |category: &CategoryResult| {
        let mut totals = Totals::default();
        for scenario in &category.scenarios {
            totals.add(scenario.status);
        }
        let word = if category.success {
            paint.green(format!("{:<7}", "passed"))
        } else {
            paint.red(format!("{:<7}", "FAILED"))
        };
        format!(
            "  {word} {:<width$}  {:>9}  {}",
            name(category),
            duration(category.duration),
            totals_line(&totals),
        )
    };
    result.categories.iter().map(line).collect()
}

fn scenarios_line(totals: &Totals, paint: Paint) -> String {
    let shown = |number: u64, status: Status, word: &str| {
        let text = format!("{number} {word}");
        if number == 0 {
            text
        } else {
            paint.status(status, text)
        }
    };
    [
        shown(totals.passed, Status::Passed, "passed"),
        shown(totals.failed, Status::Failed, "failed"),
        shown(totals.flaky, Status::Flaky, "flaky"),
        shown(totals.skipped, Status::Skipped, "skipped"),
        shown(
            totals.errors,
            Status::Error,
            if totals.errors == 1 {
                "error"
            } else {
                "errors"
            },
        ),
    ]
    .join(", ")
}

/// The scenarios of one verdict by name, so that nobody has to scroll for them.
fn named(
    result: &RunResult,
    status: Status,
    name: &str,
    masker: &Masker,
    paint: Paint,
) -> Vec<String> {
    let all: Vec<&ScenarioResult> = result
        .categories
        .iter()
        .flat_map(|category| &category.scenarios)
        .filter(|scenario| scenario.status == status)
        .collect();
    let text = |scenario: &ScenarioResult| {
        let summary = &scenario.scenario;
        let title = format!("{} › {}", summary.category, summary.title);
        let place = scenario
            .last()
            .and_then(|attempt| attempt.failures.first())
            .and_then(|failure| failure.location.as_ref())
            .map_or_else(
                || summary.file.clone(),
                |at| format!("{}:{}", at.file, at.line),
            );
        let attempts = match scenario.attempts.len() {
            0 | 1 => String::new(),
            many => format!(", {many} attempts"),
        };
        let clean = |text: &str| printable(&masker.text(text)).replace('\n', " ");
        let place = paint.dim(format!("({}{attempts})", clean(&place)));
        format!("{} {place}", clean(&title))
    };
    listed(name, all.iter().map(|scenario| text(scenario)).collect())
}

fn matrix_lines(matrix: &MatrixCoverage) -> Vec<String> {
    let mut lines = vec![field("matrix", &matrix_line(matrix))];
    for (state, name) in [
        (EdgeState::Uncovered, "uncovered"),
        (EdgeState::Undeclared, "undeclared"),
    ] {
        let edges: Vec<String> = matrix
            .in_state(state)
            .map(|coverage| printable(&coverage.edge.to_string()))
            .collect();
        if edges.is_empty() {
            continue;
        }
        let more = match edges.len().saturating_sub(LIST_MAX) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let shown = &edges[..edges.len().min(LIST_MAX)];
        lines.push(field(name, &format!("{}{more}", shown.join(", "))));
    }
    lines
}

/// A list under one name, bounded.
fn listed(name: &str, entries: Vec<String>) -> Vec<String> {
    let more = entries.len().saturating_sub(LIST_MAX);
    let mut lines: Vec<String> = entries
        .into_iter()
        .take(LIST_MAX)
        .enumerate()
        .map(|(place, entry)| field(if place == 0 { name } else { "" }, &entry))
        .collect();
    if more > 0 {
        lines.push(field(
            "",
            &format!("and {} more", count(number(more), "scenario")),
        ));
    }
    lines
}
