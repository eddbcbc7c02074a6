//! `/api/analytics/`.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::stats::{self, Stats};
use super::store::{self, Event};
use crate::app::App;
use crate::auth::{MaybeUser, as_staff};
use crate::error::{ApiError, Code};
use crate::http::Fields;
use crate::telemetry::Scope;

const TEXT_CHARS_MAX: usize = 2_000;
const ID_CHARS_MAX: usize = 255;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/api/analytics/track", post(track))
        .route("/api/analytics/stats", get(stats))
}

async fn track(
    State(app): State<App>,
    user: MaybeUser,
    mut body: Fields,
) -> Result<Json<Value>, ApiError> {
    let currency = body.currency("currency");
    let event = Event {
        event_id: body.optional_text("event_id", ID_CHARS_MAX),
        kind: body.text("type", 1..=64),
        user_id: user.0.map(|user| user.id),
        page: body.optional_text("page", TEXT_CHARS_MAX),
        product_id: body.optional_foreign_id("product_id", ID_CHARS_MAX),
        order_id: body.optional_foreign_id("order_id", ID_CHARS_MAX),
        quantity: body.optional_integer("quantity", 0..=1_000_000_000),
        amount: body.optional_money("amount", currency),
        user_agent: body.optional_text("user_agent", TEXT_CHARS_MAX),
    };
    body.finish()?;
    let work = async { store::insert(&app, &mut app.db.read().await?, event).await };
    app.telemetry.span(Scope::Analytics, "track", work).await?;
    Ok(Json(json!({"accepted": true})))
}

/// Open to everybody in the integration profile, else to staff.
async fn stats(State(app): State<App>, user: MaybeUser) -> Result<Json<Stats>, ApiError> {
    let work = app.telemetry.span(Scope::Analytics, "stats", async {
        stats::count(&mut app.db.read().await?).await
    });
    match user.0 {
        _ if app.is_integration() => work.await.map(Json),
        Some(user) => as_staff(&app, &user, work).await.map(Json),
        None => Err(ApiError::new(
            Code::Unauthenticated,
            "Please log in: this needs a valid session.",
        )),
    }
}
