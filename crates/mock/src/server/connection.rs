//! One connection: requests in, answers out, until either side ends it or it becomes something else.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::{Bytes, BytesMut};
use http::{Method, StatusCode, Version};
use styk_core::Transport;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::Shared;
use super::answering::Answering;
use super::client::{Client, Duplex};
use super::pace::Pace;
use crate::coding;
use crate::control;
use crate::data::{self, Incoming, Outgoing, Takeover};
use crate::http1::{
    Answer, BodyError, BodyLength, Framing, HeadError, HeadLimits, Reader, RequestHead,
    parse_request, write_answer, write_head,
};
use crate::lasting::Streaming;
use crate::proxy;
use crate::settings::Settings;

/// What a client may send ahead while its request is being answered.
const AHEAD_BYTES_MAX: usize = 64 << 10;

/// What follows a request on its connection.
enum After {
    Next,
    /// The answer is out; nothing more will come from this side.
    Close,
    /// The client is gone, or has used up its time.
    Gone,
    Takeover(Takeover),
}

pub(super) struct Connection<'a> {
    shared: &'a Arc<Shared>,
    settings: &'a Settings,
    answering: &'a Answering,
    pace: &'a mut Pace,
    head_limits: HeadLimits,
    out: BytesMut,
    transport: Arc<Transport>,
}

impl<'a> Connection<'a> {
    pub(super) fn new(client: &'a mut Client) -> Self {
        Self {
            shared: &client.shared,
            settings: &client.settings,
            answering: &client.answering,
            pace: &mut client.pace,
            head_limits: HeadLimits::of(&client.settings),
            out: BytesMut::new(),
            transport: Arc::new(client.transport.clone()),
        }
    }

    /// Serves requests until the connection ends; the stream, when it becomes something else.
    pub(super) async fn serve<S: Duplex>(
        mut self,
        mut reader: Reader<S>,
    ) -> Option<(Reader<S>, Takeover)> {
        loop {
            match self.serve_one(&mut reader).await {
                Ok(After::Next) => {}
                Ok(After::Takeover(takeover)) => return Some((reader, takeover)),
                Ok(After::Close) => {
                    close(&mut reader).await;
                    return None;
                }
                Ok(After::Gone) => return None,
                Err(error) => {
                    tracing::debug!(%error, "a connection broke");
                    return None;
                }
            }
        }
    }

    async fn serve_one<S: Duplex>(&mut self, reader: &mut Reader<S>) -> io::Result<After> {
        let mut head = match self.head(reader).await? {
            Some(Ok(head)) => head,
            Some(Err(error)) => return self.refuse_head(reader, error).await,
            None => return Ok(After::Gone),
        };
        let _under_way = self.answering.begin();
        let wishes = Wishes {
            keep_alive: head.keep_alive,
            is_head: head.method == Method::HEAD,
        };
        if head.method == Method::CONNECT {
            return self.connect(reader, &head).await;
        }
        let mut body = match self.body(reader, &head).await? {
            Ok(body) => body,
            Err((status, reason)) => return self.refuse_body(reader, head, status, reason).await,
        };
        if head.is_coded && !body.is_empty() {
            match coding::decode_request(&head.headers, &body, self.shared.limits.body_bytes_max) {
                Ok(Some((headers, decoded))) => (head.headers, body) = (headers, decoded),
                Ok(None) => {}
                Err(error) => {
                    let (status, reason) = (error.status(), format!("the request: {error}"));
                    return self.refuse_body(reader, head, status, reason).await;
                }
            }
        }
        if self.shared.tls.requires_client_certificate()
            && !self.transport.secure
            && control::operation(self.shared, &head.method, head.uri.path()).is_none()
        {
            return self
                .write(reader, &proxy::upgrade_required(), &wishes)
                .await;
        }
        let incoming = self.incoming(head, body);
        let shared = Arc::clone(self.shared);
        let outgoing = {
            let mut answering = std::pin::pin!(data::answer(&shared, incoming));
            loop {
                let has_room = reader.buffer.len() < AHEAD_BYTES_MAX;
                tokio::select! {
                    biased;
                    outgoing = &mut answering => break outgoing,
                    read = reader.fill(), if has_room => if read? == 0 {
                        return Ok(After::Gone);
                    },
                }
            }
        };
        match outgoing {
            Outgoing::Answer(answer) => self.write(reader, &answer, &wishes).await,
            Outgoing::Stream(stream) => self.stream(reader, *stream, &wishes).await,
            Outgoing::Break {
                bytes,
                drop_connection,
            } => {
                reader.stream.write_all(&bytes).await?;
                reader.stream.flush().await?;
                Ok(if drop_connection {
                    After::Close
                } else {
                    After::Next
                })
            }
            Outgoing::Takeover(takeover) => Ok(After::Takeover(takeover)),
        }
    }

