//! The row of a refund, and the statements on `refunds`.

use jiff::Timestamp;
use serde::Serialize;

use super::matching::Match;
use super::state::RefundState;
use crate::app::App;
use crate::db::{Conn, DbError, Dialect, Row, Tx, args};
use crate::error::ApiError;
use crate::money::{Currency, Money};
use crate::reconcile::{next_check, sender_lease};

/// A refund as it is in the database.
#[derive(Clone, Debug)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) payment_id: String,
    pub(super) order_id: String,
    pub(super) amount: Money,
    pub(super) reason: Option<String>,
    pub(super) state: RefundState,
    pub(super) provider_id: Option<String>,
    pub(super) idempotency_key: String,
    pub(super) checks: i64,
    pub(super) created_at: Timestamp,
}

impl Refund {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.text("id")?,
            payment_id: row.text("payment_id")?,
            order_id: row.text("order_id")?,
            amount: row.money("amount_minor")?,
            reason: row.get("reason")?,
            state: row.parsed("state", "a state of a refund")?,
            provider_id: row.get("provider_id")?,
            idempotency_key: row.text("idempotency_key")?,
            checks: row.int("checks")?,
            created_at: row.time("created_at")?,
        })
    }

    fn found(row: Option<Row>) -> Result<Self, ApiError> {
        row.map_or_else(
            || Err(ApiError::not_found("refund")),
            |row| Ok(Self::from_row(&row)?),
        )
    }
}

/// A refund as the API shows it: always `pending`, because the provider is asked after the answer is decided.
#[derive(Debug, Serialize)]
pub(super) struct RefundView {
    id: String,
    order_id: String,
    payment_id: String,
    amount: Money,
    currency: Currency,
    status: &'static str,
}

impl From<&Refund> for RefundView {
    fn from(refund: &Refund) -> Self {
        Self {
            id: refund.id.clone(),
            order_id: refund.order_id.clone(),
            payment_id: refund.payment_id.clone(),
            amount: refund.amount,
            currency: refund.amount.currency,
            status: "pending",
        }
    }
}

/// Writes a refund of a locked payment.
pub(super) async fn insert(
    app: &App,
    tx: &mut Tx,
    payment_id: &str,
    order_id: &str,
    amount: Money,
    reason: Option<&str>,
) -> Result<Refund, ApiError> {
    let (id, now) = (app.id(), app.now());
    let key = format!("refund:{id}");
    let row = tx
        .one(
            "INSERT INTO refunds (id, payment_id, order_id, amount_minor, currency, reason, state, idempotency_key,
                 next_check_at, checks, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, 'created', $7, $8, 0, $9, $9)
             RETURNING *",
            args![id, payment_id, order_id, amount.minor, amount.currency, reason, key, sender_lease(app), now],
        )
        .await?;
    Ok(Refund::from_row(&row)?)
}

/// What was promised to go back of a payment, refunds that failed left out.
pub(super) async fn promised(tx: &mut Tx, payment_id: &str) -> Result<i64, ApiError> {
    let row = tx
        .one(
            "SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) AS promised FROM refunds
             WHERE payment_id = $1 AND state <> 'failed'",
            args![payment_id],
        )
        .await?;
    Ok(row.int("promised")?)
}

pub(super) async fn find(conn: &mut Conn, id: &str) -> Result<Refund, ApiError> {
    Refund::found(
        conn.optional("SELECT * FROM refunds WHERE id = $1", args![id])
            .await?,
    )
}

/// The refund, locked. Lock its order and its payment first.
pub(super) async fn lock(tx: &mut Tx, id: &str) -> Result<Refund, ApiError> {
    Refund::found(
        tx.optional(
            "UPDATE refunds SET checks = checks WHERE id = $1 RETURNING *",
            args![id],
        )
        .await?,
    )
}

