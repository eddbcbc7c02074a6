//! What providers tell us on their own.
//!
//! An event is checked, kept in the inbox under its id, and applied in the same transaction. A duplicate is answered
//! with success and changes nothing. Money we cannot place is never answered with success: the event is kept as
//! failed, raises an alert, and is tried again by the beat and whenever the provider comes back.

mod api;
mod process;
mod sender;
mod store;

pub(crate) use self::api::routes;
pub(crate) use self::process::retry_inbox;
