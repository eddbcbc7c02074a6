//! Playing: real scenarios against a small shop and a real mock server, over real sockets.

mod bench;
mod failures;
mod fakes;
mod fixtures;
mod outside;
mod parallel;
mod polling;
mod requests;
mod shop;
mod steps;
mod stopping;
