//! Statements on `tasks`.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::kind::Kind;
use crate::app::App;
use crate::backoff::ATTEMPTS_MAX;
use crate::clock::after;
use crate::db::{Conn, Dialect, Row, Tx, args};
use crate::error::ApiError;
use crate::telemetry::{Carrier, carrier};

/// How long a worker has a task to itself before it must have said that it is alive.
const LEASE: Duration = Duration::from_secs(30);

/// A task to be written.
#[derive(Clone, Debug)]
pub(crate) struct NewTask<'a> {
    pub(crate) kind: Kind,
    pub(crate) args: Value,
    pub(crate) created_by: Option<&'a str>,
    /// While a task with the same dedup is open, it is the same task.
    pub(crate) dedup: Option<String>,
}

/// A task as a client sees it who has just asked for it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Ticket {
    pub(crate) task_id: String,
    pub(crate) status: String,
}

/// Writes a task with the change under way. Wake the worker after the commit.
pub(crate) async fn enqueue(app: &App, tx: &mut Tx, new: NewTask<'_>) -> Result<Ticket, ApiError> {
    let (id, now, from) = (app.id(), app.now(), carrier());
    let written = tx
        .execute(
            "INSERT INTO tasks (id, kind, status, args, attempts, max_attempts, run_at, created_by, traceparent,
                 baggage, request_id, dedup, created_at)
             VALUES ($1, $2, 'PENDING', $3, 0, $4, $5, $6, $7, $8, $9, $10, $5)
             ON CONFLICT (dedup) WHERE status IN ('PENDING', 'STARTED', 'RETRY') DO NOTHING",
            args![
                &id,
                new.kind.as_str(),
                &new.args,
                ATTEMPTS_MAX,
                now,
                new.created_by,
                from.traceparent,
                from.baggage,
                from.request_id,
                &new.dedup
            ],
        )
        .await?;
    if written == 1 {
        return Ok(Ticket {
            task_id: id,
            status: "PENDING".to_owned(),
        });
    }
    let row = tx
        .one(
            "SELECT id, status FROM tasks WHERE dedup = $1 AND status IN ('PENDING', 'STARTED', 'RETRY')",
            args![new.dedup],
        )
        .await?;
    Ticket::from_row(&row)
}

impl Ticket {
    fn from_row(row: &Row) -> Result<Self, ApiError> {
        Ok(Self {
            task_id: row.text("id")?,
            status: row.text("status")?,
        })
    }
}

/// The task, while it is open or after it succeeded; one that failed may be done again by another task.
pub(crate) async fn find_open_or_done(
    conn: &mut Conn,
    id: &str,
) -> Result<Option<Ticket>, ApiError> {
    let row = conn
        .optional(
            "SELECT id, status FROM tasks WHERE id = $1 AND status IN ('PENDING', 'STARTED', 'RETRY', 'SUCCESS')",
            args![id],
        )
        .await?;
    row.as_ref().map(Ticket::from_row).transpose()
}

/// A task that is ours until its lease ends.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    args: Value,
    /// Runs so far, this one included.
    pub(crate) attempts: i64,
    pub(crate) max_attempts: i64,
    pub(crate) carrier: Carrier,
    holder: String,
}

impl Task {
    fn from_row(row: &Row) -> Result<Self, ApiError> {
        Ok(Self {
            id: row.text("id")?,
            kind: row.parsed("kind", "a kind of task")?,
            args: row.json("args")?,
            attempts: row.int("attempts")?,
            max_attempts: row.int("max_attempts")?,
            carrier: Carrier {
                traceparent: row.get("traceparent")?,
                baggage: row.get("baggage")?,
                request_id: row.get("request_id")?,
            },
            holder: row.text("locked_by")?,
        })
    }

    /// An argument of the task.
    pub(crate) fn arg<T: DeserializeOwned>(&self, name: &str) -> Result<T, ApiError> {
        let value = self.args.get(name).cloned().unwrap_or_default();
        serde_json::from_value(value).map_err(|_| self.bad(name))
    }

    /// The error for an argument that cannot be used.
    pub(crate) fn bad(&self, name: &str) -> ApiError {
        ApiError::internal(format!(
            "task {} has a bad argument {name:?}: {}",
            self.id, self.args
        ))
    }
}

