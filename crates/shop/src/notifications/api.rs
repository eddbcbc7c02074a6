//! `/api/notifications/`.

use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde_json::json;

use super::store::{self, NotificationView};
use super::template::Template;
use crate::app::{App, transact};
use crate::auth::User;
use crate::error::ApiError;
use crate::http::{Fields, Id};
use crate::orders;
use crate::tasks::{self, Kind, NewTask};
use crate::telemetry::Scope;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/api/notifications/send", post(send))
        .route("/api/notifications/order/{id}", get(of_order))
}

async fn send(
    State(app): State<App>,
    user: User,
    mut body: Fields,
) -> Result<impl IntoResponse, ApiError> {
    let order_id = body.text("order_id", 1..=64);
    let word = body.text("notification_type", 1..=64);
    let template = word
        .parse::<Template>()
        .ok()
        .filter(|template| template.is_about_an_order());
    if template.is_none() && !word.is_empty() {
        body.reject(
            "notification_type",
            format!("must be one of {}", Template::about_orders()),
        );
    }
    match body.optional_text("channel", 16).as_deref() {
        None | Some("email") => {}
        Some("sms") => body.reject("channel", "cannot be sms: no SMS provider is configured"),
        Some(_) => body.reject("channel", "must be email or sms"),
    }
    body.finish()?;
    let args = json!({"order_id": order_id, "template": template.map(Template::as_str)});
    let work = async {
        transact!(app, tx => {
            orders::owned(tx, &user.id, &order_id).await?;
            let new = NewTask { kind: Kind::SendNotification, args: args.clone(), created_by: Some(&user.id), dedup: None };
            tasks::enqueue(&app, tx, new).await
        })
    };
    let task = app
        .telemetry
        .span(Scope::Notifications, "send", work)
        .await?;
    app.wake.notify_one();
    Ok((StatusCode::ACCEPTED, Json(task)))
}

async fn of_order(
    State(app): State<App>,
    user: User,
    Id(id): Id,
) -> Result<Json<Vec<NotificationView>>, ApiError> {
    let work = async {
        let mut conn = app.db.read().await?;
        orders::owned(&mut conn, &user.id, &id).await?;
        store::of_order(&mut conn, &id).await
    };
    app.telemetry
        .span(Scope::Notifications, "of_order", work)
        .await
        .map(Json)
}
