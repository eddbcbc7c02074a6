//! The accept loop: one task a port, which owns all connections that come in there.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use styk_core::Transport;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{AbortHandle, Id, JoinSet};
use tokio::time::timeout;

use super::Shared;
use super::answering::Answering;
use super::client::Client;

/// The connections of one port.
#[derive(Default)]
struct Connections {
    tasks: JoinSet<()>,
    open: HashMap<Id, (AbortHandle, Answering)>,
}

/// Accepts until the server stops, then ends every connection; answers under way get some time.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = Connections::default();
    loop {
        tokio::select! {
            biased;
            () = shared.stop.cancelled() => break,
            Some(ended) = connections.tasks.join_next_with_id(), if !connections.tasks.is_empty() => {
                let id = match ended {
                    Ok((id, ())) => id,
                    Err(error) => error.id(),
                };
                connections.open.remove(&id);
            }
            accepted = next(&listener, &shared.places) => match accepted {
                Some((stream, remote, place)) => connections.add(stream, remote, place, &shared),
                None => break,
            },
        }
    }
    drop(listener);
    connections.end(&shared).await;
}

impl Connections {
    fn add(
        &mut self,
        stream: TcpStream,
        remote: SocketAddr,
        place: OwnedSemaphorePermit,
        shared: &Arc<Shared>,
    ) {
        let answering = Answering::default();
        let serving = serve(stream, remote, place, Arc::clone(shared), answering.clone());
        let handle = self.tasks.spawn(serving);
        self.open.insert(handle.id(), (handle, answering));
    }

    async fn end(mut self, shared: &Shared) {
        for (handle, answering) in self.open.values() {
            if answering.is_idle() {
                handle.abort();
            }
        }
        let limit = Duration::from_millis(shared.settings().stop_drain_millis);
        let drain = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(limit, drain).await.is_err() {
            tracing::debug!("answers were under way for too long to wait for them");
        }
        self.tasks.shutdown().await;
    }
}

/// The next connection, once there is a place for it: until then it waits in the socket's queue. `None` never comes, since
/// the places are never closed.
async fn next(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    loop {
        match listener.accept().await {
            Ok((stream, remote)) => return Some((stream, remote, place)),
            // Running out of file handles is no reason to end: somebody may close one.
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

/// Serves a connection until either side ends it.
async fn serve(
    stream: TcpStream,
    remote: SocketAddr,
    _place: OwnedSemaphorePermit,
    shared: Arc<Shared>,
    answering: Answering,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "the socket took no options");
    }
    let transport = Transport::new(stream.local_addr().unwrap_or(remote), remote);
    let client = Client::new(Arc::clone(&shared), transport, answering);
    if let Some(millis) = client.settings.connection_delay_millis {
        shared.clock.sleep(Duration::from_millis(millis)).await;
    }
    client.serve(stream).await;
    if shared.stop_requested.load(Ordering::Relaxed) {
        shared.stop.cancel();
    }
}
