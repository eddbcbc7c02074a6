//! What happens around every request: id and trace context, body limit, final slash, origin, idempotency keys, the
//! JSON form of errors.
//!
//! The work on a request runs in its own task once the body is read, so it is finished even when the client hangs up.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::MatchedPath;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;
use opentelemetry::trace::{FutureExt as _, SpanKind, Status, TraceContextExt as _};
use opentelemetry::{Context, KeyValue};
use tower::ServiceExt as _;

use super::{idempotency, origin};
use crate::app::App;
use crate::error::{ApiError, Code};
use crate::telemetry::{Carrier, REQUEST_ID, Scope};

const BODY_BYTES_MAX: usize = 1_048_576;
const WEBHOOK_BYTES_MAX: usize = 262_144;
/// How long a client may take to send a body.
const BODY_LIMIT: Duration = Duration::from_secs(30);
const REQUEST_ID_CHARS_MAX: usize = 128;

/// Answers one request; never fails.
pub(super) async fn respond(app: App, router: Router, request: Request<Incoming>) -> Response {
    let (mut parts, body) = request.into_parts();
    strip_final_slash(&mut parts.uri);
    let request_id = request_id(&app, &parts.headers);
    let carrier = Carrier {
        request_id: Some(request_id.clone()),
        ..Carrier::from_headers(&parts.headers)
    };
    let cx = app.telemetry.resume(carrier, &app.random);
    let span = app
        .telemetry
        .start(Scope::Http, SpanKind::Server, parts.method.to_string(), &cx);
    let cx = span.unwrap_or(cx);
    let line = format!("{} {}", parts.method, parts.uri.path());
    cx.span().set_attribute(KeyValue::new(
        "http.request.method",
        parts.method.to_string(),
    ));
    cx.span()
        .set_attribute(KeyValue::new("url.path", parts.uri.path().to_owned()));
    let response = match read_body(&parts, body).await {
        Ok(body) => {
            let group = app.group.clone();
            let work =
                process(app, router, parts, body, request_id.clone()).with_context(cx.clone());
            match group.spawn(work).await {
                Ok(Some(response)) => response,
                Ok(None) => failed("the shop was stopped", &request_id),
                Err(panic) => failed(&format!("the handler panicked: {panic}"), &request_id),
            }
        }
        Err(error) => render(error.into_response(), &request_id),
    };
    finish_span(&cx, response.status());
    tracing::debug!(request_id, status = response.status().as_u16(), "{line}");
    with_request_id(response, &request_id)
}

async fn process(
    app: App,
    router: Router,
    mut parts: Parts,
    body: Bytes,
    request_id: String,
) -> Response {
    let claim = match origin::check(&app, &parts) {
        Ok(()) => idempotency::claim(&app, &mut parts, &body).await,
        Err(error) => Err(error),
    };
    let route = |parts, body: Bytes| async {
        let routed = router
            .oneshot(Request::from_parts(parts, Body::from(body)))
            .await;
        render(routed.unwrap_or_else(|never| match never {}), &request_id)
    };
    match claim {
        Ok(idempotency::Claim::None) => route(parts, body).await,
        Ok(idempotency::Claim::Replay(response)) => response,
        Ok(idempotency::Claim::Run(running)) => {
            running.finish(&app, route(parts, body).await).await
        }
        Err(error) => render(error.into_response(), &request_id),
    }
}

/// Gives the server span the name of the route, once it is known.
pub(super) async fn name_span(
    path: MatchedPath,
    request: axum::extract::Request,
    next: Next,
) -> Response {
    let cx = Context::current();
    cx.span()
        .update_name(format!("{} {}", request.method(), path.as_str()));
    cx.span()
        .set_attribute(KeyValue::new("http.route", path.as_str().to_owned()));
    next.run(request).await
}

fn finish_span(cx: &Context, status: StatusCode) {
    cx.span().set_attribute(KeyValue::new(
        "http.response.status_code",
        i64::from(status.as_u16()),
    ));
    if status.is_server_error() {
        cx.span().set_status(Status::error(status.to_string()));
    }
    cx.span().end();
}

