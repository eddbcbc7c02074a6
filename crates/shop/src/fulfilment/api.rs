//! `/api/orders/{id}/process/`.

use axum::extract::State as Shop;
use axum::routing::post;
use axum::{Json, Router};
use http::StatusCode;
use serde_json::json;

use crate::app::{App, transact};
use crate::auth::User;
use crate::db::Tx;
use crate::error::{ApiError, Code};
use crate::http::Id;
use crate::orders::{self, State};
use crate::tasks::{self, Kind, NewTask, Ticket};
use crate::telemetry::Scope;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/api/orders/{id}/process", post(process))
}

async fn process(
    Shop(app): Shop<App>,
    user: User,
    Id(id): Id,
) -> Result<(StatusCode, Json<Ticket>), ApiError> {
    let work = async { transact!(app, tx => queue(&app, tx, &user.id, &id).await) };
    let ticket = app.telemetry.span(Scope::Orders, "process", work).await?;
    app.wake.notify_one();
    Ok((StatusCode::ACCEPTED, Json(ticket)))
}

/// Queues the processing of an order; while it is under way and after it succeeded, it is the same task.
async fn queue(app: &App, tx: &mut Tx, user_id: &str, order_id: &str) -> Result<Ticket, ApiError> {
    let mut order = orders::lock_owned(tx, user_id, order_id).await?;
    if let Some(id) = &order.process_task_id
        && let Some(ticket) = tasks::find_open_or_done(tx, id).await?
    {
        return Ok(ticket);
    }
    if !matches!(order.state, State::Placed | State::Paying | State::Paid) {
        let message = format!(
            "Order {} is {}; it cannot be processed.",
            order.number,
            order.state.as_str()
        );
        return Err(ApiError::new(Code::StateConflict, message));
    }
    let new = NewTask {
        kind: Kind::ProcessOrder,
        args: json!({"order_id": order.id}),
        created_by: Some(user_id),
        dedup: Some(format!("process:{}", order.id)),
    };
    let ticket = tasks::enqueue(app, tx, new).await?;
    orders::set_process_task(tx, &mut order, &ticket.task_id).await?;
    Ok(ticket)
}
