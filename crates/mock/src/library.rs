//! The face for Rust tests: expectations as builders, typed verification, answers by closures.
//!
//! Builders write MockServer's JSON, and the reader of the control plane reads it: there is one matcher and one
//! set of actions, however an expectation came. Verifications are the control plane's too, so that a failing test reads
//! the same report as a client over the wire. What is exact in Rust (`path`, `header`, `query`) becomes an escaped
//! pattern in JSON, where every text may be a regular expression.

mod count;
mod draft;
mod expectation;
mod expected;
mod ground;
mod pattern;
mod recorded;
mod request;
mod response;
mod scope;
mod server;
mod verification;
mod webhook;

pub(crate) use expected::Promises;

pub use count::Count;
pub use expectation::{Expectation, Expectations};
pub use recorded::RecordedRequest;
pub use request::{RequestPattern, any, any_request, delete, get, head, options, patch, post, put};
pub use response::{Response, drop_connection, json, raw, status, text};
pub use scope::MockScope;
pub use verification::{PatientVerification, Verification, VerificationError};
pub use webhook::Webhook;
