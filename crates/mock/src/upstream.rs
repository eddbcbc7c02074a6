//! Other servers: sending them a request and taking their answer, byte for byte as they came.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{StatusCode, Uri};
use styk_core::Headers;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::coding;
use crate::http1::{Answer, BodyError, Reader, parse_response};

mod outbound;

pub(crate) use outbound::Outbound;

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
}

/// Why another server gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpstreamError {
    #[error("cannot connect to {target}: {source}")]
    Connect { target: Target, source: io::Error },
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

impl Upstream {
    /// Sends a request and takes the answer, decompressed.
    pub(crate) async fn send(
        &self,
        target: &Target,
        outbound: &Outbound,
    ) -> Result<Answer, UpstreamError> {
        let connecting = TcpStream::connect((target.host.as_str(), target.port));
        let stream = match tokio::time::timeout(self.connect_timeout, connecting).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(source)) => {
                return Err(UpstreamError::Connect {
                    target: target.clone(),
                    source,
                });
            }
            Err(_elapsed) => {
                return Err(self.late(target, "accept a connection", self.connect_timeout));
            }
        };
        let exchanging = self.exchange(stream, target, outbound);
        match tokio::time::timeout(self.answer_timeout, exchanging).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(reason)) => Err(UpstreamError::Answer {
                target: target.clone(),
                reason,
            }),
            Err(_elapsed) => Err(self.late(target, "answer", self.answer_timeout)),
        }
    }

    fn late(&self, target: &Target, what: &'static str, limit: Duration) -> UpstreamError {
        UpstreamError::Late {
            target: target.clone(),
            what,
            limit,
        }
    }

    async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        mut stream: S,
        target: &Target,
        outbound: &Outbound,
    ) -> Result<Answer, String> {
        let mut wire = BytesMut::with_capacity(512 + outbound.body.len());
        outbound.write(target, &mut wire);
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
        let kept = headers.iter().filter(|(name, _)| {
            !outbound::is_hop_by_hop(name)
                && !name.eq_ignore_ascii_case("content-length")
                && !(is_decoded && name.eq_ignore_ascii_case("content-encoding"))
        });
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
