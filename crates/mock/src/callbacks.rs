//! Object callbacks: clients that answer requests themselves, over a websocket.
//!
//! A client opens `/_mockserver_callback_websocket`, is told its id, and registers expectations that name it. Requests that
//! match are sent to it with a correlation id; its message with the same id is the answer. The frames are those of
//! MockServer: `{"type": <a Java class>, "value": <JSON as text>}`.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_util::sync::CancellationToken;

use crate::json::{Json, Object, compact, parse_lenient};
use crate::server::Duplex;

/// The header that ties a client's message to the request it answers.
pub(crate) const CORRELATION: &str = "WebSocketCorrelationId";
pub(crate) const REGISTRATION: &str = "X-CLIENT-REGISTRATION-ID";
pub(crate) const PATH: &str = "/_mockserver_callback_websocket";

const HTTP_REQUEST: &str = "org.mockserver.model.HttpRequest";
const HTTP_REQUEST_AND_RESPONSE: &str = "org.mockserver.model.HttpRequestAndHttpResponse";
const CLIENT_ID: &str = "org.mockserver.serialization.model.WebSocketClientIdDTO";
const ERROR: &str = "org.mockserver.serialization.model.WebSocketErrorDTO";

/// Messages that wait for a client to read them.
const QUEUE_MAX: usize = 1_000;
const MESSAGE_BYTES_MAX: usize = 64 << 20;

/// The clients of a server that answer requests, and the requests they have not answered yet.
#[derive(Debug)]
pub(crate) struct Callbacks {
    state: Mutex<State>,
    clients_max: usize,
}

#[derive(Debug, Default)]
struct State {
    clients: HashMap<String, Client>,
    waiting: HashMap<String, oneshot::Sender<Result<Json, String>>>,
}

#[derive(Debug)]
struct Client {
    outbox: mpsc::Sender<String>,
    gone: CancellationToken,
}

/// Why a client gave no answer.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CallbackError {
    #[error("no client with the id {0} is connected for callbacks")]
    Unknown(String),
    #[error("the callback client did not answer within {} s", .0.as_secs_f64())]
    Late(Duration),
    #[error("the callback client is gone")]
    Gone,
    #[error("{0}")]
    Failed(String),
}

impl Callbacks {
    pub(crate) fn new(clients_max: usize) -> Self {
        Self {
            state: Mutex::default(),
            clients_max,
        }
    }

    /// How many clients are connected.
    pub(crate) fn len(&self) -> usize {
        self.lock().clients.len()
    }

    /// Forgets all clients. Their connections stay: an answer under way still counts, and some clients (Python's) take a
    /// connection that the server ends for one to be read again and again.
    pub(crate) fn reset(&self) {
        self.lock().clients.clear();
    }

    /// Has a client answer a request. The message may hold a response too, which the client may change.
    pub(crate) async fn ask(
        &self,
        client: &str,
        correlation: &str,
        request: Json,
        response: Option<Json>,
        limit: Duration,
    ) -> Result<Json, CallbackError> {
        let request = correlated(request, correlation);
        let frame = match response {
            None => frame(HTTP_REQUEST, &request),
            Some(response) => {
                let both = Json::object([("httpRequest", request), ("httpResponse", response)]);
                frame(HTTP_REQUEST_AND_RESPONSE, &both)
            }
        };
        let (answered, answer) = oneshot::channel();
        let (outbox, gone) = {
            let mut state = self.lock();
            let known = state
                .clients
                .get(client)
                .map(|client| (client.outbox.clone(), client.gone.clone()));
            let known = known.ok_or_else(|| CallbackError::Unknown(client.to_owned()))?;
            state.waiting.insert(correlation.to_owned(), answered);
            known
        };
        let _forget = Forget {
            callbacks: self,
            correlation,
        };
        let exchange = async {
            outbox
                .send(frame)
                .await
                .map_err(|_closed| CallbackError::Gone)?;
            let answer = answer.await.map_err(|_dropped| CallbackError::Gone)?;
            answer.map_err(CallbackError::Failed)
        };
        tokio::select! {
            answer = tokio::time::timeout(limit, exchange) => answer.unwrap_or(Err(CallbackError::Late(limit))),
            () = gone.cancelled() => Err(CallbackError::Gone),
        }
    }

    /// Serves one client until it goes.
    pub(crate) async fn serve<S: Duplex>(&self, stream: S, id: String) {
        let config = WebSocketConfig::default()
            .max_message_size(Some(MESSAGE_BYTES_MAX))
            .max_frame_size(Some(MESSAGE_BYTES_MAX));
        let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
        let (outbox, mut messages) = mpsc::channel(QUEUE_MAX);
        let gone = CancellationToken::new();
        let is_known = {
            let mut state = self.lock();
            let has_room =
                state.clients.len() < self.clients_max || state.clients.contains_key(&id);
            if has_room {
                let client = Client {
                    outbox: outbox.clone(),
                    gone: gone.clone(),
                };
                if let Some(before) = state.clients.insert(id.clone(), client) {
                    before.gone.cancel();
                }
            }
            has_room
        };
        if is_known {
            let hello = Json::object([("clientId", Json::text(id.as_str()))]);
            let mut result = socket.send(Message::text(frame(CLIENT_ID, &hello))).await;
            while result.is_ok() {
                tokio::select! {
                    message = messages.recv() => match message {
                        Some(text) => result = socket.send(Message::text(text)).await,
                        None => break,
                    },
                    message = socket.next() => match message {
                        Some(Ok(Message::Text(text))) => self.take(&text),
                        Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                        Some(Ok(_)) => {}
                    },
                    () = gone.cancelled() => break,
                }
            }
        } else {
            tracing::warn!(
                limit = self.clients_max,
                "a callback client was refused: there are too many"
            );
        }
        if let Err(error) = socket.close(None).await {
            tracing::debug!(%error, "a callback client was gone before it could be closed");
        }
        gone.cancel();
        let mut state = self.lock();
        if state
            .clients
            .get(&id)
            .is_some_and(|client| client.gone.is_cancelled())
        {
            state.clients.remove(&id);
        }
    }

