//! `/api/webhooks/{provider}/` and `/api/webhooks/{provider}/{type}/`.

use axum::extract::{Path, RawQuery, State};
use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;

use super::process::{Fate, receive};
use super::sender::{Received, Sender};
use crate::app::App;
use crate::clients::{Happening, Rejected};
use crate::error::{ApiError, Code};
use crate::http::Id;
use crate::payments;

pub(crate) fn routes() -> Router<App> {
    // The name is `{id}` like everywhere, because the extractor takes that.
    Router::new().route("/api/webhooks/{id}", post(hook)).route(
        "/api/webhooks/{id}/{kind}",
        post(hook_of_kind).get(hook_in_query),
    )
}

async fn hook(
    State(app): State<App>,
    Id(word): Id,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, ApiError> {
    take(&app, &word, &headers, &body).await
}

/// Some providers tell by the address alone what happened.
async fn hook_of_kind(
    State(app): State<App>,
    Path((word, kind)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, ApiError> {
    take(&app, &format!("{word}/{kind}"), &headers, &body).await
}

/// Those providers may put the fields into the address.
async fn hook_in_query(
    State(app): State<App>,
    Path((word, kind)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    let fields = query.unwrap_or_default();
    take(&app, &format!("{word}/{kind}"), &headers, fields.as_bytes()).await
}

async fn take(
    app: &App,
    word: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Json<Value>, ApiError> {
    let sender = Sender::find(app, word).ok_or_else(|| ApiError::not_found("provider"))?;
    let received = Received {
        headers,
        body,
        at: app.now(),
    };
    let event = match sender.read(app, received).await {
        Ok(event) => event,
        Err(Rejected::Uninteresting) => return Ok(sender.answer(app, "ignored")),
        Err(rejected) => {
            tracing::warn!(monotonic_counter.webhooks_rejected = 1, %sender, %rejected, "a webhook was rejected");
            return Err(rejection(rejected));
        }
    };
    if let Happening::Question { ours, amount } = &event.happening {
        let admission = payments::admit(app, ours.as_deref(), amount).await?;
        tracing::info!(%sender, ?admission, payment = ours.as_deref(), "asked whether a payment may go on");
        return Ok(Json(app.clients.payments.admission(admission)));
    }
    let work = receive(app, &sender, &event, headers, body);
    match app.telemetry.span(sender.scope(), "webhook", work).await? {
        Fate::Processed => Ok(sender.answer(app, "processed")),
        Fate::Duplicate => Ok(sender.answer(app, "duplicate")),
        Fate::Ignored(_) => Ok(sender.answer(app, "ignored")),
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
        Rejected::Denied(_) => {
            ApiError::new(Code::Forbidden, "The provider does not confirm the event.")
        }
        // So that whoever sent it comes again.
        Rejected::Unasked(trouble) => trouble.into_api_error("payment"),
        // Answered before.
        Rejected::Uninteresting => ApiError::not_found("event"),
        Rejected::Malformed(what) => ApiError::new(
            Code::Invalid,
            format!("The event is not well formed: {what}."),
        ),
    }
}
