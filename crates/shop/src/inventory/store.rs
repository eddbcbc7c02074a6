//! Statements on `inventory_syncs`; a run has the id of its task.

use jiff::Timestamp;
use serde::Serialize;

use crate::app::App;
use crate::db::{Conn, args};
use crate::error::ApiError;

/// A run begins, or begins again.
pub(super) async fn begin(app: &App, conn: &mut Conn, id: &str) -> Result<(), ApiError> {
    conn.execute(
        "INSERT INTO inventory_syncs (id, started_at, state, products_synced, corrections)
         VALUES ($1, $2, 'running', 0, 0)
         ON CONFLICT (id) DO UPDATE SET state = 'running', error = NULL, finished_at = NULL",
        args![id, app.now()],
    )
    .await?;
    Ok(())
}

pub(super) async fn succeed(
    app: &App,
    conn: &mut Conn,
    id: &str,
    synced: i64,
    corrections: i64,
) -> Result<(), ApiError> {
    conn.execute(
        "UPDATE inventory_syncs SET state = 'succeeded', finished_at = $2, products_synced = $3, corrections = $4
         WHERE id = $1",
        args![id, app.now(), synced, corrections],
    )
    .await?;
    Ok(())
}

pub(super) async fn fail(
    app: &App,
    conn: &mut Conn,
    id: &str,
    error: &str,
) -> Result<(), ApiError> {
    conn.execute(
        "UPDATE inventory_syncs SET state = 'failed', finished_at = $2, error = $3 WHERE id = $1",
        args![id, app.now(), error],
    )
    .await?;
    Ok(())
}

/// The last recount, as the API shows it.
#[derive(Debug, Serialize)]
pub(super) struct StatusView {
    last_sync: Option<Timestamp>,
    products_synced: i64,
    corrections: i64,
    running: bool,
}

/// What the last finished run found, and whether one is under way.
pub(super) async fn status(conn: &mut Conn) -> Result<StatusView, ApiError> {
    let last = conn
        .optional(
            "SELECT finished_at, products_synced, corrections FROM inventory_syncs WHERE state = 'succeeded'
             ORDER BY finished_at DESC, id DESC LIMIT 1",
            args![],
        )
        .await?;
    let running = conn
        .one(
            "SELECT COUNT(*) AS running FROM tasks
             WHERE kind = 'inventory_sync' AND status IN ('PENDING', 'STARTED', 'RETRY')",
            args![],
        )
        .await?;
    let running = running.int("running")? > 0;
    match last {
        Some(row) => Ok(StatusView {
            last_sync: row.time_opt("finished_at")?,
            products_synced: row.int("products_synced")?,
            corrections: row.int("corrections")?,
            running,
        }),
        None => Ok(StatusView {
            last_sync: None,
            products_synced: 0,
            corrections: 0,
            running,
        }),
    }
}
