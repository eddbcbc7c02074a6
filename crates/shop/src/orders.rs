//! Orders: placing, reading, cancelling, expiring; their states and their reservations.
//!
//! [`transition`] is the only function that changes the state of an order. Lock an order ([`lock`]) before you look at
//! what you decide on, and before its payments, refunds, shipments and stock.

mod api;
mod cancel;
mod expire;
mod order;
mod place;
mod reservation;
mod state;
mod transition;
mod view;

pub(crate) use self::api::routes;
pub(crate) use self::expire::expire_due;
pub(crate) use self::order::{
    Order, add_paid, add_refunded, find, lock, lock_owned, owned, set_process_task,
    set_shipping_created,
};
pub(crate) use self::reservation::{can_reserve_again, commit, ensure_reserved, release};
pub(crate) use self::state::State;
pub(crate) use self::transition::{Actor, Cause, transition, undo_refunding};
