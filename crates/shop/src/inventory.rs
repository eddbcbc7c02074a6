//! Holding the stock against its history, in the background: counts, corrects, and tells what it found.

mod api;
mod store;
mod sync;

pub(crate) use self::api::routes;
pub(crate) use self::sync::sync;
