//! One call over HTTP: limits in time and size, trace context passed on, no hidden retries, no redirects, no proxies
//! from the environment.

use std::error::Error;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use http::{Method, StatusCode};
use opentelemetry::trace::SpanKind;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::Trouble;
use crate::config::{Config, Service};
use crate::telemetry::{Scope, Telemetry, attribute, carrier};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// More of an answer is not read.
const ANSWER_BYTES_MAX: usize = 1_048_576;
/// More patience than this is not granted.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3_600);
/// How much of an answer we cannot use goes to the log.
const EXCERPT_CHARS: usize = 200;

/// The HTTP client could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up the HTTP client: {0}")]
pub(crate) struct ClientError(#[from] reqwest::Error);

/// The connections all adapters share.
pub(super) fn http_client(config: &Config) -> Result<reqwest::Client, ClientError> {
    // A retry that we do not see would spoil the count of attempts, so there is none.
    let client = reqwest::Client::builder()
        .connect_timeout(config.connect_timeout)
        .timeout(config.provider_timeout)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .build()?;
    Ok(client)
}

/// Calls one service on behalf of one module.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    http: reqwest::Client,
    base: Url,
    scope: Scope,
    telemetry: Telemetry,
    secret: Option<String>,
}

/// What is asked.
#[derive(Debug)]
pub(super) struct Call<'a> {
    method: Method,
    /// Below the base address, `api/v1/payments`.
    path: &'static str,
    /// One more segment of the path; any text.
    id: Option<&'a str>,
    body: Option<String>,
    key: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// Asks for what is known about `id`.
    pub(super) fn get(path: &'static str, id: &'a str) -> Self {
        Self {
            method: Method::GET,
            path,
            id: Some(id),
            body: None,
            key: None,
        }
    }

    /// Sends `body`; the same `key` is the same operation.
    pub(super) fn post(
        path: &'static str,
        body: &impl Serialize,
        key: &'a str,
    ) -> Result<Self, Trouble> {
        let body = serde_json::to_string(body)
            .map_err(|error| Trouble::BadAnswer(format!("our request: {error}")))?;
        Ok(Self {
            method: Method::POST,
            path,
            id: None,
            body: Some(body),
            key: Some(key),
        })
    }
}

/// What was answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
    /// What `Retry-After` says, when it gives seconds.
    pub(super) wait: Option<Duration>,
}

impl Answer {
    /// The body as JSON, whatever its Content-Type says.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Trouble> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Trouble::BadAnswer(format!("{error}, in {self}")))
    }

    /// The trouble that an answer with an unexpected status is.
    pub(super) fn trouble(&self) -> Trouble {
        match (self.status, self.wait) {
            (StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS, Some(wait)) => {
                Trouble::Busy {
                    cause: self.to_string(),
                    wait,
                }
            }
            (
                StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::TOO_MANY_REQUESTS,
                _,
            ) => Trouble::Unavailable(self.to_string()),
            (StatusCode::GATEWAY_TIMEOUT | StatusCode::REQUEST_TIMEOUT, _) => {
                Trouble::Timeout(self.to_string())
            }
            _ => Trouble::BadAnswer(self.to_string()),
        }
    }
}

/// Status and the beginning of the body, for the log.
impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = String::from_utf8_lossy(&self.body);
        let excerpt: String = text.chars().take(EXCERPT_CHARS).collect();
        write!(f, "{} {excerpt:?}", self.status)
    }
}

impl Caller {
    pub(super) fn new(
        http: reqwest::Client,
        service: &Service,
        scope: Scope,
        telemetry: Telemetry,
    ) -> Self {
        Self {
            http,
            base: service.url.clone(),
            scope,
            telemetry,
            secret: service.webhook_secret.clone(),
        }
    }

    /// The secret that webhooks of the service are signed with.
    pub(super) fn secret(&self) -> Option<&str> {
        self.secret.as_deref()
    }

    /// Makes the call, in a client span of the module.
    pub(super) async fn send(&self, call: Call<'_>) -> Result<Answer, Trouble> {
        let template = if call.id.is_some() { "/{id}" } else { "" };
        let name = format!("{} /{}{template}", call.method, call.path);
        self.telemetry
            .span_of(self.scope, SpanKind::Client, name, self.exchange(call))
            .await
    }

    async fn exchange(&self, call: Call<'_>) -> Result<Answer, Trouble> {
        let url = self.url(&call)?;
        attribute("http.request.method", call.method.to_string());
        attribute("url.full", url.to_string());
        attribute(
            "server.address",
            url.host_str().unwrap_or_default().to_owned(),
        );
        attribute(
            "server.port",
            i64::from(url.port_or_known_default().unwrap_or_default()),
        );
        let mut request = self
            .http
            .request(call.method, url)
            .headers(headers(call.key)?);
        if let Some(body) = call.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let response = request.send().await.map_err(trouble)?;
        let status = response.status();
        attribute("http.response.status_code", i64::from(status.as_u16()));
        let wait = retry_after(response.headers());
        Ok(Answer {
            status,
            wait,
            body: read(response).await?,
        })
    }

    fn url(&self, call: &Call<'_>) -> Result<Url, Trouble> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| Trouble::Unavailable(format!("{} cannot have a path", self.base)))?
            .pop_if_empty()
            .extend(call.path.split('/'))
            .extend(call.id);
        Ok(url)
    }
}

fn headers(key: Option<&str>) -> Result<HeaderMap, Trouble> {
    let mut headers = HeaderMap::new();
    carrier().inject(&mut headers);
    if let Some(key) = key {
        let value = HeaderValue::from_str(key)
            .map_err(|error| Trouble::BadAnswer(format!("our key {key:?}: {error}")))?;
        headers.insert(IDEMPOTENCY_KEY, value);
    }
    Ok(headers)
}

/// Only seconds are understood; a date is as good as nothing.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds).min(RETRY_AFTER_MAX))
}

async fn read(mut response: reqwest::Response) -> Result<Bytes, Trouble> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(trouble)? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(Trouble::BadAnswer(format!(
                "more than {ANSWER_BYTES_MAX} bytes"
            )));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// The whole chain of causes, without the address: that is in the span.
fn trouble(error: reqwest::Error) -> Trouble {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    if error.is_timeout() {
        Trouble::Timeout(text)
    } else {
        Trouble::Unavailable(text)
    }
}
