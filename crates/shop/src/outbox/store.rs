//! Statements on `outbox`.

use std::time::Duration;

use serde_json::Value;

use crate::app::App;
use crate::backoff;
use crate::clock::after;
use crate::db::{Conn, Dialect, Row, Tx, args};
use crate::error::ApiError;
use crate::telemetry::{Carrier, carrier};

/// A row of this kind sends the notification it is about.
pub(crate) const SEND_NOTIFICATION: &str = "send_notification";
/// A row of this kind sends the refund it is about.
pub(crate) const SEND_REFUND: &str = "send_refund";

/// How long the holder of a row has it to itself; longer than any call takes.
const LEASE: Duration = Duration::from_secs(60);

/// An effect to come.
#[derive(Debug)]
pub(crate) struct Message {
    /// What is to be done, [`SEND_NOTIFICATION`].
    pub(crate) kind: &'static str,
    /// The object it is about.
    pub(crate) aggregate: String,
    /// What the handler of the kind needs.
    pub(crate) payload: Value,
    /// The same effect is written once, whoever causes it.
    pub(crate) dedup: String,
}

/// Writes `message` with the change under way. Gives the id of the row, or `None` when the effect was written before.
pub(crate) async fn insert(
    app: &App,
    tx: &mut Tx,
    message: Message,
) -> Result<Option<String>, ApiError> {
    let (id, now, from) = (app.id(), app.now(), carrier());
    // The writer comes first; the beat takes the row only when the writer's time is over.
    let due = after(now, app.config.inline_dispatch);
    let written = tx
        .execute(
            "INSERT INTO outbox (id, kind, aggregate, payload, dedup, state, attempts, next_attempt_at,
                 traceparent, baggage, request_id, created_at)
             VALUES ($1, $2, $3, $4, $5, 'pending', 0, $6, $7, $8, $9, $10)
             ON CONFLICT (dedup) DO NOTHING",
            args![
                &id,
                message.kind,
                message.aggregate,
                &message.payload,
                message.dedup,
                due,
                from.traceparent,
                from.baggage,
                from.request_id,
                now
            ],
        )
        .await?;
    if written == 0 {
        return Ok(None);
    }
    tx.remember_outbox(id.clone());
    Ok(Some(id))
}

/// A row that is ours to hand over until its lease ends.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) aggregate: String,
    /// Tries so far, this one included.
    pub(super) attempts: i64,
    pub(super) holder: String,
    pub(super) carrier: Carrier,
}

impl Taken {
    /// Whether this is the last try.
    pub(super) fn is_last(&self) -> bool {
        self.attempts >= backoff::ATTEMPTS_MAX
    }

    fn from_row(row: &Row) -> Result<Self, ApiError> {
        Ok(Self {
            id: row.text("id")?,
            kind: row.text("kind")?,
            aggregate: row.text("aggregate")?,
            attempts: row.int("attempts")?,
            holder: row.text("locked_by")?,
            carrier: Carrier {
                traceparent: row.get("traceparent")?,
                baggage: row.get("baggage")?,
                request_id: row.get("request_id")?,
            },
        })
    }
}

/// Takes a row that was just written, unless somebody else was faster.
pub(super) async fn take(app: &App, conn: &mut Conn, id: &str) -> Result<Option<Taken>, ApiError> {
    let row = conn
        .optional(
            "UPDATE outbox SET state = 'sending', attempts = attempts + 1, locked_by = $2, locked_until = $3
             WHERE id = $1 AND state = 'pending'
             RETURNING id, kind, aggregate, attempts, locked_by, traceparent, baggage, request_id",
            args![id, app.id(), lease_end(app)],
        )
        .await?;
    row.as_ref().map(Taken::from_row).transpose()
}

/// Takes rows that are due, and rows whose holder is gone; at most `limit`.
pub(super) async fn take_due(
    app: &App,
    conn: &mut Conn,
    limit: i64,
) -> Result<Vec<Taken>, ApiError> {
    let sql = match conn.dialect() {
        Dialect::Sqlite => {
            "UPDATE outbox SET state = 'sending', attempts = attempts + 1, locked_by = $2, locked_until = $3
             WHERE id IN (SELECT id FROM outbox
                 WHERE (state = 'pending' AND next_attempt_at <= $1) OR (state = 'sending' AND locked_until < $1)
                 ORDER BY next_attempt_at LIMIT $4)
             RETURNING id, kind, aggregate, attempts, locked_by, traceparent, baggage, request_id"
        }
        Dialect::Postgres => {
            "UPDATE outbox SET state = 'sending', attempts = attempts + 1, locked_by = $2, locked_until = $3
             WHERE id IN (SELECT id FROM outbox
                 WHERE (state = 'pending' AND next_attempt_at <= $1) OR (state = 'sending' AND locked_until < $1)
                 ORDER BY next_attempt_at LIMIT $4 FOR UPDATE SKIP LOCKED)
             RETURNING id, kind, aggregate, attempts, locked_by, traceparent, baggage, request_id"
        }
    };
    let rows = conn
        .all(sql, args![app.now(), app.id(), lease_end(app), limit])
        .await?;
    rows.iter().map(Taken::from_row).collect()
}

fn lease_end(app: &App) -> jiff::Timestamp {
    after(app.now(), LEASE)
}

/// The effect happened.
pub(super) async fn done(conn: &mut Conn, row: &Taken) -> Result<(), ApiError> {
    conn.execute(
        "UPDATE outbox SET state = 'done', locked_by = NULL, locked_until = NULL, error = NULL
         WHERE id = $1 AND locked_by = $2",
        args![&row.id, &row.holder],
    )
    .await?;
    Ok(())
}

/// The effect did not happen, and is tried again after `pause`. A try that was none is not counted.
pub(super) async fn later(
    app: &App,
    conn: &mut Conn,
    row: &Taken,
    pause: Duration,
    error: Option<String>,
) -> Result<(), ApiError> {
    let uncounted = i64::from(error.is_none());
    conn.execute(
        "UPDATE outbox SET state = 'pending', locked_by = NULL, locked_until = NULL, next_attempt_at = $3,
             attempts = attempts - $4, error = $5
         WHERE id = $1 AND locked_by = $2",
        args![&row.id, &row.holder, after(app.now(), pause), uncounted, error],
    )
    .await?;
    Ok(())
}

/// The effect will not happen.
pub(super) async fn dead(conn: &mut Conn, row: &Taken, error: &str) -> Result<(), ApiError> {
    tracing::error!(
        alert = "outbox_dead",
        outbox = row.id,
        kind = row.kind,
        error,
        "an effect is given up"
    );
    conn.execute(
        "UPDATE outbox SET state = 'dead', locked_by = NULL, locked_until = NULL, error = $3
         WHERE id = $1 AND locked_by = $2",
        args![&row.id, &row.holder, error],
    )
    .await?;
    Ok(())
}
