//! The whole report as data: masked, bounded, ready to be written.
//!
//! This is the shape of `report.json`, schema [`SCHEMA`]; the other writers read nothing else. A field that is
//! added keeps the schema's number; a field that changes its meaning or goes raises it.

mod build;
mod exchange;

use std::time::Duration;

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use styk_core::{Diagnostic, Dropped, MatrixCoverage, Status, Totals};

pub(crate) use build::repeat_command;
pub(crate) use exchange::{ExchangeView, Message};

/// The name and version of the shape of `report.json`.
pub const SCHEMA: &str = "styk.report/1";

/// A span of time; a number of seconds in JSON.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seconds(pub(crate) Duration);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Microseconds are enough; more digits are noise.
        serializer.serialize_f64((self.0.as_secs_f64() * 1e6).round() / 1e6)
    }
}

/// A report.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Document {
    pub(crate) schema: &'static str,
    pub(crate) integration_test_report: Headline,
    #[serde(serialize_with = "as_map")]
    pub(crate) test_results: Vec<(String, CategoryOutcome)>,
    pub(crate) run: Run,
    pub(crate) categories: Vec<Category>,
    pub(crate) matrix: Option<MatrixCoverage>,
    pub(crate) notices: Vec<Diagnostic>,
}

/// The head that earlier tools read.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Headline {
    pub(crate) start_time: Timestamp,
    pub(crate) end_time: Timestamp,
    pub(crate) duration_seconds: Seconds,
    pub(crate) total_test_categories: usize,
    pub(crate) passed_categories: usize,
    pub(crate) failed_categories: usize,
    /// In percent.
    pub(crate) success_rate: f64,
}

/// A category as earlier tools read it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CategoryOutcome {
    pub(crate) exit_code: i32,
    pub(crate) success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) error: Option<String>,
}

/// What holds for the run as a whole.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Run {
    pub(crate) id: String,
    pub(crate) version: String,
    /// As text: not every JSON reader keeps 64 bits.
    pub(crate) seed: String,
    pub(crate) stage: String,
    pub(crate) success: bool,
    /// In percent.
    pub(crate) success_threshold: f64,
    pub(crate) strict: bool,
    pub(crate) interrupted: bool,
    pub(crate) totals: Totals,
    /// The command that plays the run again.
    pub(crate) repeat: String,
}

/// One category.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Category {
    pub(crate) name: String,
    pub(crate) success: bool,
    pub(crate) exit_code: i32,
    pub(crate) started_at: Timestamp,
    pub(crate) duration_seconds: Seconds,
    pub(crate) totals: Totals,
    pub(crate) errors: Vec<Diagnostic>,
    pub(crate) scenarios: Vec<Scenario>,
}

/// One scenario.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Scenario {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) category: String,
    pub(crate) file: String,
    pub(crate) tags: Vec<String>,
    pub(crate) result: Status,
    /// Time of the last attempt.
    pub(crate) duration_seconds: Seconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) skip_reason: Option<String>,
    pub(crate) attempts: Vec<Attempt>,
    /// What a foreign suite said about a case that did not pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) output: Option<String>,
}

/// One attempt at a scenario.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Attempt {
    pub(crate) number: u32,
    pub(crate) result: Status,
    pub(crate) started_at: Timestamp,
    pub(crate) duration_seconds: Seconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trace_id: Option<String>,
    pub(crate) errors: Vec<Diagnostic>,
    pub(crate) steps: Vec<Step>,
    pub(crate) exchanges: Vec<ExchangeView>,
    /// Exchanges that a report does not keep: the oldest, when there were too many.
    pub(crate) omitted_exchanges: u64,
    /// Who really called whom, worked out from the exchanges.
    pub(crate) crossings: Vec<CrossingView>,
    /// What the journal could not keep.
    pub(crate) dropped: Dropped,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) attribution: Option<String>,
}

/// One step.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Step {
    pub(crate) path: String,
    pub(crate) label: String,
    pub(crate) result: Status,
    pub(crate) duration_seconds: Seconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) errors: Vec<Diagnostic>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) exchanges: Vec<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) children: Vec<Step>,
}

/// Who called whom.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CrossingView {
    pub(crate) edge: String,
    #[serde(skip)]
    pub(crate) crossing: styk_core::Crossing,
    pub(crate) kind: &'static str,
    pub(crate) seq: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) caller_seq: Option<u64>,
    pub(crate) depth: usize,
    pub(crate) outcome: &'static str,
}

impl Document {
    /// All scenarios, category by category.
    pub(crate) fn scenarios(&self) -> impl Iterator<Item = &Scenario> {
        self.categories
            .iter()
            .flat_map(|category| &category.scenarios)
    }
}

impl Scenario {
    /// The attempt that decided.
    pub(crate) fn last(&self) -> Option<&Attempt> {
        self.attempts.last()
    }

    /// What went wrong in the last attempt that did not pass.
    pub(crate) fn errors(&self) -> &[Diagnostic] {
        self.attempts
            .iter()
            .rev()
            .map(|attempt| attempt.errors.as_slice())
            .find(|errors| !errors.is_empty())
            .unwrap_or_default()
    }
}

fn as_map<S: Serializer>(
    pairs: &[(String, CategoryOutcome)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}
