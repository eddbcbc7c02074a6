//! Runs of the built binary in throw-away folders.

mod files;
mod programs;
mod runs;
mod support;
