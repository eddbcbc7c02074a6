//! The cart: one for each user, made when it is first looked at; its version counts the changes.

mod api;
mod store;
mod view;

pub(crate) use self::api::routes;
pub(crate) use self::store::take;
