//! The rows of parcels, their events and quotes, and the statements on them.

use jiff::Timestamp;
use serde::Serialize;

use super::register::Registration;
use super::state::ShipmentState;
use super::view::ShipmentView;
use crate::app::App;
use crate::clients::{Parcel, Quote, Recipient, ShipmentOrder, ShipmentReport};
use crate::db::{Conn, DbError, Dialect, Row, Tx, args};
use crate::error::ApiError;
use crate::money::Money;
use crate::orders::Order;
use crate::payments::Match;
use crate::reconcile::{next_check, sender_lease};

/// Orders do not know the size of their goods.
const PARCEL_SIZE_MM: (i64, i64, i64) = (300, 200, 100);
/// What a parcel weighs whose goods have no weight.
const PARCEL_WEIGHT_MIN_G: i64 = 100;

/// A parcel as it is in the database.
#[derive(Clone, Debug)]
pub(crate) struct Shipment {
    pub(crate) id: String,
    pub(crate) order_id: String,
    pub(crate) provider: String,
    pub(crate) provider_id: Option<String>,
    pub(crate) tracking_number: Option<String>,
    pub(crate) service: String,
    pub(crate) cost: Money,
    pub(crate) recipient: Recipient,
    pub(crate) state: ShipmentState,
    pub(crate) failure_code: Option<String>,
    pub(crate) idempotency_key: String,
    pub(crate) next_check_at: Option<Timestamp>,
    pub(crate) checks: i64,
    pub(crate) created_at: Timestamp,
}

impl Shipment {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.text("id")?,
            order_id: row.text("order_id")?,
            provider: row.text("provider")?,
            provider_id: row.get("provider_id")?,
            tracking_number: row.get("tracking_number")?,
            service: row.text("service")?,
            cost: row.money("cost_minor")?,
            recipient: row.json("recipient")?,
            state: row.parsed("state", "a state of a parcel")?,
            failure_code: row.get("failure_code")?,
            idempotency_key: row.text("idempotency_key")?,
            next_check_at: row.time_opt("next_check_at")?,
            checks: row.int("checks")?,
            created_at: row.time("created_at")?,
        })
    }

    fn found(row: Option<Row>) -> Result<Self, ApiError> {
        row.map_or_else(
            || Err(ApiError::not_found("parcel")),
            |row| Ok(Self::from_row(&row)?),
        )
    }

    /// What is sent to the carrier, each time the same.
    pub(super) async fn order(&self, conn: &mut Conn) -> Result<ShipmentOrder, ApiError> {
        let row = conn
            .one(
                "SELECT CAST(COALESCE(SUM(weight_g * quantity), 0) AS BIGINT) AS weight FROM order_items
                 WHERE order_id = $1",
                args![&self.order_id],
            )
            .await?;
        let (length_mm, width_mm, height_mm) = PARCEL_SIZE_MM;
        let weight_g = row.int("weight")?.max(PARCEL_WEIGHT_MIN_G);
        Ok(ShipmentOrder {
            shipment_id: self.id.clone(),
            order_id: self.order_id.clone(),
            service: self.service.clone(),
            recipient: self.recipient.clone(),
            parcels: vec![Parcel {
                weight_g,
                length_mm,
                width_mm,
                height_mm,
            }],
            key: self.idempotency_key.clone(),
        })
    }
}

/// Writes a parcel that is about to be registered.
pub(super) async fn insert(
    app: &App,
    tx: &mut Tx,
    order: &Order,
    wish: &Registration,
) -> Result<Shipment, ApiError> {
    let attempts = tx
        .one(
            "SELECT COUNT(*) AS attempts FROM shipments WHERE order_id = $1",
            args![&order.id],
        )
        .await?;
    let attempt = attempts.int("attempts")? + 1;
    let cost = quoted_cost(app, tx, order, &wish.service).await?;
    let recipient = serde_json::to_string(&wish.recipient).map_err(ApiError::internal)?;
    let row = tx
        .one(
            "INSERT INTO shipments (id, order_id, attempt, provider, service, cost_minor, currency, recipient, state,
                 idempotency_key, next_check_at, checks, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'sending', $9, $10, 0, $11, $11)
             RETURNING *",
            args![
                app.id(),
                &order.id,
                attempt,
                app.clients.shipping.name(),
                &wish.service,
                cost.minor,
                cost.currency,
                recipient,
                format!("ship:{}:{attempt}", order.id),
                sender_lease(app),
                app.now()
            ],
        )
        .await?;
    Ok(Shipment::from_row(&row)?)
}

