//! The shop over HTTP, each test on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod harness;

mod analytics;
mod auth;
mod cart;
mod challenges;
mod health;
mod http;
mod idempotency;
mod inventory;
mod life;
mod messages;
mod orders;
mod payments;
mod process;
mod products;
mod providers;
mod races;
mod reconciliation;
mod refunds;
mod shipping;
mod spans;
mod tasks;
mod users;
mod webhooks;
