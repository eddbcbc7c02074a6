//! Messages to customers: written with the change that causes them, handed to the mail service after the commit.
//!
//! A message is rendered when it is queued, so that it tells what was true then. Its dedup makes it one message a
//! business event. Handing over is at least once: the service gets the same key for every try.

mod api;
mod deliver;
mod store;
mod template;

pub(crate) use self::api::routes;
pub(crate) use self::deliver::{deliver, letter_event, order_notice, send_task};
pub(crate) use self::store::{Notice, queue};
pub(crate) use self::template::Template;
