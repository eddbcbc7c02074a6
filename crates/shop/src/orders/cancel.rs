//! Cancelling an order on its buyer's wish.

use super::order::{Order, lock_owned};
use super::reservation;
use super::state::State;
use super::transition::{Actor, Cause, transition};
use crate::app::App;
use crate::db::Tx;
use crate::error::{ApiError, Code};
use crate::payments;

/// Cancels an order before its goods leave the house: gives the stock back, and the money if it was paid. One that is
/// cancelled or refunded already stays as it is.
pub(super) async fn cancel(
    app: &App,
    tx: &mut Tx,
    user_id: &str,
    id: &str,
    reason: Option<&str>,
) -> Result<Order, ApiError> {
    let mut order = lock_owned(tx, user_id, id).await?;
    let reason = reason.unwrap_or("cancelled by the buyer");
    match order.state {
        State::Placed | State::Paying => {
            payments::void_open(app, tx, &order.id).await?;
            reservation::release(app, tx, &mut order, false).await?;
            let cause = Cause::new(Actor::Api(user_id.to_owned()), reason);
            transition(app, tx, &mut order, State::Cancelled, &cause).await?;
        }
        State::Paid => {
            payments::refund_all(app, tx, user_id, id, reason).await?;
            order = lock_owned(tx, user_id, id).await?;
            reservation::release(app, tx, &mut order, false).await?;
        }
        State::Cancelled | State::Expired | State::Refunding | State::Refunded => {}
        State::Fulfilling | State::Shipped | State::Delivered => {
            let (number, state) = (&order.number, order.state.as_str());
            let message = format!("Order {number} is {state}; it can be refunded, not cancelled.");
            return Err(ApiError::new(Code::StateConflict, message));
        }
    }
    Ok(order)
}
