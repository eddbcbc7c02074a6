//! Payments and refunds.
//!
//! [`apply_payment_state`] and [`apply_refund_state`] are the only functions that believe a provider: answers,
//! questions, webhooks and reconciliation all end there. A lost answer is `unknown`, never `failed`: it is left only
//! by the provider's word, to the same request with the same key or to a question. An order has at most one live
//! payment.

mod admit;
mod api;
mod apply;
mod charge;
mod matching;
mod open;
mod reconcile;
mod refund_apply;
mod refund_store;
mod refunds;
mod state;
mod store;
mod three_ds;
mod view;

pub(crate) use self::admit::admit;
pub(crate) use self::api::routes;
pub(crate) use self::apply::{Applied, apply_payment_state};
pub(crate) use self::charge::{Charged, charge_order};
pub(crate) use self::matching::{Match, match_payment};
pub(crate) use self::reconcile::{ask_about_expiring, reconcile_payments, reconcile_refunds};
pub(crate) use self::refund_apply::apply_refund_state;
pub(crate) use self::refund_store::match_refund;
pub(crate) use self::refunds::{refund_all, send_refund};
pub(crate) use self::store::{of_order, void_open};
pub(crate) use self::three_ds::is_page;
pub(crate) use self::view::PaymentView;
