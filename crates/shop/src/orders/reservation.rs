//! What an order holds of the stock. A reservation is active until it is committed, released or expired, once.

use super::order::Order;
use crate::app::App;
use crate::clock::after;
use crate::db::{Row, Tx, args};
use crate::error::ApiError;
use crate::products::{self, Line};
use crate::telemetry::Scope;

/// Reserves stock for new order lines, already taken from the shelf by [`products::reserve`].
pub(super) async fn insert(
    app: &App,
    tx: &mut Tx,
    order: &Order,
    lines: &[Line],
) -> Result<(), ApiError> {
    for line in lines {
        tx.execute(
            "INSERT INTO reservations (id, order_id, product_id, quantity, status, expires_at, created_at)
             VALUES ($1, $2, $3, $4, 'active', $5, $6)",
            args![app.id(), &order.id, &line.product_id, line.quantity, order.reservation_expires_at, app.now()],
        )
        .await?;
    }
    Ok(())
}

/// Gives the stock of a locked order back, because it is `cancelled` or (`expired`) was not paid in time.
pub(crate) async fn release(
    app: &App,
    tx: &mut Tx,
    order: &mut Order,
    expired: bool,
) -> Result<(), ApiError> {
    let work = async {
        let status = if expired { "expired" } else { "released" };
        let lines = end(tx, order, status).await?;
        if lines.is_empty() {
            // Released before, or gone with the parcel.
            return Ok(());
        }
        products::release(app, tx, &lines).await?;
        set_reserved(app, tx, order, false).await
    };
    app.telemetry.span(Scope::Orders, "release", work).await
}

/// The stock of a locked order leaves the house, with its movements.
pub(crate) async fn commit(app: &App, tx: &mut Tx, order: &Order) -> Result<(), ApiError> {
    let work = async {
        let lines = end(tx, order, "committed").await?;
        products::commit(app, tx, &order.id, &lines).await
    };
    app.telemetry.span(Scope::Orders, "commit", work).await
}

/// Makes sure that a locked order holds its stock, and holds it for another while. What ran out is reserved again;
/// when it cannot be, that is `out_of_stock`. Committed stock stays committed.
pub(crate) async fn ensure_reserved(
    app: &App,
    tx: &mut Tx,
    order: &mut Order,
) -> Result<(), ApiError> {
    let work = hold(app, tx, order);
    app.telemetry
        .span(Scope::Orders, "ensure_reserved", work)
        .await
}

async fn hold(app: &App, tx: &mut Tx, order: &mut Order) -> Result<(), ApiError> {
    let until = after(app.now(), app.config.reservation_ttl);
    let lost = tx
        .all(
            "UPDATE reservations SET status = 'active' WHERE order_id = $1 AND status IN ('released', 'expired')
             RETURNING product_id, quantity",
            args![&order.id],
        )
        .await?;
    products::reserve_again(app, tx, &sorted_lines(&lost)?).await?;
    tx.execute(
        "UPDATE reservations SET expires_at = $2 WHERE order_id = $1 AND status = 'active'",
        args![&order.id, until],
    )
    .await?;
    let row = tx
        .one(
            "UPDATE orders SET inventory_reserved = TRUE, reservation_expires_at = $2, updated_at = $3
             WHERE id = $1 RETURNING *",
            args![&order.id, until, app.now()],
        )
        .await?;
    *order = Order::from_row(&row)?;
    Ok(())
}

/// Whether [`ensure_reserved`] would succeed for a locked order; if so it does, later in this transaction.
pub(crate) async fn can_reserve_again(
    app: &App,
    tx: &mut Tx,
    order: &Order,
) -> Result<bool, ApiError> {
    let work = async {
        let lost = tx
            .all(
                "SELECT product_id, quantity FROM reservations WHERE order_id = $1 AND status IN ('released', 'expired')",
                args![&order.id],
            )
            .await?;
        products::can_reserve(app, tx, &sorted_lines(&lost)?).await
    };
    app.telemetry
        .span(Scope::Orders, "can_reserve_again", work)
        .await
}

async fn end(tx: &mut Tx, order: &Order, status: &str) -> Result<Vec<Line>, ApiError> {
    let ended = tx
        .all(
            "UPDATE reservations SET status = $2 WHERE order_id = $1 AND status = 'active'
             RETURNING product_id, quantity",
            args![&order.id, status],
        )
        .await?;
    sorted_lines(&ended)
}

fn sorted_lines(rows: &[Row]) -> Result<Vec<Line>, ApiError> {
    let line = |row: &Row| {
        Ok(Line {
            product_id: row.text("product_id")?,
            quantity: row.int("quantity")?,
        })
    };
    let mut lines = rows
        .iter()
        .map(line)
        .collect::<Result<Vec<_>, ApiError>>()?;
    lines.sort();
    Ok(lines)
}

async fn set_reserved(
    app: &App,
    tx: &mut Tx,
    order: &mut Order,
    reserved: bool,
) -> Result<(), ApiError> {
    let row = tx
        .one(
            "UPDATE orders SET inventory_reserved = $2, updated_at = $3 WHERE id = $1 RETURNING *",
            args![&order.id, reserved, app.now()],
        )
        .await?;
    *order = Order::from_row(&row)?;
    Ok(())
}
