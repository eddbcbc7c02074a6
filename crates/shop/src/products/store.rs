//! Statements on `products`.

use super::view::{NewProduct, ProductView};
use crate::app::App;
use crate::db::{Conn, Tx, args};
use crate::error::{ApiError, Code};
use crate::http::Cursor;

/// The largest number of pieces in one request.
pub(crate) const QUANTITY_MAX: i64 = 1_000_000;

/// Puts a product with its first stock into the catalogue.
pub(super) async fn insert(
    app: &App,
    tx: &mut Tx,
    owner_id: &str,
    new: &NewProduct,
) -> Result<ProductView, ApiError> {
    let (id, now) = (app.id(), app.now());
    let inserted = tx
        .execute(
            "INSERT INTO products (id, owner_id, name, description, sku, price_minor, currency, weight_g, tax_bp,
                 active, version, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, TRUE, 1, $10, $10)
             ON CONFLICT (sku) DO NOTHING",
            args![
                &id,
                owner_id,
                &new.name,
                &new.description,
                &new.sku,
                new.price.minor,
                new.price.currency,
                new.weight_g,
                new.tax_bp,
                now
            ],
        )
        .await?;
    if inserted == 0 {
        return Err(ApiError::new(
            Code::SkuTaken,
            format!("There is a product with the SKU {} already.", new.sku),
        ));
    }
    tx.execute(
        "INSERT INTO stock (product_id, on_hand, reserved) VALUES ($1, $2, 0)",
        args![&id, new.quantity],
    )
    .await?;
    tx.execute(
        "INSERT INTO stock_movements (id, product_id, delta, reason, ref, created_at)
         VALUES ($1, $2, $3, 'initial', $2, $4)",
        args![app.id(), &id, new.quantity, now],
    )
    .await?;
    find(tx, &id).await
}

pub(super) async fn find(conn: &mut Conn, id: &str) -> Result<ProductView, ApiError> {
    let row = conn
        .optional(
            "SELECT * FROM products p JOIN stock s ON s.product_id = p.id WHERE p.id = $1",
            args![id],
        )
        .await?;
    row.map_or_else(
        || Err(ApiError::not_found("product")),
        |row| Ok(ProductView::from_row(&row)?),
    )
}

/// The product, if customers may buy it.
pub(crate) async fn for_sale(conn: &mut Conn, id: &str) -> Result<ProductView, ApiError> {
    let product = find(conn, id).await?;
    if product.active {
        Ok(product)
    } else {
        Err(ApiError::not_found("product"))
    }
}

/// A piece of the catalogue, newest first: one more than asked for, so that the end can be told.
pub(super) async fn list(conn: &mut Conn, cursor: &Cursor) -> Result<Vec<ProductView>, ApiError> {
    let after = cursor.after.clone().unzip();
    let words = cursor
        .get("q")
        .map(|words| format!("%{}%", escape_like(&words.to_lowercase())));
    let rows = conn
        .all(
            "SELECT * FROM products p JOIN stock s ON s.product_id = p.id
             WHERE ($1 IS NULL OR p.created_at < $1 OR (p.created_at = $1 AND p.id < $2))
               AND ($3 IS NULL OR p.sku = $3)
               AND ($4 IS NULL OR lower(p.name) LIKE $4 ESCAPE '!' OR lower(p.description) LIKE $4 ESCAPE '!')
             ORDER BY p.created_at DESC, p.id DESC LIMIT $5",
            args![after.0, after.1, cursor.get("sku"), words, cursor.limit + 1],
        )
        .await?;
    Ok(rows
        .iter()
        .map(ProductView::from_row)
        .collect::<Result<_, _>>()?)
}

/// Takes the special meaning from the signs of LIKE.
fn escape_like(words: &str) -> String {
    words
        .replace('!', "!!")
        .replace('%', "!%")
        .replace('_', "!_")
}

#[cfg(test)]
mod tests {
    #[test]
    fn signs_of_like_are_searched_for_as_they_are() {
        assert_eq!(super::escape_like("50%_off!"), "50!%!_off!!");
    }
}
