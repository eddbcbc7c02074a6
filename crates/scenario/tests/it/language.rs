//! Loading: good and bad files, with the exact messages.

mod bad;
mod documents;
mod meaning;
mod pages;
mod random;
mod reference;
mod suites;
