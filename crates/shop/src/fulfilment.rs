//! From an order to a parcel: a task that takes an order through reservation, charge, parcel and stock.
//!
//! Each step does nothing when it is done already, and writes down what it did before the next one begins. So the
//! task can stop anywhere and be run again, by any worker.

mod api;
mod process;

pub(crate) use self::api::routes;
pub(crate) use self::process::{follow_parcel, process_order};
