//! What every test stands on: a shop of its own, on the database it asks for, and a client that speaks JSON to it.

mod client;
mod database;
mod outside;
mod postgres;
mod provider;
mod shop;
mod stage;

pub(crate) use self::client::{Answer, Client};
pub(crate) use self::database::{Backend, Database};
pub(crate) use self::outside::Reply;
pub(crate) use self::provider::{Provider, cloud_form, cloud_query, cloud_webhook};
pub(crate) use self::shop::{TestShop, address};
pub(crate) use self::stage::{SECRET, Stage, eventually, look_at, now_s, open_payment, pay, words};
