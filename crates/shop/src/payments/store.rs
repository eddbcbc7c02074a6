//! The row of a payment, and the statements on `payments`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state::State;
use super::view::PaymentView;
use crate::app::App;
use crate::clients::{Challenge, Charge, PaymentRef};
use crate::clock::elapsed;
use crate::db::{Conn, DbError, Dialect, Row, Tx, args};
use crate::error::ApiError;
use crate::money::Money;
use crate::reconcile::{next_check, sender_lease};

/// A payment as it is in the database.
#[derive(Clone, Debug)]
pub(crate) struct Payment {
    pub(crate) id: String,
    pub(crate) order_id: String,
    pub(crate) provider: String,
    pub(crate) provider_id: Option<String>,
    pub(crate) confirmation_url: Option<String>,
    pub(crate) method: String,
    pub(crate) amount: Money,
    pub(crate) captured: Money,
    pub(crate) refunded: Money,
    pub(crate) state: State,
    pub(crate) idempotency_key: String,
    pub(crate) request: Option<Request>,
    /// What the buyer's bank is to be asked, by way of our page.
    pub(crate) challenge: Option<Challenge>,
    pub(crate) return_url: Option<String>,
    pub(crate) failure_code: Option<String>,
    pub(crate) next_check_at: Option<Timestamp>,
    pub(crate) checks: i64,
    pub(crate) created_at: Timestamp,
}

/// What the row does not say elsewhere and the same request needs again. Forgotten once the provider has decided.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) description: String,
    pub(crate) token: Option<String>,
    /// Where the buyer's request came from.
    #[serde(default)]
    pub(crate) ip: Option<String>,
}

impl Payment {
    pub(super) fn from_row(row: &Row) -> Result<Self, DbError> {
        let request = row
            .get::<Option<String>>("request")?
            .map(|_| row.json("request"))
            .transpose()?;
        let challenge = row
            .get::<Option<String>>("challenge")?
            .map(|_| row.json("challenge"))
            .transpose()?;
        Ok(Self {
            id: row.text("id")?,
            order_id: row.text("order_id")?,
            provider: row.text("provider")?,
            provider_id: row.get("provider_id")?,
            confirmation_url: row.get("confirmation_url")?,
            method: row.text("method")?,
            amount: row.money("amount_minor")?,
            captured: row.money("captured_minor")?,
            refunded: row.money("refunded_minor")?,
            state: row.parsed("state", "a state of a payment")?,
            idempotency_key: row.text("idempotency_key")?,
            request,
            challenge,
            return_url: row.get("return_url")?,
            failure_code: row.get("failure_code")?,
            next_check_at: row.time_opt("next_check_at")?,
            checks: row.int("checks")?,
            created_at: row.time("created_at")?,
        })
    }

    fn found(row: Option<Row>) -> Result<Self, ApiError> {
        row.map_or_else(
            || Err(ApiError::not_found("payment")),
            |row| Ok(Self::from_row(&row)?),
        )
    }

    /// What is sent to the provider, each time the same.
    pub(super) fn charge(&self, now: Timestamp) -> Result<Charge, ApiError> {
        let request = self
            .request
            .clone()
            .ok_or_else(|| ApiError::internal(format!("payment {} has no request", self.id)))?;
        Ok(Charge {
            payment_id: self.id.clone(),
            order_id: self.order_id.clone(),
            amount: self.amount,
            description: request.description,
            method: self.method.clone(),
            token: request.token,
            ip: request.ip,
            return_url: self.return_url.clone().unwrap_or_default(),
            key: self.idempotency_key.clone(),
            first_sent: self.created_at,
            age: elapsed(self.created_at, now),
        })
    }

    /// The payment at the provider, if that named it.
    pub(super) fn at_provider(&self) -> Option<PaymentRef<'_>> {
        Some(PaymentRef {
            ours: &self.id,
            provider_id: self.provider_id.as_deref()?,
        })
    }
}

/// What a new payment is made of.
#[derive(Debug)]
pub(super) struct NewPayment<'a> {
    pub(super) order_id: &'a str,
    pub(super) amount: Money,
    pub(super) method: &'a str,
    pub(super) return_url: &'a str,
    pub(super) request: Request,
}