/// What the last quote of this service for the order says, if it still counts; else nothing.
async fn quoted_cost(
    app: &App,
    tx: &mut Tx,
    order: &Order,
    service: &str,
) -> Result<Money, ApiError> {
    let row = tx
        .optional(
            "SELECT cost_minor, currency FROM shipping_quotes
             WHERE order_id = $1 AND service = $2 AND expires_at > $3 ORDER BY created_at DESC LIMIT 1",
            args![&order.id, service, app.now()],
        )
        .await?;
    row.map_or_else(
        || Ok(Money::new(0, order.currency)),
        |row| Ok(row.money("cost_minor")?),
    )
}

pub(super) async fn find(conn: &mut Conn, id: &str) -> Result<Shipment, ApiError> {
    Shipment::found(
        conn.optional("SELECT * FROM shipments WHERE id = $1", args![id])
            .await?,
    )
}

/// The parcel, locked. Lock its order first.
pub(super) async fn lock(tx: &mut Tx, id: &str) -> Result<Shipment, ApiError> {
    Shipment::found(
        tx.optional(
            "UPDATE shipments SET checks = checks WHERE id = $1 RETURNING *",
            args![id],
        )
        .await?,
    )
}

/// The parcel, if its order belongs to `user_id`.
pub(super) async fn owned(conn: &mut Conn, user_id: &str, id: &str) -> Result<Shipment, ApiError> {
    let sql = "SELECT s.* FROM shipments s JOIN orders o ON o.id = s.order_id WHERE s.id = $1 AND o.user_id = $2";
    Shipment::found(conn.optional(sql, args![id, user_id]).await?)
}

/// The parcel of an order that was not refused or called off.
pub(super) async fn live_of_order(
    conn: &mut Conn,
    order_id: &str,
) -> Result<Option<Shipment>, ApiError> {
    let row = conn
        .optional(
            "SELECT * FROM shipments WHERE order_id = $1 AND state NOT IN ('cancelled', 'failed')",
            args![order_id],
        )
        .await?;
    Ok(row.as_ref().map(Shipment::from_row).transpose()?)
}

/// The parcels of an order, oldest first.
pub(crate) async fn of_order(
    conn: &mut Conn,
    order_id: &str,
) -> Result<Vec<ShipmentView>, ApiError> {
    let rows = conn
        .all(
            "SELECT * FROM shipments WHERE order_id = $1 ORDER BY attempt",
            args![order_id],
        )
        .await?;
    let view = |row| Shipment::from_row(row).map(|shipment| ShipmentView::from(&shipment));
    Ok(rows.iter().map(view).collect::<Result<_, _>>()?)
}

pub(crate) async fn state_of(conn: &mut Conn, id: &str) -> Result<ShipmentState, ApiError> {
    Ok(find(conn, id).await?.state)
}

/// The parcel an event is about: by our id, else by the carrier's.
pub(crate) async fn match_shipment(
    app: &App,
    conn: &mut Conn,
    ours: Option<&str>,
    provider_id: Option<&str>,
) -> Result<Match, ApiError> {
    let rows = match (ours, provider_id) {
        (Some(ours), _) => {
            conn.all("SELECT id FROM shipments WHERE id = $1", args![ours])
                .await?
        }
        (None, Some(provider_id)) => {
            let sql = "SELECT id FROM shipments WHERE provider = $1 AND provider_id = $2 LIMIT 2";
            conn.all(sql, args![app.clients.shipping.name(), provider_id])
                .await?
        }
        (None, None) => Vec::new(),
    };
    Ok(Match::of(
        rows.iter()
            .map(|row| row.text("id"))
            .collect::<Result<_, _>>()?,
    ))
}

