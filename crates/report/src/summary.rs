//! `summary.md`: what a person needs on the page of a CI job, and no more.

use std::fmt::Write as _;

use styk_core::{Diagnostic, EdgeState, MatrixCoverage, Status, Totals};

use crate::document::{Document, Scenario};
use crate::format::{count, duration, number, percent, printable, shortened};

/// The most failed scenarios that are shown with their errors.
const FAILURES_MAX: usize = 20;
/// The most lines of one error.
const ERROR_LINES_MAX: usize = 16;
/// The most edges of one list.
const EDGES_MAX: usize = 30;

/// The whole summary.
pub(crate) fn markdown(document: &Document) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = verdict(&mut out, document)
        .and_then(|()| categories(&mut out, document))
        .and_then(|()| failures(&mut out, document))
        .and_then(|()| flaky(&mut out, document))
        .and_then(|()| notices(&mut out, document))
        .and_then(|()| {
            document
                .matrix
                .as_ref()
                .map_or(Ok(()), |one| matrix(&mut out, one))
        });
    let _ = writeln!(
        out,
        "Seed `{}`. Repeat with {}.",
        document.run.seed,
        code(&document.run.repeat)
    );
    out
}

fn verdict(out: &mut String, document: &Document) -> std::fmt::Result {
    let head = &document.integration_test_report;
    let run = &document.run;
    let (sign, word) = match (run.success, run.interrupted) {
        (true, _) => ("✅", "passed"),
        (false, true) => ("⏹️", "interrupted"),
        (false, false) => ("❌", "failed"),
    };
    writeln!(out, "## {sign} Integration tests {word}\n")?;
    writeln!(
        out,
        "**{} of {} categories** passed ({}, needed {}{}) · {} · {}\n",
        head.passed_categories,
        head.total_test_categories,
        percent(head.success_rate),
        percent(run.success_threshold),
        if run.strict { ", strict" } else { "" },
        totals_line(&run.totals),
        duration(head.duration_seconds.0),
    )
}

/// `21 passed, 1 failed, 1 flaky`; what is zero is left out, except passed.
pub(crate) fn totals_line(totals: &Totals) -> String {
    let parts = [
        (totals.passed, "passed"),
        (totals.failed, "failed"),
        (
            totals.errors,
            if totals.errors == 1 {
                "error"
            } else {
                "errors"
            },
        ),
        (totals.flaky, "flaky"),
        (totals.skipped, "skipped"),
    ];
    let shown: Vec<String> = parts
        .iter()
        .enumerate()
        .filter(|(place, (number, _))| *place == 0 || *number > 0)
        .map(|(_, (number, word))| format!("{number} {word}"))
        .collect();
    shown.join(", ")
}

fn categories(out: &mut String, document: &Document) -> std::fmt::Result {
    writeln!(
        out,
        "| | category | passed | failed | errors | flaky | skipped | time |"
    )?;
    writeln!(
        out,
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    )?;
    for category in &document.categories {
        let totals = category.totals;
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            if category.success { "✅" } else { "❌" },
            escaped(&category.name),
            totals.passed,
            totals.failed,
            totals.errors,
            totals.flaky,
            totals.skipped,
            duration(category.duration_seconds.0),
        )?;
    }
    writeln!(out)
}

fn failures(out: &mut String, document: &Document) -> std::fmt::Result {
    let outside: Vec<_> = document
        .categories
        .iter()
        .filter(|category| !category.errors.is_empty())
        .collect();
    let failed: Vec<&Scenario> = document
        .scenarios()
        .filter(|one| matches!(one.result, Status::Failed | Status::Error))
        .collect();
    if outside.is_empty() && failed.is_empty() {
        return Ok(());
    }
    writeln!(out, "### Failed\n")?;
    for category in outside {
        writeln!(out, "**Category {}**\n", escaped(&category.name))?;
        fenced(out, &diagnostics(&category.errors))?;
    }
    for scenario in failed.iter().take(FAILURES_MAX) {
        writeln!(
            out,
            "**{}** · {} · {}\n",
            escaped(&scenario.title),
            escaped(&scenario.category),
            code(&scenario.file),
        )?;
        let errors = scenario.errors();
        let text = match &scenario.output {
            Some(output) if errors.is_empty() => output.clone(),
            _ if errors.is_empty() => scenario.skip_reason.clone().unwrap_or_default(),
            _ => diagnostics(errors),
        };
        fenced(out, &text)?;
    }
    if failed.len() > FAILURES_MAX {
        let more = number(failed.len() - FAILURES_MAX);
        writeln!(
            out,
            "… and {} more that did not pass.\n",
            count(more, "scenario")
        )?;
    }
    Ok(())
}