    /// The next head; `None` when the client is gone or has used up its time.
    async fn head<S: Duplex>(
        &mut self,
        reader: &mut Reader<S>,
    ) -> io::Result<Option<Result<RequestHead, HeadError>>> {
        self.pace.allow(self.shared.limits.idle_timeout);
        let (mut has_begun, mut looked_at) = (false, 0);
        loop {
            let new = reader.buffer.get(looked_at..).unwrap_or_default();
            if !new.is_empty() {
                // Without another end of a line there is nothing new to understand.
                let parsed = if new.contains(&b'\n') {
                    parse_request(&mut reader.buffer, &self.head_limits)
                } else {
                    self.head_limits.check(&reader.buffer).map(|()| None)
                };
                match parsed {
                    Ok(Some(head)) => return Ok(Some(Ok(head))),
                    Ok(None) => looked_at = reader.buffer.len(),
                    Err(error) => return Ok(Some(Err(error))),
                }
                if !has_begun {
                    has_begun = true;
                    self.pace.allow(self.shared.limits.head_timeout);
                }
            }
            tokio::select! {
                biased;
                read = reader.fill() => if read? == 0 {
                    return Ok(None);
                },
                () = self.pace.over() => return Ok(None),
            }
        }
    }

    /// `CONNECT`: from here on the client speaks to the server it names, or so it thinks.
    async fn connect<S: Duplex>(
        &mut self,
        reader: &mut Reader<S>,
        head: &RequestHead,
    ) -> io::Result<After> {
        let wishes = Wishes {
            keep_alive: head.keep_alive,
            is_head: false,
        };
        if let Some(challenge) = proxy::challenge_for(self.settings, &head.headers) {
            return self.write(reader, &challenge, &wishes).await;
        }
        let Some(target) = head.uri.authority() else {
            let reason = "`CONNECT` names no host and port".to_owned();
            let answer = data::refusal(StatusCode::BAD_REQUEST, reason);
            return self.write(reader, &answer, &wishes).await;
        };
        reader.stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
        reader.stream.flush().await?;
        Ok(After::Takeover(Takeover::Tunnel(target.clone())))
    }

    /// The body; or the status and words of its refusal.
    async fn body<S: Duplex>(
        &mut self,
        reader: &mut Reader<S>,
        head: &RequestHead,
    ) -> io::Result<Result<Bytes, (StatusCode, String)>> {
        if head.body == BodyLength::Bytes(0) {
            return Ok(Ok(Bytes::new()));
        }
        let limits = &self.shared.limits;
        if head.expects_continue {
            reader
                .stream
                .write_all(b"HTTP/1.1 100 Continue\r\n\r\n")
                .await?;
            reader.stream.flush().await?;
        }
        self.pace.allow(limits.body_timeout);
        let body = tokio::select! {
            biased;
            body = reader.body(head.body, limits.body_bytes_max) => body,
            () = self.pace.over() => {
                let seconds = limits.body_timeout.as_secs_f64();
                let reason = format!("the request body did not come within {seconds} s");
                return Ok(Err((StatusCode::REQUEST_TIMEOUT, reason)));
            }
        };
        Ok(body.map_err(|error| {
            let status = match error {
                BodyError::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
                BodyError::Broken(_) => StatusCode::BAD_REQUEST,
            };
            (status, format!("the request: {error}"))
        }))
    }

    fn incoming(&self, head: RequestHead, body: Bytes) -> Incoming {
        let transport = if head.is_old {
            Arc::new(Transport {
                version: Version::HTTP_10,
                ..(*self.transport).clone()
            })
        } else {
            Arc::clone(&self.transport)
        };
        Incoming {
            request: styk_core::Request {
                method: head.method,
                uri: head.uri,
                headers: head.headers,
                body,
                transport: Some(transport),
            },
        }
    }

    async fn write<S: Duplex>(
        &mut self,
        reader: &mut Reader<S>,
        answer: &Answer,
        wishes: &Wishes,
    ) -> io::Result<After> {
        let wished = wishes.keep_alive
            && !self.settings.always_close_socket_connections
            && !self.shared.stop_requested.load(Ordering::Relaxed);
        let stream = &mut reader.stream;
        match &answer.ready {
            Some(ready) if wished && !wishes.is_head => stream.write_all(ready).await?,
            _ => match answer
                .options
                .as_deref()
                .and_then(|options| options.chunk_delay)
            {
                Some(delay) if !wishes.is_head => {
                    self.out.clear();
                    let framing = write_head(answer, wished, &mut self.out);
                    stream.write_all(&self.out).await?;
                    self.write_slowly(stream, answer, framing, delay).await?;
                }
                _ => {
                    self.out.clear();
                    write_answer(answer, wished, wishes.is_head, &mut self.out);
                    stream.write_all(&self.out).await?;
                    // One large answer is no reason to keep a large buffer.
                    if self.out.capacity() > AHEAD_BYTES_MAX {
                        self.out = BytesMut::new();
                    }
                }
            },
        }
        stream.flush().await?;
        if answer.keeps_alive(wished) {
            return Ok(After::Next);
        }
        if let Some(delay) = answer
            .options
            .as_deref()
            .and_then(|options| options.close_socket_delay)
        {
            self.shared.clock.sleep(delay).await;
        }
        Ok(After::Close)
    }

