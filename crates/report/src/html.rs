//! `report.html`: one page that works from a disk, on a phone as on a desk, in light and in dark.
//!
//! Style and script are inside the file and nothing is fetched. Without the script everything can be read;
//! it only filters, copies and opens what a link points at. The page has a budget of bytes: failures get it
//! first, and a scenario that does not fit is shown with less, and says so.

mod diagnostics;
mod diagram;
mod exchanges;
mod head;
mod matrix;
mod scenario;
mod steps;

use std::collections::HashMap;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use styk_core::Status;

use crate::document::{Document, Scenario};
use crate::format::{count, number};
use scenario::Detail;

const STYLE: &str = include_str!("../assets/report.css");
const SCRIPT: &str = include_str!("../assets/report.js");

/// What the scenarios of a page may weigh together, in bytes.
const SCENARIOS_BYTES: usize = 840 << 10;
/// What one scenario that needs attention may take of it, as long as the others keep their reserve.
const ATTENTION_BYTES: usize = 128 << 10;
/// What is kept for each scenario: its messages and steps.
const RESERVE_BYTES: usize = 10 << 10;

/// The whole page.
pub(crate) fn page(document: &Document) -> String {
    let title = format!("{} · {}", head::verdict_words(document), document.run.id);
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                // Whatever a body or title may hold: this page speaks to nobody.
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
                meta name="generator" content={ "styk " (document.run.version) };
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#scenarios" { "Skip to the scenarios" }
                (head::masthead(document))
                main {
                    (head::overview(document))
                    (scenarios(document))
                    (head::notices(document))
                    @if let Some(matrix) = &document.matrix {
                        (matrix::section(matrix, &titles(document)))
                    }
                    (head::printed(document))
                }
                (head::footer(document))
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    markup.into_string()
}

/// The titles of scenarios by id, for tables that know ids only.
fn titles(document: &Document) -> HashMap<&str, (usize, &str)> {
    document
        .scenarios()
        .enumerate()
        .map(|(place, one)| (one.id.as_str(), (place, one.title.as_str())))
        .collect()
}

fn needs_attention(scenario: &Scenario) -> bool {
    matches!(
        scenario.result,
        Status::Failed | Status::Error | Status::Flaky
    )
}

/// All scenarios: first those that need attention, then the rest by category.
fn scenarios(document: &Document) -> Markup {
    let all: Vec<(usize, &Scenario)> = document.scenarios().enumerate().collect();
    let mut first: Vec<_> = all
        .iter()
        .copied()
        .filter(|(_, one)| needs_attention(one))
        .collect();
    first.sort_by_key(|(_, one)| match one.result {
        Status::Failed => 0,
        Status::Error => 1,
        Status::Flaky | Status::Passed | Status::Skipped => 2,
    });
    let mut budget = Budget {
        bytes: SCENARIOS_BYTES,
        scenarios: all.len(),
    };
    let mut attention: Vec<Markup> = first
        .iter()
        .enumerate()
        .map(|(rank, &(place, one))| budget.card(one, place, rank == 0))
        .collect();
    for category in document
        .categories
        .iter()
        .filter(|one| !one.errors.is_empty())
    {
        let open = attention.is_empty();
        attention.push(head::category_card(category, open));
    }
    let groups: Vec<(&str, Vec<Markup>)> = document
        .categories
        .iter()
        .map(|category| {
            let rest = all
                .iter()
                .filter(|(_, one)| one.category == category.name && !needs_attention(one));
            let cards = rest
                .map(|&(place, one)| budget.card(one, place, false))
                .collect();
            (category.name.as_str(), cards)
        })
        .collect();
    html! {
        section #scenarios aria-labelledby="scenarios-title" {
            div.bar {
                h2 #scenarios-title { "Scenarios" }
                (toolbar(document))
            }
            @if !attention.is_empty() {
                (group("Needs attention", &attention, "case"))
            }
            @for (name, cards) in &groups {
                @if !cards.is_empty() { (group(name, cards, "scenario")) }
            }
            p.empty #nothing hidden { "No scenario matches the filter." }
        }
    }
}

fn group(title: &str, cards: &[Markup], noun: &str) -> Markup {
    html! {
        div.group {
            h3 { (title) " " span.count { (count(number(cards.len()), noun)) } }
            @for card in cards { (card) }
        }
    }
}

/// The filter. It needs the script, so it is shown by the script.
fn toolbar(document: &Document) -> Markup {
    let totals = document.run.totals;
    let choices = [
        ("failed", totals.failed),
        ("error", totals.errors),
        ("flaky", totals.flaky),
        ("passed", totals.passed),
        ("skipped", totals.skipped),
    ];
    html! {
        div.tools #tools hidden role="search" {
            input #find type="search" placeholder="Filter by text" aria-label="Filter scenarios by text" autocomplete="off";
            div.chips role="group" aria-label="Filter by result" {
                @for (status, count) in choices {
                    @if count > 0 {
                        button.chip type="button" data-status=(status) aria-pressed="false" {
                            span class={ "dot " (status) } {} (status) " " (count)
                        }
                    }
                }
            }
            button.quiet #toggle type="button" { "Expand all" }
            span.visually-hidden #shown role="status" {}
        }
    }
}

/// What is left of the page's bytes, and for how many scenarios.
struct Budget {
    bytes: usize,
    scenarios: usize,
}

impl Budget {
    /// A scenario with as much detail as fits.
    fn card(&mut self, scenario: &Scenario, place: usize, open: bool) -> Markup {
        let share = self.bytes / self.scenarios.max(1);
        let reserve = self.scenarios.saturating_sub(1) * RESERVE_BYTES;
        let allowance = if needs_attention(scenario) {
            share.max(ATTENTION_BYTES.min(self.bytes.saturating_sub(reserve)))
        } else {
            share
        };
        let fits = |card: &Markup| card.0.len() <= allowance;
        let card = [Detail::Full, Detail::Brief]
            .into_iter()
            .map(|detail| scenario::card(scenario, place, open, detail))
            .find(fits)
            .unwrap_or_else(|| scenario::card(scenario, place, open, Detail::Bare));
        self.bytes = self.bytes.saturating_sub(card.0.len());
        self.scenarios = self.scenarios.saturating_sub(1);
        card
    }
}
