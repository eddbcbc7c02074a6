//! The words of styk as types.
//!
//! Everything that more than one room of the house has to name lives here: edges and exchanges, the
//! [`Journal`] that records them, the [`Clock`] and [`Seed`] that are handed to whoever needs time or
//! chance, [`Diagnostic`]s that point into a user's file, and the results of a run as data.
//! There is no I/O in this crate.

mod attributes;
mod clock;
mod crossing;
mod diagnostic;
mod edge;
mod event;
mod exchange;
mod fault;
mod headers;
mod journal;
mod ledger;
mod mask;
mod matrix;
mod money;
mod result;
mod seed;
mod trace;

pub use attributes::Attributes;
pub use clock::Clock;
pub use crossing::{Crossing, CrossingKind, crossings};
pub use diagnostic::{Diagnostic, Location, Severity, SourceLine};
pub use edge::{Edge, EdgeError};
pub use event::{EventSink, RunEvent};
pub use exchange::{
    ClientCertificate, Ending, Exchange, ExchangeDraft, ExchangeKind, Facts, Outcome, Request,
    Response, SharedFacts, Transport,
};
pub use fault::{CallPoint, Fault, FaultKind, UnknownFault};
pub use headers::Headers;
pub use journal::{Dropped, Journal, JournalLimits};
pub use ledger::{Effect, Ledger, LedgerEntry, Movement};
pub use mask::{MASK, Secrets, is_secret_header, is_secret_name, mask_json, mask_url};
pub use matrix::{EdgeCoverage, EdgeState, FlowCoverage, MatrixCoverage};
pub use money::{BadCurrency, Currency, Money};
pub use result::{
    Attempt, CategoryResult, RunResult, ScenarioResult, ScenarioSummary, Status, StepResult, Totals,
};
pub use seed::Seed;
pub use trace::{SpanId, TraceContext, TraceId};