/// Writes a payment that is about to be sent. Until its answer is stored, or its sender's time is over, nobody else
/// touches it.
pub(super) async fn insert(
    app: &App,
    tx: &mut Tx,
    new: NewPayment<'_>,
) -> Result<Payment, ApiError> {
    let (id, now) = (app.id(), app.now());
    let key = format!("pay:{id}");
    let request = serde_json::to_string(&new.request).map_err(ApiError::internal)?;
    let row = tx
        .one(
            "INSERT INTO payments (id, order_id, attempt, provider, method, amount_minor, currency, captured_minor,
                 refunded_minor, state, idempotency_key, request, return_url, next_check_at, checks, created_at,
                 updated_at)
             VALUES ($1, $2, (SELECT COUNT(*) + 1 FROM payments WHERE order_id = $2), $3, $4, $5, $6, 0, 0, 'sending',
                 $7, $8, $9, $10, 0, $11, $11)
             RETURNING *",
            args![
                id,
                new.order_id,
                app.clients.payments.name(),
                new.method,
                new.amount.minor,
                new.amount.currency,
                key,
                request,
                new.return_url,
                sender_lease(app),
                now
            ],
        )
        .await?;
    Ok(Payment::from_row(&row)?)
}

pub(super) async fn find(conn: &mut Conn, id: &str) -> Result<Payment, ApiError> {
    Payment::found(
        conn.optional("SELECT * FROM payments WHERE id = $1", args![id])
            .await?,
    )
}

/// The payment, locked. Lock its order first.
pub(super) async fn lock(tx: &mut Tx, id: &str) -> Result<Payment, ApiError> {
    Payment::found(
        tx.optional(
            "UPDATE payments SET checks = checks WHERE id = $1 RETURNING *",
            args![id],
        )
        .await?,
    )
}

/// The payment, if its order belongs to `user_id`.
pub(super) async fn owned(conn: &mut Conn, user_id: &str, id: &str) -> Result<Payment, ApiError> {
    let sql = "SELECT p.* FROM payments p JOIN orders o ON o.id = p.order_id WHERE p.id = $1 AND o.user_id = $2";
    Payment::found(conn.optional(sql, args![id, user_id]).await?)
}

/// The payment about which the provider may still decide.
pub(super) async fn open_of_order(
    conn: &mut Conn,
    order_id: &str,
) -> Result<Option<Payment>, ApiError> {
    let row = conn
        .optional(
            "SELECT * FROM payments WHERE order_id = $1 AND state IN ('created', 'sending', 'unknown', 'pending')",
            args![order_id],
        )
        .await?;
    Ok(row.as_ref().map(Payment::from_row).transpose()?)
}

/// The payment that paid the order.
pub(super) async fn captured_of_order(
    conn: &mut Conn,
    order_id: &str,
) -> Result<Option<Payment>, ApiError> {
    let row = conn
        .optional(
            "SELECT * FROM payments
             WHERE order_id = $1 AND state IN ('succeeded', 'partially_refunded', 'refunded')
             ORDER BY attempt DESC LIMIT 1",
            args![order_id],
        )
        .await?;
    Ok(row.as_ref().map(Payment::from_row).transpose()?)
}

/// The attempts to pay an order, oldest first.
pub(crate) async fn of_order(
    conn: &mut Conn,
    order_id: &str,
) -> Result<Vec<PaymentView>, ApiError> {
    let rows = conn
        .all(
            "SELECT * FROM payments WHERE order_id = $1 ORDER BY attempt",
            args![order_id],
        )
        .await?;
    Ok(rows
        .iter()
        .map(|row| Payment::from_row(row).map(|payment| PaymentView::from(&payment)))
        .collect::<Result<_, _>>()?)
}

/// The order is given up. A payment that was never sent ends with it. One that was sent stays, because only the
/// provider's word ends it; money that comes all the same is late money.
pub(crate) async fn void_open(app: &App, tx: &mut Tx, order_id: &str) -> Result<(), ApiError> {
    tx.execute(
        "UPDATE payments SET state = 'cancelled', request = NULL, next_check_at = NULL, updated_at = $2
         WHERE order_id = $1 AND state = 'created'",
        args![order_id, app.now()],
    )
    .await?;
    Ok(())
}

/// What changes when the provider has spoken.
#[derive(Clone, Debug, Default)]
pub(super) struct News<'a> {
    pub(super) provider_id: Option<&'a str>,
    pub(super) confirmation_url: Option<&'a str>,
    pub(super) challenge: Option<&'a Challenge>,
    pub(super) failure_code: Option<&'a str>,
    pub(super) captured_minor: i64,
}