fn flaky(out: &mut String, document: &Document) -> std::fmt::Result {
    let flaky: Vec<&Scenario> = document
        .scenarios()
        .filter(|one| one.result == Status::Flaky)
        .collect();
    if flaky.is_empty() {
        return Ok(());
    }
    writeln!(out, "### Flaky: passed only after a retry\n")?;
    for scenario in flaky {
        let message = scenario
            .errors()
            .first()
            .map_or("", |error| error.message.as_str());
        writeln!(
            out,
            "- **{}** · {} · {} · {}",
            escaped(&scenario.title),
            escaped(&scenario.category),
            count(number(scenario.attempts.len()), "attempt"),
            escaped(&shortened(message, 200)),
        )?;
    }
    writeln!(out)
}

fn notices(out: &mut String, document: &Document) -> std::fmt::Result {
    if document.notices.is_empty() {
        return Ok(());
    }
    writeln!(out, "### Notices\n")?;
    for notice in &document.notices {
        writeln!(out, "- {}", escaped(&notice.message))?;
    }
    writeln!(out)
}

fn matrix(out: &mut String, matrix: &MatrixCoverage) -> std::fmt::Result {
    let in_state = |state| matrix.in_state(state).count();
    let (covered, uncovered) = (in_state(EdgeState::Covered), in_state(EdgeState::Uncovered));
    let measured: Vec<_> = matrix.flows.iter().filter(|flow| flow.measured).collect();
    let crossed = measured
        .iter()
        .filter(|flow| !flow.scenarios.is_empty())
        .count();
    writeln!(out, "### Integration matrix\n")?;
    writeln!(
        out,
        "{covered} of {} edges crossed, {} undeclared, {} not reached; {crossed} of {} flows complete.\n",
        covered + uncovered,
        in_state(EdgeState::Undeclared),
        in_state(EdgeState::NotReached),
        measured.len(),
    )?;
    for (state, title) in [
        (EdgeState::Uncovered, "Uncovered"),
        (EdgeState::Undeclared, "Undeclared"),
    ] {
        let edges: Vec<String> = matrix
            .in_state(state)
            .map(|coverage| code(&coverage.edge.to_string()))
            .collect();
        if !edges.is_empty() {
            let more = edges.len().saturating_sub(EDGES_MAX);
            let more = if more == 0 {
                String::new()
            } else {
                format!(" and {more} more")
            };
            let shown = &edges[..edges.len().min(EDGES_MAX)];
            writeln!(out, "{title}: {}{more}\n", shown.join(", "))?;
        }
    }
    Ok(())
}

fn diagnostics(errors: &[Diagnostic]) -> String {
    let texts: Vec<String> = errors.iter().map(Diagnostic::render).collect();
    texts.join("\n\n")
}

/// The first lines of a text in a fence that it cannot close.
fn fenced(out: &mut String, text: &str) -> std::fmt::Result {
    let text = printable(text);
    let longest_run = text
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest_run.max(2) + 1);
    writeln!(out, "{fence}text")?;
    let all = text.lines().count();
    for line in text.lines().take(ERROR_LINES_MAX) {
        writeln!(out, "{}", shortened(line, 400))?;
    }
    if all > ERROR_LINES_MAX {
        writeln!(
            out,
            "… {} more",
            count(number(all - ERROR_LINES_MAX), "line")
        )?;
    }
    writeln!(out, "{fence}\n")
}

/// A text in back quotes that it cannot close, on one line.
fn code(text: &str) -> String {
    let text = printable(text).replace(['\n', '\t'], " ").replace('`', "'");
    format!("`{text}`")
}

/// A text that Markdown and the HTML inside it leave alone, on one line.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '\n' | '\t' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '!' | '|'
            | '~' | '@' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_become_markup() {
        assert_eq!(
            escaped("a|b\n<img src=x> [l](u) `c`"),
            "a\\|b &lt;img src=x&gt; \\[l\\]\\(u\\) \\`c\\`"
        );
        let mut out = String::new();
        fenced(&mut out, "a\n```\n# b").expect("a String takes all");
        assert_eq!(out, "````text\na\n```\n# b\n````\n\n");
    }

    #[test]
    fn long_errors_are_cut_with_a_count() {
        let mut out = String::new();
        fenced(&mut out, &"line\n".repeat(20)).expect("a String takes all");
        assert!(out.contains("… 4 lines more"), "{out}");
    }
}
