//! An order as the API shows it.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::order::Order;
use super::state::{MoneyFacts, payment_status};
use crate::db::{Conn, DbError, Row, args};
use crate::error::ApiError;
use crate::money::{Currency, Money};
use crate::payments::{self, PaymentView};
use crate::shipping::{self, ShipmentView};

/// An order with everything that belongs to it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct OrderView {
    pub(super) id: String,
    number: String,
    status: &'static str,
    payment_status: &'static str,
    state: &'static str,
    items: Vec<ItemView>,
    items_total: Money,
    discount: Money,
    shipping_cost: Money,
    tax_included: Money,
    total: Money,
    currency: Currency,
    paid: Money,
    refunded: Money,
    shipping_address: Value,
    billing_address: Value,
    shipping_method: String,
    payment_method: String,
    inventory_reserved: bool,
    payment_processed: bool,
    shipping_created: bool,
    reservation_expires_at: Timestamp,
    payments: Vec<PaymentView>,
    shipments: Vec<ShipmentView>,
    pub(super) created_at: Timestamp,
    updated_at: Timestamp,
}

/// What was bought, as it was then.
#[derive(Clone, Debug, Serialize)]
struct ItemView {
    product_id: String,
    sku: String,
    name: String,
    quantity: i64,
    unit_price: Money,
    line_total: Money,
}

impl ItemView {
    fn from_row(row: &Row, currency: Currency) -> Result<Self, DbError> {
        Ok(Self {
            product_id: row.text("product_id")?,
            sku: row.text("sku")?,
            name: row.text("name")?,
            quantity: row.int("quantity")?,
            unit_price: Money::new(row.int("unit_minor")?, currency),
            line_total: Money::new(row.int("line_minor")?, currency),
        })
    }
}

impl OrderView {
    /// Reads what belongs to `order`.
    pub(super) async fn load(conn: &mut Conn, order: Order) -> Result<Self, ApiError> {
        let rows = conn
            .all(
                "SELECT * FROM order_items WHERE order_id = $1 ORDER BY id",
                args![&order.id],
            )
            .await?;
        let items = rows
            .iter()
            .map(|row| ItemView::from_row(row, order.currency))
            .collect::<Result<_, _>>()?;
        let payments = payments::of_order(conn, &order.id).await?;
        let shipments = shipping::of_order(conn, &order.id).await?;
        Ok(Self::new(order, items, payments, shipments))
    }

    fn new(
        order: Order,
        items: Vec<ItemView>,
        payments: Vec<PaymentView>,
        shipments: Vec<ShipmentView>,
    ) -> Self {
        let facts = MoneyFacts {
            paid_minor: order.paid.minor,
            refunded_minor: order.refunded.minor,
            last_attempt_failed: payments
                .last()
                .is_some_and(|payment| payment.status == "failed"),
        };
        Self {
            id: order.id,
            number: order.number,
            status: order.state.status(),
            payment_status: payment_status(order.state, facts),
            state: order.state.as_str(),
            items,
            items_total: order.items,
            discount: order.discount,
            shipping_cost: order.shipping,
            tax_included: order.tax,
            total: order.total,
            currency: order.currency,
            paid: order.paid,
            refunded: order.refunded,
            shipping_address: order.shipping_address,
            billing_address: order.billing_address,
            shipping_method: order.shipping_method,
            payment_method: order.payment_method,
            inventory_reserved: order.inventory_reserved,
            payment_processed: order.payment_processed,
            shipping_created: order.shipping_created,
            reservation_expires_at: order.reservation_expires_at,
            payments,
            shipments,
            created_at: order.created_at,
            updated_at: order.updated_at,
        }
    }
}