/// Takes a locked payment to `state`. What the provider named before stays when it does not name it again.
pub(super) async fn set_state(
    app: &App,
    tx: &mut Tx,
    payment: &mut Payment,
    state: State,
    news: News<'_>,
) -> Result<(), ApiError> {
    let next = if state.is_open() {
        next_check(app, payment.created_at, payment.checks)
    } else {
        None
    };
    let challenge = news
        .challenge
        .map(serde_json::to_string)
        .transpose()
        .map_err(ApiError::internal)?;
    let row = tx
        .one(
            "UPDATE payments SET state = $2, provider_id = COALESCE(provider_id, $3),
                 confirmation_url = COALESCE($4, confirmation_url), failure_code = $5,
                 captured_minor = captured_minor + $6, next_check_at = $7, updated_at = $8,
                 request = CASE WHEN $9 THEN request ELSE NULL END,
                 challenge = CASE WHEN $9 THEN COALESCE($10, challenge) ELSE NULL END
             WHERE id = $1 RETURNING *",
            args![
                &payment.id,
                state.as_str(),
                news.provider_id,
                news.confirmation_url,
                news.failure_code,
                news.captured_minor,
                next,
                app.now(),
                state.is_open(),
                challenge
            ],
        )
        .await?;
    *payment = Payment::from_row(&row)?;
    Ok(())
}

/// Part or all of a locked payment has gone back.
pub(super) async fn add_refunded(
    app: &App,
    tx: &mut Tx,
    payment: &mut Payment,
    minor: i64,
) -> Result<(), ApiError> {
    let row = tx
        .one(
            "UPDATE payments SET refunded_minor = refunded_minor + $2, updated_at = $3,
                 state = CASE WHEN refunded_minor + $2 = captured_minor THEN 'refunded' ELSE 'partially_refunded' END
             WHERE id = $1 RETURNING *",
            args![&payment.id, minor, app.now()],
        )
        .await?;
    *payment = Payment::from_row(&row)?;
    Ok(())
}

/// Takes payments about which it is time to ask; counts the check. They are ours for a sender's time.
pub(super) async fn take_due(
    app: &App,
    conn: &mut Conn,
    limit: i64,
) -> Result<Vec<Payment>, ApiError> {
    let sql = match conn.dialect() {
        Dialect::Sqlite => {
            "UPDATE payments SET next_check_at = $2, checks = checks + 1
             WHERE id IN (SELECT id FROM payments WHERE next_check_at <= $1 ORDER BY next_check_at LIMIT $3)
             RETURNING *"
        }
        Dialect::Postgres => {
            "UPDATE payments SET next_check_at = $2, checks = checks + 1
             WHERE id IN (SELECT id FROM payments WHERE next_check_at <= $1 ORDER BY next_check_at LIMIT $3
                 FOR UPDATE SKIP LOCKED)
             RETURNING *"
        }
    };
    let rows = conn
        .all(sql, args![app.now(), sender_lease(app), limit])
        .await?;
    Ok(rows
        .iter()
        .map(Payment::from_row)
        .collect::<Result<_, _>>()?)
}

/// When to ask next about a payment that is still open.
pub(super) async fn schedule(
    conn: &mut Conn,
    id: &str,
    at: Option<Timestamp>,
) -> Result<(), ApiError> {
    conn.execute(
        "UPDATE payments SET next_check_at = $2 WHERE id = $1 AND state IN ('sending', 'unknown', 'pending')",
        args![id, at],
    )
    .await?;
    Ok(())
}

/// Open payments of orders whose time is over; those that were charged at once too, if they can be called off: a buyer
/// who never answered the bank must not keep the stock for ever.
pub(super) async fn of_expiring(
    app: &App,
    conn: &mut Conn,
    limit: i64,
) -> Result<Vec<Payment>, ApiError> {
    let rows = conn
        .all(
            "SELECT p.* FROM payments p JOIN orders o ON o.id = p.order_id
             WHERE (o.state = 'placed' OR (o.state = 'paying' AND p.state = 'pending' AND $3))
                 AND o.reservation_expires_at <= $1 AND p.state IN ('unknown', 'pending')
             ORDER BY o.id LIMIT $2",
            args![app.now(), limit, app.clients.payments.can_cancel()],
        )
        .await?;
    Ok(rows
        .iter()
        .map(Payment::from_row)
        .collect::<Result<_, _>>()?)
}
