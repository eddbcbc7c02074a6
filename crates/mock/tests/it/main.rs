//! The mock server over real sockets.

mod bodies;
mod callbacks;
mod connections;
mod control;
mod forwarding;
mod matching;
mod mismatches;
mod openapi;
mod operations;
mod recording;
mod registration;
mod responses;
mod scopes;
mod support;
mod templates;
mod uses;
mod verification;
