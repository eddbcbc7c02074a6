//! Whole runs of small projects: real files, real stages, real foreign programs.

mod command_suites;
mod coverage;
mod files;
mod limits;
mod schedule;
mod selection;
mod support;
