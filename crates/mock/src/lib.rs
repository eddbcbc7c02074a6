//! A mock server for tests: a real server on a port of its own, that answers as the test says and remembers what it
//! was asked. It speaks MockServer's API too, so that clients in any language can use the same server.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use serde_json::json;
//! use styk_mock::{MockServer, json, post};
//!
//! let provider = MockServer::start().await?;
//! provider.expect(
//!     post("/payments")
//!         .header("x-api-version", "1")
//!         .json_partial(json!({"currency": "EUR"}))
//!         .respond(json(json!({"id": "p-1", "state": "pending"})).status(201)),
//! )?;
//!
//! // Here the code under test does its work; it finds the server at `provider.url()`.
//! # let client = reqwest::Client::new();
//! let payment = json!({"order": "7", "amount": 1999, "currency": "EUR"});
//! let answer = client.post(provider.url_of("/payments")).header("X-Api-Version", "1").json(&payment).send().await?;
//! assert_eq!(answer.status(), 201);
//!
//! let call = provider.verify(post("/payments")).once()?;
//! assert_eq!(call.json::<serde_json::Value>()?["amount"], 1999);
//! # Ok(())
//! # }
//! ```
//!
//! # Expectations
//!
//! An expectation is a [pattern](RequestPattern) of requests with an answer: `get("/rates").respond(text("1.08"))`.
//!
//! | which requests | |
//! | --- | --- |
//! | [`get`], [`post`], [`put`], [`patch`], [`delete`], [`head`], [`options`], [`any`], [`any_request`] | to begin with |
//! | `.header(..)` `.query(..)` `.cookie(..)`, with `_regex` and `no_` forms | what has to be there, or not |
//! | `.path_regex(..)` `.path_parameter(..)` | paths that are not known in full |
//! | `.json(..)` `.json_partial(..)` `.json_path(..)` `.form(..)` `.body(..)` `.body_regex(..)` … | the body |
//!
//! | what they are answered | |
//! | --- | --- |
//! | `.respond(`[`json`]`(..))`, [`text`], [`status`], then `.header(..)` `.delay(..)` … | one response |
//! | `.respond_in_turn([..])` | several |
//! | `.respond(`[`drop_connection`]`())`, [`raw`] | a broken connection |
//! | `.respond_with(\|request\| ..)`, `.respond_with_async(..)` | what a closure makes of the request |
//! | `.forward_to("http://..")` | what another server answers |
//!
//! | how often, and when | |
//! | --- | --- |
//! | `.times(2)` | exactly two requests, however many come at once |
//! | `.time_to_live(..)` | for so long |
//! | `.priority(1)` | before others that match |
//! | `.scenario("order", "Started").then_state("paid")` | by a state that several expectations share |
//! | `.then_send(`[`Webhook::post`]`(..))` | with a request of the server's own afterwards |
//! | `.expected(1..)` | checked by [`MockServer::assert_expected`] |
//!
//! A request that nothing matches is answered 404, and recorded.
//!
//! # Verification
//!
//! [`MockServer::verify`] takes the same patterns. The count completes the question, and the answer holds the requests:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use std::time::Duration;
//! # use styk_mock::{MockServer, get, post};
//! # let server = MockServer::start().await?;
//! # for path in ["/stock", "/payments", "/mails"] { reqwest::Client::new().post(server.url_of(path)).send().await?; }
//! server.verify(post("/payments")).once()?;
//! server.verify(post("/payments").query("retry", "1")).never()?;
//! server.verify(post("/mails")).within(Duration::from_secs(5)).at_least(1).await?;
//! server.verify_sequence([post("/stock"), post("/payments")])?;
//! let everything = server.requests();
//! # assert_eq!(everything.len(), 3);
//! # Ok(())
//! # }
//! ```
//!
//! When it does not hold, the error says what was wanted, what came, and how the closest request differs. End the test with
//! `?` and you read it line by line. When the [journal](MockServer::journal) had to drop requests that could change the
//! answer, the error is [`VerificationError::Incomplete`]: never a wrong yes, never a wrong no.
//!
//! # Tests that run at once
//!
//! A server costs less than a millisecond; give every test its own. Where the system under test is started once and
//! knows one address, give every test a [scope](MockServer::scope) of the one server: expectations, records and
//! scenario states of its own, told apart by a header or by W3C baggage that travels with the trace.
//!
//! # If you know other mock servers
//!
//! | there | here |
//! | --- | --- |
//! | wiremock: `Mock::given(method("GET")).and(path("/a")).respond_with(ResponseTemplate::new(200)).mount(&server)` | `server.expect(get("/a").respond(status(200)))` |
//! | wiremock: `.up_to_n_times(2)`, `.expect(1..)` and the end of the server | `.times(2)`, `.expected(1..)` and [`MockServer::assert_expected`] |
//! | mockito: `server.mock("GET", "/a").with_body("b").create()`, `mock.assert()` | `server.expect(get("/a").respond(text("b")).id("a"))`, `server.verify_expectation("a").once()` |
//! | httpmock: `server.mock(\|when, then\| { when.path("/a"); then.status(200); })` | `server.expect(any("/a").respond(status(200)))` |
//! | MockServer: `client.when(request()..).respond(response()..)` | the same in Rust, or the same client with this server |
//!
//! # In MockServer's words
//!
//! Builders write MockServer's JSON, and JSON is always welcome: [`MockServer::expect`] takes it, `.field(..)` of every
//! builder sets what has no call of its own, and any client of MockServer can be pointed at [`MockServer::url`].
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use styk_mock::MockServer;
//!
//! let payment = MockServer::builder("payment").port(0).start().await?;
//! payment.expect(serde_json::json!({
//!     "httpRequest": { "method": "POST", "path": "/api/v1/payments" },
//!     "httpResponse": { "statusCode": 201, "body": { "status": "pending" } }
//! }))?;
//! payment.stop().await;
//! # Ok(())
//! # }
//! ```

mod action;
mod body;
mod callbacks;
mod charset;
mod clock;
mod closest;
mod coding;
mod control;
mod cors;
mod counters;
mod crud;
mod dashboard;
mod data;
mod describe;
mod error;
mod events;
mod every_answer;
mod expectation;
mod formats;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod grpc;
mod http1;
mod http_proxy;
mod index;
mod json;
mod lasting;
mod library;
mod matcher;
mod mode;
mod oidc;
mod openapi;
mod pattern;
mod proxy;
mod proxy_auth;
mod proxy_setup;
mod record;
mod registration;
mod scenario;
mod schema;
mod scope;
mod server;
mod settings;
mod sniff;
mod socks;
mod store;
mod template;
mod tls;
mod upstream;
mod websocket;

pub use error::{ExpectationError, StartError};
pub use library::{
    Count, Expectation, Expectations, MockScope, PatientVerification, RecordedRequest,
    RequestPattern, Response, Verification, VerificationError, Webhook, any, any_request, delete,
    drop_connection, get, head, json, options, patch, post, put, raw, status, text,
};
pub use server::{Limits, MockServer, MockServerBuilder};
pub use settings::{
    Compat, HostPort, LoadedSettings, LogLevel, Place, Ports, Secret, Settings, SettingsError,
    SettingsSources, SettingsWarning, Trust,
};
pub use styk_core::{Clock, Headers, Journal, JournalLimits, Seed};
