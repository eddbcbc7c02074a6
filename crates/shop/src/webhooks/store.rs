//! Statements on `webhook_inbox`.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::app::App;
use crate::backoff::{self, ATTEMPTS_MAX};
use crate::clock::after;
use crate::db::{Conn, Dialect, Row, Tx, args};
use crate::error::ApiError;

/// How long a failed event is left to whoever tries it.
const LEASE: Duration = Duration::from_secs(60);

/// The headers in which named providers sign.
const SIGNATURES: [&str; 3] = ["stripe-signature", "content-hmac", "x-content-hmac"];

/// An event in the inbox.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) id: String,
    pub(super) provider: String,
    pub(super) received_at: Timestamp,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    pub(super) state: String,
    pub(super) attempts: i64,
}

impl Kept {
    fn from_row(row: &Row) -> Result<Self, ApiError> {
        let headers: Map<String, Value> = row.json("headers")?;
        Ok(Self {
            id: row.text("id")?,
            provider: row.text("provider")?,
            received_at: row.time("received_at")?,
            headers: headers.iter().filter_map(header).collect(),
            body: row.get::<Option<Vec<u8>>>("body")?.unwrap_or_default(),
            state: row.text("state")?,
            attempts: row.int("attempts")?,
        })
    }
}

fn header((name, value): (&String, &Value)) -> Option<(HeaderName, HeaderValue)> {
    Some((
        name.parse().ok()?,
        HeaderValue::from_str(value.as_str()?).ok()?,
    ))
}

/// Keeps an event, or finds the one that was kept before; it is locked until the end of the transaction.
pub(super) async fn keep(
    app: &App,
    tx: &mut Tx,
    provider: &str,
    event_id: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Kept, ApiError> {
    // Only what the signature is made of: nothing else is needed to read the event again.
    let signs = |name: &str| name.starts_with("x-webhook-") || SIGNATURES.contains(&name);
    let signed = headers.iter().filter(|(name, _)| signs(name.as_str()));
    let signed: Map<String, Value> = signed
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.into())))
        .collect();
    let row = tx
        .one(
            "INSERT INTO webhook_inbox (id, provider, event_id, received_at, headers, body, state, attempts)
             VALUES ($1, $2, $3, $4, $5, $6, 'received', 0)
             ON CONFLICT (provider, event_id) DO UPDATE SET attempts = webhook_inbox.attempts
             RETURNING *",
            args![app.id(), provider, event_id, app.now(), &Value::Object(signed), body.to_vec()],
        )
        .await?;
    Kept::from_row(&row)
}

/// What became of an event.
pub(super) async fn settle(
    app: &App,
    conn: &mut Conn,
    kept: &Kept,
    state: &'static str,
    error: Option<&str>,
) -> Result<(), ApiError> {
    let attempts = kept.attempts + 1;
    let again = state == "failed" && attempts < ATTEMPTS_MAX;
    let next = again.then(|| after(app.now(), backoff::pause(app, attempts)));
    conn.execute(
        "UPDATE webhook_inbox SET state = $2, error = $3, attempts = $4, next_attempt_at = $5, processed_at = $6
         WHERE id = $1",
        args![&kept.id, state, error, attempts, next, (state != "failed").then(|| app.now())],
    )
    .await?;
    Ok(())
}

/// Takes failed events that are to be tried again.
pub(super) async fn take_due(
    app: &App,
    conn: &mut Conn,
    limit: i64,
) -> Result<Vec<Kept>, ApiError> {
    let sql = match conn.dialect() {
        Dialect::Sqlite => {
            "UPDATE webhook_inbox SET next_attempt_at = $2
             WHERE id IN (SELECT id FROM webhook_inbox WHERE state = 'failed' AND next_attempt_at <= $1
                 ORDER BY next_attempt_at LIMIT $3)
             RETURNING *"
        }
        Dialect::Postgres => {
            "UPDATE webhook_inbox SET next_attempt_at = $2
             WHERE id IN (SELECT id FROM webhook_inbox WHERE state = 'failed' AND next_attempt_at <= $1
                 ORDER BY next_attempt_at LIMIT $3 FOR UPDATE SKIP LOCKED)
             RETURNING *"
        }
    };
    let rows = conn
        .all(sql, args![app.now(), after(app.now(), LEASE), limit])
        .await?;
    rows.iter().map(Kept::from_row).collect()
}
