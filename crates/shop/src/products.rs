//! The catalogue and its stock.
//!
//! `stock.on_hand` is what lies on the shelf, `stock.reserved` what open orders hold of it; the difference is for sale.
//! Both change by single conditional statements, products in ascending id order; `stock_movements` tells why.

mod api;
mod recount;
mod stock;
mod store;
mod view;

pub(crate) use self::api::routes;
pub(crate) use self::recount::{ids, recount};
pub(crate) use self::stock::{
    Line, Snapshot, can_reserve, commit, merged, release, reserve, reserve_again,
};
pub(crate) use self::store::{QUANTITY_MAX, for_sale};
