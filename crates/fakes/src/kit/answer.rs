//! What a provider answers.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

/// An answer, whole in memory.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The header fields, without `content-length` and `date`.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// An answer without a body.
    #[must_use]
    pub fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    /// An answer with bytes of a media type.
    #[must_use]
    pub fn bytes(status: StatusCode, media_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut answer = Self::empty(status);
        answer.body = body.into();
        answer
            .headers
            .insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        answer
    }

    /// A value as compact JSON. A value that cannot be written becomes a 500 that says so.
    #[must_use]
    pub fn json(status: StatusCode, value: &impl Serialize) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => Self::bytes(status, "application/json", body),
            Err(error) => Self::bytes(
                StatusCode::INTERNAL_SERVER_ERROR,
                "text/plain; charset=utf-8",
                format!("the fake cannot write its answer: {error}"),
            ),
        }
    }

    /// A page.
    #[must_use]
    pub fn html(status: StatusCode, page: impl Into<String>) -> Self {
        Self::bytes(status, "text/html; charset=utf-8", page.into())
    }

    /// Sends the browser elsewhere with a GET (303). An address that no header can carry becomes a 400.
    #[must_use]
    pub fn see_other(address: &str) -> Self {
        match HeaderValue::from_str(address) {
            Ok(value) => {
                let mut answer = Self::empty(StatusCode::SEE_OTHER);
                answer.headers.insert(LOCATION, value);
                answer
            }
            Err(_) => Self::bytes(
                StatusCode::BAD_REQUEST,
                "text/plain; charset=utf-8",
                "the address to return to cannot be sent in a header",
            ),
        }
    }

    /// The same with one more header. A value that no header can carry is left out.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }
}