/// Takes a locked parcel to `state`, with what the carrier named.
pub(super) async fn set_state(
    app: &App,
    tx: &mut Tx,
    shipment: &mut Shipment,
    state: ShipmentState,
    report: Option<&ShipmentReport>,
    failure_code: Option<&str>,
) -> Result<(), ApiError> {
    let next = if state.is_open() {
        next_check(app, shipment.created_at, shipment.checks)
    } else {
        None
    };
    let row = tx
        .one(
            "UPDATE shipments SET state = $2, provider_id = COALESCE(provider_id, $3),
                 tracking_number = COALESCE(tracking_number, $4), carrier_status = COALESCE($5, carrier_status),
                 failure_code = $6, next_check_at = $7, updated_at = $8
             WHERE id = $1 RETURNING *",
            args![
                &shipment.id,
                state.as_str(),
                report.and_then(|report| report.provider_id.clone()),
                report.and_then(|report| report.tracking_number.clone()),
                report.map(|report| report.status.clone()),
                failure_code,
                next,
                app.now()
            ],
        )
        .await?;
    *shipment = Shipment::from_row(&row)?;
    Ok(())
}

/// Keeps what a carrier said, once.
pub(super) async fn insert_event(
    app: &App,
    tx: &mut Tx,
    id: &str,
    report: &ShipmentReport,
) -> Result<(), ApiError> {
    let dedup = match report.at {
        Some(at) => format!("{}:{}", report.status, at.as_microsecond()),
        None => report.status.clone(),
    };
    let text = report
        .text
        .clone()
        .unwrap_or_else(|| report.status.replace('_', " "));
    tx.execute(
        "INSERT INTO shipment_events (id, shipment_id, status, at, text, dedup, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (shipment_id, dedup) DO NOTHING",
        args![
            app.id(),
            id,
            &report.status,
            report.at.unwrap_or_else(|| app.now()),
            text,
            dedup,
            app.now()
        ],
    )
    .await?;
    Ok(())
}

/// Something that happened to a parcel, as the API shows it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct EventView {
    status: String,
    at: Timestamp,
    text: String,
}

/// What happened to a parcel, oldest first.
pub(super) async fn events(conn: &mut Conn, id: &str) -> Result<Vec<EventView>, ApiError> {
    let rows = conn
        .all(
            "SELECT status, at, text FROM shipment_events WHERE shipment_id = $1 ORDER BY at, id",
            args![id],
        )
        .await?;
    let view = |row: &Row| {
        Ok(EventView {
            status: row.text("status")?,
            at: row.time("at")?,
            text: row.text("text")?,
        })
    };
    rows.iter().map(view).collect()
}

/// Takes parcels about which it is time to ask; counts the check. They are ours for a sender's time.
pub(super) async fn take_due(
    app: &App,
    conn: &mut Conn,
    limit: i64,
) -> Result<Vec<Shipment>, ApiError> {
    let sql = match conn.dialect() {
        Dialect::Sqlite => {
            "UPDATE shipments SET next_check_at = $2, checks = checks + 1
             WHERE id IN (SELECT id FROM shipments WHERE next_check_at <= $1 ORDER BY next_check_at LIMIT $3)
             RETURNING *"
        }
        Dialect::Postgres => {
            "UPDATE shipments SET next_check_at = $2, checks = checks + 1
             WHERE id IN (SELECT id FROM shipments WHERE next_check_at <= $1 ORDER BY next_check_at LIMIT $3
                 FOR UPDATE SKIP LOCKED)
             RETURNING *"
        }
    };
    let rows = conn
        .all(sql, args![app.now(), sender_lease(app), limit])
        .await?;
    Ok(rows
        .iter()
        .map(Shipment::from_row)
        .collect::<Result<_, _>>()?)
}

/// When to ask next about a parcel the carrier has not confirmed.
pub(super) async fn schedule(
    conn: &mut Conn,
    id: &str,
    at: Option<Timestamp>,
) -> Result<(), ApiError> {
    conn.execute(
        "UPDATE shipments SET next_check_at = $2 WHERE id = $1 AND state IN ('created', 'sending', 'unknown')",
        args![id, at],
    )
    .await?;
    Ok(())
}

/// Keeps a quote.
pub(super) async fn insert_quote(
    app: &App,
    conn: &mut Conn,
    order_id: &str,
    quote: &Quote,
    service: &str,
    request: &serde_json::Value,
    expires_at: Timestamp,
) -> Result<String, ApiError> {
    let id = app.id();
    conn.execute(
        "INSERT INTO shipping_quotes (id, order_id, provider, service, cost_minor, currency, delivery_days, request,
             expires_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        args![
            &id,
            order_id,
            app.clients.shipping.name(),
            service,
            quote.cost.minor,
            quote.cost.currency,
            quote.delivery_days,
            request,
            expires_at,
            app.now()
        ],
    )
    .await?;
    Ok(id)
}
