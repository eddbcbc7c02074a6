//! A product as the API takes and shows it.

use jiff::Timestamp;
use serde::Serialize;

use super::store::QUANTITY_MAX;
use crate::db::{DbError, Row};
use crate::http::Fields;
use crate::money::{Currency, Money};

/// What a product is made from.
#[derive(Clone, Debug)]
pub(super) struct NewProduct {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) sku: String,
    pub(super) price: Money,
    pub(super) quantity: i64,
    pub(super) weight_g: i64,
    pub(super) tax_bp: i64,
}

impl NewProduct {
    /// Takes the product's fields from a body; errors stay in `body`.
    pub(super) fn read(body: &mut Fields) -> Self {
        let currency = body.currency("currency");
        Self {
            name: body.text("name", 1..=200),
            description: body
                .optional_text("description", 10_000)
                .unwrap_or_default(),
            sku: body.text("sku", 1..=64),
            price: body.money("price", currency),
            quantity: body.integer("quantity", 0..=QUANTITY_MAX),
            weight_g: body
                .optional_integer("weight_g", 0..=10_000_000)
                .unwrap_or_default(),
            tax_bp: tax_rate(body),
        }
    }
}

/// A percentage such as `20` or `12.5`, contained in the price; kept in basis points.
fn tax_rate(body: &mut Fields) -> i64 {
    let Some(rate) = body.optional_decimal("tax_rate") else {
        return 0;
    };
    match rate.scaled(2) {
        Ok(basis_points) if basis_points <= 10_000 => basis_points,
        _ => {
            body.reject(
                "tax_rate",
                "must be a percentage from 0 to 100 with at most 2 decimals",
            );
            0
        }
    }
}

/// A product as everybody sees it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ProductView {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) price: Money,
    pub(crate) currency: Currency,
    pub(crate) sku: String,
    /// What can be bought.
    pub(crate) quantity: i64,
    pub(crate) on_hand: i64,
    pub(crate) reserved: i64,
    pub(crate) active: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

impl ProductView {
    pub(super) fn from_row(row: &Row) -> Result<Self, DbError> {
        let (on_hand, reserved) = (row.int("on_hand")?, row.int("reserved")?);
        Ok(Self {
            id: row.text("id")?,
            name: row.text("name")?,
            description: row.text("description")?,
            price: row.money("price_minor")?,
            currency: row.currency()?,
            sku: row.text("sku")?,
            quantity: on_hand - reserved,
            on_hand,
            reserved,
            active: row.bool("active")?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
        })
    }
}

/// The stock of one product after a change.
#[derive(Clone, Debug, Serialize)]
pub(super) struct StockView {
    pub(super) product_id: String,
    pub(super) quantity: i64,
    pub(super) on_hand: i64,
    pub(super) reserved: i64,
}

impl StockView {
    pub(super) fn from_row(row: &Row) -> Result<Self, DbError> {
        let (on_hand, reserved) = (row.int("on_hand")?, row.int("reserved")?);
        Ok(Self {
            product_id: row.text("product_id")?,
            quantity: on_hand - reserved,
            on_hand,
            reserved,
        })
    }
}
