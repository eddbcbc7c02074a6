//! The mock server over real sockets.

mod bodies;
mod callbacks;
mod connections;
mod control;
mod dashboard;
mod forwarding;
mod matching;
mod openapi;
mod recording;
mod registration;
mod responses;
mod scopes;
mod support;
mod templates;
mod uses;
mod verification;
