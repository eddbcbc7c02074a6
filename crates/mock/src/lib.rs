//! A mock server that speaks MockServer's API.
//!
//! Start as many as you like in one process; each is a value with its own port:
//!
//! ```
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use styk_mock::MockServer;
//!
//! let payment = MockServer::builder("payment").start().await?;
//! payment.expect(&serde_json::json!({
//!     "httpRequest": { "method": "POST", "path": "/api/v1/payments" },
//!     "httpResponse": { "statusCode": 201, "body": { "status": "pending" } }
//! }))?;
//! println!("{}", payment.url());
//! payment.stop().await;
//! # Ok(())
//! # }
//! ```

mod action;
mod body;
mod control;
mod data;
mod describe;
mod error;
mod expectation;
#[allow(dead_code, unused_imports)]
mod formats;
mod index;
mod json;
mod matcher;
mod pattern;
mod record;
mod registration;
mod schema;
mod server;
mod store;
#[allow(dead_code)]
mod template;

pub use error::{ExpectationError, StartError};
pub use server::{Limits, MockServer, MockServerBuilder};
