//! `/api/tasks/`.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};

use super::store::{self, TaskView};
use crate::app::App;
use crate::auth::User;
use crate::error::ApiError;
use crate::http::Id;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/api/tasks/{id}/status", get(status))
}

async fn status(
    State(app): State<App>,
    user: User,
    Id(id): Id,
) -> Result<Json<TaskView>, ApiError> {
    store::owned(&mut app.db.read().await?, &user.id, &id)
        .await
        .map(Json)
}
