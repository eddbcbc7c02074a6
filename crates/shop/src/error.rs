//! The one error type of handlers and flows.
//!
//! An error has two sides. The public side, `code`, `message`, `fields`, `details`, is written for the client and
//! becomes the JSON body. The inner side, `cause`, is for the log; it never leaves the process. A handler returns
//! the error; the pipeline adds the request id and writes the body (`http/pipeline.rs`).

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;

use crate::db::DbError;

/// What went wrong, in one word that programs can rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    InvalidJson,
    Invalid,
    InvalidToken,
    AmountMismatch,
    CartEmpty,
    Unauthenticated,
    BadCredentials,
    PaymentDeclined,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    RequestTimeout,
    EmailTaken,
    SkuTaken,
    OutOfStock,
    OrderAlreadyPaid,
    OrderNotPayable,
    NotRefundable,
    StateConflict,
    InProgress,
    TooLarge,
    UnsupportedMediaType,
    IdempotencyKeyReused,
    TooManyRequests,
    Internal,
    ProviderError,
    ProviderUnavailable,
    ProviderTimeout,
}

impl Code {
    /// The word on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        self.row().0
    }

    pub(crate) fn status(self) -> StatusCode {
        self.row().1
    }

    fn row(self) -> (&'static str, StatusCode) {
        match self {
            Self::InvalidJson => ("invalid_json", StatusCode::BAD_REQUEST),
            Self::Invalid => ("invalid", StatusCode::BAD_REQUEST),
            Self::InvalidToken => ("invalid_token", StatusCode::BAD_REQUEST),
            Self::AmountMismatch => ("amount_mismatch", StatusCode::BAD_REQUEST),
            Self::CartEmpty => ("cart_empty", StatusCode::BAD_REQUEST),
            Self::Unauthenticated => ("unauthenticated", StatusCode::UNAUTHORIZED),
            Self::BadCredentials => ("bad_credentials", StatusCode::UNAUTHORIZED),
            Self::PaymentDeclined => ("payment_declined", StatusCode::PAYMENT_REQUIRED),
            Self::Forbidden => ("forbidden", StatusCode::FORBIDDEN),
            Self::NotFound => ("not_found", StatusCode::NOT_FOUND),
            Self::MethodNotAllowed => ("method_not_allowed", StatusCode::METHOD_NOT_ALLOWED),
            Self::RequestTimeout => ("request_timeout", StatusCode::REQUEST_TIMEOUT),
            Self::EmailTaken => ("email_taken", StatusCode::CONFLICT),
            Self::SkuTaken => ("sku_taken", StatusCode::CONFLICT),
            Self::OutOfStock => ("out_of_stock", StatusCode::CONFLICT),
            Self::OrderAlreadyPaid => ("order_already_paid", StatusCode::CONFLICT),
            Self::OrderNotPayable => ("order_not_payable", StatusCode::CONFLICT),
            Self::NotRefundable => ("not_refundable", StatusCode::CONFLICT),
            Self::StateConflict => ("state_conflict", StatusCode::CONFLICT),
            Self::InProgress => ("in_progress", StatusCode::CONFLICT),
            Self::TooLarge => ("payload_too_large", StatusCode::PAYLOAD_TOO_LARGE),
            Self::UnsupportedMediaType => {
                ("unsupported_media_type", StatusCode::UNSUPPORTED_MEDIA_TYPE)
            }
            Self::IdempotencyKeyReused => {
                ("idempotency_key_reused", StatusCode::UNPROCESSABLE_ENTITY)
            }
            Self::TooManyRequests => ("too_many_requests", StatusCode::TOO_MANY_REQUESTS),
            Self::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR),
            Self::ProviderError => ("provider_error", StatusCode::BAD_GATEWAY),
            Self::ProviderUnavailable => ("provider_unavailable", StatusCode::SERVICE_UNAVAILABLE),
            Self::ProviderTimeout => ("provider_timeout", StatusCode::GATEWAY_TIMEOUT),
        }
    }
}

/// What was wrong with which field of a request: `shipping_address.city` → messages.
pub(crate) type FieldErrors = BTreeMap<String, Vec<String>>;

