//! Handing rows over: right after the commit by the writer, later by the beat.

use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use futures_util::stream::{StreamExt as _, iter};
use opentelemetry::trace::{FutureExt as _, SpanKind};

use super::Handover;
use super::store::{self, SEND_NOTIFICATION, SEND_REFUND, Taken};
use crate::app::App;
use crate::error::ApiError;
use crate::telemetry::Scope;
use crate::{backoff, notifications, payments};

/// Rows taken in one turn of the beat.
const BATCH: i64 = 50;
/// Rows handed over at the same time.
const AT_ONCE: usize = 8;
/// When a service is switched off, its rows are looked at again after this.
const SWITCHED_OFF_PAUSE: Duration = Duration::from_secs(30);

/// Hands over rows that were just committed, and waits for that until the inline limit is over. What is not done by
/// then goes on beside the caller; what fails stays for the beat.
pub(crate) fn hand_over(app: &App, ids: Vec<String>) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        if app.config.inline_dispatch.is_zero() {
            return;
        }
        let rows = ids.into_iter().map(|id| {
            let inner = app.clone();
            let work = async move { report(take_one(&inner, &id).await) };
            app.group.spawn(work.with_current_context())
        });
        let limit = app.config.clock.sleep(app.config.inline_dispatch);
        tokio::select! {
            _done = join_all(rows) => {}
            () = limit => tracing::info!("messages of a request are still on their way"),
        }
    })
}

async fn take_one(app: &App, id: &str) -> Result<(), ApiError> {
    let row = store::take(app, &mut app.db.read().await?, id).await?;
    match row {
        Some(row) => settle(app, row).await,
        None => Ok(()),
    }
}

/// Hands over everything that is due.
pub(crate) async fn dispatch_due(app: &App) -> Result<(), ApiError> {
    loop {
        let rows = store::take_due(app, &mut app.db.read().await?, BATCH).await?;
        let full = i64::try_from(rows.len()).unwrap_or(BATCH) == BATCH;
        iter(rows)
            .for_each_concurrent(AT_ONCE, |row| async {
                let cx = app.telemetry.resume(row.carrier.clone(), &app.random);
                report(settle(app, row).with_context(cx).await);
            })
            .await;
        if !full {
            return Ok(());
        }
    }
}

/// The lease of the row ends by itself, and the next one tries again.
fn report(result: Result<(), ApiError>) {
    if let Err(error) = result {
        tracing::warn!(%error, "a message could not be handed over");
    }
}

async fn settle(app: &App, row: Taken) -> Result<(), ApiError> {
    let handover = app
        .telemetry
        .span_of(
            scope(&row),
            SpanKind::Consumer,
            "outbox",
            deliver(app, &row),
        )
        .await?;
    let mut conn = app.db.read().await?;
    match handover {
        Handover::Done => store::done(&mut conn, &row).await,
        Handover::Never(error) => store::dead(&mut conn, &row, &error).await,
        Handover::Later { cause, .. } if row.is_last() => {
            store::dead(&mut conn, &row, &cause).await
        }
        Handover::Later { cause, wait } => {
            let pause = backoff::pause(app, row.attempts).max(wait);
            store::later(app, &mut conn, &row, pause, Some(cause)).await
        }
        Handover::NotNow => {
            store::later(
                app,
                &mut conn,
                &row,
                app.config.scaled(SWITCHED_OFF_PAUSE),
                None,
            )
            .await
        }
    }
}

async fn deliver(app: &App, row: &Taken) -> Result<Handover, ApiError> {
    match row.kind.as_str() {
        SEND_NOTIFICATION => notifications::deliver(app, &row.aggregate, row.is_last()).await,
        SEND_REFUND => payments::send_refund(app, &row.aggregate).await,
        other => Ok(Handover::Never(format!("nobody knows how to {other}"))),
    }
}

fn scope(row: &Taken) -> Scope {
    if row.kind == SEND_REFUND {
        Scope::Payments
    } else {
        Scope::Notifications
    }
}