    /// Takes a client's message: an answer, or why there is none.
    fn take(&self, text: &str) {
        let Some((kind, value)) = read_frame(text) else {
            tracing::warn!("a callback client sent a message that is not understood");
            return;
        };
        let (correlation, answer) = if kind == ERROR {
            let text = |name: &str| match value.get(name) {
                Some(Json::Text(text)) => Some(text.clone()),
                _ => None,
            };
            let message = text("message").unwrap_or_else(|| "the callback failed".to_owned());
            (text("webSocketCorrelationId"), Err(message))
        } else {
            let (value, correlation) = uncorrelated(value);
            (correlation, Ok(Json::Object(value)))
        };
        let waiting = correlation.and_then(|correlation| self.lock().waiting.remove(&correlation));
        match waiting {
            // Nobody waits any longer when the request's client has gone away meanwhile.
            Some(waiting) => drop(waiting.send(answer)),
            None => tracing::debug!("a callback client answered a request that nobody waits for"),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets a request when nobody waits for its answer any longer.
struct Forget<'a> {
    callbacks: &'a Callbacks,
    correlation: &'a str,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.callbacks.lock().waiting.remove(self.correlation);
    }
}

fn frame(kind: &str, value: &Json) -> String {
    compact(&Json::object([
        ("type", Json::text(kind)),
        ("value", Json::Text(compact(value))),
    ]))
}

fn read_frame(text: &str) -> Option<(String, Object)> {
    let Ok(Json::Object(mut frame)) = parse_lenient(text) else {
        return None;
    };
    let Some(Json::Text(kind)) = frame.swap_remove("type") else {
        return None;
    };
    let value = match frame.swap_remove("value") {
        Some(Json::Text(text)) => parse_lenient(&text).ok()?,
        Some(value) => value,
        None => return None,
    };
    match value {
        Json::Object(value) => Some((kind, value)),
        _ => None,
    }
}

/// The request with the correlation header.
fn correlated(request: Json, correlation: &str) -> Json {
    let Json::Object(mut request) = request else {
        return request;
    };
    let headers = request
        .entry("headers".to_owned())
        .or_insert_with(|| Json::Object(Object::new()));
    let values = Json::Array(vec![Json::text(correlation)]);
    match headers {
        Json::Object(headers) => {
            headers.insert(CORRELATION.to_owned(), values);
        }
        // What a client answered may hold its headers as a list.
        Json::Array(headers) => {
            let field = [("name", Json::text(CORRELATION)), ("values", values)];
            headers.push(Json::object(field));
        }
        _ => {}
    }
    Json::Object(request)
}

/// A client's message without the correlation header, and its value.
fn uncorrelated(mut message: Object) -> (Object, Option<String>) {
    let text = |json: &Json| match json {
        Json::Text(text) => Some(text.clone()),
        Json::Array(items) => match items.first() {
            Some(Json::Text(text)) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    };
    let mut correlation = None;
    match message.get_mut("headers") {
        Some(Json::Object(headers)) => headers.retain(|name, value| {
            let is_it = name.eq_ignore_ascii_case(CORRELATION);
            if is_it {
                correlation = text(value);
            }
            !is_it
        }),
        Some(Json::Array(items)) => items.retain(|item| {
            let Json::Object(item) = item else { return true };
            let is_it = matches!(item.get("name"), Some(Json::Text(name)) if name.eq_ignore_ascii_case(CORRELATION));
            if is_it {
                correlation = item.get("values").and_then(text);
            }
            !is_it
        }),
        _ => {}
    }
    (message, correlation)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(r#"{"headers":{"websocketcorrelationid":["7"],"a":["b"]}}"#; "headers by name")]
    #[test_case(r#"{"headers":[{"name":"WebSocketCorrelationId","values":["7"]},{"name":"a","values":["b"]}]}"#; "headers as a list")]
    fn the_correlation_header_is_taken_out(message: &str) {
        let Ok(Json::Object(message)) = parse_lenient(message) else {
            panic!("an object")
        };
        let (rest, correlation) = uncorrelated(message);
        assert_eq!(correlation.as_deref(), Some("7"));
        let rest = compact(&Json::Object(rest));
        assert!(
            rest.contains("\"a\"") && !rest.to_ascii_lowercase().contains("correlation"),
            "{rest}"
        );
    }

    #[test_case("{}"; "no headers")]
    #[test_case(r#"{"headers":{"a":["b"]}}"#; "headers by name")]
    #[test_case(r#"{"headers":[{"name":"a","values":["b"]}]}"#; "headers as a list")]
    fn a_request_carries_its_correlation(request: &str) {
        let request = correlated(parse_lenient(request).expect("JSON"), "7");
        let Json::Object(request) = request else {
            panic!("an object")
        };
        assert_eq!(uncorrelated(request).1.as_deref(), Some("7"));
    }

    #[test]
    fn frames_hold_json_as_text() {
        let text = frame(CLIENT_ID, &Json::object([("clientId", Json::text("x"))]));
        let (kind, value) = read_frame(&text).expect("a frame");
        assert_eq!(
            (kind.as_str(), value.get("clientId")),
            (CLIENT_ID, Some(&Json::text("x")))
        );
        assert!(read_frame("[]").is_none() && read_frame("{\"type\":\"a\"}").is_none());
    }
}
