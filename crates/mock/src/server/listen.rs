//! The accept loop: one task that owns all connections of a server.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::{Shared, connection};

/// Accepts until the server stops, then closes every connection.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    let protocol = connection::protocol();
    loop {
        // The guard bounds the open connections: at the limit, the next one waits in the socket's queue.
        let has_room = connections.len() < shared.limits.connections_max;
        tokio::select! {
            biased;
            () = shared.stop.cancelled() => break,
            Some(_ended) = connections.join_next(), if !connections.is_empty() => {}
            stream = next(&listener), if has_room => {
                connections.spawn(connection::serve(stream, protocol.clone(), Arc::clone(&shared)));
            }
        }
    }
    drop(listener);
    connections.shutdown().await;
}

/// The next connection. Running out of file handles is no reason to end: somebody may close one.
async fn next(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _peer)) => return stream,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}
