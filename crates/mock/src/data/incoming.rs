//! Taking a request in: its body within limits, and its head in a form that is cheap to keep.

use bytes::{Bytes, BytesMut};
use http::header::{CONNECTION, CONTENT_LENGTH};
use http::request::Parts;
use http::{HeaderValue, StatusCode, Uri, Version};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};

use crate::server::Limits;

/// Why a body was not taken: what the client is answered.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) reason: String,
}

/// Reads the whole body.
pub(super) async fn read_body(
    limits: &Limits,
    parts: &Parts,
    body: Incoming,
) -> Result<Bytes, Refusal> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let limit = limits.body_bytes_max;
    let too_large = || Refusal {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        reason: format!("the request body is larger than {limit} bytes"),
    };
    if declared_length(parts)
        .is_some_and(|length| usize::try_from(length).map_or(true, |length| length > limit))
    {
        return Err(too_large());
    }
    let collected =
        tokio::time::timeout(limits.body_timeout, Limited::new(body, limit).collect()).await;
    match collected {
        // A copy of exact size: the original keeps the connection's read buffer alive.
        Ok(Ok(collected)) => Ok(Bytes::copy_from_slice(&collected.to_bytes())),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(error)) => Err(Refusal {
            status: StatusCode::BAD_REQUEST,
            reason: format!("the request body broke off: {error}"),
        }),
        Err(_elapsed) => Err(Refusal {
            status: StatusCode::REQUEST_TIMEOUT,
            reason: format!(
                "the request body did not come within {} s",
                limits.body_timeout.as_secs_f64()
            ),
        }),
    }
}

fn declared_length(parts: &Parts) -> Option<u64> {
    parts
        .headers
        .get(CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

/// The request as it is recorded. Target and header values move into one buffer of exact size: as hyper hands them
/// out, each would keep the connection's whole read buffer alive for as long as the journal keeps the record.
pub(super) fn recorded(parts: &Parts, body: Bytes) -> styk_core::Request {
    let uri = &parts.uri;
    let target = uri.path_and_query().map_or("", |target| target.as_str());
    let size = parts.headers.values().map(HeaderValue::len).sum::<usize>() + target.len();
    let mut buffer = BytesMut::with_capacity(size);
    buffer.extend_from_slice(target.as_bytes());
    for value in parts.headers.values() {
        buffer.extend_from_slice(value.as_bytes());
    }
    let mut left = buffer.freeze();
    let target = left.split_to(target.len());
    // A clone has room for what it holds; the original has more.
    let mut headers = parts.headers.clone();
    for value in headers.values_mut() {
        let copy = left.split_to(value.len());
        if let Ok(copy) = HeaderValue::from_maybe_shared(copy) {
            *value = copy;
        }
    }
    let is_origin_form = uri.scheme().is_none() && uri.authority().is_none();
    let copied = if is_origin_form {
        Uri::from_maybe_shared(target).ok()
    } else {
        uri.to_string().parse().ok()
    };
    styk_core::Request {
        method: parts.method.clone(),
        uri: copied.unwrap_or_else(|| uri.clone()),
        headers,
        body,
    }
}

/// Whether the connection ends with this request, by the client's wish or by its version's default.
pub(super) fn asks_to_close(parts: &Parts) -> bool {
    let is_old = parts.version == Version::HTTP_10;
    let word = if is_old { "keep-alive" } else { "close" };
    let lines = parts.headers.get_all(CONNECTION).iter();
    let mut words = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','));
    words.any(|given| given.trim().eq_ignore_ascii_case(word)) != is_old
}
