//! Cancelling an order on its buyer's wish.

use super::order::{Order, lock_owned};
use super::reservation;
use super::state::State;
use super::transition::{Actor, Cause, transition};
use crate::app::App;
use crate::db::Tx;
use crate::error::{ApiError, Code};
use crate::payments;

/// Cancels an order that is not paid; one that is cancelled already stays as it is.
pub(super) async fn cancel(
    app: &App,
    tx: &mut Tx,
    user_id: &str,
    id: &str,
    reason: Option<&str>,
) -> Result<Order, ApiError> {
    let mut order = lock_owned(tx, user_id, id).await?;
    match order.state {
        State::Placed | State::Paying => {
            payments::void_open(app, tx, &order.id).await?;
            reservation::release(app, tx, &mut order, false).await?;
            let cause = Cause::new(
                Actor::Api(user_id.to_owned()),
                reason.unwrap_or("cancelled by the buyer"),
            );
            transition(app, tx, &mut order, State::Cancelled, &cause).await?;
            Ok(order)
        }
        State::Cancelled | State::Expired => Ok(order),
        State::Paid
        | State::Fulfilling
        | State::Shipped
        | State::Delivered
        | State::Refunding
        | State::Refunded => {
            let message = format!(
                "Order {} is {}; it can be refunded, not cancelled.",
                order.number,
                order.state.as_str()
            );
            Err(ApiError::new(Code::StateConflict, message))
        }
    }
}
