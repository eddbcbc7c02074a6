//! The top of the page: the verdict, the counts, the categories, and what went wrong outside of scenarios.

use maud::{Markup, html};
use styk_core::Totals;

use super::diagnostics::diagnostics;
use crate::document::{Category, CategoryOutcome, Document};
use crate::format::{duration, number, percent, prefix, printable};

/// The most that is shown of what a foreign suite printed, in bytes.
const PRINTED_MAX: usize = 24 << 10;

/// The verdict in words.
pub(super) fn verdict_words(document: &Document) -> &'static str {
    match (document.run.success, document.run.interrupted) {
        (true, _) => "Integration tests passed",
        (false, true) => "Integration tests interrupted",
        (false, false) => "Integration tests failed",
    }
}

fn verdict_class(document: &Document) -> &'static str {
    match (document.run.success, document.run.interrupted) {
        (true, _) => "passed",
        (false, true) => "flaky",
        (false, false) => "failed",
    }
}

pub(super) fn masthead(document: &Document) -> Markup {
    let start = document.integration_test_report.start_time;
    html! {
        header.mast {
            span.brand { "styk" }
            span { "run " code { (document.run.id) } }
            time datetime=(start) { (start.strftime("%Y-%m-%d %H:%M:%S UTC")) }
        }
    }
}

pub(super) fn overview(document: &Document) -> Markup {
    let head = &document.integration_test_report;
    let run = &document.run;
    html! {
        div.overview {
            section class={ "verdict " (verdict_class(document)) } aria-labelledby="verdict" {
                h1 #verdict { (verdict_words(document)) }
                p.lead {
                    (head.passed_categories) " of " (head.total_test_categories) " categories passed: "
                    strong { (percent(head.success_rate)) }
                    ", needed " (percent(run.success_threshold))
                    @if run.strict { " and every scenario at its first attempt" }
                }
                (proportions(&run.totals))
                dl.facts {
                    (fact("Passed", &run.totals.passed.to_string(), "passed"))
                    (fact("Failed", &(run.totals.failed + run.totals.errors).to_string(), if run.totals.failed + run.totals.errors > 0 { "failed" } else { "" }))
                    (fact("Flaky", &run.totals.flaky.to_string(), if run.totals.flaky > 0 { "flaky" } else { "" }))
                    (fact("Skipped", &run.totals.skipped.to_string(), ""))
                    (fact("Time", &duration(head.duration_seconds.0), ""))
                }
                p.repeat {
                    span { "Repeat" }
                    code #repeat { (run.repeat) }
                    button.quiet type="button" data-copy="repeat" hidden { "Copy" }
                }
            }
            section.panel aria-labelledby="categories" {
                h2 #categories { "Categories" }
                (categories(&document.categories))
            }
        }
    }
}

fn fact(name: &str, value: &str, class: &str) -> Markup {
    html! { div { dt { (name) } dd class=(class) { (value) } } }
}

/// How the results share the run, as one bar.
fn proportions(totals: &Totals) -> Markup {
    let parts = [
        ("passed", totals.passed),
        ("flaky", totals.flaky),
        ("failed", totals.failed + totals.errors),
        ("skipped", totals.skipped),
    ];
    let label: Vec<String> = parts
        .iter()
        .map(|(name, n)| format!("{n} {name}"))
        .collect();
    html! {
        div.proportions role="img" aria-label=(label.join(", ")) {
            @for (name, count) in parts {
                @if count > 0 { span class=(name) style={ "flex-grow:" (count) } {} }
            }
        }
    }
}

fn categories(categories: &[Category]) -> Markup {
    html! {
        table.categories {
            thead { tr {
                th scope="col" { "Category" }
                th.num scope="col" { "Passed" }
                th.num scope="col" { "Failed" }
                th.num scope="col" { "Flaky" }
                th.num scope="col" { "Time" }
            } }
            tbody {
                @for category in categories {
                    @let failed = category.totals.failed + category.totals.errors;
                    @let word = if category.success { "passed" } else { "failed" };
                    tr {
                        th scope="row" {
                            span class={ "dot " (word) } {}
                            span.visually-hidden { (word) " " }
                            (breakable(&category.name))
                        }
                        td.num { (category.totals.passed + category.totals.flaky) span.of { " of " (category.totals.all()) } }
                        td.num { (number_or_dash(failed, "failed")) }
                        td.num { (number_or_dash(category.totals.flaky, "flaky")) }
                        td.num { (duration(category.duration_seconds.0)) }
                    }
                }
            }
        }
    }
}

/// A name that may be broken after its underscores.
fn breakable(name: &str) -> Markup {
    html! {
        @for (place, part) in name.split('_').enumerate() {
            @if place > 0 { "_" wbr; }
            (part)
        }
    }
}

fn number_or_dash(number: u64, class: &str) -> Markup {
    html! {
        @if number == 0 { span.none { "–" } } @else { strong class=(class) { (number) } }
    }
}

/// What went wrong in a category outside of its scenarios, as a card among those that need attention.
pub(super) fn category_card(category: &Category, open: bool) -> Markup {
    let message = category
        .errors
        .first()
        .map_or("", |error| error.message.as_str());
    let find = format!("{} {}", category.name, printable(message)).to_lowercase();
    html! {
        details.card.error data-status="error" data-find=(find) open[open] {
            summary {
                span.pill.error { "error" }
                span.title { "Category " (category.name) ": " (printable(message)) }
            }
            div.inside { (diagnostics(&category.errors)) }
        }
    }
}

/// Notices that belong to no category.
pub(super) fn notices(document: &Document) -> Markup {
    html! {
        @if !document.notices.is_empty() {
            section aria-labelledby="notices" {
                h2 #notices { "Notices" }
                (diagnostics(&document.notices))
            }
        }
    }
}

/// What foreign suites printed.
pub(super) fn printed(document: &Document) -> Markup {
    let texts: Vec<(String, String)> = document
        .test_results
        .iter()
        .flat_map(|(name, outcome): &(String, CategoryOutcome)| {
            [("output", &outcome.stdout), ("errors", &outcome.stderr)]
                .into_iter()
                .filter(|(_, text)| !text.is_empty())
                .map(move |(kind, text)| (format!("{name}: {kind}"), tail(text)))
        })
        .collect();
    html! {
        @if !texts.is_empty() {
            section aria-labelledby="printed" {
                h2 #printed { "What the suites printed" }
                @for (title, text) in texts {
                    details.panel.fold { summary { (title) } pre.text tabindex="0" { (text) } }
                }
            }
        }
    }
}

/// The end of a long text: there the cause stands.
pub(super) fn tail(text: &str) -> String {
    let text = printable(text);
    if text.len() <= PRINTED_MAX {
        return text;
    }
    let cut = prefix(&text, text.len() - PRINTED_MAX).len();
    format!(
        "[{} bytes left out, see report.json]\n{}",
        number(cut),
        &text[cut..]
    )
}

pub(super) fn footer(document: &Document) -> Markup {
    html! {
        footer {
            span { "styk " (document.run.version) }
            span { "stage " (document.run.stage) }
            span { "seed " code { (document.run.seed) } }
            span { "secrets are masked as ***" }
        }
    }
}
