//! One client: what it speaks, told from its first bytes, and what it speaks inside that.
//!
//! Layers lie inside each other: a tunnel through `CONNECT` or SOCKS, TLS, and at last HTTP, whose requests are answered all
//! alike.

use std::sync::Arc;

use bytes::BytesMut;
use styk_core::Transport;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsAcceptor;

use super::answering::Answering;
use super::connection::{Connection, close};
use super::pace::Pace;
use super::{Shared, binary, http2};
use crate::callbacks;
use crate::data::Takeover;
use crate::http1::Reader;
use crate::proxy;
use crate::settings::Settings;
use crate::sniff::{Wire, sniff};
use crate::socks;
use crate::tls::peer_certificates;
use crate::websocket;

/// Layers that may lie inside each other.
const LAYERS_MAX: usize = 5;

const NOT_UNDERSTOOD: &[u8] =
    b"unknown message format, only HTTP requests are supported for mocking or HTTP & binary \
    requests for proxying, but request is not being proxied and request is not valid HTTP";

/// A stream of bytes in both directions.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Duplex for S {}

/// A stream inside another.
pub(crate) type BoxedStream = Box<dyn Duplex>;

/// A connected client.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) shared: Arc<Shared>,
    /// As they were when the client came.
    pub(super) settings: Arc<Settings>,
    pub(super) transport: Transport,
    pub(super) answering: Answering,
    pub(super) pace: Pace,
}

impl Client {
    pub(super) fn new(shared: Arc<Shared>, transport: Transport, answering: Answering) -> Self {
        Self {
            settings: shared.settings(),
            pace: Pace::new(shared.limits.idle_timeout),
            shared,
            transport,
            answering,
        }
    }

    /// Serves the client until either side ends the connection.
    pub(super) async fn serve<S: Duplex + 'static>(mut self, stream: S) {
        // By far the most clients speak plain HTTP/1.1 and nothing else: their stream is in no box.
        let mut inner = self.layer(Reader::new(stream, BytesMut::new())).await;
        for _ in 1..LAYERS_MAX {
            match inner {
                Some(reader) => inner = Box::pin(self.layer(reader)).await,
                None => return,
            }
        }
        if inner.is_some() {
            tracing::debug!("a client put too many layers inside each other");
        }
    }

    /// Serves one layer; the stream inside it, if there is one.
    async fn layer<S: Duplex + 'static>(
        &mut self,
        mut reader: Reader<S>,
    ) -> Option<Reader<BoxedStream>> {
        match self.sniff(&mut reader).await? {
            Wire::Http1 => self.http1(reader).await,
            Wire::Tls => Box::pin(self.tls(reader)).await,
            Wire::Socks5 | Wire::Socks4 => Box::pin(self.socks(reader)).await,
            Wire::Http2Preface if self.settings.http2_enabled => {
                Box::pin(http2::serve(reader, self)).await;
                None
            }
            Wire::Http2Preface | Wire::Unknown | Wire::NeedMore => {
                if !Box::pin(binary::serve(&mut reader, self)).await {
                    return None;
                }
                match reader.stream.write_all(NOT_UNDERSTOOD).await {
                    Ok(()) => close(&mut reader).await,
                    Err(error) => tracing::debug!(%error, "a client was gone at once"),
                }
                None
            }
        }
    }

    /// Reads until the protocol is clear; `None` when the client is gone or has used up its time.
    async fn sniff<S: Duplex>(&mut self, reader: &mut Reader<S>) -> Option<Wire> {
        let assumes_http = self.settings.assume_all_requests_are_http;
        self.pace.allow(self.shared.limits.idle_timeout);
        let mut has_begun = false;
        loop {
            match sniff(&reader.buffer, assumes_http) {
                Wire::NeedMore if !has_begun && !reader.buffer.is_empty() => {
                    has_begun = true;
                    self.pace.allow(self.shared.limits.head_timeout);
                }
                Wire::NeedMore => {}
                wire => return Some(wire),
            }
            tokio::select! {
                biased;
                read = reader.fill() => match read {
                    Ok(0) => return None,
                    Ok(_) => {}
                    Err(error) => {
                        tracing::debug!(%error, "a connection broke");
                        return None;
                    }
                },
                () = self.pace.over() => return None,
            }
        }
    }

    async fn http1<S: Duplex + 'static>(
        &mut self,
        reader: Reader<S>,
    ) -> Option<Reader<BoxedStream>> {
        let (reader, takeover) = Connection::new(self).serve(reader).await?;
        match takeover {
            Takeover::Callbacks { accept, client } => {
                Box::pin(answer_callbacks(reader, &accept, client, &self.shared)).await;
                None
            }
            Takeover::WebSocket(session) => {
                Box::pin(websocket::serve(reader, *session, &self.shared)).await;
                None
            }
            Takeover::Tunnel(target) => {
                self.transport.meant_for = Some(target);
                Some(boxed(reader))
            }
        }
    }

    async fn tls<S: Duplex + 'static>(&mut self, reader: Reader<S>) -> Option<Reader<BoxedStream>> {
        let host = match &self.transport.meant_for {
            Some(target) => target.host().to_owned(),
            None => self.transport.local.ip().to_string(),
        };
        let config = match self.shared.tls.server_config(Some(&host)) {
            Ok(config) => config,
            Err(error) => {
                tracing::warn!(%error, "TLS is not to be had");
                return None;
            }
        };
        let handshake = TlsAcceptor::from(config).accept(reader);
        let stream = match timeout(self.shared.limits.head_timeout, handshake).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                tracing::info!(%error, "a TLS handshake failed");
                return None;
            }
            Err(_elapsed) => return None,
        };
        self.transport.secure = true;
        self.transport.client_certificates = peer_certificates(stream.get_ref().1);
        Some(Reader::new(Box::new(stream), BytesMut::new()))
    }

    async fn socks<S: Duplex + 'static>(
        &mut self,
        mut reader: Reader<S>,
    ) -> Option<Reader<BoxedStream>> {
        let credentials = proxy::credentials(&self.settings);
        let deadline = Instant::now() + self.shared.limits.head_timeout;
        match socks::accept(&mut reader, credentials.as_ref(), deadline).await {
            Ok(target) => {
                self.transport.meant_for = target.authority().parse().ok();
                Some(boxed(reader))
            }
            Err(error) => {
                tracing::info!(%error, "a SOCKS client was refused");
                close(&mut reader).await;
                None
            }
        }
    }
}

fn boxed<S: Duplex + 'static>(reader: Reader<S>) -> Reader<BoxedStream> {
    Reader::new(Box::new(reader.stream), reader.buffer)
}

/// The client answers requests from now on, over a websocket.
async fn answer_callbacks<S: Duplex>(
    mut stream: Reader<S>,
    accept: &str,
    client: String,
    shared: &Shared,
) {
    let registration = callbacks::REGISTRATION;
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
         sec-websocket-accept: {accept}\r\n{registration}: {client}\r\n\r\n"
    );
    let written = stream.stream.write_all(head.as_bytes()).await;
    let flushed = match written {
        Ok(()) => stream.stream.flush().await,
        failed => failed,
    };
    match flushed {
        Ok(()) => shared.callbacks.serve(stream, client).await,
        Err(error) => tracing::debug!(%error, "a callback client was gone at once"),
    }
}
