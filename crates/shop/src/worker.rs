//! Runs queued tasks: several loops, each takes a task, runs it, writes down what came of it.
//!
//! A loop wakes at once when something is queued in this process, and looks by itself now and then for what other
//! processes queued and for retries. While a task runs, its lease is extended. When the shop stops, nothing new is
//! taken, and a task that does not finish in time is given back.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use opentelemetry::trace::{FutureExt as _, SpanKind};
use serde_json::Value;

use crate::app::App;
use crate::backoff;
use crate::error::{ApiError, Code};
use crate::tasks::{self, Task};

/// How often an idle loop looks when this process queues everything itself, and when others do.
const POLL_ALONE: Duration = Duration::from_secs(1);
const POLL_SHARED: Duration = Duration::from_millis(200);
/// Shorter polls than this would only burn time, whatever the time scale.
const POLL_MIN: Duration = Duration::from_millis(50);
/// A loop shows a sign of life at least so often, also when the shop's clock stands still.
const SIGN_EVERY: Duration = Duration::from_secs(5);
/// How often a lease is extended; a third of its length.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// How long a task under way may take when the shop stops; less than the shop waits.
const STOP_GRACE: Duration = Duration::from_secs(4);

/// Runs until the shop stops.
pub(crate) async fn run(app: App) {
    join_all((0..app.config.worker_concurrency).map(|_| turn(&app))).await;
}

async fn turn(app: &App) {
    while !app.group.is_stopping() {
        app.liveness.worker.turn();
        match tasks::claim(app).await {
            Ok(Some(task)) => {
                // Several tasks may have been queued with one call: the next loop looks too.
                app.wake.notify_one();
                if let Err(error) = execute(app, &task).await {
                    tracing::error!(task = task.id, %error, "the end of a task could not be written down");
                }
            }
            Ok(None) => idle(app).await,
            Err(error) => {
                tracing::warn!(%error, "the queue cannot be read");
                idle(app).await;
            }
        }
    }
}

async fn idle(app: &App) {
    let alone = app.config.run.api && app.config.run.beat;
    let poll = app
        .config
        .scaled(if alone { POLL_ALONE } else { POLL_SHARED })
        .max(POLL_MIN);
    tokio::select! {
        () = app.wake.notified() => {}
        () = app.config.clock.sleep(poll) => {}
        () = tokio::time::sleep(SIGN_EVERY) => {}
        () = app.group.stopping() => {}
    }
}

/// What ended a run.
enum Run {
    Ended(Result<Value, ApiError>),
    /// Another worker has the task.
    Lost,
    /// The shop stops, and the task took too long.
    Stopped,
}

async fn execute(app: &App, task: &Task) -> Result<(), ApiError> {
    let cx = app.telemetry.resume(task.carrier.clone(), &app.random);
    let name = format!("task {}", task.kind.as_str());
    let work = app.telemetry.span_of(
        task.kind.scope(),
        SpanKind::Consumer,
        name,
        tasks::perform(app, task),
    );
    let work = AssertUnwindSafe(work.with_context(cx)).catch_unwind();
    let run = tokio::select! {
        ended = work => Run::Ended(ended.unwrap_or_else(|panic| Err(panicked(panic.as_ref())))),
        () = heartbeat(app, task) => Run::Lost,
        () = stopped(app) => Run::Stopped,
    };
    match run {
        Run::Ended(Ok(result)) => tasks::succeed(app, task, &result).await,
        Run::Ended(Err(error)) => failed(app, task, &error).await,
        Run::Lost => {
            tracing::warn!(task = task.id, "a task was taken over by another worker");
            Ok(())
        }
        Run::Stopped => tasks::give_back(app, task).await,
    }
}

async fn failed(app: &App, task: &Task, error: &ApiError) -> Result<(), ApiError> {
    let request_id = task.carrier.request_id.as_deref().unwrap_or_default();
    let shown = error.body(request_id)["error"].take();
    if !is_passing(error.code()) {
        tracing::info!(task = task.id, %error, "a task failed");
        return tasks::fail(app, task, &shown).await;
    }
    if task.attempts >= task.max_attempts {
        tracing::error!(alert = "task_dead", task = task.id, %error, "a task is given up");
        return tasks::fail(app, task, &shown).await;
    }
    tracing::warn!(task = task.id, %error, "a task is tried again");
    tasks::retry(app, task, backoff::pause(app, task.attempts), &shown).await
}

/// Whether trying again may help.
fn is_passing(code: Code) -> bool {
    matches!(
        code,
        Code::Internal | Code::InProgress | Code::ProviderUnavailable | Code::ProviderTimeout
    )
}

/// Extends the lease until the task is not ours any more.
async fn heartbeat(app: &App, task: &Task) {
    loop {
        tokio::time::sleep(HEARTBEAT).await;
        app.liveness.worker.turn();
        match tasks::extend(app, task).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::warn!(task = task.id, %error, "a lease could not be extended"),
        }
    }
}

async fn stopped(app: &App) {
    app.group.stopping().await;
    tokio::time::sleep(STOP_GRACE).await;
}

fn panicked(panic: &(dyn Any + Send)) -> ApiError {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    ApiError::internal(format!(
        "the task panicked: {}",
        text.unwrap_or("without a word")
    ))
}
