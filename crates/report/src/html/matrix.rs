//! The integration matrix on the page.

use std::collections::HashMap;

use maud::{Markup, html};
use styk_core::{EdgeCoverage, EdgeState, FlowCoverage, MatrixCoverage};

use super::exchanges::outcome_class;
use crate::format::{count, number, printable};
use crate::matrix_table::{groups, is_complete, matrix_line, state_word};

/// The most scenarios listed for an edge.
const SCENARIOS_MAX: usize = 40;

type Titles<'a> = HashMap<&'a str, (usize, &'a str)>;

/// Edges by group, then flows.
pub(super) fn section(matrix: &MatrixCoverage, titles: &Titles<'_>) -> Markup {
    html! {
        section #matrix aria-labelledby="matrix-title" {
            h2 #matrix-title { "Integration matrix" }
            p.lead { (matrix_line(matrix)) "." }
            div.panel.scroll tabindex="0" role="region" aria-label="Edges of the matrix" {
                table.matrix {
                    thead { tr {
                        th scope="col" { "Edge" }
                        th scope="col" { "State" }
                        th.num scope="col" { "Crossings" }
                        th scope="col" { "Outcomes" }
                        th scope="col" { "Scenarios" }
                    } }
                    @for (group, edges) in groups(matrix) {
                        tbody {
                            tr { th.group colspan="5" scope="rowgroup" { (printable(&group)) } }
                            @for coverage in edges { (edge(coverage, titles)) }
                        }
                    }
                }
            }
            @if !matrix.flows.is_empty() {
                h3 { "Data flows" }
                div.flows { @for one in &matrix.flows { (flow(one, titles)) } }
            }
        }
    }
}

fn state_class(state: EdgeState) -> &'static str {
    match state {
        EdgeState::Covered => "passed",
        EdgeState::Uncovered => "failed",
        EdgeState::Undeclared => "flaky",
        EdgeState::NotReached => "skipped",
    }
}

fn edge(coverage: &EdgeCoverage, titles: &Titles<'_>) -> Markup {
    html! {
        tr {
            th scope="row" { (arrow(coverage.edge.from(), coverage.edge.to())) }
            td { span class={ "pill " (state_class(coverage.state)) } { (state_word(coverage.state)) } }
            td.num { @if coverage.crossings == 0 { span.none { "–" } } @else { (coverage.crossings) } }
            td {
                @for (outcome, times) in &coverage.outcomes {
                    span class={ "status " (outcome_class(outcome)) } { (outcome) " ×" (times) } " "
                }
            }
            td { (scenarios(&coverage.scenarios, titles)) }
        }
    }
}

fn arrow(from: &str, to: &str) -> Markup {
    html! { (printable(from)) span.arrow { " → " } (printable(to)) }
}

fn scenarios(ids: &[String], titles: &Titles<'_>) -> Markup {
    html! {
        @if !ids.is_empty() {
            details.ids {
                summary { (count(number(ids.len()), "scenario")) }
                ul {
                    @for id in ids.iter().take(SCENARIOS_MAX) {
                        li {
                            @match titles.get(id.as_str()) {
                                Some((place, title)) => a href={ "#s" (place) } { (printable(title)) },
                                None => (printable(id)),
                            }
                        }
                    }
                    @if ids.len() > SCENARIOS_MAX { li { "and " (ids.len() - SCENARIOS_MAX) " more" } }
                }
            }
        }
    }
}

fn flow(flow: &FlowCoverage, titles: &Titles<'_>) -> Markup {
    let (class, word) = match (flow.measured, is_complete(flow)) {
        (false, _) => ("skipped", "not measured"),
        (true, true) => ("passed", "complete"),
        (true, false) => ("failed", "never complete"),
    };
    html! {
        div.panel.flow {
            p.name { strong { (printable(&flow.flow)) } " " span class={ "pill " (class) } { (word) } }
            @if flow.measured {
                ol.chain {
                    @for edge in &flow.edges {
                        @let is_missing = flow.missing.contains(edge);
                        li.missing[is_missing] {
                            (arrow(edge.from(), edge.to()))
                            @if is_missing { span.visually-hidden { " (never crossed)" } }
                        }
                    }
                }
                (scenarios(&flow.scenarios, titles))
            } @else {
                p.note { "List its edges in the matrix to have it measured." }
            }
        }
    }
}
