//! `httpResponse`: an answer made ready when it is registered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::StatusCode;
use styk_core::Headers;

use super::body::Body;
use super::{Delay, Performance};
use crate::http1::{Answer, ConnectionOptions};
use crate::json::{Json, Object};
use crate::schema::{Complaints, Fields, UNREADABLE, integer};

/// A response that is ready to be sent.
#[derive(Debug)]
pub(crate) struct Respond {
    pub(crate) answer: Arc<Answer>,
    pub(crate) delay: Option<Delay>,
    /// The response in MockServer's JSON.
    pub(crate) written: Json,
    recovery: Option<Recovery>,
}

/// `recoverAfter`: the first requests fail.
#[derive(Debug)]
struct Recovery {
    fail_times: u64,
    failure: Arc<Answer>,
    /// Requests with the same value of this header are counted together.
    idempotency_header: Option<String>,
    failed: Mutex<HashMap<String, u64>>,
}

/// Keys that a recovery counts by; more are not told apart.
const RECOVERY_KEYS_MAX: usize = 10_000;

/// Options of a response that MockServer has and this server does not.
const NOT_BUILT: &[&str] = &["statusCodeRange", "generateFromSchema"];

impl Respond {
    /// Reads the response that stands at `path`.
    pub(crate) fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, path, complaints)?;
        fields.refuse(NOT_BUILT, complaints);
        let mut written = Object::new();
        let mut keep = |name: &str, value: Option<Json>| {
            if let Some(value) = value {
                written.insert(name.to_owned(), value);
            }
        };
        keep(
            "statusCode",
            fields.get("statusCode").map(|code| match code {
                Json::Number(text) => integer(text).map_or_else(|| code.clone(), Json::number),
                other => other.clone(),
            }),
        );
        keep("reasonPhrase", fields.get("reasonPhrase").cloned());
        let late = ["delay", "connectionOptions", "recoverAfter"].map(|name| {
            (
                name,
                fields
                    .get(name)
                    .map(|json| super::written::field(name, json)),
            )
        });
        let status = read_status(&mut fields, complaints);
        let reason = fields.text("reasonPhrase", complaints);
        let mut lines = Vec::new();
        if let Some(json) = fields.take("headers") {
            keep(
                "headers",
                read_headers(json, &fields.at("headers"), &mut lines, complaints),
            );
        }
        let mut trailers = Vec::new();
        if let Some(json) = fields.take("trailers") {
            keep(
                "trailers",
                read_headers(json, &fields.at("trailers"), &mut trailers, complaints),
            );
        }
        let mut cookies = Vec::new();
        if let Some(json) = fields.take("cookies") {
            keep(
                "cookies",
                read_cookies(json, &fields.at("cookies"), &mut cookies, complaints),
            );
        }
        let headers: Headers = lines.into_iter().collect();
        let media_type = headers.text("content-type");
        let body = match fields.take("body") {
            Some(json) => Some(Body::read(
                json,
                &fields.at("body"),
                media_type.as_deref(),
                complaints,
            )?),
            None => None,
        };
        keep("body", body.as_ref().and_then(|body| body.written.clone()));
        for (name, written) in late {
            keep(name, written);
        }
        let delay = fields
            .take("delay")
            .and_then(|json| Delay::read(json, &fields.at("delay"), complaints));
        let options = fields.take("connectionOptions");
        let options = options
            .and_then(|json| read_options(json, &fields.at("connectionOptions"), complaints));
        fields.boolean("primary", complaints);
        let recovery = fields.take("recoverAfter");
        let recovery =
            recovery.and_then(|json| Recovery::read(json, &fields.at("recoverAfter"), complaints));
        fields.finish(complaints);
        let reason = reason.filter(|reason| !reason.is_empty());
        let status = status?;
        // A client shall not look for a body there.
        let body = body.filter(|_| status != StatusCode::RESET_CONTENT);
        let content_type = body.as_ref().and_then(|body| body.content_type.clone());
        let mut answer = Answer {
            reason: reason.map(|reason| Arc::from(without_breaks(&reason))),
            content_type: content_type.filter(|_| !headers.contains("content-type")),
            headers,
            cookies: cookies.into(),
            body: body.map(|body| body.bytes).unwrap_or_default(),
            trailers: trailers.into_iter().collect(),
            options: options.map(Arc::new),
            ..Answer::new(status)
        };
        answer.prepare();
        Some(Self {
            answer: Arc::new(answer),
            delay,
            written: Json::Object(written),
            recovery,
        })
    }

    /// The answer for this request.
    pub(super) fn answer_to(&self, performance: &Performance<'_>) -> Arc<Answer> {
        let failure = self
            .recovery
            .as_ref()
            .and_then(|recovery| recovery.failure_for(performance));
        failure.unwrap_or_else(|| Arc::clone(&self.answer))
    }

    /// Whether each request is answered alike, and at once.
    pub(crate) fn is_plain(&self) -> bool {
        self.delay.is_none() && self.recovery.is_none()
    }
}

