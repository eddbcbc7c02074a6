//! Websockets that an expectation plays: messages of its own, and replies to those of the client.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::action::Delay;
use crate::http1::Reader;
use crate::lasting::Lasting;
use crate::pattern::Pattern;
use crate::server::{Duplex, Shared};

/// The largest message of a client.
const MESSAGE_BYTES_MAX: usize = 16 << 20;
/// Replies that wait for their time; a client that asks for more is cut off.
const QUEUE_MAX: usize = 10_000;
/// How long a client may take to close in its turn.
const CLOSING: Duration = Duration::from_secs(2);

/// What a websocket does.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) messages: Vec<Timed>,
    pub(crate) rules: Vec<Rule>,
    /// Whether it closes after its messages.
    pub(crate) closes: bool,
}

/// A message, and how long after the one before.
#[derive(Debug)]
pub(crate) struct Timed {
    pub(crate) delay: Option<Delay>,
    pub(crate) message: Option<Message>,
}

/// Replies to messages of one kind; the first rule that matches counts.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) kind: FrameKind,
    pub(crate) text: Option<Pattern>,
    pub(crate) replies: Vec<Timed>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameKind {
    Text,
    Binary,
    Ping,
    Pong,
    Any,
}

/// A websocket about to begin.
#[derive(Debug)]
pub(crate) struct Session {
    /// The value of `sec-websocket-accept`.
    pub(crate) accept: String,
    pub(crate) subprotocol: Option<String>,
    pub(crate) script: Arc<Script>,
    pub(crate) lasting: Option<Lasting>,
}

impl Rule {
    fn applies_to(&self, message: &Message) -> bool {
        let kind = match message {
            Message::Text(_) => FrameKind::Text,
            Message::Binary(_) => FrameKind::Binary,
            Message::Ping(_) => FrameKind::Ping,
            Message::Pong(_) => FrameKind::Pong,
            Message::Close(_) | Message::Frame(_) => return false,
        };
        let of_kind = self.kind == FrameKind::Any || self.kind == kind;
        of_kind
            && match (&self.text, message) {
                (None, _) => true,
                (Some(pattern), Message::Text(text)) => pattern.matches(text),
                (Some(_), _) => false,
            }
    }
}

/// A wait for the time of the next message.
type Wait<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// One websocket at work.
struct Playing<'a, S: Duplex> {
    shared: &'a Shared,
    script: &'a Script,
    socket: WebSocketStream<Reader<S>>,
    queue: VecDeque<&'a Timed>,
    wait: Option<Wait<'a>>,
    lasting: Option<Lasting>,
}

/// Why a websocket ends.
enum End {
    /// Either side closed it.
    Closed,
    Broken,
}

/// Shakes hands and plays the script until either side ends the connection.
pub(crate) async fn serve<S: Duplex>(mut reader: Reader<S>, session: Session, shared: &Shared) {
    let mut head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
         sec-websocket-accept: {}\r\n",
        session.accept
    );
    if let Some(name) = &session.subprotocol {
        head.push_str(&format!("sec-websocket-protocol: {name}\r\n"));
    }
    head.push_str("\r\n");
    let mut written = reader.stream.write_all(head.as_bytes()).await;
    if written.is_ok() {
        written = reader.stream.flush().await;
    }
    if let Err(error) = written {
        tracing::debug!(%error, "a websocket client was gone at once");
        return;
    }
    let config = WebSocketConfig::default()
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX));
    let socket = WebSocketStream::from_raw_socket(reader, Role::Server, Some(config)).await;
    let script = Arc::clone(&session.script);
    let mut playing = Playing {
        shared,
        script: &script,
        socket,
        queue: script.messages.iter().collect(),
        wait: None,
        lasting: session.lasting,
    };
    match playing.play().await {
        Ok(End::Closed) => {
            if let Some(lasting) = playing.lasting.take() {
                lasting.finish();
            }
        }
        Ok(End::Broken) => {}
        Err(error) => tracing::debug!(%error, "a websocket broke"),
    }
}

