//! The outbox: effects that are to happen outside are written as rows with the change that causes them, and handed
//! over after the commit.
//!
//! The writer hands its own fresh rows over and waits for that a little (`INLINE_DISPATCH_MS`); what fails, and what
//! a crash leaves behind, is sent again by the beat. So an effect happens at least once; handlers give the outside the
//! same idempotency key each time.

mod dispatch;
mod store;

use std::time::Duration;

pub(crate) use self::dispatch::{dispatch_due, hand_over};
pub(crate) use self::store::{Message, SEND_NOTIFICATION, SEND_REFUND, insert};

/// What came of handing a row over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Handover {
    Done,
    /// It failed; try again, but not before the service's `wait` is over.
    Later {
        cause: String,
        wait: Duration,
    },
    /// Nothing was tried, because the service is switched off. Does not count as a try.
    NotNow,
    /// It failed for good.
    Never(String),
}