/// Takes the task that has waited longest, if one is due.
pub(crate) async fn claim(app: &App) -> Result<Option<Task>, ApiError> {
    let mut conn = app.db.read().await?;
    let sql = match conn.dialect() {
        Dialect::Sqlite => {
            "UPDATE tasks SET status = 'STARTED', attempts = attempts + 1, locked_by = $2, locked_until = $3,
                 started_at = COALESCE(started_at, $1)
             WHERE id = (SELECT id FROM tasks WHERE status IN ('PENDING', 'RETRY') AND run_at <= $1
                 ORDER BY run_at, id LIMIT 1)
             RETURNING *"
        }
        Dialect::Postgres => {
            "UPDATE tasks SET status = 'STARTED', attempts = attempts + 1, locked_by = $2, locked_until = $3,
                 started_at = COALESCE(started_at, $1)
             WHERE id = (SELECT id FROM tasks WHERE status IN ('PENDING', 'RETRY') AND run_at <= $1
                 ORDER BY run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
             RETURNING *"
        }
    };
    let row = conn
        .optional(sql, args![app.now(), app.id(), after(app.now(), LEASE)])
        .await?;
    row.as_ref().map(Task::from_row).transpose()
}

/// Says that the worker is alive; `false` when the task is not ours any more.
pub(crate) async fn extend(app: &App, task: &Task) -> Result<bool, ApiError> {
    let mut conn = app.db.read().await?;
    let kept = conn
        .execute("UPDATE tasks SET locked_until = $3 WHERE id = $1 AND locked_by = $2 AND status = 'STARTED'", args![
            &task.id,
            &task.holder,
            after(app.now(), LEASE)
        ])
        .await?;
    Ok(kept == 1)
}

/// The task is done.
pub(crate) async fn succeed(app: &App, task: &Task, result: &Value) -> Result<(), ApiError> {
    let mut conn = app.db.read().await?;
    conn.execute(
        "UPDATE tasks SET status = 'SUCCESS', result = $3, error = NULL, finished_at = $4, locked_by = NULL,
             locked_until = NULL
         WHERE id = $1 AND locked_by = $2 AND status = 'STARTED'",
        args![&task.id, &task.holder, result, app.now()],
    )
    .await?;
    Ok(())
}

/// The task will not be done.
pub(crate) async fn fail(app: &App, task: &Task, error: &Value) -> Result<(), ApiError> {
    let mut conn = app.db.read().await?;
    conn.execute(
        "UPDATE tasks SET status = 'FAILURE', error = $3, finished_at = $4, locked_by = NULL, locked_until = NULL
         WHERE id = $1 AND locked_by = $2 AND status = 'STARTED'",
        args![&task.id, &task.holder, error, app.now()],
    )
    .await?;
    Ok(())
}

/// The task is run again after `pause`.
pub(crate) async fn retry(
    app: &App,
    task: &Task,
    pause: Duration,
    error: &Value,
) -> Result<(), ApiError> {
    put_back(app, task, pause, 0, Some(error)).await
}

/// Another worker is to run the task at once; this run does not count.
pub(crate) async fn give_back(app: &App, task: &Task) -> Result<(), ApiError> {
    put_back(app, task, Duration::ZERO, 1, None).await
}

async fn put_back(
    app: &App,
    task: &Task,
    pause: Duration,
    uncounted: i64,
    error: Option<&Value>,
) -> Result<(), ApiError> {
    let mut conn = app.db.read().await?;
    conn.execute(
        "UPDATE tasks SET status = 'RETRY', attempts = attempts - $3, run_at = $4, error = $5, locked_by = NULL,
             locked_until = NULL
         WHERE id = $1 AND locked_by = $2 AND status = 'STARTED'",
        args![&task.id, &task.holder, uncounted, after(app.now(), pause), error.map(Value::to_string)],
    )
    .await?;
    Ok(())
}

/// Tasks whose worker is gone wait for another one; gives how many there were.
pub(crate) async fn requeue_lost(app: &App) -> Result<u64, ApiError> {
    let mut conn = app.db.read().await?;
    // A task that kills its worker each time must come to an end too.
    let given_up = conn
        .execute(
            "UPDATE tasks SET status = 'FAILURE', finished_at = $1, locked_by = NULL, locked_until = NULL, error = $2
             WHERE status = 'STARTED' AND locked_until < $1 AND attempts >= max_attempts",
            args![app.now(), &serde_json::json!({"code": "internal", "message": "Every worker that ran the task was lost."})],
        )
        .await?;
    if given_up > 0 {
        tracing::error!(
            alert = "task_dead",
            tasks = given_up,
            "tasks are given up: their workers were lost"
        );
    }
    let requeued = conn
        .execute(
            "UPDATE tasks SET status = 'RETRY', run_at = $1, locked_by = NULL, locked_until = NULL
             WHERE status = 'STARTED' AND locked_until < $1",
            args![app.now()],
        )
        .await?;
    Ok(requeued)
}

/// A task as the API shows it.
#[derive(Debug, Serialize)]
pub(crate) struct TaskView {
    task_id: String,
    kind: String,
    status: String,
    result: Option<Value>,
    error: Option<Value>,
    attempts: i64,
    created_at: Timestamp,
    finished_at: Option<Timestamp>,
}

/// The task, if `user_id` asked for it.
pub(super) async fn owned(conn: &mut Conn, user_id: &str, id: &str) -> Result<TaskView, ApiError> {
    let row = conn
        .optional(
            "SELECT * FROM tasks WHERE id = $1 AND created_by = $2",
            args![id, user_id],
        )
        .await?;
    let row = row.ok_or_else(|| ApiError::not_found("task"))?;
    let json = |column| {
        row.get::<Option<String>>(column)?
            .map(|_| row.json(column))
            .transpose()
    };
    Ok(TaskView {
        task_id: row.text("id")?,
        kind: row.text("kind")?,
        status: row.text("status")?,
        result: json("result")?,
        error: json("error")?,
        attempts: row.int("attempts")?,
        created_at: row.time("created_at")?,
        finished_at: row.time_opt("finished_at")?,
    })
}
