//! Forgetting what nobody needs any more, as long as nothing else refers to it.

use std::time::Duration;

use jiff::Timestamp;

use crate::app::App;
use crate::db::args;
use crate::error::ApiError;

const DAY: Duration = Duration::from_secs(24 * 3_600);
const DAYS_30: Duration = Duration::from_secs(30 * 24 * 3_600);

/// What is forgotten, and how old it must be: idempotency keys and sessions that are over, bodies of old events, done
/// outbox rows.
const FORGET: &[(&str, Duration)] = &[
    (
        "DELETE FROM idempotency_keys WHERE expires_at < $1",
        Duration::ZERO,
    ),
    ("DELETE FROM sessions WHERE expires_at < $1", Duration::ZERO),
    ("DELETE FROM email_tokens WHERE expires_at < $1", DAYS_30),
    (
        "DELETE FROM outbox WHERE state = 'done' AND created_at < $1",
        DAY,
    ),
    (
        "UPDATE webhook_inbox SET body = NULL WHERE body IS NOT NULL AND state <> 'failed' AND received_at < $1",
        DAYS_30,
    ),
];

/// Forgets what is old enough.
pub(crate) async fn prune(app: &App) -> Result<(), ApiError> {
    for (statement, age) in FORGET {
        let mut conn = app.db.read().await?;
        conn.execute(statement, args![before(app, *age)]).await?;
    }
    Ok(())
}

fn before(app: &App, age: Duration) -> Timestamp {
    app.now().checked_sub(age).unwrap_or(Timestamp::UNIX_EPOCH)
}