impl Recovery {
    fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, path, complaints)?;
        let fail_times = fields.integer("failTimes", complaints).unwrap_or_default();
        let failure = fields.take("failResponse");
        let failure =
            failure.and_then(|json| Respond::read(json, &fields.at("failResponse"), complaints));
        let idempotency_header = fields.text("idempotencyHeader", complaints);
        fields.finish(complaints);
        Some(Self {
            fail_times: u64::try_from(fail_times).unwrap_or_default(),
            failure: failure.map_or_else(
                || Arc::new(Answer::new(StatusCode::SERVICE_UNAVAILABLE)),
                |respond| respond.answer,
            ),
            idempotency_header,
            failed: Mutex::default(),
        })
    }

    /// The failure, while the request's key has not failed often enough.
    fn failure_for(&self, performance: &Performance<'_>) -> Option<Arc<Answer>> {
        let header = self.idempotency_header.as_deref();
        let key = header.and_then(|header| performance.request.headers.text(header));
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let key = key.filter(|key| failed.len() < RECOVERY_KEYS_MAX || failed.contains_key(&**key));
        let count = failed
            .entry(key.unwrap_or_default().into_owned())
            .or_default();
        *count += 1;
        (*count <= self.fail_times).then(|| Arc::clone(&self.failure))
    }
}

pub(super) fn read_status(
    fields: &mut Fields<'_>,
    complaints: &mut Complaints,
) -> Option<StatusCode> {
    let Some(code) = fields.integer("statusCode", complaints) else {
        return Some(StatusCode::OK);
    };
    let status = u16::try_from(code)
        .ok()
        .and_then(|code| StatusCode::from_u16(code).ok());
    if status.is_none() {
        complaints.error(
            &fields.at("statusCode"),
            format_args!("{code} is no status: use 100 to 999"),
        );
    }
    status
}

fn read_options(json: &Json, path: &str, complaints: &mut Complaints) -> Option<ConnectionOptions> {
    let mut fields = Fields::of(json, path, complaints)?;
    let mut flag = |name: &str| fields.boolean(name, complaints);
    let suppress_content_length = flag("suppressContentLengthHeader").unwrap_or_default();
    let suppress_connection = flag("suppressConnectionHeader").unwrap_or_default();
    let keep_alive = flag("keepAliveOverride");
    let close_socket = flag("closeSocket");
    let content_length = fields.integer("contentLengthHeaderOverride", complaints);
    let chunk_size = fields.integer("chunkSize", complaints);
    if chunk_size.is_some_and(|size| i32::try_from(size).is_err()) {
        complaints.other = Some(UNREADABLE.to_owned());
    }
    let mut wait = |name: &str| {
        let json = fields.take(name)?;
        match Delay::read(json, &fields.at(name), complaints)? {
            Delay::Fixed(duration) => Some(duration),
            _ => {
                complaints.not_built(format!("a distribution for {name}"));
                None
            }
        }
    };
    let (close_socket_delay, chunk_delay) = (wait("closeSocketDelay"), wait("chunkDelay"));
    fields.finish(complaints);
    Some(ConnectionOptions {
        suppress_content_length,
        content_length,
        suppress_connection,
        keep_alive,
        close_socket,
        close_socket_delay,
        // No size at all: one chunk.
        chunk_size: chunk_size.map(|size| match usize::try_from(size) {
            Ok(0) | Err(_) => usize::MAX,
            Ok(size) => size,
        }),
        chunk_delay,
    })
}

