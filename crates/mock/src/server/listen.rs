//! The accept loop: one task that owns all connections of a server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use http::Version;
use styk_core::Transport;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::{Shared, connection};
use crate::http1::Reader;

/// Accepts until the server stops, then closes every connection.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        // The guard bounds the open connections: at the limit, the next one waits in the socket's queue.
        let has_room = connections.len() < shared.limits.connections_max;
        tokio::select! {
            biased;
            () = shared.stop.cancelled() => break,
            Some(_ended) = connections.join_next(), if !connections.is_empty() => {}
            (stream, remote) = next(&listener), if has_room => {
                connections.spawn(serve(stream, remote, Arc::clone(&shared)));
            }
        }
    }
    drop(listener);
    connections.shutdown().await;
}

/// The next connection. Running out of file handles is no reason to end: somebody may close one.
async fn next(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

/// Serves a connection until either side ends it.
async fn serve(stream: TcpStream, remote: SocketAddr, shared: Arc<Shared>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "the socket took no options");
    }
    let local = stream.local_addr().unwrap_or(remote);
    let transport = Arc::new(Transport {
        version: Version::HTTP_11,
        secure: false,
        local,
        remote,
    });
    let reader = Reader::new(stream, BytesMut::new());
    if let Some((stream, takeover)) = connection::serve_requests(reader, &shared, transport).await {
        connection::take_over(stream, takeover, &shared).await;
    }
    if shared.stop_requested.is_cancelled() {
        shared.stop.cancel();
    }
}
