//! Accounts and their profiles.

mod api;
mod store;
mod view;

pub(crate) use self::api::routes;
pub(crate) use self::store::{
    contact, find_login, insert, mark_verified, password_hash, set_password,
};
pub(crate) use self::view::{NewUser, UserView};
