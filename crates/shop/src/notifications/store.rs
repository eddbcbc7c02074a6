//! Statements on `notifications`.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::template::Template;
use crate::app::App;
use crate::db::{Conn, Row, Tx, args};
use crate::error::ApiError;
use crate::outbox::{self, Message};
use crate::telemetry::Scope;

/// A message to be written.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub(crate) template: Template,
    pub(crate) user_id: String,
    pub(crate) order_id: Option<String>,
    pub(crate) to: String,
    /// The business event: the same one is told once, `order_confirmation:<order>`.
    pub(crate) dedup: String,
    /// The facts the template speaks of.
    pub(crate) data: Value,
}

/// Writes a message with the change under way; it is handed over after the commit.
pub(crate) async fn queue(app: &App, tx: &mut Tx, notice: Notice) -> Result<(), ApiError> {
    app.telemetry
        .span(Scope::Notifications, "queue", insert(app, tx, notice))
        .await
}

async fn insert(app: &App, tx: &mut Tx, notice: Notice) -> Result<(), ApiError> {
    let id = app.id();
    let (subject, body) = notice.template.render(&notice.data);
    let written = tx
        .execute(
            "INSERT INTO notifications (id, order_id, user_id, type, template, to_addr, subject, body, state,
                 attempts, dedup, created_at)
             VALUES ($1, $2, $3, 'email', $4, $5, $6, $7, 'queued', 0, $8, $9)
             ON CONFLICT (dedup) DO NOTHING",
            args![
                &id,
                &notice.order_id,
                notice.user_id,
                notice.template.as_str(),
                notice.to,
                subject,
                body,
                &notice.dedup,
                app.now()
            ],
        )
        .await?;
    if written > 0 {
        let dedup = format!("send:{}", notice.dedup);
        let message = Message {
            kind: outbox::SEND_NOTIFICATION,
            aggregate: id,
            payload: json!({}),
            dedup,
        };
        outbox::insert(app, tx, message).await?;
    }
    Ok(())
}

/// A message on its way.
#[derive(Clone, Debug)]
pub(super) struct Queued {
    pub(super) order_id: Option<String>,
    pub(super) template: Template,
    pub(super) to: String,
    pub(super) subject: String,
    pub(super) text: String,
}

/// Takes a message that is not handed over yet; counts the attempt.
pub(super) async fn begin(conn: &mut Conn, id: &str) -> Result<Option<Queued>, ApiError> {
    let row = conn
        .optional(
            "UPDATE notifications SET state = 'sending', attempts = attempts + 1
             WHERE id = $1 AND state IN ('queued', 'sending')
             RETURNING order_id, template, to_addr, subject, body",
            args![id],
        )
        .await?;
    let read = |row: Row| -> Result<Queued, ApiError> {
        Ok(Queued {
            order_id: row.get("order_id")?,
            template: row.parsed("template", "a template")?,
            to: row.text("to_addr")?,
            subject: row.text("subject")?,
            text: row.text("body")?,
        })
    };
    row.map(read).transpose()
}

/// The service took the message. A secret text is not kept.
pub(super) async fn sent(
    app: &App,
    conn: &mut Conn,
    id: &str,
    template: Template,
    provider_id: Option<String>,
) -> Result<(), ApiError> {
    conn.execute(
        "UPDATE notifications SET state = 'sent', provider = $2, provider_id = $3, sent_at = $4, error = NULL,
             next_attempt_at = NULL, body = CASE WHEN $5 THEN '' ELSE body END
         WHERE id = $1 AND state = 'sending'",
        args![id, app.clients.mail.name(), provider_id, app.now(), template.is_secret()],
    )
    .await?;
    Ok(())
}

/// The service did not take the message. `state` is where it goes: back to `queued`, or `dead`.
pub(super) async fn not_sent(
    conn: &mut Conn,
    id: &str,
    state: &'static str,
    error: &str,
) -> Result<(), ApiError> {
    conn.execute(
        "UPDATE notifications SET state = $2, error = $3 WHERE id = $1 AND state IN ('queued', 'sending')",
        args![id, state, error],
    )
    .await?;
    Ok(())
}

/// What the mail service tells later about a message it took. Gives whether it was ours.
pub(super) async fn mark_fate(
    conn: &mut Conn,
    provider: &str,
    ours: Option<&str>,
    provider_id: Option<&str>,
    arrived: bool,
) -> Result<bool, ApiError> {
    let state = if arrived { "delivered" } else { "bounced" };
    let known = conn
        .execute(
            "UPDATE notifications SET state = CASE WHEN state = 'sent' THEN $4 ELSE state END
             WHERE id = $1 OR ($1 IS NULL AND provider = $2 AND provider_id = $3)",
            args![
                ours.map(str::to_owned),
                provider,
                provider_id.map(str::to_owned),
                state
            ],
        )
        .await?;
    Ok(known > 0)
}

/// The state of a message by its dedup.
pub(super) async fn state_of(conn: &mut Conn, dedup: &str) -> Result<(String, String), ApiError> {
    let row = conn
        .one(
            "SELECT id, state FROM notifications WHERE dedup = $1",
            args![dedup],
        )
        .await?;
    Ok((row.text("id")?, row.text("state")?))
}

/// A message as the API shows it.
#[derive(Debug, Serialize)]
pub(super) struct NotificationView {
    id: String,
    r#type: String,
    template: String,
    status: String,
    to: String,
    created_at: Timestamp,
    sent_at: Option<Timestamp>,
    attempts: i64,
}

/// All messages about an order, oldest first.
pub(super) async fn of_order(
    conn: &mut Conn,
    order_id: &str,
) -> Result<Vec<NotificationView>, ApiError> {
    let rows = conn
        .all(
            "SELECT id, type, template, state, to_addr, created_at, sent_at, attempts
             FROM notifications WHERE order_id = $1 ORDER BY created_at, id",
            args![order_id],
        )
        .await?;
    let view = |row: &Row| -> Result<NotificationView, ApiError> {
        Ok(NotificationView {
            id: row.text("id")?,
            r#type: row.text("type")?,
            template: row.text("template")?,
            status: row.text("state")?,
            to: row.text("to_addr")?,
            created_at: row.time("created_at")?,
            sent_at: row.time_opt("sent_at")?,
            attempts: row.int("attempts")?,
        })
    };
    rows.iter().map(view).collect()
}
