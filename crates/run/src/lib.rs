//! Plans, schedules and judges a run.
//!
//! [`Project::load`] reads and checks everything a project says; [`run`] plays it and gives a result. Nothing here
//! formats text for people: events and results are data, diagnostics carry their places.

mod board;
mod codes;
mod command;
mod config;
mod coverage;
mod fields;
mod files;
mod ground;
mod id;
mod junit;
mod matrix;
mod plan;
mod play;
mod project;
mod run;
mod schedule;
mod template;

pub use codes::explain;
pub use config::CONFIG_FILE;
pub use plan::Selection;
pub use project::{LoadSettings, Project, StageChoice};
pub use run::{RunOptions, RunOutcome, RunSurroundings, run};
