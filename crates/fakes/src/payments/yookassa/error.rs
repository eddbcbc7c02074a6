//! Errors in YooKassa's format (Using the API, Response handling).

use http::{Method, StatusCode};
use serde_json::json;

use crate::kit::{Answer, Failure};

/// A refused request.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    code: &'static str,
    description: String,
    parameter: Option<String>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, description: impl Into<String>) -> Self {
        Self {
            status,
            code,
            description: description.into(),
            parameter: None,
        }
    }

    /// A parameter is missing or wrong; names of nested ones have dots.
    pub(super) fn parameter(name: impl Into<String>, description: impl Into<String>) -> Self {
        let problem = Self::new(StatusCode::BAD_REQUEST, "invalid_request", description);
        Self {
            parameter: Some(name.into()),
            ..problem
        }
    }

    /// The object cannot do this in its state.
    pub(super) fn state(description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    /// The id in the path is nobody's.
    pub(super) fn not_found(what: &str, id: &str) -> Self {
        let description =
            format!("{what} `{id}` doesn't exist or can't be seen with these credentials");
        Self::new(StatusCode::NOT_FOUND, "not_found", description)
    }

    pub(super) fn no_path(path: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("There is nothing at {path}"),
        )
    }

    pub(super) fn method(method: &Method) -> Self {
        let description = format!("{method} isn't supported here");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "not_supported", description)
    }

    pub(super) fn credentials(description: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_credentials", description)
    }

    pub(super) fn forbidden(description: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", description)
    }

    pub(super) fn media_type() -> Self {
        let description = "The request body must be JSON: Content-Type: application/json";
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "invalid_request",
            description,
        )
    }

    /// One key for two requests (Using the API, Idempotence).
    pub(super) fn key_reused() -> Self {
        Self::parameter(
            "Idempotence-Key",
            "Idempotence key duplicated: it was used with another request",
        )
    }

    /// A failure that a fault asks for.
    pub(super) fn on_command(failure: &Failure) -> Self {
        let code = match failure.status.as_u16() {
            401 => "invalid_credentials",
            403 => "forbidden",
            404 => "not_found",
            429 => "too_many_requests",
            500.. => "internal_server_error",
            _ => "invalid_request",
        };
        // A declined card is no HTTP error here: create answers 200 with a canceled payment. 402 does not exist.
        let status = match failure.status {
            StatusCode::PAYMENT_REQUIRED
            | StatusCode::CONFLICT
            | StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
            status => status,
        };
        let reason = failure.code.as_deref().unwrap_or("a fault was asked for");
        Self::new(status, code, format!("Refused on command: {reason}"))
    }

    pub(super) fn answer(&self, id: &str) -> Answer {
        let mut body = json!({
            "type": "error",
            "id": id,
            "code": self.code,
            "description": self.description,
        });
        if let Some(parameter) = &self.parameter {
            body["parameter"] = parameter.as_str().into();
        }
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            body["retry_after"] = 1800.into();
        }
        Answer::json(self.status, &body)
    }
}
