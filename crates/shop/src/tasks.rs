//! The queue of background tasks: a table, leases, retries.
//!
//! A task runs at least once, so every handler can run twice. Its error decides what comes next: trouble on our side
//! or outside is tried again with a growing pause, everything else is final.

mod api;
mod kind;
mod perform;
mod store;

pub(crate) use self::api::routes;
pub(crate) use self::kind::Kind;
pub(crate) use self::perform::perform;
pub(crate) use self::store::{
    NewTask, Task, Ticket, claim, enqueue, extend, fail, find_open_or_done, give_back,
    requeue_lost, retry, succeed,
};
