//! Loading: good and bad files, with the exact messages.

mod pages;
mod suites;
