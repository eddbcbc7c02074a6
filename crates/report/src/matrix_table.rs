//! The integration matrix as a table of text, for `styk matrix`.

use std::collections::BTreeMap;

use styk_core::{EdgeCoverage, EdgeState, FlowCoverage, MatrixCoverage};

use crate::diagnostic::Paint;
use crate::format::{count, number, printable, shortened};

/// The most scenarios named beside an edge.
const SCENARIOS_MAX: usize = 3;

/// What crossed each edge and flow, group by group, ending in a line break.
#[must_use]
pub fn matrix_table(matrix: &MatrixCoverage, colour: bool) -> String {
    let paint = Paint { is_on: colour };
    let mut lines = Vec::new();
    let width = matrix
        .edges
        .iter()
        .map(|coverage| printable(&coverage.edge.to_string()).chars().count())
        .max()
        .unwrap_or_default();
    for (group, edges) in groups(matrix) {
        lines.push(paint.bold(group));
        lines.extend(edges.iter().map(|edge| edge_line(edge, width, paint)));
        lines.push(String::new());
    }
    if !matrix.flows.is_empty() {
        lines.push(paint.bold("data_flows"));
        for flow in &matrix.flows {
            lines.extend(flow_lines(flow, paint));
        }
        lines.push(String::new());
    }
    lines.push(matrix_line(matrix));
    lines.join("\n") + "\n"
}

/// The edges by group in the matrix's order; those without a group last.
pub(crate) fn groups(matrix: &MatrixCoverage) -> Vec<(String, Vec<&EdgeCoverage>)> {
    let mut groups: Vec<(String, Vec<&EdgeCoverage>)> = Vec::new();
    let (declared, undeclared): (Vec<_>, Vec<_>) = matrix
        .edges
        .iter()
        .partition(|coverage| coverage.state != EdgeState::Undeclared);
    for coverage in declared {
        match groups
            .iter_mut()
            .find(|(group, _)| *group == coverage.group)
        {
            Some((_, edges)) => edges.push(coverage),
            None => groups.push((coverage.group.clone(), vec![coverage])),
        }
    }
    if !undeclared.is_empty() {
        groups.push(("crossed, but not in the matrix".to_owned(), undeclared));
    }
    groups
}

/// The word for a state.
pub(crate) fn state_word(state: EdgeState) -> &'static str {
    match state {
        EdgeState::Covered => "covered",
        EdgeState::Uncovered => "uncovered",
        EdgeState::NotReached => "not reached",
        EdgeState::Undeclared => "undeclared",
    }
}

/// `2xx ×3, dropped ×1`.
pub(crate) fn outcomes_text(outcomes: &BTreeMap<String, u64>) -> String {
    let parts: Vec<String> = outcomes
        .iter()
        .map(|(outcome, times)| format!("{outcome} ×{times}"))
        .collect();
    parts.join(", ")
}

/// `9 of 14 edges crossed, 5 uncovered, 2 undeclared, 11 not reached; 3 of 5 flows complete`.
pub(crate) fn matrix_line(matrix: &MatrixCoverage) -> String {
    let in_state = |state| matrix.in_state(state).count();
    let (covered, uncovered) = (in_state(EdgeState::Covered), in_state(EdgeState::Uncovered));
    let measured = matrix.flows.iter().filter(|flow| flow.measured).count();
    let complete = matrix.flows.iter().filter(|flow| is_complete(flow)).count();
    format!(
        "{covered} of {} edges crossed, {uncovered} uncovered, {} undeclared, {} not reached; {complete} of {measured} flows complete",
        covered + uncovered,
        in_state(EdgeState::Undeclared),
        in_state(EdgeState::NotReached),
    )
}

/// Whether some scenario went through the whole flow.
pub(crate) fn is_complete(flow: &FlowCoverage) -> bool {
    flow.measured && !flow.scenarios.is_empty()
}

fn edge_line(coverage: &EdgeCoverage, width: usize, paint: Paint) -> String {
    let edge = printable(&coverage.edge.to_string());
    let padding = " ".repeat(width.saturating_sub(edge.chars().count()));
    let word = format!("{:<11}", state_word(coverage.state));
    let word = match coverage.state {
        EdgeState::Covered => paint.green(word),
        EdgeState::Uncovered => paint.red(word),
        EdgeState::Undeclared => paint.yellow(word),
        EdgeState::NotReached => paint.dim(word),
    };
    let mut line = format!("  {edge}{padding}  {word}");
    if coverage.crossings > 0 {
        line.push_str(&format!(
            "  {:>5}  {}  {}",
            format!("×{}", coverage.crossings),
            outcomes_text(&coverage.outcomes),
            paint.dim(scenarios_text(&coverage.scenarios)),
        ));
    }
    line.trim_end().to_owned()
}

fn scenarios_text(ids: &[String]) -> String {
    let shown: Vec<String> = ids
        .iter()
        .take(SCENARIOS_MAX)
        .map(|id| shortened(&printable(id), 60))
        .collect();
    match ids.len().saturating_sub(SCENARIOS_MAX) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn flow_lines(flow: &FlowCoverage, paint: Paint) -> Vec<String> {
    let name = printable(&flow.flow);
    if !flow.measured {
        let word = paint.dim("not measured: list its edges in the matrix");
        return vec![format!("  {name}  {word}")];
    }
    let chain: Vec<String> = flow
        .edges
        .iter()
        .map(|edge| {
            let text = printable(&edge.to_string());
            if flow.missing.contains(edge) {
                paint.red(format!("{text} (never)"))
            } else {
                text
            }
        })
        .collect();
    let word = if is_complete(flow) {
        let scenarios = count(number(flow.scenarios.len()), "scenario");
        paint.green(format!("complete in {scenarios}"))
    } else {
        paint.red("never complete")
    };
    vec![
        format!("  {name}  {word}"),
        format!("    {}", chain.join(", ")),
    ]
}
