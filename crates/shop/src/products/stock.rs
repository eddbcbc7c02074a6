//! Stock changes: reserved for an order, given back, committed, sold over the counter.

use serde_json::json;

use super::view::StockView;
use crate::app::App;
use crate::db::{Tx, args};
use crate::error::{ApiError, Code};
use crate::money::Money;
use crate::telemetry::{Scope, attribute};

/// So many pieces of a product.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line {
    pub(crate) product_id: String,
    pub(crate) quantity: i64,
}

/// A product as it is at the moment it is ordered.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) product_id: String,
    pub(crate) quantity: i64,
    pub(crate) sku: String,
    pub(crate) name: String,
    pub(crate) price: Money,
    pub(crate) tax_bp: i64,
    pub(crate) weight_g: i64,
}

/// Reserves all `lines` or none, and tells what the products are like now. Lines are given in ascending product id,
/// each product once.
pub(crate) async fn reserve(
    app: &App,
    tx: &mut Tx,
    lines: &[Line],
) -> Result<Vec<Snapshot>, ApiError> {
    let work = async {
        let mut snapshots = Vec::with_capacity(lines.len());
        for line in lines {
            let snapshot = snapshot(tx, line).await?;
            reserve_line(tx, line, &snapshot.sku).await?;
            snapshots.push(snapshot);
        }
        attribute("lines", i64::try_from(lines.len()).unwrap_or(i64::MAX));
        Ok(snapshots)
    };
    app.telemetry.span(Scope::Products, "reserve", work).await
}

/// Reserves `lines` of an order that lost its reservation; price and name stay what they were.
pub(crate) async fn reserve_again(app: &App, tx: &mut Tx, lines: &[Line]) -> Result<(), ApiError> {
    let work = async {
        for line in lines {
            let sku = sku_of(tx, &line.product_id).await?;
            reserve_line(tx, line, &sku).await?;
        }
        Ok(())
    };
    app.telemetry
        .span(Scope::Products, "reserve_again", work)
        .await
}

