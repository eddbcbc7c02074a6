//! The mock server over real sockets.

mod bodies;
mod callbacks;
mod connections;
mod control;
mod cors;
mod dashboard;
mod forwarding;
mod grpc;
mod http2;
mod library;
mod llm;
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
mod support;
mod templates;
mod tls;
mod uses;
mod verification;