    /// Writes the body chunk by chunk, with a pause after each.
    async fn write_slowly<S: Duplex>(
        &mut self,
        stream: &mut S,
        answer: &Answer,
        framing: Framing,
        delay: std::time::Duration,
    ) -> io::Result<()> {
        let (size, is_chunked) = match framing {
            Framing::Chunks(size) => (size.max(1), true),
            Framing::Length => (answer.body.len().max(1), false),
        };
        for chunk in answer.body.chunks(size) {
            self.out.clear();
            if is_chunked {
                crate::http1::write_chunk(chunk, &mut self.out);
                stream.write_all(&self.out).await?;
            } else {
                stream.write_all(chunk).await?;
            }
            stream.flush().await?;
            self.shared.clock.sleep(delay).await;
        }
        if is_chunked {
            self.out.clear();
            crate::http1::write_last_chunk(&answer.trailers, &mut self.out);
            stream.write_all(&self.out).await?;
        }
        Ok(())
    }

    /// Writes an answer piece by piece, each when its time has come, until the client goes.
    async fn stream<S: Duplex>(
        &mut self,
        reader: &mut Reader<S>,
        streaming: Streaming,
        wishes: &Wishes,
    ) -> io::Result<After> {
        let stays = wishes.keep_alive
            && !streaming.closes
            && !self.settings.always_close_socket_connections
            && !self.shared.stop_requested.load(Ordering::Relaxed);
        let mut lasting = streaming.lasting;
        self.out.clear();
        write_head(&streaming.head, stays, &mut self.out);
        reader.stream.write_all(&self.out).await?;
        reader.stream.flush().await?;
        if !wishes.is_head {
            for piece in streaming.pieces {
                if self.is_gone_within(reader, piece.delay).await? {
                    return Ok(After::Gone);
                }
                self.out.clear();
                crate::http1::write_chunk(&piece.bytes, &mut self.out);
                reader.stream.write_all(&self.out).await?;
                reader.stream.flush().await?;
                if let Some(lasting) = &mut lasting {
                    lasting.sent(&piece.bytes);
                }
            }
            self.out.clear();
            crate::http1::write_last_chunk(&streaming.head.trailers, &mut self.out);
            reader.stream.write_all(&self.out).await?;
            reader.stream.flush().await?;
        }
        if let Some(lasting) = lasting {
            lasting.finish();
        }
        Ok(if stays { After::Next } else { After::Close })
    }

    /// Waits; whether the client has gone meanwhile.
    async fn is_gone_within<S: Duplex>(
        &self,
        reader: &mut Reader<S>,
        delay: std::time::Duration,
    ) -> io::Result<bool> {
        if delay.is_zero() {
            return Ok(false);
        }
        let mut waiting = std::pin::pin!(self.shared.clock.sleep(delay));
        loop {
            let has_room = reader.buffer.len() < AHEAD_BYTES_MAX;
            tokio::select! {
                biased;
                () = &mut waiting => return Ok(false),
                read = reader.fill(), if has_room => if read? == 0 {
                    return Ok(true);
                },
            }
        }
    }

    async fn refuse_head<S: Duplex>(
        &mut self,
        reader: &mut Reader<S>,
        error: HeadError,
    ) -> io::Result<After> {
        let status = match error {
            HeadError::TooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            HeadError::LineTooLong => StatusCode::URI_TOO_LONG,
            HeadError::Malformed | HeadError::Target | HeadError::Length => StatusCode::BAD_REQUEST,
        };
        let answer = data::refusal(status, error.to_string());
        let wishes = Wishes {
            keep_alive: false,
            is_head: false,
        };
        self.write(reader, &answer, &wishes).await
    }

    /// The rest of the body is not read, so the connection cannot go on.
    async fn refuse_body<S: Duplex>(
        &mut self,
        reader: &mut Reader<S>,
        head: RequestHead,
        status: StatusCode,
        reason: String,
    ) -> io::Result<After> {
        let wishes = Wishes {
            keep_alive: false,
            is_head: head.method == Method::HEAD,
        };
        let incoming = self.incoming(head, Bytes::new());
        let answer = data::refuse(self.shared, incoming, status, reason);
        self.write(reader, &answer, &wishes).await
    }
}

/// What the client wants of the answer.
struct Wishes {
    keep_alive: bool,
    is_head: bool,
}

/// Ends the connection so that the client can read what was sent: bytes of its own that nobody read would make the
/// system reset the connection at once.
pub(super) async fn close<S: Duplex>(reader: &mut Reader<S>) {
    const LINGER: std::time::Duration = std::time::Duration::from_millis(500);
    const UNREAD_BYTES_MAX: usize = 1 << 20;
    if let Err(error) = reader.stream.shutdown().await {
        tracing::debug!(%error, "a connection was gone before it could be closed");
        return;
    }
    let drain = async {
        let (mut left, mut buffer) = (UNREAD_BYTES_MAX, [0; 4096]);
        while let Ok(read @ 1..) = reader.stream.read(&mut buffer).await {
            left = left.saturating_sub(read);
            if left == 0 {
                return;
            }
        }
    };
    // Whether the client has closed too or the time is up: this side is done.
    let _drained = tokio::time::timeout(LINGER, drain).await;
}