/// The client's id when it is short plain text, else a new one.
fn request_id(app: &App, headers: &HeaderMap) -> String {
    headers
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .filter(|id| {
            !id.is_empty()
                && id.len() <= REQUEST_ID_CHARS_MAX
                && id.bytes().all(|byte| byte.is_ascii_graphic())
        })
        .map_or_else(|| app.id(), str::to_owned)
}

fn with_request_id(mut response: Response, request_id: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// Every path works with and without its final slash, without a redirect.
fn strip_final_slash(uri: &mut Uri) {
    let path = uri.path().trim_end_matches('/');
    if path.len() == uri.path().len() || path.is_empty() {
        return;
    }
    let text = uri
        .query()
        .map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    if let Ok(stripped) = text.parse::<PathAndQuery>() {
        let mut parts = std::mem::take(uri).into_parts();
        parts.path_and_query = Some(stripped);
        *uri = Uri::from_parts(parts).unwrap_or_default();
    }
}

async fn read_body(parts: &Parts, body: Incoming) -> Result<Bytes, ApiError> {
    let limit = if parts.uri.path().starts_with("/api/webhooks/") {
        WEBHOOK_BYTES_MAX
    } else {
        BODY_BYTES_MAX
    };
    let read = Limited::new(body, limit).collect();
    match tokio::time::timeout(BODY_LIMIT, read).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(ApiError::new(
            Code::TooLarge,
            format!("The body is larger than {limit} bytes."),
        )),
        Ok(Err(error)) => Err(ApiError::new(
            Code::Invalid,
            "The body could not be read to its end.",
        )
        .because(error)),
        Err(_) => {
            let seconds = BODY_LIMIT.as_secs();
            Err(ApiError::new(
                Code::RequestTimeout,
                format!("The body did not come within {seconds} seconds."),
            ))
        }
    }
}

fn failed(cause: &str, request_id: &str) -> Response {
    render(ApiError::internal(cause).into_response(), request_id)
}

/// Gives an error its JSON body and headers; other answers stay as they are.
fn render(mut response: Response, request_id: &str) -> Response {
    let error = match response.extensions_mut().remove::<Arc<ApiError>>() {
        Some(error) => error,
        // Axum's own refusals (a path that is not UTF-8) are plain text.
        None if is_plain_error(&response) => Arc::new(from_status(response.status())),
        None => return response,
    };
    if error.code().status().is_server_error() {
        tracing::error!(request_id, %error, "a request failed");
    }
    let body = axum::Json(error.body(request_id));
    let mut rendered = (error.code().status(), body).into_response();
    let headers = rendered.headers_mut();
    if error.code().status() == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(seconds) = error.retry_after_s() {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(allow) = response.headers_mut().remove(http::header::ALLOW) {
        headers.insert(http::header::ALLOW, allow);
    }
    rendered
}

fn is_plain_error(response: &Response) -> bool {
    let status = response.status();
    let json = HeaderValue::from_static("application/json");
    (status.is_client_error() || status.is_server_error())
        && response.headers().get(CONTENT_TYPE) != Some(&json)
}

fn from_status(status: StatusCode) -> ApiError {
    match status {
        StatusCode::NOT_FOUND => ApiError::new(Code::NotFound, "There is nothing at this address."),
        StatusCode::METHOD_NOT_ALLOWED => ApiError::new(
            Code::MethodNotAllowed,
            "This address does not take that method.",
        ),
        status if status.is_client_error() => {
            ApiError::new(Code::Invalid, "The request is not well formed.")
        }
        status => ApiError::internal(format!("a handler answered {status}")),
    }
}

/// Whether a request may change something.
pub(super) fn changes_state(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_final_slash_is_stripped_and_the_query_stays() {
        let stripped = |text: &str| {
            let mut uri: Uri = text.parse().unwrap();
            strip_final_slash(&mut uri);
            uri.to_string()
        };
        assert_eq!(stripped("/api/orders/"), "/api/orders");
        assert_eq!(stripped("/api/orders/?limit=5"), "/api/orders?limit=5");
        assert_eq!(stripped("/api/orders"), "/api/orders");
        assert_eq!(stripped("/"), "/");
        assert_eq!(stripped("http://shop:8000/live/"), "http://shop:8000/live");
    }
}
