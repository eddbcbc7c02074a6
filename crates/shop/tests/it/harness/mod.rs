//! What every test stands on: a shop of its own, on the database it asks for, and a client that speaks JSON to it.

mod client;
mod database;
mod postgres;
mod shop;

pub(crate) use self::client::{Answer, Client};
pub(crate) use self::database::{Backend, Database};
pub(crate) use self::shop::{TestShop, address};