/// Takes a refund that is not settled, to send it; `None` when it is settled.
pub(super) async fn begin(
    app: &App,
    conn: &mut Conn,
    id: &str,
) -> Result<Option<Refund>, ApiError> {
    let row = conn
        .optional(
            "UPDATE refunds SET state = 'sending', next_check_at = $2, updated_at = $3
             WHERE id = $1 AND state IN ('created', 'sending', 'unknown')
             RETURNING *",
            args![id, sender_lease(app), app.now()],
        )
        .await?;
    Ok(row.as_ref().map(Refund::from_row).transpose()?)
}

/// Takes a locked refund to `state`.
pub(super) async fn set_state(
    app: &App,
    tx: &mut Tx,
    refund: &mut Refund,
    state: RefundState,
    provider_id: Option<&str>,
    failure_code: Option<&str>,
) -> Result<(), ApiError> {
    let settled = matches!(state, RefundState::Succeeded | RefundState::Failed);
    let next = if settled {
        None
    } else {
        next_check(app, refund.created_at, refund.checks)
    };
    let row = tx
        .one(
            "UPDATE refunds SET state = $2, provider_id = COALESCE(provider_id, $3), failure_code = $4,
                 next_check_at = $5, updated_at = $6
             WHERE id = $1 RETURNING *",
            args![&refund.id, state.as_str(), provider_id, failure_code, next, app.now()],
        )
        .await?;
    *refund = Refund::from_row(&row)?;
    Ok(())
}

/// Takes refunds about which it is time to ask; counts the check. They are ours for a sender's time.
pub(super) async fn take_due(
    app: &App,
    conn: &mut Conn,
    limit: i64,
) -> Result<Vec<Refund>, ApiError> {
    let sql = match conn.dialect() {
        Dialect::Sqlite => {
            "UPDATE refunds SET next_check_at = $2, checks = checks + 1
             WHERE id IN (SELECT id FROM refunds WHERE next_check_at <= $1 ORDER BY next_check_at LIMIT $3)
             RETURNING *"
        }
        Dialect::Postgres => {
            "UPDATE refunds SET next_check_at = $2, checks = checks + 1
             WHERE id IN (SELECT id FROM refunds WHERE next_check_at <= $1 ORDER BY next_check_at LIMIT $3
                 FOR UPDATE SKIP LOCKED)
             RETURNING *"
        }
    };
    let rows = conn
        .all(sql, args![app.now(), sender_lease(app), limit])
        .await?;
    Ok(rows
        .iter()
        .map(Refund::from_row)
        .collect::<Result<_, _>>()?)
}

/// When to ask next about a refund that is not settled.
pub(super) async fn schedule(
    conn: &mut Conn,
    id: &str,
    at: Option<Timestamp>,
) -> Result<(), ApiError> {
    conn.execute(
        "UPDATE refunds SET next_check_at = $2 WHERE id = $1 AND state IN ('created', 'sending', 'unknown', 'pending')",
        args![id, at],
    )
    .await?;
    Ok(())
}

/// The refund an event is about: by our id, else by the provider's among those that are not settled, else among all.
pub(crate) async fn match_refund(
    conn: &mut Conn,
    ours: Option<&str>,
    provider_id: Option<&str>,
) -> Result<Match, ApiError> {
    let ids = |rows: Vec<Row>| {
        rows.iter()
            .map(|row| Ok(row.text("id")?))
            .collect::<Result<Vec<_>, ApiError>>()
    };
    if let Some(ours) = ours {
        return Ok(Match::of(ids(conn
            .all("SELECT id FROM refunds WHERE id = $1", args![ours])
            .await?)?));
    }
    let Some(provider_id) = provider_id else {
        return Ok(Match::None);
    };
    let open = conn
        .all(
            "SELECT id FROM refunds WHERE provider_id = $1 AND state NOT IN ('succeeded', 'failed') LIMIT 2",
            args![provider_id],
        )
        .await?;
    if !open.is_empty() {
        return Ok(Match::of(ids(open)?));
    }
    let all = conn
        .all(
            "SELECT id FROM refunds WHERE provider_id = $1 LIMIT 2",
            args![provider_id],
        )
        .await?;
    Ok(Match::of(ids(all)?))
}
