//! The `Idempotency-Key` of POST requests and of the inventory PUT: the same request with the same key is done once,
//! and answered the same way for 24 hours.
//!
//! A running key is a lease: when the process dies under it, the key is free again after a minute. The effect of the
//! request and the state of its key are two transactions; whoever cannot live with that gap sends an `operation_id`.

use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use http_body_util::BodyExt as _;
use sha2::{Digest as _, Sha256};

use crate::app::{App, transact};
use crate::auth::MaybeUser;
use crate::clock::after;
use crate::db::{Tx, args};
use crate::error::{ApiError, Code};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const KEY_CHARS_MAX: usize = 255;
const LEASE: Duration = Duration::from_secs(60);
const KEEP: Duration = Duration::from_secs(24 * 3_600);

/// What a key means for the request that carries it.
pub(super) enum Claim {
    /// There is no key, or it has no effect here.
    None,
    /// The request was answered before.
    Replay(Response),
    /// The request is ours to do.
    Run(Running),
}

/// A key whose request is under way.
pub(super) struct Running {
    scope: String,
    key: String,
    holder: String,
}

/// A request as its key knows it.
struct Fingerprint {
    method: String,
    path: String,
    body_hash: String,
}

/// Takes the key for this request, or finds out what became of the one before.
pub(super) async fn claim(app: &App, parts: &mut Parts, body: &Bytes) -> Result<Claim, ApiError> {
    let Some(key) = parts
        .headers
        .get(IDEMPOTENCY_KEY)
        .filter(|_| takes_keys(parts))
    else {
        return Ok(Claim::None);
    };
    let key = key.to_str().unwrap_or_default().to_owned();
    if key.is_empty() || key.len() > KEY_CHARS_MAX {
        let message = format!("Idempotency-Key must have 1 to {KEY_CHARS_MAX} plain characters.");
        return Err(ApiError::new(Code::Invalid, message));
    }
    let user = MaybeUser::of(app, parts).await?;
    let scope = user
        .0
        .map_or_else(|| "anonymous".to_owned(), |user| user.id);
    let print = Fingerprint {
        method: parts.method.to_string(),
        path: parts
            .uri
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned(),
        body_hash: hex::encode(Sha256::digest(body)),
    };
    let running = Running {
        scope,
        key,
        holder: app.id(),
    };
    let taken = transact!(app, tx => take(app, tx, &running, &print).await)?;
    Ok(match taken {
        Some(response) => Claim::Replay(response.into_response()),
        None => Claim::Run(running),
    })
}

fn takes_keys(parts: &Parts) -> bool {
    let path = parts.uri.path();
    match parts.method {
        // Answers of /api/auth carry tokens, which are nowhere kept; webhooks have their own event ids.
        Method::POST => ["/api/auth/", "/api/webhooks/", "/api/testing/"]
            .iter()
            .all(|open| !path.starts_with(open)),
        Method::PUT => path.starts_with("/api/products/") && path.ends_with("/inventory"),
        _ => false,
    }
}

/// An answer that was given before.
struct Stored {
    status: i64,
    answer: Option<String>,
}

impl IntoResponse for Stored {
    fn into_response(self) -> Response {
        let status = u16::try_from(self.status)
            .ok()
            .and_then(|status| StatusCode::from_u16(status).ok());
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response
            .headers_mut()
            .insert(REPLAYED, HeaderValue::from_static("true"));
        if let Some(answer) = self.answer {
            response
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            *response.body_mut() = Body::from(answer);
        }
        response
    }
}

/// `None`: the key is ours now.
async fn take(
    app: &App,
    tx: &mut Tx,
    ours: &Running,
    print: &Fingerprint,
) -> Result<Option<Stored>, ApiError> {
    let now = app.now();
    tx.execute(
        "DELETE FROM idempotency_keys WHERE scope = $1 AND key = $2 AND expires_at <= $3",
        args![&ours.scope, &ours.key, now],
    )
    .await?;
    let inserted = tx
        .execute(
            "INSERT INTO idempotency_keys (scope, key, method, path, body_hash, state, holder, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, 'running', $6, $7, $8)
             ON CONFLICT (scope, key) DO NOTHING",
            args![
                &ours.scope,
                &ours.key,
                &print.method,
                &print.path,
                &print.body_hash,
                &ours.holder,
                now,
                after(now, LEASE)
            ],
        )
        .await?;
    if inserted == 1 {
        return Ok(None);
    }
    let row = tx
        .optional(
            "SELECT method, path, body_hash, state, status, answer FROM idempotency_keys WHERE scope = $1 AND key = $2",
            args![&ours.scope, &ours.key],
        )
        .await?;
    // The key may have been given back between the two statements.
    let Some(row) = row else {
        return Err(in_progress());
    };
    let same = row.text("method")? == print.method
        && row.text("path")? == print.path
        && row.text("body_hash")? == print.body_hash;
    if !same {
        return Err(ApiError::new(
            Code::IdempotencyKeyReused,
            "This Idempotency-Key was used for another request. Take a new key for a new request.",
        ));
    }
    match row.text("state")?.as_str() {
        "done" => Ok(Some(Stored {
            status: row.int("status")?,
            answer: row.get("answer")?,
        })),
        _ => Err(in_progress()),
    }
}

fn in_progress() -> ApiError {
    ApiError::new(
        Code::InProgress,
        "The request with this Idempotency-Key is still under way.",
    )
    .retry_after(1)
}

impl Running {
    /// Keeps the answer for those who ask again; a failure on our side gives the key back instead.
    pub(super) async fn finish(self, app: &App, response: Response) -> Response {
        let (parts, body) = response.into_parts();
        let body = match body.collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => return ApiError::internal(error).into_response(),
        };
        let stored =
            if parts.status.is_server_error() || parts.status == StatusCode::TOO_MANY_REQUESTS {
                self.give_back(app).await
            } else {
                self.keep(app, parts.status, &body).await
            };
        if let Err(error) = stored {
            // The work is done and must be answered; the key frees itself when its lease ends.
            tracing::error!(%error, "cannot store the answer of an idempotency key");
        }
        Response::from_parts(parts, Body::from(body))
    }

    async fn keep(&self, app: &App, status: StatusCode, body: &Bytes) -> Result<(), ApiError> {
        let answer =
            Some(String::from_utf8_lossy(body).into_owned()).filter(|answer| !answer.is_empty());
        let mut conn = app.db.read().await?;
        conn.execute(
            "UPDATE idempotency_keys SET state = 'done', status = $4, answer = $5, expires_at = $6
             WHERE scope = $1 AND key = $2 AND holder = $3",
            args![
                &self.scope,
                &self.key,
                &self.holder,
                i64::from(status.as_u16()),
                answer,
                after(app.now(), KEEP)
            ],
        )
        .await?;
        Ok(())
    }

    async fn give_back(&self, app: &App) -> Result<(), ApiError> {
        let mut conn = app.db.read().await?;
        conn.execute(
            "DELETE FROM idempotency_keys WHERE scope = $1 AND key = $2 AND holder = $3",
            args![&self.scope, &self.key, &self.holder],
        )
        .await?;
        Ok(())
    }
}
