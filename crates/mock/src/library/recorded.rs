//! Requests that were received.

use std::borrow::Cow;

use bytes::Bytes;
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use styk_core::{Exchange, Headers, Request};

use crate::matcher::{Subject, query_pairs};

/// A request that the server received.
///
/// Its `Debug` form masks what looks like a secret; the accessors give everything as it came.
#[derive(Clone, Debug)]
pub struct RecordedRequest {
    request: Request,
    received_at: Timestamp,
    answered_by: Option<String>,
    status: Option<StatusCode>,
}

impl RecordedRequest {
    pub(crate) fn new(request: &Request, received_at: Timestamp) -> Self {
        Self {
            request: request.clone(),
            received_at,
            answered_by: None,
            status: None,
        }
    }

    pub(super) fn of(exchange: &Exchange) -> Option<Self> {
        let request = Self::new(exchange.request()?, exchange.started_at());
        Some(Self {
            answered_by: exchange.attribute("expectation").map(str::to_owned),
            status: exchange.response().map(|response| response.status),
            ..request
        })
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.request.method
    }

    /// The path as it came, escapes and all, without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.request.uri.path()
    }

    /// What stands between the slashes of the path.
    ///
    /// ```
    /// use serde_json::json;
    /// use styk_mock::{RecordedRequest, get, json};
    ///
    /// let order = get("/orders/{id}").path_parameter("id", "[0-9]+").respond_with(|request: &RecordedRequest| {
    ///     json(json!({"id": request.segment(1)}))
    /// });
    /// ```
    #[must_use]
    pub fn segment(&self, place: usize) -> Option<&str> {
        let path = self.path();
        path.strip_prefix('/').unwrap_or(path).split('/').nth(place)
    }

    /// The query as it came, without the question mark.
    #[must_use]
    pub fn query_string(&self) -> Option<&str> {
        self.request.uri.query()
    }

    /// The first value of a parameter of the query, decoded.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<String> {
        first(self.request.uri.query().unwrap_or_default(), name)
    }

    /// All header fields.
    #[must_use]
    pub fn headers(&self) -> &Headers {
        &self.request.headers
    }

    /// The first value of a header, whatever the case of its name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        self.request.headers.text(name)
    }

    /// The value of a cookie.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        let subject = Subject::new(&self.request);
        let mut cookies = subject.cookies().iter();
        let found = cookies.find(|(given, _)| given == name);
        found.map(|(_, value)| value.to_string())
    }

    /// The body, after its content coding was undone.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.request.body
    }

    /// The body as text; what is no UTF-8 is replaced.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.request.body)
    }

    /// The body read as JSON.
    ///
    /// # Errors
    ///
    /// When it is no such JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.request.body)
    }

    /// The first value of a field of a form in the body, decoded.
    #[must_use]
    pub fn form(&self, name: &str) -> Option<String> {
        first(&self.text(), name)
    }

    /// When it was received, by the server's clock.
    #[must_use]
    pub fn received_at(&self) -> Timestamp {
        self.received_at
    }

    /// The id of the expectation that answered it; `None` when there was none, and inside a closure.
    #[must_use]
    pub fn answered_by(&self) -> Option<&str> {
        self.answered_by.as_deref()
    }

    /// The status it was answered with; `None` when it was not answered, or not yet.
    #[must_use]
    pub fn answer_status(&self) -> Option<StatusCode> {
        self.status
    }
}

fn first(pairs: &str, name: &str) -> Option<String> {
    let mut pairs = query_pairs(pairs).into_iter();
    pairs
        .find(|(given, _)| given == name)
        .map(|(_, value)| value.into_owned())
}
