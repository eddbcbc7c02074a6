//! One call over HTTP: limits in time and size, trace context passed on, no hidden retries, no redirects, no proxies
//! from the environment.

use std::error::Error;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use opentelemetry::trace::SpanKind;
use serde::de::DeserializeOwned;
use url::Url;

use super::Trouble;
pub(super) use super::call::Call;
use crate::config::Config;
use crate::telemetry::{REQUEST_ID, Scope, Telemetry, attribute, carrier};

/// How long a service that is too busy is left alone when it does not say.
const BUSY_WAIT: Duration = Duration::from_secs(1);
/// More of an answer is not read.
const ANSWER_BYTES_MAX: usize = 1_048_576;
/// More patience than this is not granted.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3_600);
/// How much of an answer we cannot use goes to the log.
const EXCERPT_CHARS: usize = 200;

/// The HTTP client could not be set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    #[error("cannot set up the HTTP client: {0}")]
    Http(#[from] reqwest::Error),
    #[error("the credentials of the payment provider cannot be sent in the header {0}")]
    Credential(HeaderName),
}

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

/// How a service wants to be spoken to.
#[derive(Clone, Debug)]
pub(super) struct Manner {
    /// Which header carries the key of an operation.
    key_header: HeaderName,
    /// What goes with every call: credentials, versions.
    headers: HeaderMap,
}

impl Manner {
    pub(super) fn new(key_header: HeaderName) -> Self {
        Self {
            key_header,
            headers: HeaderMap::new(),
        }
    }

    /// Every call carries this header; it never shows in a log.
    pub(super) fn with_secret(
        mut self,
        name: HeaderName,
        value: &str,
    ) -> Result<Self, ClientError> {
        let mut value =
            HeaderValue::from_str(value).map_err(|_| ClientError::Credential(name.clone()))?;
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Every call carries HTTP Basic credentials.
    pub(super) fn with_basic(self, login: &str, password: &str) -> Result<Self, ClientError> {
        let pair = BASE64.encode(format!("{login}:{password}"));
        self.with_secret(AUTHORIZATION, &format!("Basic {pair}"))
    }

    /// Every call carries this header.
    pub(super) fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }
}

/// Calls one service on behalf of one module.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    http: reqwest::Client,
    base: Url,
    manner: Manner,
    scope: Scope,
    telemetry: Telemetry,
    webhook_secret: Option<String>,
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

    /// The trouble that an answer of a named provider is, which is no success and no refusal. One that has too much to
    /// do is left alone for a while even when it does not say how long.
    pub(super) fn named_trouble(&self) -> Trouble {
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            return Trouble::Busy {
                cause: self.to_string(),
                wait: self.wait.unwrap_or(BUSY_WAIT),
            };
        }
        self.trouble()
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
        base: Url,
        manner: Manner,
        scope: Scope,
        telemetry: Telemetry,
    ) -> Self {
        Self {
            http,
            base,
            manner,
            scope,
            telemetry,
            webhook_secret: None,
        }
    }

    pub(super) fn with_webhook_secret(mut self, secret: Option<String>) -> Self {
        self.webhook_secret = secret;
        self
    }

    /// The secret that webhooks of the service are signed with.
    pub(super) fn webhook_secret(&self) -> Option<&str> {
        self.webhook_secret.as_deref()
    }

    /// Makes the call, in a client span of the module.
    pub(super) async fn send(&self, call: Call<'_>) -> Result<Answer, Trouble> {
        self.telemetry
            .span_of(
                self.scope,
                SpanKind::Client,
                call.template(),
                self.exchange(call),
            )
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
            .headers(headers(&self.manner, call.key)?);
        if let Some(body) = call.body {
            request = request.header(CONTENT_TYPE, call.content_type).body(body);
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
            .extend(call.id)
            .extend(call.action);
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        Ok(url)
    }
}

fn headers(manner: &Manner, key: Option<&str>) -> Result<HeaderMap, Trouble> {
    let mut headers = manner.headers.clone();
    carrier().inject(&mut headers);
    // Where the key is the id of the request, the request id of ours would make one operation of several.
    if manner.key_header == REQUEST_ID {
        headers.remove(REQUEST_ID);
    }
    if let Some(key) = key {
        let value = HeaderValue::from_str(key)
            .map_err(|error| Trouble::BadAnswer(format!("our key {key:?}: {error}")))?;
        headers.insert(manner.key_header.clone(), value);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_the_key_is_the_request_id_ours_is_not_sent() {
        let manner = Manner::new(REQUEST_ID);
        let with_key = headers(&manner, Some("pay:1")).unwrap();
        assert_eq!(with_key[REQUEST_ID], "pay:1");
        assert!(!headers(&manner, None).unwrap().contains_key(REQUEST_ID));
    }

    #[test]
    fn credentials_go_with_every_call_and_never_show() {
        let manner = Manner::new(REQUEST_ID).with_basic("shop", "pass").unwrap();
        let sent = headers(&manner, None).unwrap();
        assert_eq!(sent[AUTHORIZATION], "Basic c2hvcDpwYXNz");
        assert!(!format!("{sent:?}").contains("c2hvcDpwYXNz"));
    }
}
