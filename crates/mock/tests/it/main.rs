//! The mock server over real sockets.

mod callbacks;
mod connections;
mod control;
mod forwarding;
mod matching;
mod recording;
mod registration;
mod responses;
mod robustness;
mod scopes;
mod support;
mod templates;
mod uses;
mod verification;
