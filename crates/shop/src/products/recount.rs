//! Holding the stock of a product against its history and the open orders.

use crate::app::App;
use crate::db::{Conn, Tx, args};
use crate::error::ApiError;
use crate::telemetry::Scope;

/// The ids of all products, ascending.
pub(crate) async fn ids(conn: &mut Conn) -> Result<Vec<String>, ApiError> {
    let rows = conn
        .all("SELECT product_id FROM stock ORDER BY product_id", args![])
        .await?;
    Ok(rows
        .iter()
        .map(|row| row.text("product_id"))
        .collect::<Result<_, _>>()?)
}

/// Counts `on_hand` from the movements and `reserved` from the active reservations; tells whether it had to correct
/// the stock. Where more is reserved than the movements account for, the difference is written as a correction.
pub(crate) async fn recount(app: &App, tx: &mut Tx, product_id: &str) -> Result<bool, ApiError> {
    let work = async {
        // Locks the stock first, so that no order changes it between the counts.
        let stock = tx
            .one(
                "UPDATE stock SET synced_at = $2 WHERE product_id = $1 RETURNING on_hand, reserved",
                args![product_id, app.now()],
            )
            .await?;
        let counted = tx
            .one(
                "SELECT
                     (SELECT CAST(COALESCE(SUM(delta), 0) AS BIGINT) FROM stock_movements
                      WHERE product_id = $1) AS moved,
                     (SELECT CAST(COALESCE(SUM(quantity), 0) AS BIGINT) FROM reservations
                      WHERE product_id = $1 AND status = 'active') AS held",
                args![product_id],
            )
            .await?;
        let (moved, held) = (counted.int("moved")?, counted.int("held")?);
        let on_hand = moved.max(held);
        if (stock.int("on_hand")?, stock.int("reserved")?, moved) == (on_hand, held, on_hand) {
            return Ok(false);
        }
        tx.execute(
            "UPDATE stock SET on_hand = $2, reserved = $3 WHERE product_id = $1",
            args![product_id, on_hand, held],
        )
        .await?;
        if on_hand != moved {
            record_correction(app, tx, product_id, on_hand - moved).await?;
        }
        tracing::warn!(
            product_id,
            on_hand,
            reserved = held,
            "the stock of a product was corrected"
        );
        Ok(true)
    };
    app.telemetry.span(Scope::Products, "recount", work).await
}

async fn record_correction(
    app: &App,
    tx: &mut Tx,
    product_id: &str,
    delta: i64,
) -> Result<(), ApiError> {
    tx.execute(
        "INSERT INTO stock_movements (id, product_id, delta, reason, ref, created_at)
         VALUES ($1, $2, $3, 'correction', $1, $4)",
        // Its own id is the reference: every correction is an event of its own.
        args![app.id(), product_id, delta, app.now()],
    )
    .await?;
    Ok(())
}
