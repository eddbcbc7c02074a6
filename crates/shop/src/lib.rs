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

mod app;
mod auth;
mod cart;
mod clock;
mod config;
mod db;
mod error;
mod group;
mod health;
mod http;
mod money;
mod notifications;
mod orders;
mod outbox;
mod payments;
mod products;
mod random;
mod shipping;
mod start;
mod telemetry;
mod testing;
mod users;

pub use self::clock::{Clock, ManualClock, SystemClock};
pub use self::config::{Config, ConfigError, Profile, Run, Service};
pub use self::db::OpenError;
pub use self::start::{RunningShop, Shop, StartError};
