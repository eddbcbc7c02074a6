//! Runs of the built binary in throw-away folders.

mod files;
mod mock;
mod programs;
mod runs;
mod support;
