//! The shop over HTTP, each test on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod harness;

mod auth;
mod cart;
mod health;
mod http;
mod idempotency;
mod life;
mod orders;
mod products;
mod races;
mod spans;
mod users;
