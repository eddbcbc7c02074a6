//! `/api/users/profile/`.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};

use super::store::{self, ProfileChange};
use super::view::UserView;
use crate::app::{App, transact};
use crate::auth::User;
use crate::error::ApiError;
use crate::http::Fields;
use crate::telemetry::Scope;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/api/users/profile", get(profile).put(update))
}

async fn profile(State(app): State<App>, user: User) -> Result<Json<UserView>, ApiError> {
    let work = async { store::find(&mut app.db.read().await?, &user.id).await };
    app.telemetry
        .span(Scope::Users, "profile", work)
        .await
        .map(Json)
}

async fn update(
    State(app): State<App>,
    user: User,
    mut body: Fields,
) -> Result<Json<UserView>, ApiError> {
    let mut name = |field| body.has(field).then(|| body.text(field, 1..=100));
    let (first_name, last_name) = (name("first_name"), name("last_name"));
    let change = ProfileChange {
        first_name,
        last_name,
        phone: body.optional_text("phone", 32),
    };
    body.finish()?;
    let work = async { transact!(app, tx => store::update(&app, tx, &user.id, &change).await) };
    app.telemetry
        .span(Scope::Users, "update_profile", work)
        .await
        .map(Json)
}