impl<S: Duplex> Playing<'_, S> {
    async fn play(&mut self) -> Result<End, Error> {
        let idle = self.shared.limits.idle_timeout;
        let mut is_silent = false;
        loop {
            self.begin_wait();
            if self.queue.is_empty() && self.script.closes {
                return self.close().await;
            }
            let is_waiting = self.wait.is_some();
            tokio::select! {
                biased;
                () = async { if let Some(wait) = &mut self.wait { wait.await } }, if is_waiting => {
                    self.wait = None;
                    self.send_next().await?;
                }
                received = timeout(idle, self.socket.next()) => match received {
                    Ok(Some(message)) => {
                        is_silent = false;
                        match message? {
                            Message::Close(_) => return self.drain().await,
                            message => self.take(&message).await?,
                        }
                    }
                    Ok(None) => return Ok(End::Broken),
                    // A silent client is asked for a sign of life, once.
                    Err(_elapsed) if is_silent && !is_waiting => return self.close().await,
                    Err(_elapsed) => {
                        is_silent = true;
                        self.send(Message::Ping(bytes::Bytes::new())).await?;
                    }
                },
            }
        }
    }

    /// Waits for the time of the next message, if there is one and nobody waits yet.
    fn begin_wait(&mut self) {
        if self.wait.is_none()
            && let Some(next) = self.queue.front()
        {
            let shared = self.shared;
            let delay = next.delay.as_ref();
            let delay = delay.map(|delay| shared.with_random(|random| delay.duration(random)));
            let delay = delay.filter(|delay| !delay.is_zero());
            self.wait = Some(Box::pin(async move {
                if let Some(delay) = delay {
                    shared.clock.sleep(delay).await;
                }
            }));
        }
    }

    async fn send_next(&mut self) -> Result<(), Error> {
        let message = self.queue.pop_front().and_then(|next| next.message.clone());
        let Some(message) = message else {
            return Ok(());
        };
        if let Some(lasting) = &mut self.lasting {
            lasting.sent(message.clone().into_data().as_ref());
            lasting.sent(b"\n");
        }
        self.send(message).await
    }

    /// Sends; a client that reads nothing is given up.
    async fn send(&mut self, message: Message) -> Result<(), Error> {
        let sending = self.socket.send(message);
        timeout(self.shared.limits.idle_timeout, sending)
            .await
            .unwrap_or(Err(Error::ConnectionClosed))
    }

    async fn take(&mut self, message: &Message) -> Result<(), Error> {
        if message.is_ping() {
            // The pong goes before the replies of the rules.
            let flushing = timeout(self.shared.limits.idle_timeout, self.socket.flush());
            flushing.await.unwrap_or(Err(Error::ConnectionClosed))?;
        }
        self.reply_to(message)
    }

    fn reply_to(&mut self, message: &Message) -> Result<(), Error> {
        let script = self.script;
        let rule = script.rules.iter().find(|rule| rule.applies_to(message));
        let Some(rule) = rule else {
            return Ok(());
        };
        if self.queue.len() + rule.replies.len() > QUEUE_MAX {
            tracing::warn!(limit = QUEUE_MAX, "too many replies of a websocket wait");
            return Err(Error::ConnectionClosed);
        }
        self.queue.extend(&rule.replies);
        Ok(())
    }

    /// Closes from this side, and lets the client close too.
    async fn close(&mut self) -> Result<End, Error> {
        let frame = CloseFrame {
            code: CloseCode::Normal,
            reason: "Bye".into(),
        };
        self.send(Message::Close(Some(frame))).await?;
        self.drain().await
    }

    /// Reads until the client is gone: the protocol ends with its word.
    async fn drain(&mut self) -> Result<End, Error> {
        let drain = async { while let Some(Ok(_)) = self.socket.next().await {} };
        if timeout(CLOSING, drain).await.is_err() {
            tracing::debug!("a websocket client did not close in time");
        }
        Ok(End::Closed)
    }
}
