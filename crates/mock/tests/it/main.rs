//! The mock server over real sockets.

mod bodies;
mod callbacks;
mod connections;
mod control;
mod cors;
mod dashboard;
mod forwarding;
mod http2;
mod library;
mod matching;
mod mismatches;
mod openapi;
mod operations;
mod proxy;
mod recording;
mod registration;
mod responses;
mod robustness;
mod scopes;
mod sse;
mod support;
mod templates;
mod tls;
mod uses;
mod verification;
mod websocket;
