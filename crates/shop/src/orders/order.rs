//! The row of an order, and the statements on `orders` that do not change its state.

use jiff::Timestamp;
use serde_json::Value;

use super::state::State;
use crate::app::App;
use crate::db::{Conn, DbError, Row, Tx, args};
use crate::error::ApiError;
use crate::money::{Currency, Money};

/// An order as it is in the database.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) user_id: String,
    pub(crate) state: State,
    pub(crate) items: Money,
    pub(crate) discount: Money,
    pub(crate) shipping: Money,
    /// Contained in the total.
    pub(crate) tax: Money,
    pub(crate) total: Money,
    pub(crate) currency: Currency,
    pub(crate) paid: Money,
    pub(crate) refunded: Money,
    pub(crate) shipping_method: String,
    pub(crate) payment_method: String,
    pub(crate) shipping_address: Value,
    pub(crate) billing_address: Value,
    pub(crate) contact_email: String,
    pub(crate) inventory_reserved: bool,
    pub(crate) payment_processed: bool,
    pub(crate) shipping_created: bool,
    pub(crate) reservation_expires_at: Timestamp,
    pub(crate) process_task_id: Option<String>,
    /// Counts the transitions.
    pub(crate) version: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

impl Order {
    pub(super) fn from_row(row: &Row) -> Result<Self, DbError> {
        let total = row.money("total_minor")?;
        Ok(Self {
            id: row.text("id")?,
            number: row.text("number")?,
            user_id: row.text("user_id")?,
            state: row.parsed("state", "a state of an order")?,
            items: row.money("items_minor")?,
            discount: row.money("discount_minor")?,
            shipping: row.money("shipping_minor")?,
            tax: row.money("tax_minor")?,
            total,
            currency: total.currency,
            paid: row.money("paid_minor")?,
            refunded: row.money("refunded_minor")?,
            shipping_method: row.text("shipping_method")?,
            payment_method: row.text("payment_method")?,
            shipping_address: row.json("shipping_address")?,
            billing_address: row.json("billing_address")?,
            contact_email: row.text("contact_email")?,
            inventory_reserved: row.bool("inventory_reserved")?,
            payment_processed: row.bool("payment_processed")?,
            shipping_created: row.bool("shipping_created")?,
            reservation_expires_at: row.time("reservation_expires_at")?,
            process_task_id: row.get("process_task_id")?,
            version: row.int("version")?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
        })
    }

    fn found(row: Option<Row>) -> Result<Self, ApiError> {
        row.map_or_else(
            || Err(ApiError::not_found("order")),
            |row| Ok(Self::from_row(&row)?),
        )
    }

    /// Another user's order is one that does not exist.
    fn of(self, user_id: &str) -> Result<Self, ApiError> {
        if self.user_id == user_id {
            Ok(self)
        } else {
            Err(ApiError::not_found("order"))
        }
    }
}

/// The order, whoever it belongs to.
pub(crate) async fn find(conn: &mut Conn, id: &str) -> Result<Order, ApiError> {
    Order::found(
        conn.optional("SELECT * FROM orders WHERE id = $1", args![id])
            .await?,
    )
}

/// The order, if it belongs to `user_id`.
pub(crate) async fn owned(conn: &mut Conn, user_id: &str, id: &str) -> Result<Order, ApiError> {
    find(conn, id).await?.of(user_id)
}

/// The order, locked until the end of the transaction.
pub(crate) async fn lock(tx: &mut Tx, id: &str) -> Result<Order, ApiError> {
    // An update that changes nothing locks the row on both databases.
    Order::found(
        tx.optional(
            "UPDATE orders SET version = version WHERE id = $1 RETURNING *",
            args![id],
        )
        .await?,
    )
}

/// The order, locked, if it belongs to `user_id`.
pub(crate) async fn lock_owned(tx: &mut Tx, user_id: &str, id: &str) -> Result<Order, ApiError> {
    lock(tx, id).await?.of(user_id)
}

/// Money for the order has arrived.
pub(crate) async fn add_paid(
    app: &App,
    tx: &mut Tx,
    order: &mut Order,
    minor: i64,
) -> Result<(), ApiError> {
    let row = tx
        .one(
            "UPDATE orders SET paid_minor = paid_minor + $2, payment_processed = TRUE, updated_at = $3
             WHERE id = $1 RETURNING *",
            args![&order.id, minor, app.now()],
        )
        .await?;
    *order = Order::from_row(&row)?;
    Ok(())
}

/// Money of the order has gone back.
pub(crate) async fn add_refunded(
    app: &App,
    tx: &mut Tx,
    order: &mut Order,
    minor: i64,
) -> Result<(), ApiError> {
    let row = tx
        .one(
            "UPDATE orders SET refunded_minor = refunded_minor + $2, updated_at = $3 WHERE id = $1 RETURNING *",
            args![&order.id, minor, app.now()],
        )
        .await?;
    *order = Order::from_row(&row)?;
    Ok(())
}

/// A parcel is registered for the order.
pub(crate) async fn set_shipping_created(
    app: &App,
    tx: &mut Tx,
    order: &mut Order,
) -> Result<(), ApiError> {
    let row = tx
        .one(
            "UPDATE orders SET shipping_created = TRUE, updated_at = $2 WHERE id = $1 RETURNING *",
            args![&order.id, app.now()],
        )
        .await?;
    *order = Order::from_row(&row)?;
    Ok(())
}

/// The task that processes the order.
pub(crate) async fn set_process_task(
    tx: &mut Tx,
    order: &mut Order,
    task_id: &str,
) -> Result<(), ApiError> {
    let row = tx
        .one(
            "UPDATE orders SET process_task_id = $2 WHERE id = $1 RETURNING *",
            args![&order.id, task_id],
        )
        .await?;
    *order = Order::from_row(&row)?;
    Ok(())
}
