//! `/api/webhooks/{provider}/`.

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Value, json};

use super::process::{Fate, Sender, receive};
use crate::app::App;
use crate::clients::{Hook, Rejected};
use crate::error::{ApiError, Code};
use crate::http::Id;

pub(crate) fn routes() -> Router<App> {
    // The name is `{id}` like everywhere, because the extractor takes that.
    Router::new().route("/api/webhooks/{id}", post(hook))
}

async fn hook(
    State(app): State<App>,
    Id(word): Id,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, ApiError> {
    let sender = Sender::find(&word).ok_or_else(|| ApiError::not_found("provider"))?;
    let event = sender.parse(&app, &Hook { headers: &headers, body: &body, now: app.now() }).map_err(|rejected| {
        tracing::warn!(monotonic_counter.webhooks_rejected = 1, %sender, %rejected, "a webhook was rejected");
        rejection(rejected)
    })?;
    let work = receive(&app, sender, &event, &headers, &body);
    match app.telemetry.span(sender.scope(), "webhook", work).await? {
        Fate::Processed => Ok(Json(json!({"result": "processed"}))),
        Fate::Duplicate => Ok(Json(json!({"result": "duplicate"}))),
        Fate::Ignored(_) => Ok(Json(json!({"result": "ignored"}))),
        Fate::Unplaced(reason) => Err(ApiError::not_found("object").because(reason)),
        Fate::Refused(reason) => Err(ApiError::new(
            Code::StateConflict,
            "The event contradicts what we know.",
        )
        .because(reason)),
    }
}

fn rejection(rejected: Rejected) -> ApiError {
    match rejected {
        Rejected::NoSecret => ApiError::new(
            Code::Forbidden,
            "Webhooks of this provider are not switched on.",
        ),
        Rejected::BadSignature => {
            ApiError::new(Code::Forbidden, "The signature does not fit the body.")
        }
        Rejected::Stale => ApiError::new(
            Code::Forbidden,
            "The time stamp is more than five minutes from now.",
        ),
        Rejected::Malformed(what) => ApiError::new(
            Code::Invalid,
            format!("The event is not well formed: {what}."),
        ),
    }
}
