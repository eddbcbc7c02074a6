//! Who is asking: accounts are opened and entered here, and every other module takes its user from here.

mod api;
mod password;
mod register;
mod session;
mod user;
mod verify;

pub(crate) use self::api::routes;
pub(crate) use self::password::Passwords;
pub(crate) use self::session::Credentials;
pub(crate) use self::user::{MaybeUser, User, as_staff};
