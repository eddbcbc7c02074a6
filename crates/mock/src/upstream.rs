//! Other servers: sending them a request and taking their answer, byte for byte as they came.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Method, StatusCode, Uri};
use styk_core::Headers;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use crate::coding;
use crate::http1::{Answer, BodyError, Reader, parse_response};
use crate::server::BoxedStream;
use crate::settings::Settings;
use crate::tls::Tls;

mod connect;
mod outbound;
mod way;

pub(crate) use outbound::Outbound;

use outbound::Form;
use way::Way;

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) secure: bool,
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// How other servers are reached.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
    /// The longest it may take to connect.
    pub(crate) connect_timeout: Duration,
    /// The longest an answer may take.
    pub(crate) answer_timeout: Duration,
    /// The largest answer.
    pub(crate) body_bytes_max: usize,
    pub(crate) tls: Arc<Tls>,
}

/// Why another server gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpstreamError {
    #[error("cannot connect to {target}: {source}")]
    Connect { target: Target, source: io::Error },
    /// A proxy on the way, or TLS.
    #[error("cannot connect to {target}: {reason}")]
    Way { target: Target, reason: String },
    #[error(
        "{target} is in a private network, and `forwardProxyBlockPrivateNetworks` lets nothing go there"
    )]
    Private { target: Target },
    #[error("{target} did not {what} within {} s", .limit.as_secs_f64())]
    Late {
        target: Target,
        what: &'static str,
        limit: Duration,
    },
    #[error("{target} gave no usable answer: {reason}")]
    Answer { target: Target, reason: String },
}

impl std::fmt::Display for Target {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(formatter, "{scheme}://{}:{}", self.host, self.port)
    }
}

impl Target {
    /// From `host` or `host:port`, as a `Host` header or an authority has it.
    pub(crate) fn from_authority(text: &str, secure: bool) -> Option<Self> {
        let default = if secure { 443 } else { 80 };
        let uri: Uri = text.parse().ok()?;
        let authority = uri.authority()?;
        let host = authority
            .host()
            .trim_start_matches('[')
            .trim_end_matches(']');
        Some(Self {
            secure,
            host: host.to_owned(),
            port: authority.port_u16().unwrap_or(default),
        })
    }

    /// As a `Host` header has it.
    pub(crate) fn authority(&self) -> String {
        let default = if self.secure { 443 } else { 80 };
        let host = if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        if self.port == default {
            host
        } else {
            format!("{host}:{}", self.port)
        }
    }
}

impl UpstreamError {
    fn is_worth_another_try(&self, method: &Method) -> bool {
        match self {
            Self::Connect { .. } | Self::Way { .. } => true,
            Self::Late { .. } | Self::Answer { .. } => method.is_idempotent(),
            Self::Private { .. } => false,
        }
    }
}

impl Upstream {
    /// Sends a request and takes the answer, decompressed. What fails is tried again as often as the settings say, unless the
    /// other server may have acted on the request already.
    pub(crate) async fn send(
        &self,
        settings: &Settings,
        target: &Target,
        outbound: &Outbound,
    ) -> Result<Answer, UpstreamError> {
        let mut tries_left = settings.forward_proxy_retry_count;
        loop {
            match self.send_once(settings, target, outbound).await {
                Err(error) if tries_left > 0 && error.is_worth_another_try(&outbound.method) => {
                    tracing::debug!(%error, tries_left, "a forwarded request is tried again");
                    tries_left -= 1;
                    let wait = settings.forward_proxy_retry_backoff_millis;
                    tokio::time::sleep(Duration::from_millis(wait)).await;
                }
                sent => return sent,
            }
        }
    }

