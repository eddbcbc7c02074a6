//! Loading: good and bad files, with the exact messages.

mod bad;
mod pages;
mod reference;
mod suites;
