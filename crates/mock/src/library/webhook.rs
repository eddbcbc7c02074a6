//! Requests that a mock sends of its own accord.

use std::time::Duration;

use http::Uri;
use serde::Serialize;

use super::draft::{Draft, time};
use crate::json::Json;
use crate::matcher::query_pairs;

/// A request that the server sends after an answer, such as a payment provider's webhook.
///
/// ```
/// use std::time::Duration;
/// use serde_json::json;
/// use styk_mock::{Webhook, post, status};
///
/// let payment = post("/payments").respond(status(202)).then_send(
///     Webhook::post("http://127.0.0.1:8080/webhooks/payment")
///         .json(json!({"state": "captured"}))
///         .after(Duration::from_millis(50)),
/// );
/// ```
#[derive(Clone, Debug)]
#[must_use = "a webhook is sent by an expectation: `.then_send(..)`"]
pub struct Webhook {
    request: Draft,
    delay: Option<Duration>,
}

impl Webhook {
    /// A `POST` to this URL.
    pub fn post(url: &str) -> Self {
        Self::request("POST", url)
    }

    /// Any method to this URL.
    pub fn request(method: &str, url: &str) -> Self {
        let mut request = Draft::default();
        request.set("method", Json::text(method));
        match target(url) {
            Ok((address, uri)) => {
                request.set("socketAddress", address);
                request.set("path", Json::text(uri.path()));
                for (name, value) in query_pairs(uri.query().unwrap_or_default()) {
                    request.add(
                        "queryStringParameters",
                        name.into_owned(),
                        value.into_owned(),
                    );
                }
                let authority = uri.authority().map(ToString::to_string);
                request.add("headers", "Host".to_owned(), authority.unwrap_or_default());
            }
            Err(problem) => request.complain(format!("webhook to {problem}")),
        }
        Self {
            request,
            delay: None,
        }
    }

    /// A header field.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request
            .add("headers", name.to_owned(), value.to_owned());
        self
    }

    /// A JSON body.
    pub fn json(mut self, value: impl Serialize) -> Self {
        if let Some(text) = self.request.text_of("webhook body", &value) {
            let body = [("type", Json::text("JSON")), ("json", Json::Text(text))];
            self.request.set("body", Json::object(body));
        }
        self
    }

    /// A text as the body.
    pub fn text(mut self, text: &str) -> Self {
        let body = [("type", Json::text("STRING")), ("string", Json::text(text))];
        self.request.set("body", Json::object(body));
        self
    }

    /// How long it waits after the answer, on the server's clock.
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }

    /// The side action in MockServer's JSON, or what is wrong with it.
    pub(super) fn written(&self) -> Result<Json, String> {
        if let Some(problem) = self.request.problem() {
            return Err(problem.to_owned());
        }
        let request = Json::Object(self.request.fields().clone());
        let delay = self.delay.map(|delay| ("delay", time(delay, "value")));
        let fields = [("httpRequest", request)];
        Ok(Json::object(fields.into_iter().chain(delay)))
    }
}

/// Host, port and scheme of a URL in MockServer's JSON.
pub(super) fn target(url: &str) -> Result<(Json, Uri), String> {
    let unusable = || format!("`{url}`: this is no http:// or https:// URL");
    let uri: Uri = url.parse().map_err(|_invalid| unusable())?;
    let (scheme, default) = match uri.scheme_str() {
        Some("http") => ("HTTP", 80),
        Some("https") => ("HTTPS", 443),
        _ => return Err(unusable()),
    };
    let host = uri.host().ok_or_else(unusable)?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let address = Json::object([
        ("host", Json::text(host)),
        ("port", Json::number(uri.port_u16().unwrap_or(default))),
        ("scheme", Json::text(scheme)),
    ]);
    Ok((address, uri))
}
