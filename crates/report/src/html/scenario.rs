//! One scenario of the page: what went wrong, its steps, the diagram and the exchanges, attempt by attempt.

use maud::{Markup, html};
use styk_core::Status;

use super::diagnostics::diagnostics;
use super::{diagram, exchanges, head, steps};
use crate::document::{Attempt, Scenario};
use crate::format::{count, duration, number, printable, shortened};

/// How much is shown of a scenario, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Detail {
    /// Messages and steps only.
    Bare,
    /// Without headers, with the beginnings of bodies.
    Brief,
    /// Everything, bodies up to a bound.
    Full,
}

/// The place of an attempt's exchanges on the page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Anchor {
    pub(super) scenario: usize,
    pub(super) attempt: u32,
}

impl Anchor {
    /// The id of an exchange.
    pub(super) fn exchange(self, seq: u64) -> String {
        format!("s{}a{}e{seq}", self.scenario, self.attempt)
    }
}

/// The scenario as something that opens.
pub(super) fn card(scenario: &Scenario, place: usize, open: bool, detail: Detail) -> Markup {
    let word = scenario.result.word();
    html! {
        details id={ "s" (place) } class={ "card " (word) } data-status=(word) data-find=(findable(scenario)) open[open] {
            summary {
                span class={ "pill " (word) } { (word) }
                span.title { (printable(&scenario.title)) }
                span.aside {
                    span.category { (scenario.category) }
                    @if scenario.attempts.len() > 1 {
                        span { (count(number(scenario.attempts.len()), "attempt")) }
                    }
                    span.time { (duration(scenario.duration_seconds.0)) }
                }
            }
            div.inside {
                p.where {
                    code { (scenario.file) }
                    @for tag in &scenario.tags { " " span.tag { (printable(tag)) } }
                }
                @if let Some(reason) = &scenario.skip_reason { p.note { (printable(reason)) } }
                @if let Some(output) = &scenario.output {
                    pre.text tabindex="0" { (head::tail(output)) }
                }
                @for attempt in scenario.attempts.iter().rev() {
                    (attempt_section(scenario, attempt, place, detail))
                }
            }
        }
    }
}

fn attempt_section(scenario: &Scenario, attempt: &Attempt, place: usize, detail: Detail) -> Markup {
    let anchor = Anchor {
        scenario: place,
        attempt: attempt.number,
    };
    let is_bad = !attempt.result.is_success();
    html! {
        div.attempt {
            @if scenario.attempts.len() > 1 {
                h4 {
                    "Attempt " (attempt.number) " "
                    span class={ "pill " (attempt.result.word()) } { (attempt.result.word()) }
                }
            }
            (diagnostics(&attempt.errors))
            @if !attempt.steps.is_empty() {
                div.block { h5 { "Steps" } (steps::tree(&attempt.steps, anchor, detail)) }
            }
            @if detail == Detail::Bare {
                @if !attempt.exchanges.is_empty() {
                    p.note { (count(number(attempt.exchanges.len()), "exchange")) " in report.json: this page is kept small" }
                }
            } @else {
                (diagram::section(attempt, anchor, is_bad, detail))
                (exchanges::section(attempt, anchor, detail))
            }
            (remarks(attempt))
        }
    }
}

/// What a reader should know about the evidence itself.
fn remarks(attempt: &Attempt) -> Markup {
    html! {
        @if attempt.dropped.exchanges > 0 {
            p.note { "The journal was full: " (count(attempt.dropped.exchanges, "older exchange")) " not kept." }
        }
        @if attempt.omitted_exchanges > 0 {
            p.note { (count(attempt.omitted_exchanges, "older exchange")) " not in the reports: there were too many." }
        }
        @if let Some(how) = &attempt.attribution {
            p.note { "Others played on the same stage; exchanges were told apart by " (how) "." }
        }
        @if let Some(trace_id) = &attempt.trace_id {
            p.trace { "trace " code { (trace_id) } }
        }
    }
}

/// What the filter looks at, beyond the title.
fn findable(scenario: &Scenario) -> String {
    let mut text = vec![
        scenario.title.as_str(),
        &scenario.category,
        &scenario.file,
        &scenario.id,
    ];
    text.extend(scenario.tags.iter().map(String::as_str));
    text.extend(scenario.errors().iter().map(|error| error.message.as_str()));
    shortened(&printable(&text.join(" ")).to_lowercase(), 600)
}

/// The sign of a verdict.
pub(super) fn sign(status: Status) -> &'static str {
    match status {
        Status::Passed => "✓",
        Status::Flaky => "↻",
        Status::Failed => "✕",
        Status::Error => "!",
        Status::Skipped => "–",
    }
}
