//! Statements on `schedules`.

use std::time::Duration;

use super::job::Job;
use crate::app::App;
use crate::clock::after;
use crate::db::args;
use crate::error::ApiError;

/// A job that takes longer than this may have been lost with its process, and is started again. That does no harm when
/// it is still at work, because jobs take their rows one by one.
const LEASE: Duration = Duration::from_secs(30);

/// Makes sure that every job has its row. A job that is new here comes up after its interval, not at once.
pub(super) async fn write(app: &App) -> Result<(), ApiError> {
    let mut conn = app.db.read().await?;
    for job in Job::ALL {
        let every = app.config.scaled(job.every());
        conn.execute(
            "INSERT INTO schedules (name, every_ms, next_run_at) VALUES ($1, $2, $3)
             ON CONFLICT (name) DO UPDATE SET every_ms = excluded.every_ms,
                 next_run_at = CASE WHEN schedules.next_run_at < excluded.next_run_at
                     THEN schedules.next_run_at ELSE excluded.next_run_at END",
            args![
                job.as_str(),
                i64::try_from(every.as_millis()).unwrap_or(i64::MAX),
                after(app.now(), every)
            ],
        )
        .await?;
    }
    Ok(())
}

/// The jobs whose time has come, most urgent first. Rows of other versions are left alone.
pub(super) async fn due(app: &App) -> Result<Vec<Job>, ApiError> {
    let mut conn = app.db.read().await?;
    let rows = conn
        .all(
            "SELECT name FROM schedules
             WHERE next_run_at <= $1 AND (locked_until IS NULL OR locked_until < $1) ORDER BY next_run_at",
            args![app.now()],
        )
        .await?;
    let names = rows
        .iter()
        .map(|row| row.text("name"))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
}

/// Takes a job that is due, unless another process was faster.
pub(super) async fn take(app: &App, job: Job) -> Result<bool, ApiError> {
    let now = app.now();
    let mut conn = app.db.read().await?;
    let taken = conn
        .execute(
            "UPDATE schedules SET next_run_at = $3, locked_until = $4
             WHERE name = $1 AND next_run_at <= $2 AND (locked_until IS NULL OR locked_until < $2)",
            args![
                job.as_str(),
                now,
                after(now, app.config.scaled(job.every())),
                after(now, app.config.scaled(LEASE))
            ],
        )
        .await?;
    Ok(taken == 1)
}

/// The job has ended.
pub(super) async fn finish(app: &App, job: Job) -> Result<(), ApiError> {
    let mut conn = app.db.read().await?;
    conn.execute(
        "UPDATE schedules SET locked_until = NULL WHERE name = $1",
        args![job.as_str()],
    )
    .await?;
    Ok(())
}

/// How long it is until the next job is due.
pub(super) async fn until_next(app: &App) -> Result<Duration, ApiError> {
    let mut conn = app.db.read().await?;
    let row = conn
        .one(
            "SELECT COALESCE(MIN(next_run_at), $1) AS next FROM schedules",
            args![app.now()],
        )
        .await?;
    let wait = row.int("next")?.saturating_sub(app.now().as_microsecond());
    Ok(Duration::from_micros(u64::try_from(wait).unwrap_or(0)))
}
