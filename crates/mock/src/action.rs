//! What an expectation does: answer, break the connection, or have somebody else answer.
//!
//! Actions are read and made ready when they are registered. [`Action::perform`] runs one for a request.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use styk_core::Attributes;

use crate::data::Outgoing;
use crate::expectation::Expectation;
use crate::http1::Answer;
use crate::json::Json;
use crate::schema::{Complaints, Fields};
use crate::scope::Scope;
use crate::server::Shared;

mod binary;
mod body;
mod callback;
mod change;
mod class_callback;
mod closure;
pub(crate) mod delay;
mod dns;
mod error;
mod forward;
mod grpc;
mod list;
mod llm;
mod modifier;
mod patch;
mod request;
mod respond;
mod side;
mod sse;
mod template;
mod websocket;
mod written;

pub(crate) use binary::BinaryResponse;
pub(crate) use callback::ObjectCallback;
pub(crate) use class_callback::{DISCOVERY_CLASS, DiscoveryCallback};
pub(crate) use closure::Closure;
pub(crate) use delay::Delay;
pub(crate) use error::Break;
pub(crate) use forward::{Forward, Override};
pub(crate) use grpc::GrpcStream;
pub(crate) use list::ResponseList;
pub(crate) use llm::LlmResponse;
pub(crate) use request::RequestChange;
pub(crate) use respond::Respond;
pub(crate) use side::SideActions;
pub(crate) use sse::Sse;
pub(crate) use template::TemplateAction;
pub(crate) use websocket::WebSocket;

/// The action of an expectation.
#[derive(Debug)]
pub(crate) enum Action {
    /// Answer with a response.
    Respond(Box<Respond>),
    /// Answer with one of several responses.
    RespondOneOf(Box<ResponseList>),
    /// Write raw bytes, drop the connection, or both.
    Break(Break),
    /// Have another server answer.
    Forward(Forward),
    /// Have another server answer, with changes.
    Override(Box<Override>),
    /// Have a connected client answer.
    Callback(ObjectCallback),
    /// Have a closure of this program answer.
    Closure(Closure),
    /// Make the answer, or the request to forward, from the request.
    Template(Box<TemplateAction>),
    /// Answer with a stream of events.
    Sse(Box<Sse>),
    /// Become a websocket.
    WebSocket(Box<WebSocket>),
    /// Answer bytes that are no HTTP.
    Binary(BinaryResponse),
    /// Nothing that answers a request.
    Dns,
    /// Answer as a language model does.
    Llm(Box<LlmResponse>),
    /// Answer a gRPC call.
    Grpc(Box<GrpcStream>),
    /// Tell about the mocked identity provider.
    Discovery(DiscoveryCallback),
}

/// What an action has at hand while it runs.
#[derive(Debug)]
pub(crate) struct Performance<'a> {
    pub(crate) shared: &'a Arc<Shared>,
    pub(crate) scope: &'a Arc<Scope>,
    pub(crate) expectation: &'a Expectation,
    pub(crate) request: &'a styk_core::Request,
}

/// What an action came to.
#[derive(Debug)]
pub(crate) struct Performed {
    pub(crate) outgoing: Outgoing,
    /// Facts for the record.
    pub(crate) attributes: Attributes,
}

impl<T: Into<Outgoing>> From<T> for Performed {
    fn from(outgoing: T) -> Self {
        Self {
            outgoing: outgoing.into(),
            attributes: Attributes::new(),
        }
    }
}

/// Why an action gave no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum ActionError {
    /// The action itself is at fault: a template, a callback.
    #[error("{0}")]
    Failed(String),
    /// A server that the request was forwarded to is at fault.
    #[error("{0}")]
    Upstream(String),
}

impl ActionError {
    /// What the client is answered.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Upstream(_) => StatusCode::BAD_GATEWAY,
        }
    }
}

const TWO_ACTIONS: &str =
    "when multiple action types are configured, exactly one must be marked as primary";

