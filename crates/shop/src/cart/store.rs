//! Statements on `carts` and `cart_items`. Every change locks the cart's row by counting its version up.

use super::view::{CartView, ItemView};
use crate::app::App;
use crate::db::{Conn, Tx, args};
use crate::error::{ApiError, Code};
use crate::products::{self, Line, QUANTITY_MAX};
use crate::telemetry::Scope;

/// Different products in one cart.
const ITEMS_MAX: usize = 100;

pub(super) async fn show(app: &App, tx: &mut Tx, user_id: &str) -> Result<CartView, ApiError> {
    make_sure_of_it(app, tx, user_id).await?;
    let row = tx
        .one(
            "SELECT id, version FROM carts WHERE user_id = $1",
            args![user_id],
        )
        .await?;
    let id = row.text("id")?;
    let items = items(tx, &id).await?;
    Ok(CartView::new(id, row.int("version")?, items))
}

async fn make_sure_of_it(app: &App, tx: &mut Tx, user_id: &str) -> Result<(), ApiError> {
    tx.execute(
        "INSERT INTO carts (id, user_id, version, created_at) VALUES ($1, $2, 0, $3) ON CONFLICT (user_id) DO NOTHING",
        args![app.id(), user_id, app.now()],
    )
    .await?;
    Ok(())
}

/// Locks the cart for a change and gives its id.
async fn touch(app: &App, tx: &mut Tx, user_id: &str) -> Result<String, ApiError> {
    make_sure_of_it(app, tx, user_id).await?;
    let row = tx
        .one(
            "UPDATE carts SET version = version + 1 WHERE user_id = $1 RETURNING id",
            args![user_id],
        )
        .await?;
    Ok(row.text("id")?)
}

async fn items(conn: &mut Conn, cart_id: &str) -> Result<Vec<ItemView>, ApiError> {
    let rows = conn
        .all(
            "SELECT i.id, i.product_id, i.quantity, p.sku, p.name, p.price_minor, p.currency
             FROM cart_items i JOIN products p ON p.id = i.product_id
             WHERE i.cart_id = $1 ORDER BY i.created_at, i.id",
            args![cart_id],
        )
        .await?;
    Ok(rows
        .iter()
        .map(ItemView::from_row)
        .collect::<Result<_, _>>()?)
}

/// Puts pieces of a product into the cart; the same product again adds up.
pub(super) async fn add(
    app: &App,
    tx: &mut Tx,
    user_id: &str,
    line: &Line,
) -> Result<ItemView, ApiError> {
    let product = products::for_sale(tx, &line.product_id).await?;
    let cart_id = touch(app, tx, user_id).await?;
    tx.execute(
        "INSERT INTO cart_items (id, cart_id, product_id, quantity, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (cart_id, product_id) DO UPDATE SET quantity = cart_items.quantity + excluded.quantity",
        args![app.id(), &cart_id, &line.product_id, line.quantity, app.now()],
    )
    .await?;
    let items = items(tx, &cart_id).await?;
    if items.len() > ITEMS_MAX {
        return Err(ApiError::field(
            "product_id",
            format!("a cart holds at most {ITEMS_MAX} different products"),
        ));
    }
    if let Some(other) = items
        .iter()
        .find(|item| item.unit_price.currency != product.currency)
    {
        let (ours, theirs) = (product.currency.code(), other.unit_price.currency.code());
        return Err(ApiError::field(
            "product_id",
            format!("is sold in {ours}, but the cart is in {theirs}"),
        ));
    }
    let item = items
        .into_iter()
        .find(|item| item.product_id == line.product_id);
    let item = item.ok_or_else(|| ApiError::internal("the item just added is not in the cart"))?;
    if item.quantity > QUANTITY_MAX {
        return Err(ApiError::field(
            "quantity",
            format!("a cart holds at most {QUANTITY_MAX} of a product"),
        ));
    }
    Ok(item)
}

/// Sets the quantity of an item.
pub(super) async fn set(
    app: &App,
    tx: &mut Tx,
    user_id: &str,
    id: &str,
    quantity: i64,
) -> Result<ItemView, ApiError> {
    let cart_id = touch(app, tx, user_id).await?;
    let changed = tx
        .execute(
            "UPDATE cart_items SET quantity = $3 WHERE id = $1 AND cart_id = $2",
            args![id, &cart_id, quantity],
        )
        .await?;
    let item = items(tx, &cart_id)
        .await?
        .into_iter()
        .find(|item| item.id == id);
    item.filter(|_| changed == 1)
        .ok_or_else(|| ApiError::not_found("item in the cart"))
}

/// Takes an item out.
pub(super) async fn remove(
    app: &App,
    tx: &mut Tx,
    user_id: &str,
    id: &str,
) -> Result<(), ApiError> {
    let cart_id = touch(app, tx, user_id).await?;
    let removed = tx
        .execute(
            "DELETE FROM cart_items WHERE id = $1 AND cart_id = $2",
            args![id, cart_id],
        )
        .await?;
    if removed == 1 {
        Ok(())
    } else {
        Err(ApiError::not_found("item in the cart"))
    }
}

/// Empties the cart into an order. With `version`, only if nothing was changed since the buyer saw that version.
pub(crate) async fn take(
    app: &App,
    tx: &mut Tx,
    user_id: &str,
    version: Option<i64>,
) -> Result<Vec<Line>, ApiError> {
    let work = async {
        let empty = || ApiError::new(Code::CartEmpty, "The cart is empty.");
        let touched = tx
            .optional(
                "UPDATE carts SET version = version + 1 WHERE user_id = $1 RETURNING id, version",
                args![user_id],
            )
            .await?;
        let Some(cart) = touched else {
            return Err(empty());
        };
        let seen = cart.int("version")? - 1;
        if version.is_some_and(|version| version != seen) {
            let message = format!(
                "The cart was changed: it has version {seen} now. Please look at it again."
            );
            return Err(ApiError::new(Code::StateConflict, message));
        }
        let taken = tx
            .all(
                "DELETE FROM cart_items WHERE cart_id = $1 RETURNING product_id, quantity",
                args![cart.text("id")?],
            )
            .await?;
        if taken.is_empty() {
            return Err(empty());
        }
        taken
            .iter()
            .map(|row| {
                Ok(Line {
                    product_id: row.text("product_id")?,
                    quantity: row.int("quantity")?,
                })
            })
            .collect()
    };
    app.telemetry.span(Scope::Cart, "take", work).await
}
