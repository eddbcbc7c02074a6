//! `httpWebSocketResponse`: the request becomes a websocket that sends messages, and replies to those of the client.

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use styk_core::{Headers, Request};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{Delay, Performance, written};
use crate::body::decode_base64;
use crate::data::{self, Outgoing, Takeover};
use crate::http1::Answer;
use crate::json::Json;
use crate::matcher::read_pattern;
use crate::pattern::Pattern;
use crate::schema::{Complaints, Fields};
use crate::websocket::{FrameKind, Rule, Script, Session, Timed};

/// Messages, rules, and replies of one rule; more are an error at registration.
const ITEMS_MAX: usize = 10_000;

/// What MockServer has and this server does not.
const NOT_BUILT: &[&str] = &["templateType", "graphqlSubscriptionFilter"];

/// A websocket.
#[derive(Debug)]
pub(crate) struct WebSocket {
    subprotocol: Option<String>,
    script: Arc<Script>,
    pub(super) delay: Option<Delay>,
    /// In MockServer's JSON.
    pub(crate) written: Json,
}

impl WebSocket {
    pub(super) fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, path, complaints)?;
        fields.refuse(NOT_BUILT, complaints);
        let subprotocol = fields.text("subprotocol", complaints);
        let messages = items(&mut fields, "messages", complaints, read_message);
        let rules = items(&mut fields, "matchers", complaints, read_rule);
        let closes = fields.boolean("closeConnection", complaints);
        let delay = super::take_delay(&mut fields, complaints);
        fields.boolean("primary", complaints);
        fields.finish(complaints);
        Some(Self {
            subprotocol: subprotocol.filter(|name| is_token(name)),
            script: Arc::new(Script {
                messages,
                // Whoever has rules waits for what the client sends.
                closes: closes.unwrap_or(true) && rules.is_empty(),
                rules,
            }),
            delay,
            written: written::action("httpWebSocketResponse", json),
        })
    }

    /// The websocket; or an answer that says why the request is no handshake of one.
    pub(super) fn outgoing(&self, performance: &Performance<'_>) -> Outgoing {
        let request = performance.request;
        let accept = match handshake(request) {
            Ok(accept) => accept,
            Err(refusal) => return (*refusal).into(),
        };
        let offered = request.headers.text("sec-websocket-protocol");
        let is_offered = |name: &&String| {
            let mut offered = offered.iter().flat_map(|names| names.split(','));
            offered.any(|offer| offer.trim() == *name)
        };
        Outgoing::Takeover(Takeover::WebSocket(Box::new(Session {
            accept,
            subprotocol: self.subprotocol.as_ref().filter(is_offered).cloned(),
            script: Arc::clone(&self.script),
            lasting: None,
        })))
    }
}

/// The value of `sec-websocket-accept` (RFC 6455, section 4.2).
fn handshake(request: &Request) -> Result<String, Box<Answer>> {
    let upgrade = request.headers.text("upgrade").unwrap_or_default();
    let mut upgrades = upgrade.split(',');
    if !upgrades.any(|name| name.trim().eq_ignore_ascii_case("websocket")) {
        let reason = "this is a websocket: the request has no `Upgrade: websocket`".to_owned();
        let refusal = data::refusal(StatusCode::UPGRADE_REQUIRED, reason);
        return Err(Box::new(refusal));
    }
    if request.headers.get("sec-websocket-version") != Some(b"13".as_slice()) {
        return Err(Box::new(Answer {
            headers: [("sec-websocket-version", "13")]
                .into_iter()
                .collect::<Headers>(),
            ..Answer::new(StatusCode::UPGRADE_REQUIRED)
        }));
    }
    let key = request.headers.get("sec-websocket-key");
    key.map(derive_accept_key).ok_or_else(|| {
        let reason = "the request has no `Sec-WebSocket-Key`".to_owned();
        Box::new(data::refusal(StatusCode::BAD_REQUEST, reason))
    })
}

/// Whether it can stand in `sec-websocket-protocol`.
fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic())
}

fn items<T>(
    fields: &mut Fields<'_>,
    name: &str,
    complaints: &mut Complaints,
    read: fn(&Json, &str, &mut Complaints) -> Option<T>,
) -> Vec<T> {
    let path = fields.at(name);
    match fields.take(name) {
        None => Vec::new(),
        Some(Json::Array(items)) if items.len() <= ITEMS_MAX => {
            let items = items.iter().enumerate();
            items
                .filter_map(|(place, item)| read(item, &format!("{path}[{place}]"), complaints))
                .collect()
        }
        Some(Json::Array(_)) => {
            complaints.error(&path, format_args!("holds more than {ITEMS_MAX} items"));
            Vec::new()
        }
        Some(other) => {
            complaints.error(
                &path,
                format_args!("{} found, array expected", other.kind()),
            );
            Vec::new()
        }
    }
}

/// A message; nothing is sent when it has neither text nor bytes.
fn read_message(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Timed> {
    let mut fields = Fields::of(json, path, complaints)?;
    let text = fields.text("text", complaints);
    let binary = fields.text("binary", complaints);
    let binary =
        binary.and_then(|encoded| decode_base64(&encoded, &fields.at("binary"), complaints));
    let delay = super::take_delay(&mut fields, complaints);
    fields.finish(complaints);
    let message = match (text, binary) {
        (Some(text), _) => Some(Message::text(text)),
        (None, Some(bytes)) => Some(Message::Binary(Bytes::clone(&bytes))),
        (None, None) => None,
    };
    Some(Timed { delay, message })
}

fn read_rule(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Rule> {
    const KINDS: [&str; 5] = ["TEXT", "BINARY", "PING", "PONG", "ANY"];
    let mut fields = Fields::of(json, path, complaints)?;
    let kind = match fields.word("frameType", &KINDS, complaints) {
        Some("TEXT") => FrameKind::Text,
        Some("BINARY") => FrameKind::Binary,
        Some("PING") => FrameKind::Ping,
        Some("PONG") => FrameKind::Pong,
        _ => FrameKind::Any,
    };
    let text: Option<Pattern> = fields
        .take("textMatcher")
        .and_then(|json| read_pattern(json, &fields.at("textMatcher"), complaints));
    let replies = items(&mut fields, "responses", complaints, read_message);
    fields.finish(complaints);
    Some(Rule {
        kind,
        text,
        replies,
    })
}
