//! The mock server over real sockets.

mod connections;
mod control;
mod dashboard;
mod matching;
mod recording;
mod registration;
mod responses;
mod support;
mod uses;
mod verification;
