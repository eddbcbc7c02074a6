//! The database layer: SQLite or PostgreSQL behind one small surface.
//!
//! SQL is written once, in the common subset, with `$1` parameters given by [`args!`]. [`Db`] is the pool, [`Conn`]
//! one connection, [`Tx`] a transaction. A connection is passed down, never asked for twice. The rules for SQL that
//! runs on both are in `docs/design/shop.md`.

mod conn;
mod error;
mod migrate;
mod open;
mod row;
mod tx;
mod value;

pub(crate) use self::conn::{Conn, Dialect};
pub(crate) use self::error::DbError;
pub(crate) use self::open::Db;
pub use self::open::OpenError;
pub(crate) use self::row::Row;
pub(crate) use self::tx::Tx;
pub(crate) use self::value::{Value, args};
