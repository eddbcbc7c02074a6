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
mod clock;
mod closest;
mod coding;
mod control;
mod cors;
mod crud;
mod data;
mod describe;
mod error;
mod events;
mod every_answer;
mod expectation;
#[allow(dead_code, unused_imports)]
mod formats;
mod http1;
mod http_proxy;
mod index;
mod json;
mod matcher;
mod mode;
#[allow(dead_code, unused_imports)]
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
#[allow(dead_code, unused_imports)]
mod settings;
mod sniff;
mod socks;
mod store;
mod template;
mod tls;
mod upstream;

pub use error::{ExpectationError, StartError};
pub use server::{Limits, MockServer, MockServerBuilder};
pub use settings::{
    Compat, HostPort, LoadedSettings, LogLevel, Place, Ports, Secret, Settings, SettingsError,
    SettingsSources, SettingsWarning, Trust,
};
