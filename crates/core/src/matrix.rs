//! Coverage of the integration matrix, as data: which edges were really crossed, by whom, and with what
//! outcome. It is measured from the journal, never from what a scenario declares.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Edge;

/// What is known of an edge after a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EdgeState {
    /// Declared, and crossed at least once.
    Covered,
    /// Declared, and never crossed.
    Uncovered,
    /// Declared, but nothing in this version can stand at its far end yet.
    NotReached,
    /// Crossed, but not in the matrix.
    Undeclared,
}

/// One edge and what crossed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeCoverage {
    /// The edge, as the matrix writes it (or as it was observed).
    pub edge: Edge,
    /// The group it stands under: `internal_modules`, `payment_gateways`, …; empty for undeclared edges.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// What is known of it.
    pub state: EdgeState,
    /// How often it was crossed.
    pub crossings: u64,
    /// The ids of the scenarios that crossed it, sorted.
    pub scenarios: Vec<String>,
    /// How often which outcome was seen: `2xx`, `4xx`, `5xx`, `ok`, `error`, `dropped`, ….
    pub outcomes: BTreeMap<String, u64>,
}

/// One data flow and how far it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowCoverage {
    /// The flow's name, such as `product_purchase_flow`.
    pub flow: String,
    /// The edges it runs over, in order. Empty when the matrix gives a bare name: then it is not measured.
    pub edges: Vec<Edge>,
    /// The scenarios in which all its edges were crossed in this order, sorted.
    pub scenarios: Vec<String>,
    /// Edges of the flow that no scenario crossed.
    pub missing: Vec<Edge>,
    /// Whether it was measured at all.
    pub measured: bool,
}

/// The whole matrix after a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatrixCoverage {
    /// The declared edges in the matrix's order, then the undeclared ones by name.
    pub edges: Vec<EdgeCoverage>,
    /// The declared flows.
    pub flows: Vec<FlowCoverage>,
}

impl MatrixCoverage {
    /// The edges in a state.
    pub fn in_state(&self, state: EdgeState) -> impl Iterator<Item = &EdgeCoverage> {
        self.edges
            .iter()
            .filter(move |coverage| coverage.state == state)
    }
}