/// A header field: its name, and its value in the bytes that go over the wire.
pub(super) type Line = (String, Vec<u8>);

/// Adds the header fields; how they are written, when there are any.
pub(super) fn read_headers(
    json: &Json,
    path: &str,
    lines: &mut Vec<Line>,
    complaints: &mut Complaints,
) -> Option<Json> {
    let mut written = Object::new();
    if let Json::Object(object) = json
        && let Some(style) = object.get("keyMatchStyle")
    {
        written.insert("keyMatchStyle".to_owned(), style.clone());
    }
    for (name, values) in named_values(json, path, complaints) {
        if values.is_empty() {
            continue;
        }
        written.insert(
            name.clone(),
            Json::Array(values.iter().map(Json::text).collect()),
        );
        // Signs of a matcher say nothing here: `?` is left out, and what is negated is not sent.
        let Some(name) = positive(&name) else {
            continue;
        };
        if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
            complaints.error(
                &format!("{path}.{name}"),
                "holds characters that the name of a header cannot hold",
            );
            continue;
        }
        lines.extend(
            values
                .iter()
                .map(|value| (name.to_owned(), latin1(&without_breaks(unsigned(value))))),
        );
    }
    (!written.is_empty()).then_some(Json::Object(written))
}

/// A name without the sign of a matcher; `None` for a negated one.
fn positive(name: &str) -> Option<&str> {
    let name = name.strip_prefix('?').unwrap_or(name);
    (!name.starts_with('!')).then_some(name)
}

/// A text without the signs of a matcher.
fn unsigned(text: &str) -> &str {
    let text = text.strip_prefix('?').unwrap_or(text);
    text.strip_prefix('!').unwrap_or(text)
}

/// Each cookie becomes one `set-cookie` line of name and value.
fn read_cookies(
    json: &Json,
    path: &str,
    cookies: &mut Vec<String>,
    complaints: &mut Complaints,
) -> Option<Json> {
    let mut written = Object::new();
    for (name, values) in named_values(json, path, complaints) {
        if matches!(json, Json::Object(_)) {
            refuse_blank(&name, path, complaints);
        }
        for value in values {
            cookies.push(without_breaks(&format!("{}={value}", unsigned(&name))));
            written.insert(name.clone(), Json::Text(value));
        }
    }
    (!written.is_empty()).then_some(Json::Object(written))
}

/// A name that is a key must be there, and without blanks.
fn refuse_blank(name: &str, path: &str, complaints: &mut Complaints) {
    if name.is_empty() || name.contains(char::is_whitespace) {
        complaints.error(
            &format!("{path}.{name}"),
            "is not defined in the schema and the schema does not allow additional properties",
        );
    }
}

/// A header has no place for the end of a line.
pub(super) fn without_breaks(text: &str) -> String {
    text.replace(['\r', '\n', '\0'], "")
}

/// Header values go out as ISO-8859-1.
pub(super) fn latin1(text: &str) -> Vec<u8> {
    text.chars()
        .map(|char| u8::try_from(u32::from(char)).unwrap_or(b'?'))
        .collect()
}

/// Names with their values, from `{"n": "v"}`, `{"n": ["v"]}` or `[{"name": "n", "values": ["v"]}]`.
pub(super) fn named_values(
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
        Json::Object(object) if object.is_empty() => Vec::new(),
        Json::Object(object) if object.contains_key("values") => {
            let mut fields = Fields::of_object(object, path.to_owned());
            fields.take("parameterStyle");
            let values = fields.take("values");
            fields.finish(complaints);
            values.map_or_else(Vec::new, |values| texts(values, path, complaints))
        }
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
