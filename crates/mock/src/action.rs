//! What an expectation does: answer, or break the connection.
//!
//! A response is made ready when it is registered: its bytes, its headers with the content type, its status.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use hyper::ext::ReasonPhrase;

use crate::body::decode_base64;
use crate::expectation::read_delay;
use crate::json::{Json, Object};
use crate::schema::{Complaints, Fields};

mod body;

use body::Body;

/// The action of an expectation.
#[derive(Debug)]
pub(crate) enum Action {
    /// Answer with a response.
    Respond(Box<Respond>),
    /// Write raw bytes, drop the connection, or both.
    Break(Break),
}

/// A response that is ready to be sent.
#[derive(Debug)]
pub(crate) struct Respond {
    pub(crate) status: StatusCode,
    pub(crate) reason: Option<ReasonPhrase>,
    headers: HeaderMap,
    /// The headers as they are sent when the connection stays open.
    pub(crate) wire_headers: HeaderMap,
    pub(crate) body: Bytes,
    delay: Option<Duration>,
    written: Json,
}

/// What to do to the connection instead of an answer.
#[derive(Debug)]
pub(crate) struct Break {
    pub(crate) bytes: Bytes,
    pub(crate) drop_connection: bool,
    delay: Option<Duration>,
    written: Json,
}

/// Options of a response that MockServer has and this server does not yet.
const NOT_BUILT: &[&str] = &[
    "connectionOptions",
    "primary",
    "trailers",
    "statusCodeRange",
    "generateFromSchema",
    "recoverAfter",
];

/// What a server says that keeps the connection open.
pub(crate) const KEEP_ALIVE: HeaderValue = HeaderValue::from_static("keep-alive");

/// Headers that the server computes; a configured value could only contradict the body.
const COMPUTED: &[&str] = &["content-length", "transfer-encoding", "connection"];

impl Action {
    /// Reads `httpResponse`.
    pub(crate) fn read_response(json: &Json, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, "$.httpResponse", complaints)?;
        fields.refuse(NOT_BUILT, complaints);
        let mut written = Object::new();
        let mut keep = |name: &str, value: Option<Json>| {
            if let Some(value) = value {
                written.insert(name.to_owned(), value);
            }
        };
        keep("statusCode", fields.get("statusCode").cloned());
        let status = read_status(&mut fields, complaints);
        keep("reasonPhrase", fields.get("reasonPhrase").cloned());
        let reason = fields.text("reasonPhrase", complaints);
        let mut headers = HeaderMap::new();
        if let Some(json) = fields.take("headers") {
            keep("headers", read_headers(json, &mut headers, complaints));
        }
        if let Some(json) = fields.take("cookies") {
            keep("cookies", read_cookies(json, &mut headers, complaints));
        }
        let body = match fields.take("body") {
            Some(json) => Some(Body::read(json, complaints)?),
            None => None,
        };
        if let Some(body) = &body {
            keep(
                "body",
                Some(body.written.clone()).filter(|_| !body.bytes.is_empty()),
            );
            if let Some(content_type) = &body.content_type {
                headers
                    .entry(CONTENT_TYPE)
                    .or_insert_with(|| content_type.clone());
            }
        }
        keep("delay", fields.get("delay").cloned());
        let delay = fields
            .take("delay")
            .and_then(|json| read_delay(json, "$.httpResponse.delay", complaints));
        fields.finish(complaints);
        let mut wire_headers = headers.clone();
        wire_headers.insert(CONNECTION, KEEP_ALIVE);
        Some(Self::Respond(Box::new(Respond {
            status: status?,
            reason: reason.and_then(|reason| reason_phrase(&reason, complaints)),
            headers,
            wire_headers,
            body: body.map(|body| body.bytes).unwrap_or_default(),
            delay,
            written: Json::Object(written),
        })))
    }

    /// Reads `httpError`.
    pub(crate) fn read_error(json: &Json, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, "$.httpError", complaints)?;
        fields.refuse(&["streamError", "primary"], complaints);
        let drop_connection = fields
            .boolean("dropConnection", complaints)
            .unwrap_or_default();
        let encoded = fields.text("responseBytes", complaints).unwrap_or_default();
        let delay = fields
            .take("delay")
            .and_then(|json| read_delay(json, "$.httpError.delay", complaints));
        fields.finish(complaints);
        let bytes = decode_base64(&encoded, "$.httpError.responseBytes", complaints)?;
        Some(Self::Break(Break {
            bytes,
            drop_connection,
            delay,
            written: without_nulls(json),
        }))
    }

    /// How long to wait before it.
    pub(crate) fn delay(&self) -> Option<Duration> {
        match self {
            Self::Respond(respond) => respond.delay,
            Self::Break(broken) => broken.delay,
        }
    }

    /// The action's field name and value in MockServer's JSON.
    pub(crate) fn written(&self) -> (&'static str, Json) {
        match self {
            Self::Respond(respond) => ("httpResponse", respond.written.clone()),
            Self::Break(broken) => ("httpError", broken.written.clone()),
        }
    }
}

