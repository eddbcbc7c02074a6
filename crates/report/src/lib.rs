//! Turns what came of a run into reports for people and for machines.
//!
//! [`write_reports`] writes the files of one run, [`TerminalReporter`] follows a run as it happens,
//! [`matrix_table`] shows coverage. Everything is a function of results; secrets are masked before anything
//! is formatted.

mod body;
mod diagnostic;
mod document;
mod files;
mod format;
mod html;
mod json_text;
mod junit;
mod mask;
mod matrix_table;
mod read;
mod summary;
mod terminal;

pub use diagnostic::render_diagnostic;
pub use document::SCHEMA;
pub use files::{FileProblem, ReportError, Written, write_reports};
pub use matrix_table::matrix_table;
pub use read::{ReadError, StoredMatrix, read_matrix};
pub use terminal::{TerminalOptions, TerminalReporter};
