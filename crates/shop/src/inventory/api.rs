//! `/api/inventory/`.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde_json::json;

use super::store::{self, StatusView};
use crate::app::{App, transact};
use crate::auth::{User, as_staff};
use crate::error::ApiError;
use crate::tasks::{self, Kind, NewTask, Ticket};
use crate::telemetry::Scope;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/api/inventory/sync", post(sync))
        .route("/api/inventory/status", get(status))
}

/// Queues a recount; while one that the same user asked for is under way, it is the same one.
async fn sync(State(app): State<App>, user: User) -> Result<(StatusCode, Json<Ticket>), ApiError> {
    let dedup = format!("inventory_sync:{}", user.id);
    let work = async {
        transact!(app, tx => {
            let new = NewTask {
                kind: Kind::InventorySync,
                args: json!({}),
                created_by: Some(&user.id),
                dedup: Some(dedup.clone()),
            };
            tasks::enqueue(&app, tx, new).await
        })
    };
    let work = app.telemetry.span(Scope::Inventory, "sync", work);
    let ticket = as_staff(&app, &user, work).await?;
    app.wake.notify_one();
    Ok((StatusCode::ACCEPTED, Json(ticket)))
}

async fn status(State(app): State<App>, _user: User) -> Result<Json<StatusView>, ApiError> {
    let work = async { store::status(&mut app.db.read().await?).await };
    app.telemetry
        .span(Scope::Inventory, "status", work)
        .await
        .map(Json)
}