impl Respond {
    /// The response as it is recorded.
    pub(crate) fn recorded(&self) -> styk_core::Response {
        styk_core::Response {
            status: self.status,
            headers: self.headers.clone(),
            body: self.body.clone(),
        }
    }
}

fn read_status(fields: &mut Fields<'_>, complaints: &mut Complaints) -> Option<StatusCode> {
    let Some(code) = fields.integer("statusCode", complaints) else {
        return Some(StatusCode::OK);
    };
    let status = u16::try_from(code)
        .ok()
        .and_then(|code| StatusCode::from_u16(code).ok());
    let status = status.filter(|status| !status.is_informational());
    if status.is_none() {
        complaints.error(
            &fields.at("statusCode"),
            format_args!("{code} is no status of a final answer: use 200 to 999"),
        );
    }
    status
}

fn reason_phrase(reason: &str, complaints: &mut Complaints) -> Option<ReasonPhrase> {
    let phrase = ReasonPhrase::try_from(reason.as_bytes().to_vec()).ok();
    if phrase.is_none() {
        complaints.error(
            "$.httpResponse.reasonPhrase",
            "holds characters that a status line cannot hold",
        );
    }
    phrase
}

/// Adds the headers; how they are written, when there are any.
fn read_headers(json: &Json, headers: &mut HeaderMap, complaints: &mut Complaints) -> Option<Json> {
    let mut written = Object::new();
    for (name, values) in named_values(json, "$.httpResponse.headers", complaints) {
        if !values.is_empty() {
            written.insert(
                name.clone(),
                Json::Array(values.iter().map(Json::text).collect()),
            );
        }
        if COMPUTED
            .iter()
            .any(|computed| computed.eq_ignore_ascii_case(&name))
        {
            continue;
        }
        for value in values {
            let value = HeaderValue::from_bytes(value.as_bytes()).ok();
            match HeaderName::from_bytes(name.as_bytes()).ok().zip(value) {
                Some((name, value)) => {
                    headers.append(name, value);
                }
                None => complaints.error(
                    &format!("$.httpResponse.headers.{name}"),
                    "holds characters that a header cannot hold",
                ),
            }
        }
    }
    (!written.is_empty()).then_some(Json::Object(written))
}

/// Each cookie becomes one `set-cookie` line of name and value.
fn read_cookies(json: &Json, headers: &mut HeaderMap, complaints: &mut Complaints) -> Option<Json> {
    let mut written = Object::new();
    for (name, values) in named_values(json, "$.httpResponse.cookies", complaints) {
        for value in values {
            match HeaderValue::from_str(&format!("{name}={value}")) {
                Ok(line) => {
                    headers.append(SET_COOKIE, line);
                }
                Err(_not_a_header) => complaints.error(
                    &format!("$.httpResponse.cookies.{name}"),
                    "holds characters that a cookie cannot hold",
                ),
            }
            written.insert(name.clone(), Json::Text(value));
        }
    }
    (!written.is_empty()).then_some(Json::Object(written))
}

/// Names with their values, from `{"n": "v"}`, `{"n": ["v"]}` or `[{"name": "n", "values": ["v"]}]`.
fn named_values(
    json: &Json,
    path: &str,
    complaints: &mut Complaints,
) -> Vec<(String, Vec<String>)> {
    match json {
        Json::Object(object) => object
            .iter()
            .filter(|(name, _)| *name != "keyMatchStyle")
            .map(|(name, value)| {
                (
                    name.clone(),
                    texts(value, &format!("{path}.{name}"), complaints),
                )
            })
            .collect(),
        Json::Array(items) => items
            .iter()
            .enumerate()
            .filter_map(|(place, item)| {
                let mut fields = Fields::of(item, format!("{path}[{place}]"), complaints)?;
                let name = fields.text("name", complaints)?;
                let values = fields.take("values").or_else(|| fields.take("value"));
                let values = values.map(|values| texts(values, &fields.at("values"), complaints));
                fields.finish(complaints);
                Some((name, values.unwrap_or_default()))
            })
            .collect(),
        other => {
            complaints.error(
                path,
                format_args!("{} found, object expected", other.kind()),
            );
            Vec::new()
        }
    }
}

fn texts(json: &Json, path: &str, complaints: &mut Complaints) -> Vec<String> {
    match json {
        Json::Text(text) => vec![text.clone()],
        Json::Array(items) => items
            .iter()
            .flat_map(|item| texts(item, path, complaints))
            .collect(),
        Json::Object(object) if object.contains_key("value") => {
            let mut fields = Fields::of_object(object, path.to_owned());
            fields.refuse(&["schema"], complaints);
            fields.take("not");
            fields.take("optional");
            let value = fields.text("value", complaints);
            fields.finish(complaints);
            value.into_iter().collect()
        }
        other => {
            complaints.error(
                path,
                format_args!("{} found, string expected", other.kind()),
            );
            Vec::new()
        }
    }
}

fn without_nulls(json: &Json) -> Json {
    match json {
        Json::Object(object) => {
            let kept = object
                .iter()
                .filter(|(_, value)| !matches!(value, Json::Null));
            Json::Object(
                kept.map(|(name, value)| (name.clone(), value.clone()))
                    .collect::<Object>(),
            )
        }
        other => other.clone(),
    }
}
