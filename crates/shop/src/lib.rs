//! The reference shop of styk: a small online shop that runs embedded, many times in one process, or alone.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use styk_shop::{Config, Shop};
//!
//! let config = Config { database_url: "sqlite::memory:".into(), bind: "127.0.0.1:0".into(), ..Config::default() };
//! let shop = Shop::start(config).await?;
//! // … talk to shop.base_url() …
//! shop.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! The shop imports no other crate of styk and knows the outside only by the URLs in its [`Config`]. How it is built
//! inside is told in `docs/design/shop.md`.

mod analytics;
mod app;
mod auth;
mod backoff;
mod beat;
mod cart;
mod clients;
mod clock;
mod config;
mod db;
mod error;
mod fulfilment;
mod group;
mod health;
mod http;
mod inventory;
mod money;
mod notifications;
mod orders;
mod outbox;
mod payments;
mod products;
mod prune;
mod random;
mod reconcile;
mod shipping;
mod start;
mod tasks;
mod telemetry;
mod testing;
mod users;
mod webhooks;
mod worker;

pub use self::clock::{Clock, ManualClock, SystemClock};
pub use self::config::{Config, ConfigError, PaymentProvider, Profile, Run, Service};
pub use self::db::OpenError;
pub use self::start::{RunningShop, Shop, StartError};