/// Whether all `lines` could be reserved; if so they still can be later in this transaction.
pub(crate) async fn can_reserve(app: &App, tx: &mut Tx, lines: &[Line]) -> Result<bool, ApiError> {
    let work = async {
        for line in lines {
            // An update that changes nothing locks the row on both databases.
            let enough = tx
                .execute(
                    "UPDATE stock SET reserved = reserved WHERE product_id = $1 AND on_hand - reserved >= $2",
                    args![&line.product_id, line.quantity],
                )
                .await?;
            if enough == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    };
    app.telemetry
        .span(Scope::Products, "can_reserve", work)
        .await
}

async fn snapshot(tx: &mut Tx, line: &Line) -> Result<Snapshot, ApiError> {
    let row = tx
        .optional(
            "SELECT sku, name, price_minor, currency, tax_bp, weight_g FROM products WHERE id = $1 AND active = TRUE",
            args![&line.product_id],
        )
        .await?;
    let Some(row) = row else {
        return Err(ApiError::field(
            "items",
            format!("product {} does not exist", line.product_id),
        ));
    };
    Ok(Snapshot {
        product_id: line.product_id.clone(),
        quantity: line.quantity,
        sku: row.text("sku")?,
        name: row.text("name")?,
        price: row.money("price_minor")?,
        tax_bp: row.int("tax_bp")?,
        weight_g: row.int("weight_g")?,
    })
}

async fn reserve_line(tx: &mut Tx, line: &Line, sku: &str) -> Result<(), ApiError> {
    let reserved = tx
        .execute(
            "UPDATE stock SET reserved = reserved + $2 WHERE product_id = $1 AND on_hand - reserved >= $2",
            args![&line.product_id, line.quantity],
        )
        .await?;
    if reserved == 1 {
        Ok(())
    } else {
        Err(out_of_stock(tx, &line.product_id, sku).await?)
    }
}

async fn out_of_stock(tx: &mut Tx, product_id: &str, sku: &str) -> Result<ApiError, ApiError> {
    let row = tx
        .one(
            "SELECT on_hand - reserved AS left FROM stock WHERE product_id = $1",
            args![product_id],
        )
        .await?;
    let left = row.int("left")?;
    let message = match left {
        0 => format!("{sku} is sold out."),
        1 => format!("Only 1 of {sku} is left."),
        left => format!("Only {left} of {sku} are left."),
    };
    let details = json!({"product_id": product_id, "sku": sku, "available": left});
    Ok(ApiError::new(Code::OutOfStock, message).with_details(details))
}

/// Gives reserved pieces back to the sale. Lines are given in ascending product id.
pub(crate) async fn release(app: &App, tx: &mut Tx, lines: &[Line]) -> Result<(), ApiError> {
    let work = async {
        for line in lines {
            let changed = tx
                .execute(
                    "UPDATE stock SET reserved = reserved - $2 WHERE product_id = $1 AND reserved >= $2",
                    args![&line.product_id, line.quantity],
                )
                .await?;
            expect_one(changed, line)?;
        }
        Ok(())
    };
    app.telemetry.span(Scope::Products, "release", work).await
}

/// Reserved pieces leave the house for order `order_id`. Lines are given in ascending product id.
pub(crate) async fn commit(
    app: &App,
    tx: &mut Tx,
    order_id: &str,
    lines: &[Line],
) -> Result<(), ApiError> {
    let work = async {
        for line in lines {
            let changed = tx
                .execute(
                    "UPDATE stock SET on_hand = on_hand - $2, reserved = reserved - $2
                     WHERE product_id = $1 AND reserved >= $2",
                    args![&line.product_id, line.quantity],
                )
                .await?;
            expect_one(changed, line)?;
            record(app, tx, line, "order", order_id).await?;
        }
        Ok(())
    };
    app.telemetry.span(Scope::Products, "commit", work).await
}

fn expect_one(changed: u64, line: &Line) -> Result<(), ApiError> {
    let missing = || {
        ApiError::internal(format!(
            "product {} has no {} reserved pieces",
            line.product_id, line.quantity
        ))
    };
    if changed == 1 { Ok(()) } else { Err(missing()) }
}

/// Writes the pieces of `line` off; `false` when that was done before under the same reference.
async fn record(
    app: &App,
    tx: &mut Tx,
    line: &Line,
    reason: &str,
    reference: &str,
) -> Result<bool, ApiError> {
    let written = tx
        .execute(
            "INSERT INTO stock_movements (id, product_id, delta, reason, ref, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (product_id, reason, ref) DO NOTHING",
            args![
                app.id(),
                &line.product_id,
                -line.quantity,
                reason,
                reference,
                app.now()
            ],
        )
        .await?;
    Ok(written == 1)
}

/// Sells pieces over the counter. With an `operation_id` the sale is made once, however often it is asked for.
pub(super) async fn sell(
    app: &App,
    tx: &mut Tx,
    line: &Line,
    operation_id: Option<&str>,
) -> Result<StockView, ApiError> {
    let sku = sku_of(tx, &line.product_id).await?;
    let reference = operation_id.map_or_else(|| app.id(), str::to_owned);
    if !record(app, tx, line, "sale", &reference).await? {
        return repeated_sale(tx, line, &reference).await;
    }
    let row = tx
        .optional(
            "UPDATE stock SET on_hand = on_hand - $2
             WHERE product_id = $1 AND on_hand - reserved >= $2
             RETURNING product_id, on_hand, reserved",
            args![&line.product_id, line.quantity],
        )
        .await?;
    match row {
        Some(row) => Ok(StockView::from_row(&row)?),
        None => Err(out_of_stock(tx, &line.product_id, &sku).await?),
    }
}

async fn sku_of(tx: &mut Tx, product_id: &str) -> Result<String, ApiError> {
    let row = tx
        .optional("SELECT sku FROM products WHERE id = $1", args![product_id])
        .await?;
    row.map_or_else(
        || Err(ApiError::not_found("product")),
        |row| Ok(row.text("sku")?),
    )
}

async fn repeated_sale(tx: &mut Tx, line: &Line, reference: &str) -> Result<StockView, ApiError> {
    let before = tx
        .one(
            "SELECT delta FROM stock_movements WHERE product_id = $1 AND reason = 'sale' AND ref = $2",
            args![&line.product_id, reference],
        )
        .await?;
    if before.int("delta")? != -line.quantity {
        let message = "This operation_id was used for a sale of another quantity.";
        return Err(ApiError::new(Code::IdempotencyKeyReused, message));
    }
    let row = tx
        .one(
            "SELECT product_id, on_hand, reserved FROM stock WHERE product_id = $1",
            args![&line.product_id],
        )
        .await?;
    Ok(StockView::from_row(&row)?)
}

/// Sums quantities of the same product and sorts by product id, as reserving wants it.
pub(crate) fn merged(lines: Vec<Line>) -> Vec<Line> {
    let mut sums = std::collections::BTreeMap::<String, i64>::new();
    for line in lines {
        let sum = sums.entry(line.product_id).or_default();
        *sum = sum.saturating_add(line.quantity);
    }
    sums.into_iter()
        .map(|(product_id, quantity)| Line {
            product_id,
            quantity,
        })
        .collect()
}
