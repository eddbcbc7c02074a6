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
/// After so many scenarios in a row that do not fit, the larger ones are not tried.
const MISSES_MAX: usize = 8;

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
    let all: Vec<&Scenario> = document.scenarios().collect();
    let mut first: Vec<usize> = (0..all.len())
        .filter(|&place| needs_attention(all[place]))
        .collect();
    first.sort_by_key(|&place| match all[place].result {
        Status::Failed => 0,
        Status::Error => 1,
        Status::Flaky | Status::Passed | Status::Skipped => 2,
    });
    let cards = cards(&all, first.first().copied());
    let mut attention: Vec<Markup> = first.iter().map(|&place| cards[place].clone()).collect();
    let outside = document
        .categories
        .iter()
        .filter(|one| !one.errors.is_empty());
    for category in outside {
        let open = attention.is_empty();
        attention.push(head::category_card(category, open));
    }
    let rest = |name: &str| -> Vec<Markup> {
        (0..all.len())
            .filter(|&place| all[place].category == name && !needs_attention(all[place]))
            .map(|place| cards[place].clone())
            .collect()
    };
    let groups: Vec<(&str, Vec<Markup>)> = document
        .categories
        .iter()
        .map(|category| (category.name.as_str(), rest(&category.name)))
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

/// The scenarios with as much detail as the page has room for: all that needs attention in full, then
/// everything in brief, then in full. Small ones first, so that most scenarios get most.
fn cards(scenarios: &[&Scenario], open: Option<usize>) -> Vec<Markup> {
    let card =
        |place: usize, detail| scenario::card(scenarios[place], place, open == Some(place), detail);
    let mut cards: Vec<(Markup, Detail)> = (0..scenarios.len())
        .map(|place| (card(place, Detail::Bare), Detail::Bare))
        .collect();
    let taken: usize = cards.iter().map(|(card, _)| card.0.len()).sum();
    let mut left = SCENARIOS_BYTES.saturating_sub(taken);
    for (detail, is_for_all) in [
        (Detail::Full, false),
        (Detail::Brief, true),
        (Detail::Full, true),
    ] {
        let may_gain = |place: &usize| {
            cards[*place].1 < detail && (is_for_all || needs_attention(scenarios[*place]))
        };
        let mut order: Vec<usize> = (0..scenarios.len()).filter(may_gain).collect();
        order.sort_by_key(|&place| cards[place].0.0.len());
        let mut misses = 0;
        for place in order {
            let better = card(place, detail);
            let more = better.0.len().saturating_sub(cards[place].0.0.len());
            if more <= left {
                left -= more;
                cards[place] = (better, detail);
                misses = 0;
            } else {
                misses += 1;
                if misses == MISSES_MAX {
                    break;
                }
            }
        }
    }
    cards.into_iter().map(|(card, _)| card).collect()
}
