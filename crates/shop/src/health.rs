//! Whether the shop can work: `/health/`, `/ready/`, `/live/`.
//!
//! Every value is measured when it is asked for. `worker` and `beat` are alive while their loops keep turning; a
//! process that does not run one of them has nothing there that could be broken and answers true.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use crate::app::App;
use crate::config::Run;
use crate::db::{DbError, args};

/// A loop that has not turned for so long is not alive. Loops turn at least every few seconds, also when idle.
const TURN_AGE_MAX: Duration = Duration::from_secs(15);
/// How long the database may take to answer.
const DATABASE_LIMIT: Duration = Duration::from_secs(3);

/// The signs of life of the worker and of the beat in this process.
#[derive(Debug)]
pub(crate) struct Liveness {
    pub(crate) worker: LoopSign,
    pub(crate) beat: LoopSign,
}

impl Liveness {
    pub(crate) fn new(run: Run) -> Self {
        Self {
            worker: LoopSign::new(run.worker),
            beat: LoopSign::new(run.beat),
        }
    }
}

/// The sign of life of one loop.
#[derive(Debug)]
pub(crate) struct LoopSign {
    expected: bool,
    begun: Instant,
    /// Milliseconds after `begun`, plus one; zero before the first turn.
    last_turn: AtomicU64,
}

impl LoopSign {
    fn new(expected: bool) -> Self {
        Self {
            expected,
            begun: Instant::now(),
            last_turn: AtomicU64::new(0),
        }
    }

    /// The loop went round once.
    pub(crate) fn turn(&self) {
        let millis = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX - 1);
        self.last_turn.store(millis + 1, Ordering::Relaxed);
    }

    fn is_alive(&self) -> bool {
        self.is_alive_at(Instant::now())
    }

    fn is_alive_at(&self, now: Instant) -> bool {
        let last = self.last_turn.load(Ordering::Relaxed);
        let turned_at = self.begun + Duration::from_millis(last.saturating_sub(1));
        !self.expected || (last > 0 && now.saturating_duration_since(turned_at) <= TURN_AGE_MAX)
    }
}

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/health", get(health))
        .route("/ready", get(ready))
        .route("/live", get(live))
}

async fn health(State(app): State<App>) -> (StatusCode, Json<Value>) {
    let (database, queue) = storage(&app).await;
    let (worker, beat) = (app.liveness.worker.is_alive(), app.liveness.beat.is_alive());
    let body = json!({"database": database, "queue": queue, "worker": worker, "beat": beat});
    (status(database && queue && worker && beat), Json(body))
}

async fn ready(State(app): State<App>) -> (StatusCode, Json<Value>) {
    let (database, queue) = storage(&app).await;
    (
        status(database && queue && !app.group.is_stopping()),
        Json(json!({"database": database, "queue": queue})),
    )
}

async fn live() -> Json<Value> {
    Json(json!({"live": true}))
}

fn status(good: bool) -> StatusCode {
    if good {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    }
}

/// Whether the database answers, and whether the queue in it can be read.
async fn storage(app: &App) -> (bool, bool) {
    match timeout(DATABASE_LIMIT, ask(app)).await {
        Ok(Ok(queue)) => (true, queue),
        Ok(Err(error)) => {
            tracing::warn!(%error, "health: the database does not answer");
            (false, false)
        }
        Err(_) => {
            tracing::warn!("health: the database did not answer in time");
            (false, false)
        }
    }
}

async fn ask(app: &App) -> Result<bool, DbError> {
    let mut conn = app.db.read().await?;
    conn.one("SELECT 1 AS one", args![]).await?;
    Ok(conn
        .all("SELECT id FROM tasks LIMIT 1", args![])
        .await
        .is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_is_alive_from_its_first_turn_until_it_stops_turning() {
        let sign = LoopSign::new(true);
        assert!(!sign.is_alive());
        sign.turn();
        assert!(sign.is_alive());
        assert!(!sign.is_alive_at(Instant::now() + TURN_AGE_MAX + Duration::from_secs(1)));
    }

    #[test]
    fn a_loop_that_is_not_run_here_cannot_be_broken() {
        assert!(LoopSign::new(false).is_alive());
    }
}
