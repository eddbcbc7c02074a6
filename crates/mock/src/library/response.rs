//! What a request is answered.

use std::ops::RangeInclusive;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::draft::{Draft, time};
use crate::json::Json;

/// An answer. Begin with [`json`], [`text`], [`status`], [`drop_connection`] or [`raw`].
///
/// ```
/// use std::time::Duration;
/// use serde_json::json;
/// use styk_mock::json;
///
/// let created = json(json!({"id": 7, "total": 19.99}))
///     .status(201)
///     .header("Location", "/orders/7")
///     .delay(Duration::from_millis(20));
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Response {
    draft: Draft,
    /// No answer of HTTP: these bytes past the protocol, and the end of the connection.
    broken: Option<Vec<u8>>,
}

/// 200 with a JSON body, byte for byte as serde writes it.
pub fn json(value: impl Serialize) -> Response {
    status(200).json(value)
}

/// 200 with a text and without a content type; see [`Response::content_type`].
pub fn text(text: &str) -> Response {
    status(200).text(text)
}

/// An answer without a body.
pub fn status(code: u16) -> Response {
    Response {
        draft: Draft::default(),
        broken: None,
    }
    .status(code)
}

/// No answer: the connection is closed.
///
/// ```
/// let gone = styk_mock::get("/orders").respond(styk_mock::drop_connection());
/// ```
pub fn drop_connection() -> Response {
    raw([])
}

/// Bytes past the protocol, such as half an answer; then the connection is closed.
///
/// ```
/// let half = styk_mock::raw("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this");
/// ```
pub fn raw(bytes: impl AsRef<[u8]>) -> Response {
    Response {
        draft: Draft::default(),
        broken: Some(bytes.as_ref().to_vec()),
    }
}

impl Response {
    /// The status code.
    pub fn status(mut self, code: u16) -> Self {
        self.draft.set("statusCode", Json::number(code));
        self
    }

    /// The words after the status code, in place of the usual ones.
    pub fn reason(mut self, phrase: &str) -> Self {
        self.draft.set("reasonPhrase", Json::text(phrase));
        self
    }

    /// A header field. Given twice with one name, there are two fields.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.draft.add("headers", name.to_owned(), value.to_owned());
        self
    }

    /// The `Content-Type` of the answer.
    pub fn content_type(self, value: &str) -> Self {
        self.header("Content-Type", value)
    }

    /// A cookie, as `name=value`. For attributes give a `Set-Cookie` header.
    pub fn cookie(mut self, name: &str, value: &str) -> Self {
        self.draft
            .put("cookies", name.to_owned(), Json::text(value));
        self
    }

    /// A JSON body, byte for byte as serde writes it; its content type is `application/json; charset=utf-8`.
    pub fn json(mut self, value: impl Serialize) -> Self {
        if let Some(text) = self.draft.text_of("body", &value) {
            self.set_body("JSON", "json", Json::Text(text));
        }
        self
    }

    /// A text, as UTF-8.
    pub fn text(mut self, text: &str) -> Self {
        self.set_body("STRING", "string", Json::text(text));
        self
    }

    /// An XML body; its content type is `application/xml; charset=utf-8`.
    pub fn xml(mut self, xml: &str) -> Self {
        self.set_body("XML", "xml", Json::text(xml));
        self
    }

    /// Bytes.
    pub fn bytes(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.set_body("BINARY", "base64Bytes", Json::Text(STANDARD.encode(bytes)));
        self
    }

    /// How long the answer waits, on the server's clock.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.draft.set("delay", time(delay, "value"));
        self
    }

    /// Each answer waits for a time drawn from this range, by the server's seed.
    pub fn delay_between(mut self, range: RangeInclusive<Duration>) -> Self {
        let millis = |duration: &Duration| Json::number(duration.as_secs_f64() * 1e3);
        let distribution = Json::object([
            ("type", Json::text("UNIFORM")),
            ("min", millis(range.start())),
            ("max", millis(range.end())),
        ]);
        let delay = Json::object([("distribution", distribution)]);
        self.draft.set("delay", delay);
        self
    }

    /// The first `failures` requests are answered 503 instead. Closures count for themselves; there it has no use.
    ///
    /// ```
    /// let flaky = styk_mock::get("/rates").respond(styk_mock::text("1.08").recover_after(2));
    /// ```
    pub fn recover_after(mut self, failures: u64) -> Self {
        let times = Json::object([("failTimes", Json::number(failures))]);
        self.draft.set("recoverAfter", times);
        self
    }

    /// The body goes out in chunks of so many bytes, with a pause before each further one.
    pub fn chunks(mut self, size: u32, pause: Duration) -> Self {
        let name = "connectionOptions";
        self.draft
            .put(name, "chunkSize".to_owned(), Json::number(size));
        if !pause.is_zero() {
            self.draft
                .put(name, "chunkDelay".to_owned(), time(pause, "value"));
        }
        self
    }

    /// The connection is closed after the answer.
    pub fn close_connection(mut self) -> Self {
        let options = [("closeSocket", true), ("keepAliveOverride", false)];
        for (name, value) in options {
            self.draft
                .put("connectionOptions", name.to_owned(), Json::Bool(value));
        }
        self
    }

    /// Any other field of MockServer's response, as its JSON has it.
    pub fn field(mut self, name: &str, value: impl Serialize) -> Self {
        self.draft.set_any(name, &value);
        self
    }

    /// The action's field and value in MockServer's JSON, or what is wrong with it.
    pub(crate) fn written(&self) -> Result<(&'static str, Json), String> {
        if let Some(problem) = self.draft.problem() {
            return Err(problem.to_owned());
        }
        let fields = self.draft.fields();
        let Some(bytes) = &self.broken else {
            return Ok(("httpResponse", Json::Object(fields.clone())));
        };
        if let Some(name) = fields.keys().find(|name| *name != "delay") {
            return Err(format!(
                "a response that breaks the connection can have a delay, but no `{name}`"
            ));
        }
        let mut broken = fields.clone();
        broken.insert("dropConnection".to_owned(), Json::Bool(true));
        if !bytes.is_empty() {
            let encoded = Json::Text(STANDARD.encode(bytes));
            broken.insert("responseBytes".to_owned(), encoded);
        }
        Ok(("httpError", Json::Object(broken)))
    }

    fn set_body(&mut self, kind: &str, field: &'static str, value: Json) {
        let body = Json::object([("type", Json::text(kind)), (field, value)]);
        self.draft.set("body", body);
    }
}
