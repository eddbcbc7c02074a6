//! `grpcStreamResponse`: messages, one after the other, and the status of the call.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use prost_reflect::MessageDescriptor;
use styk_core::Headers;

use super::respond::read_headers;
use super::sse::{fill_in, read_engine};
use super::{ActionError, Delay, Performance, Performed, written};
use crate::data::Outgoing;
use crate::grpc::{self, CONTENT_TYPE};
use crate::http1::{Answer, ConnectionOptions};
use crate::json::{Json, Object};
use crate::lasting::{Piece, Streaming};
use crate::schema::{Complaints, Fields};
use crate::template::Engine;

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

/// Messages of one answer; more are an error at registration.
const MESSAGES_MAX: usize = 10_000;
/// What all messages of an answer may hold once their templates are filled in.
const BYTES_MAX: usize = 64 << 20;

/// What a status message cannot hold as it is.
const ESCAPED: &AsciiSet = &CONTROLS.add(b'%');

/// The answer to a call.
#[derive(Debug)]
pub(crate) struct GrpcStream {
    headers: Headers,
    messages: Vec<Message>,
    /// The status of the call.
    trailers: Headers,
    closes: bool,
    pub(super) written: Json,
    pub(super) delay: Option<Delay>,
}

#[derive(Debug)]
struct Message {
    /// Its protobuf depends on the method that is called.
    json: String,
    /// The JSON is a template.
    engine: Option<Engine>,
    delay: Option<Delay>,
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
    pub(super) async fn perform(
        &self,
        performance: &Performance<'_>,
    ) -> Result<Performed, ActionError> {
        let path = performance.request.uri.path();
        let message = if is_described(performance) {
            let own = performance.scope.descriptors.method(path);
            let common = || performance.shared.scopes.common().descriptors.method(path);
            let Some(method) = own.or_else(common) else {
                return Ok(unknown_method(path).into());
            };
            Some(method.output())
        } else {
            None
        };
        let (mut pieces, mut size) = (Vec::with_capacity(self.messages.len()), 0_usize);
        for one in &self.messages {
            let piece = one.piece(message.as_ref(), performance).await?;
            size = size.saturating_add(piece.bytes.len());
            if size > BYTES_MAX {
                let reason = format!("the messages hold more than {BYTES_MAX} bytes");
                return Err(ActionError::Failed(reason));
            }
            pieces.push(piece);
        }
        let head = Answer {
            headers: self.headers.clone(),
            trailers: self.trailers.clone(),
            options: Some(Arc::new(ConnectionOptions {
                chunk_size: Some(usize::MAX),
                ..ConnectionOptions::default()
            })),
            ..Answer::new(StatusCode::OK)
        };
        let stream = Streaming {
            head,
            pieces,
            closes: self.closes,
            lasting: None,
        };
        Ok(Outgoing::Stream(Box::new(stream)).into())
    }
}

/// Whether the request is a call, and there are descriptors that could name it.
fn is_described(performance: &Performance<'_>) -> bool {
    let content_type = performance.request.headers.text("content-type");
    let is_grpc = content_type.is_some_and(|value| value.starts_with(CONTENT_TYPE));
    let common = &performance.shared.scopes.common().descriptors;
    is_grpc && !(performance.scope.descriptors.is_empty() && common.is_empty())
}

impl Message {
    fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, path, complaints)?;
        let text = fields.text("json", complaints);
        let message = Self {
            json: text.unwrap_or_else(|| "{}".to_owned()),
            engine: read_engine(&mut fields, complaints),
            delay: super::take_delay(&mut fields, complaints),
        };
        fields.finish(complaints);
        Some(message)
    }

    /// The message as it goes over the wire. Without a description that is its text, as in the original.
    async fn piece(
        &self,
        message: Option<&MessageDescriptor>,
        performance: &Performance<'_>,
    ) -> Result<Piece, ActionError> {
        let filled = match self.engine {
            Some(engine) => Some(fill_in(&self.json, engine, performance).await?),
            None => None,
        };
        let json = filled.as_deref().unwrap_or(&self.json);
        let encoded = match message {
            Some(message) => grpc::encode(json, message.clone()),
            None => Ok(Bytes::copy_from_slice(json.as_bytes())),
        };
        let framed = encoded.and_then(|encoded| grpc::framed(&encoded));
        Ok(Piece {
            delay: self.delay.as_ref().map_or(Duration::ZERO, |delay| {
                performance
                    .shared
                    .with_random(|random| delay.duration(random))
            }),
            bytes: framed.map_err(|error| ActionError::Failed(error.to_string()))?,
        })
    }
}

fn read_messages(json: &Json, path: &str, complaints: &mut Complaints) -> Vec<Message> {
    let Json::Array(items) = json else {
        complaints.error(path, format_args!("{} found, array expected", json.kind()));
        return Vec::new();
    };
    if items.len() > MESSAGES_MAX {
        complaints.error(
            path,
            format_args!("holds more than {MESSAGES_MAX} messages"),
        );
        return Vec::new();
    }
    let items = items.iter().enumerate();
    items
        .filter_map(|(place, item)| Message::read(item, &format!("{path}[{place}]"), complaints))
        .collect()
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
