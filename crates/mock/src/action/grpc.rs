//! `grpcStreamResponse`: messages, one after the other, and the status of the call.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use styk_core::Headers;

use super::respond::read_headers;
use super::{ActionError, Delay, Performance, Performed, written};
use crate::grpc::{self, CONTENT_TYPE};
use crate::http1::{Answer, ConnectionOptions};
use crate::json::{Json, Object};
use crate::schema::{Complaints, Fields};

/// The statuses of gRPC, each at the place of its number.
const STATUSES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];
const UNIMPLEMENTED: usize = 12;

/// What a status message cannot hold as it is.
const ESCAPED: &AsciiSet = &CONTROLS.add(b'%');

/// The answer to a call.
#[derive(Debug)]
pub(crate) struct GrpcStream {
    headers: Headers,
    /// In JSON: their protobuf depends on the method that is called.
    messages: Vec<String>,
    /// The status of the call.
    trailers: Headers,
    closes: bool,
    pub(super) written: Json,
    pub(super) delay: Option<Delay>,
}

impl GrpcStream {
    pub(super) fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, path, complaints)?;
        let mut kept = Object::new();
        let mut keep = |name: &str, value: Option<Json>| {
            if let Some(value) = value {
                kept.insert(name.to_owned(), value);
            }
        };
        for name in [
            "closeConnection",
            "delay",
            "primary",
            "statusMessage",
            "statusName",
        ] {
            let value = fields.get(name).map(|value| written::field(name, value));
            keep(name, value.filter(|value| *value != Json::text("")));
        }
        let mut lines = Vec::new();
        if let Some(json) = fields.take("headers") {
            let path = fields.at("headers");
            keep("headers", read_headers(json, &path, &mut lines, complaints));
        }
        let messages = fields.take("messages");
        let messages = messages.map_or_else(Vec::new, |json| {
            keep("messages", written_messages(json));
            read_messages(json, &fields.at("messages"), complaints)
        });
        let status = read_status(&mut fields, complaints);
        let message = fields.text("statusMessage", complaints);
        let closes = fields.boolean("closeConnection", complaints);
        let delay = super::take_delay(&mut fields, complaints);
        fields.boolean("primary", complaints);
        fields.finish(complaints);
        kept.sort_keys();
        let mut headers: Headers = lines.into_iter().collect();
        if !headers.contains("content-type") {
            let content_type = [("content-type", CONTENT_TYPE.as_bytes())];
            headers = content_type.into_iter().chain(headers.iter()).collect();
        }
        Some(Self {
            headers,
            messages,
            trailers: status_fields(status, message.as_deref()),
            closes: closes.unwrap_or_default(),
            written: Json::Object(kept),
            delay,
        })
    }

    /// The answer, in the protobuf of the method that the request calls.
    ///
    /// # Errors
    ///
    /// When the method does not answer with such messages.
    pub(super) fn perform(&self, performance: &Performance<'_>) -> Result<Performed, ActionError> {
        let request = performance.request;
        let content_type = request.headers.text("content-type");
        let is_grpc = content_type.is_some_and(|value| value.starts_with(CONTENT_TYPE));
        let path = request.uri.path();
        let own = &performance.scope.descriptors;
        let common = &performance.shared.scopes.common().descriptors;
        let is_described = !own.is_empty() || !common.is_empty();
        let message = if is_grpc && is_described {
            let Some(method) = own.method(path).or_else(|| common.method(path)) else {
                return Ok(unknown_method(path).into());
            };
            Some(method.output())
        } else {
            None
        };
        let mut body = BytesMut::new();
        for json in &self.messages {
            // Without a description there is nothing but the text to send, as in the original.
            let encoded = match &message {
                Some(message) => grpc::encode(json, message.clone()),
                None => Ok(Bytes::copy_from_slice(json.as_bytes())),
            };
            encoded
                .and_then(|encoded| grpc::write_message(&encoded, &mut body))
                .map_err(|error| ActionError::Failed(error.to_string()))?;
        }
        let options = self.closes.then(|| {
            Arc::new(ConnectionOptions {
                close_socket: Some(true),
                ..ConnectionOptions::default()
            })
        });
        let answer = Answer {
            headers: self.headers.clone(),
            body: body.freeze(),
            trailers: self.trailers.clone(),
            options,
            ..Answer::new(StatusCode::OK)
        };
        Ok(answer.into())
    }
}

fn read_messages(json: &Json, path: &str, complaints: &mut Complaints) -> Vec<String> {
    let Json::Array(items) = json else {
        complaints.error(path, format_args!("{} found, array expected", json.kind()));
        return Vec::new();
    };
    let items = items.iter().enumerate();
    let messages = items.filter_map(|(index, item)| {
        let mut fields = Fields::of(item, format!("{path}[{index}]"), complaints)?;
        if fields.take("delay").is_some() {
            complaints.not_built("delay of a message of a grpcStreamResponse");
        }
        if fields.take("templateType").is_some() {
            complaints.not_built("templateType of a message of a grpcStreamResponse");
        }
        let text = fields.text("json", complaints);
        fields.finish(complaints);
        Some(text.unwrap_or_else(|| "{}".to_owned()))
    });
    messages.collect()
}

/// The messages as they are written; nothing when there are none.
fn written_messages(json: &Json) -> Option<Json> {
    match json {
        Json::Array(items) if items.is_empty() => None,
        Json::Array(items) => Some(Json::Array(
            items
                .iter()
                .map(|item| written::field("message", item))
                .collect(),
        )),
        other => Some(other.clone()),
    }
}

/// The number of the status. The original takes any name, and answers UNKNOWN for one that is none.
fn read_status(fields: &mut Fields<'_>, complaints: &mut Complaints) -> usize {
    let Some(name) = fields.text("statusName", complaints) else {
        return 0;
    };
    let found = STATUSES
        .iter()
        .position(|known| known.eq_ignore_ascii_case(&name));
    if found.is_none() {
        let allowed = STATUSES.join("\", \"");
        complaints.error(
            &fields.at("statusName"),
            format_args!("does not have a value in the enumeration [\"{allowed}\"]"),
        );
    }
    found.unwrap_or_default()
}

fn status_fields(status: usize, message: Option<&str>) -> Headers {
    let message = message.filter(|message| !message.is_empty());
    let message = message.map(|message| utf8_percent_encode(message, ESCAPED).to_string());
    [
        ("grpc-status", Some(status.to_string())),
        ("grpc-message", message),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?.into_bytes())))
    .collect()
}

/// A call of a method that no descriptor names: its status takes the place of headers and trailers.
fn unknown_method(path: &str) -> Answer {
    let name = path.strip_prefix('/').unwrap_or(path);
    let message = format!("unknown gRPC method: {name}");
    let status = status_fields(UNIMPLEMENTED, Some(&message));
    let content_type = [("content-type", CONTENT_TYPE.as_bytes())];
    Answer {
        headers: content_type.into_iter().chain(status.iter()).collect(),
        ..Answer::new(StatusCode::OK)
    }
}
