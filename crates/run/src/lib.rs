//! Plans, schedules and judges a run.
//!
//! [`Project::load`] reads and checks everything a project says; [`run`] plays it and gives a result. Nothing here
//! formats text for people: events and results are data, diagnostics carry their places.

mod codes;
mod command;
mod config;
mod coverage;
mod fields;
mod files;
mod junit;
mod matrix;
mod template;

pub use codes::explain;
pub use config::CONFIG_FILE;