    async fn send_once(
        &self,
        settings: &Settings,
        target: &Target,
        outbound: &Outbound,
    ) -> Result<Answer, UpstreamError> {
        let way = Way::to(target, settings);
        let connecting = self.connect(&way, target, settings);
        let stream = match timeout(self.connect_timeout, connecting).await {
            Ok(connected) => connected?,
            Err(_elapsed) => {
                return Err(Self::late(
                    target,
                    "accept a connection",
                    self.connect_timeout,
                ));
            }
        };
        let form = Form::of(settings, target, &way, outbound);
        let exchanging = self.exchange(stream, &form, outbound);
        match timeout(self.answer_timeout, exchanging).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(reason)) => Err(UpstreamError::Answer {
                target: target.clone(),
                reason,
            }),
            Err(_elapsed) => Err(Self::late(target, "answer", self.answer_timeout)),
        }
    }

    fn late(target: &Target, what: &'static str, limit: Duration) -> UpstreamError {
        UpstreamError::Late {
            target: target.clone(),
            what,
            limit,
        }
    }

    async fn exchange(
        &self,
        mut stream: BoxedStream,
        form: &Form,
        outbound: &Outbound,
    ) -> Result<Answer, String> {
        let mut wire = BytesMut::with_capacity(512 + outbound.body.len());
        outbound.write(form, &mut wire);
        stream
            .write_all(&wire)
            .await
            .map_err(|error| error.to_string())?;
        stream.flush().await.map_err(|error| error.to_string())?;
        let mut reader = Reader::new(stream, BytesMut::new());
        loop {
            let head = parse_response(&mut reader.buffer, &outbound.method)
                .map_err(|error| error.to_string())?;
            let Some(head) = head else {
                match reader.fill().await {
                    Ok(0) => return Err("the connection ended before an answer".to_owned()),
                    Ok(_) => continue,
                    Err(error) => return Err(error.to_string()),
                }
            };
            // Interim answers are not for us, and 101 cannot come: nothing asked for it.
            if (100..200).contains(&head.status) {
                continue;
            }
            let body = match head.body {
                Some(length) => reader.body(length, self.body_bytes_max).await,
                None => reader.rest(self.body_bytes_max).await,
            };
            let body = body.map_err(|error: BodyError| error.to_string())?;
            let status = StatusCode::from_u16(head.status)
                .map_err(|_| format!("{} is no status", head.status))?;
            return self.answer(status, &head.reason, &head.headers, body);
        }
    }

    /// The answer without what concerned the connection to the other server alone.
    fn answer(
        &self,
        status: StatusCode,
        reason: &str,
        headers: &Headers,
        body: Bytes,
    ) -> Result<Answer, String> {
        let coding = headers.text("content-encoding");
        let decoded = coding.filter(|_| !body.is_empty());
        let decoded = decoded.map(|coding| coding::decode(&coding, &body, self.body_bytes_max));
        let decoded = decoded
            .transpose()
            .map_err(|error| error.to_string())?
            .flatten();
        let is_decoded = decoded.is_some();
        let is_left_out = |name: &str| {
            outbound::is_hop_by_hop(name)
                || name.eq_ignore_ascii_case("content-length")
                || (is_decoded && name.eq_ignore_ascii_case("content-encoding"))
        };
        let kept = headers.iter().filter(|(name, _)| !is_left_out(name));
        let usual = status.canonical_reason().unwrap_or_default();
        Ok(Answer {
            reason: (reason != usual && !reason.is_empty()).then(|| Arc::from(reason)),
            headers: kept.collect(),
            body: decoded.unwrap_or(body),
            ..Answer::new(status)
        })
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("shop.test", false, Some(("shop.test", 80)); "the default port")]
    #[test_case("shop.test", true, Some(("shop.test", 443)); "the default port of TLS")]
    #[test_case("[::1]:8080", false, Some(("::1", 8080)); "an IPv6 address")]
    #[test_case("", false, None; "nothing")]
    #[test_case("a b", false, None; "no host")]
    fn authorities_name_targets(text: &str, secure: bool, expected: Option<(&str, u16)>) {
        let target = Target::from_authority(text, secure);
        assert_eq!(target.as_ref().map(|t| (t.host.as_str(), t.port)), expected);
    }
}
