//! Quotes and parcels.
//!
//! [`apply_shipment_state`] is the only function that believes a carrier. A parcel only moves forward; what the
//! carrier says is kept as events.

mod api;
mod apply;
mod quote;
mod reconcile;
mod register;
mod state;
mod store;
mod view;

pub(crate) use self::api::routes;
pub(crate) use self::apply::apply_shipment_state;
pub(crate) use self::reconcile::reconcile_shipments;
pub(crate) use self::register::{Registration, register};
pub(crate) use self::state::ShipmentState;
pub(crate) use self::store::{match_shipment, of_order, state_of};
pub(crate) use self::view::ShipmentView;