/// An error on its way to the client.
#[derive(Debug)]
pub(crate) struct ApiError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    code: Code,
    message: String,
    fields: FieldErrors,
    details: Option<Value>,
    retry_after_s: Option<u32>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl ApiError {
    /// An error with a message for the client: a sentence that says what was expected and what came.
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            message: message.into(),
            fields: FieldErrors::new(),
            details: None,
            retry_after_s: None,
            cause: None,
        }))
    }

    /// A failure on our side. `cause` goes to the log, the client learns only that it happened.
    pub(crate) fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(
            Code::Internal,
            "Something went wrong on our side. The request id helps us find it.",
        )
        .because(cause)
    }

    /// The object does not exist, or is none of the asking user's business.
    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("There is no such {what}."))
    }

    /// One bad field.
    pub(crate) fn field(name: &str, message: impl Into<String>) -> Self {
        Self::fields(FieldErrors::from([(name.to_owned(), vec![message.into()])]))
    }

    /// All bad fields of a request.
    pub(crate) fn fields(fields: FieldErrors) -> Self {
        let names: Vec<&str> = fields.keys().map(String::as_str).collect();
        let mut error = Self::new(
            Code::Invalid,
            format!("Please check: {}.", names.join(", ")),
        );
        error.0.fields = fields;
        error
    }

    /// Adds facts for programs.
    pub(crate) fn with_details(mut self, details: Value) -> Self {
        self.0.details = Some(details);
        self
    }

    /// Tells the client when to come again.
    pub(crate) fn retry_after(mut self, seconds: u32) -> Self {
        self.0.retry_after_s = Some(seconds);
        self
    }

    /// Adds the inner side.
    pub(crate) fn because(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    pub(crate) fn code(&self) -> Code {
        self.0.code
    }

    pub(crate) fn retry_after_s(&self) -> Option<u32> {
        self.0.retry_after_s
    }

    /// The database error inside, if there is one.
    pub(crate) fn database(&self) -> Option<&DbError> {
        self.0.cause.as_ref()?.downcast_ref()
    }

    /// The body for the client.
    pub(crate) fn body(&self, request_id: &str) -> Value {
        #[derive(Serialize)]
        struct Body<'a> {
            code: &'static str,
            message: &'a str,
            request_id: &'a str,
            #[serde(skip_serializing_if = "BTreeMap::is_empty")]
            fields: &'a FieldErrors,
            #[serde(skip_serializing_if = "Option::is_none")]
            details: Option<&'a Value>,
        }
        serde_json::json!({ "error": Body {
            code: self.0.code.as_str(),
            message: &self.0.message,
            request_id,
            fields: &self.0.fields,
            details: self.0.details.as_ref(),
        }})
    }
}

/// For the log: with the inner side.
impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code.as_str(), self.0.message)?;
        for (name, messages) in &self.0.fields {
            write!(f, " [{name}: {}]", messages.join("; "))?;
        }
        self.0
            .cause
            .as_ref()
            .map_or(Ok(()), |cause| write!(f, " ({cause})"))
    }
}

impl Error for ApiError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0
            .cause
            .as_ref()
            .map(|cause| &**cause as &(dyn Error + 'static))
    }
}

impl From<DbError> for ApiError {
    fn from(error: DbError) -> Self {
        Self::internal(error)
    }
}

/// A response that carries the error; the pipeline writes its body.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.0.code.status().into_response();
        response.extensions_mut().insert(std::sync::Arc::new(self));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_never_shows_the_cause() {
        let error = ApiError::internal("connection to 10.0.0.7 refused");
        let body = error.body("r-1").to_string();
        assert!(!body.contains("10.0.0.7"), "{body}");
        assert!(error.to_string().contains("10.0.0.7"));
    }

    #[test]
    fn fields_and_details_are_left_out_when_there_are_none() {
        let body = ApiError::new(Code::CartEmpty, "The cart is empty.").body("r-1");
        assert_eq!(
            body,
            serde_json::json!({"error": {"code": "cart_empty", "message": "The cart is empty.", "request_id": "r-1"}})
        );
    }
}
