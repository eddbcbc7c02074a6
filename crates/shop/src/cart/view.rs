//! The cart as the API shows it.

use serde::Serialize;

use crate::db::{DbError, Row};
use crate::money::{Currency, Money};

/// So many of one product, at today's price.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ItemView {
    pub(super) id: String,
    pub(super) product_id: String,
    pub(super) sku: String,
    pub(super) name: String,
    pub(super) quantity: i64,
    pub(super) unit_price: Money,
    pub(super) line_total: Money,
}

impl ItemView {
    pub(super) fn from_row(row: &Row) -> Result<Self, DbError> {
        let (quantity, unit_price) = (row.int("quantity")?, row.money("price_minor")?);
        Ok(Self {
            id: row.text("id")?,
            product_id: row.text("product_id")?,
            sku: row.text("sku")?,
            name: row.text("name")?,
            quantity,
            unit_price,
            line_total: Money::new(
                unit_price.minor.saturating_mul(quantity),
                unit_price.currency,
            ),
        })
    }
}

/// The whole cart.
#[derive(Clone, Debug, Serialize)]
pub(super) struct CartView {
    pub(super) id: String,
    pub(super) items: Vec<ItemView>,
    pub(super) items_total: Money,
    pub(super) currency: Currency,
    pub(super) version: i64,
}

impl CartView {
    pub(super) fn new(id: String, version: i64, items: Vec<ItemView>) -> Self {
        let currency = items
            .first()
            .map_or(Currency::Rub, |item| item.unit_price.currency);
        let total = items
            .iter()
            .fold(0_i64, |sum, item| sum.saturating_add(item.line_total.minor));
        Self {
            id,
            items,
            items_total: Money::new(total, currency),
            currency,
            version,
        }
    }
}