/// Actions that are there, by their fields; the name completes "if specifying action of type …".
const ACTIONS: &[(&str, &str)] = &[
    ("binaryResponse", "BinaryResponse"),
    ("dnsResponse", "DnsResponse"),
    ("grpcStreamResponse", "GrpcStreamResponse"),
    ("httpError", "Error"),
    ("httpForward", "Forward"),
    ("httpForwardObjectCallback", "ForwardObjectCallback"),
    ("httpForwardTemplate", "ForwardTemplate"),
    ("httpLlmResponse", "LlmResponse"),
    ("httpOverrideForwardedRequest", "OverrideForwardedRequest"),
    ("httpResponse", "Response"),
    ("httpResponseClassCallback", "ResponseClassCallback"),
    ("httpResponseObjectCallback", "ResponseObjectCallback"),
    ("httpResponseTemplate", "ResponseTemplate"),
    ("httpSseResponse", "SseResponse"),
    ("httpWebSocketResponse", "WebSocketResponse"),
];

impl Action {
    /// Takes the action from the fields of an expectation; with its field's name and how it is written.
    pub(crate) fn read(
        fields: &mut Fields<'_>,
        complaints: &mut Complaints,
    ) -> Option<(Self, Vec<(&'static str, Json)>)> {
        let mut read = Vec::new();
        let mut list = ResponseList::read(fields, complaints);
        for (name, _) in ACTIONS {
            let Some(json) = fields.take(name) else {
                continue;
            };
            let (is_primary, action) = Self::read_one(name, json, complaints);
            read.push((*name, is_primary, action));
        }
        if read.is_empty() && list.is_none() && complaints.not_built.is_empty() {
            for (name, kind) in ACTIONS {
                complaints.error(
                    &format!("$.{name}"),
                    format_args!(
                        "is missing, but is required, if specifying action of type {kind}"
                    ),
                );
            }
        }
        if let Some((list, written)) = list.take() {
            return Some((Self::RespondOneOf(Box::new(list)), written));
        }
        let written = read
            .iter()
            .filter_map(|(name, _, action)| Some((*name, action.as_ref()?.1.clone())))
            .collect();
        let primaries = read.iter().filter(|(_, is_primary, _)| *is_primary).count();
        if read.len() > 1 && primaries != 1 {
            complaints.other = Some(TWO_ACTIONS.to_owned());
            return None;
        }
        let only = read.len() == 1;
        let chosen = read
            .into_iter()
            .find(|(_, is_primary, _)| only || *is_primary)?;
        let (action, _) = chosen.2?;
        Some((action, written))
    }

    /// One action; whether it is marked as primary, and how it is written.
    fn read_one(
        name: &str,
        json: &Json,
        complaints: &mut Complaints,
    ) -> (bool, Option<(Self, Json)>) {
        let is_primary = matches!(json, Json::Object(object) if object.get("primary") == Some(&Json::Bool(true)));
        let path = format!("$.{name}");
        let action = match name {
            "httpResponse" => Respond::read(json, &path, complaints)
                .map(|respond| Self::Respond(Box::new(respond))),
            "httpForward" => Forward::read(json, &path, complaints).map(Self::Forward),
            "httpOverrideForwardedRequest" => Override::read(json, &path, complaints)
                .map(|forward| Self::Override(Box::new(forward))),
            "httpResponseObjectCallback" | "httpForwardObjectCallback" => {
                let forwards = name == "httpForwardObjectCallback";
                ObjectCallback::read(json, &path, forwards, complaints).map(Self::Callback)
            }
            "httpResponseTemplate" | "httpForwardTemplate" => {
                let forwards = name == "httpForwardTemplate";
                TemplateAction::read(json, &path, forwards, complaints)
                    .map(|template| Self::Template(Box::new(template)))
            }
            "grpcStreamResponse" => {
                GrpcStream::read(json, &path, complaints).map(|stream| Self::Grpc(Box::new(stream)))
            }
            "httpLlmResponse" => LlmResponse::read(json, &path, complaints)
                .map(|response| Self::Llm(Box::new(response))),
            "httpSseResponse" => {
                Sse::read(json, &path, complaints).map(|sse| Self::Sse(Box::new(sse)))
            }
            "httpWebSocketResponse" => WebSocket::read(json, &path, complaints)
                .map(|socket| Self::WebSocket(Box::new(socket))),
            "dnsResponse" => dns::check(json, &path, complaints).map(|()| Self::Dns),
            "binaryResponse" => BinaryResponse::read(json, &path, complaints).map(Self::Binary),
            "httpResponseClassCallback" => {
                DiscoveryCallback::read(json, &path, complaints).map(Self::Discovery)
            }
            _ => Break::read(json, &path, complaints).map(Self::Break),
        };
        let action = action.map(|action| {
            let written = match &action {
                Self::Respond(respond) => respond.written.clone(),
                Self::Llm(_) => llm::written(json),
                Self::Grpc(stream) => stream.written.clone(),
                Self::Sse(sse) => sse.written.clone(),
                Self::WebSocket(socket) => socket.written.clone(),
                _ => written::action(name, json),
            };
            (action, written)
        });
        (is_primary, action)
    }

    /// Does what the action is about.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub(crate) async fn perform(
        &self,
        performance: &Performance<'_>,
    ) -> Result<Performed, ActionError> {
        let (respond, delay) = match self {
            Self::Respond(respond) => (Some(&**respond), &respond.delay),
            Self::RespondOneOf(list) => {
                let respond = list.next(performance);
                (Some(respond), &respond.delay)
            }
            Self::Break(broken) => (None, &broken.delay),
            Self::Forward(forward) => (None, &forward.delay),
            Self::Override(forward) => (None, &forward.delay),
            Self::Callback(callback) => (None, &callback.delay),
            Self::Closure(_) | Self::Binary(_) | Self::Dns => (None, &None),
            Self::Template(template) => (None, &template.delay),
            Self::Sse(sse) => (None, &sse.delay),
            Self::WebSocket(socket) => (None, &socket.delay),
            Self::Llm(response) => (None, &response.delay),
            Self::Grpc(stream) => (None, &stream.delay),
            Self::Discovery(callback) => (None, &callback.delay),
        };
        if let Some(delay) = delay {
            performance.shared.wait(delay).await;
        }
        match self {
            Self::Respond(_) | Self::RespondOneOf(_) => {
                let answer = respond.map(|respond| respond.answer_to(performance));
                let missing = || ActionError::Failed("there is no response".to_owned());
                answer.map(Performed::from).ok_or_else(missing)
            }
            Self::Break(broken) => Ok(broken.outgoing().into()),
            Self::Forward(forward) => forward.perform(performance).await,
            Self::Override(forward) => forward.perform(performance).await,
            Self::Callback(callback) => callback.perform(performance).await,
            Self::Closure(closure) => closure.perform(performance).await,
            Self::Template(template) => template.perform(performance).await,
            Self::Sse(sse) => sse.perform(performance).await.map(Performed::from),
            Self::Binary(_) => Err(BinaryResponse::not_http()),
            Self::Dns => Err(dns::not_http()),
            Self::WebSocket(socket) => Ok(socket.outgoing(performance).into()),
            Self::Llm(response) => Ok(response.perform(performance)),
            Self::Grpc(stream) => stream.perform(performance).await,
            Self::Discovery(_) => Ok(DiscoveryCallback::perform(performance)),
        }
    }

    /// The answer, when it is always the same.
    pub(crate) fn answer(&self) -> Option<&Arc<Answer>> {
        match self {
            Self::Respond(respond) => Some(&respond.answer),
            _ => None,
        }
    }

    /// How the answer was written, when it is always the same.
    pub(crate) fn answer_as_written(&self) -> Option<&Json> {
        match self {
            Self::Respond(respond) => Some(&respond.written),
            _ => None,
        }
    }
}

impl Shared {
    /// Waits as long as `delay` says.
    pub(crate) async fn wait(&self, delay: &Delay) {
        let duration = self.with_random(|random| delay.duration(random));
        if duration > Duration::ZERO {
            self.clock.sleep(duration).await;
        }
    }
}

/// Takes the delay from the fields of an action.
fn take_delay(fields: &mut Fields<'_>, complaints: &mut Complaints) -> Option<Delay> {
    let json = fields.take("delay")?;
    Delay::read(json, &fields.at("delay"), complaints)
}
