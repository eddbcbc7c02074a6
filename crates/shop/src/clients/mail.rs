//! What the shop needs of a mail service.

use std::fmt;

use futures_util::future::BoxFuture;

use super::{Event, Hook, Outcome, Rejected};

/// Sends letters.
pub(crate) trait Mailer: fmt::Debug + Send + Sync {
    /// The name that is stored with messages.
    fn name(&self) -> &'static str;

    /// Hands a letter over; gives the service's id for it. The same letter may be sent again.
    fn send<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Outcome<Option<String>>>;

    /// Checks and reads what the service tells us on its own.
    fn parse_webhook(&self, hook: &Hook<'_>) -> Result<Event, Rejected>;
}

/// One letter. All of it is the same in every try.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) notification_id: String,
    pub(crate) order_id: Option<String>,
    pub(crate) to: String,
    pub(crate) from: String,
    pub(crate) subject: String,
    pub(crate) template: String,
    pub(crate) text: String,
    pub(crate) html: String,
    pub(crate) key: String,
}
