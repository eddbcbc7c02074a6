//! Orders that were not paid in time give their stock back.

use super::order::{Order, lock};
use super::reservation;
use super::state::State;
use super::transition::{Actor, Cause, transition};
use crate::app::{App, transact};
use crate::db::{Tx, args};
use crate::error::ApiError;
use crate::payments;
use crate::telemetry::Scope;

/// Expires at most `limit` orders that are due, each in its own transaction, and tells how many.
pub(crate) async fn expire_due(app: &App, limit: i64) -> Result<usize, ApiError> {
    let due = app
        .db
        .read()
        .await?
        .all(
            "SELECT id FROM orders WHERE state = 'placed' AND reservation_expires_at <= $1 ORDER BY id LIMIT $2",
            args![app.now(), limit],
        )
        .await?;
    let mut expired = 0;
    for row in due {
        let id = row.text("id")?;
        let work = async { transact!(app, tx => expire(app, tx, &id).await) };
        expired += usize::from(app.telemetry.span(Scope::Orders, "expire", work).await?);
    }
    Ok(expired)
}

async fn expire(app: &App, tx: &mut Tx, id: &str) -> Result<bool, ApiError> {
    let mut order = lock(tx, id).await?;
    if !is_due(app, &order) {
        return Ok(false);
    }
    payments::void_open(app, tx, &order.id).await?;
    reservation::release(app, tx, &mut order, true).await?;
    transition(
        app,
        tx,
        &mut order,
        State::Expired,
        &Cause::new(Actor::Beat, "not paid in time"),
    )
    .await?;
    Ok(true)
}

/// Asked again under the lock: the buyer may have paid meanwhile.
fn is_due(app: &App, order: &Order) -> bool {
    order.state == State::Placed && order.reservation_expires_at <= app.now()
}
