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
mod callbacks;
mod charset;
mod coding;
mod control;
#[allow(dead_code, unused_imports, reason = "not wired in yet")]
mod cors;
mod data;
mod describe;
mod error;
mod expectation;
mod http1;
#[allow(dead_code, unused_imports, reason = "not wired in yet")]
mod http_proxy;
mod index;
mod json;
mod matcher;
#[allow(dead_code, unused_imports)]
mod openapi;
mod pattern;
#[allow(dead_code, unused_imports, reason = "not wired in yet")]
mod proxy_auth;
mod record;
mod registration;
#[allow(dead_code, unused_imports, reason = "not wired in yet")]
mod replay;
mod scenario;
mod schema;
mod scope;
mod server;
#[allow(dead_code, unused_imports)]
mod settings;
#[allow(dead_code, unused_imports, reason = "not wired in yet")]
mod sniff;
#[allow(dead_code, unused_imports, reason = "not wired in yet")]
mod socks;
mod store;
mod template;
#[allow(dead_code, unused_imports, reason = "not wired in yet")]
mod tls;
mod upstream;

pub use error::{ExpectationError, StartError};
pub use server::{Limits, MockServer, MockServerBuilder};
pub use settings::{
    Compat, HostPort, LoadedSettings, LogLevel, Place, Ports, Secret, Settings, SettingsError,
    SettingsSources, SettingsWarning, Trust,
};
