//! What came back: an answer over HTTP, read lazily.

use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde_json::Value;

/// An answer over HTTP.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// From sending the request to the last byte.
    pub(super) duration: Duration,
    /// Its place in the journal.
    pub(super) seq: u64,
    json: OnceLock<Option<Value>>,
}

impl Answer {
    pub(super) fn new(
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
        duration: Duration,
        seq: u64,
    ) -> Self {
        Self {
            status,
            headers,
            body,
            duration,
            seq,
            json: OnceLock::new(),
        }
    }

    /// The body as JSON, whatever its declared type; `None` when its text is no JSON.
    pub(super) fn json(&self) -> Option<&Value> {
        self.json
            .get_or_init(|| serde_json::from_slice(&self.body).ok())
            .as_ref()
    }

    /// The body as text.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header; several of one name are joined by a comma.
    pub(super) fn header(&self, name: &str) -> Option<Value> {
        let values: Vec<_> = self
            .headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        (!values.is_empty()).then(|| values.join(", ").into())
    }

    /// The value of a cookie that this answer sets.
    pub(super) fn cookie(&self, name: &str) -> Option<Value> {
        let cookies = self.headers.get_all(header::SET_COOKIE).iter();
        let pairs = cookies.filter_map(|value| {
            let pair = value.to_str().ok()?.split(';').next()?;
            pair.split_once('=')
        });
        // A later cookie of the same name wins, as in a browser.
        pairs
            .rev()
            .find(|(found, _)| found.trim() == name)
            .map(|(_, value)| value.trim().trim_matches('"').into())
    }

    /// `409 Conflict`.
    pub(super) fn status_text(&self) -> String {
        match self.status.canonical_reason() {
            Some(reason) => format!("{} {reason}", self.status.as_u16()),
            None => self.status.as_u16().to_string(),
        }
    }

    /// The duration as a capture and a check see it: milliseconds.
    pub(super) fn time_ms(&self) -> Value {
        let micros = u32::try_from(self.duration.as_micros()).unwrap_or(u32::MAX);
        Value::from(f64::from(micros) / 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use serde_json::json;

    #[test]
    fn cookies_are_read_from_what_the_answer_sets() {
        let mut headers = HeaderMap::new();
        for cookie in ["sid=old; Path=/", "sid=\"new\"; HttpOnly", "other=1"] {
            headers.append(header::SET_COOKIE, HeaderValue::from_static(cookie));
        }
        let answer = Answer::new(StatusCode::OK, headers, Bytes::new(), Duration::ZERO, 1);
        assert_eq!(answer.cookie("sid"), Some(json!("new")));
        assert_eq!(answer.cookie("none"), None);
        assert_eq!(answer.json(), None);
    }
}
