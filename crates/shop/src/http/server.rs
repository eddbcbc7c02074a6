//! The accept loop: bounded in connections, ends when the shop stops, leaves nothing behind.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::{Peer, pipeline};
use crate::app::App;

const CONNECTIONS_MAX: usize = 1_024;
/// How long a client may be silent between and within request heads.
const HEAD_LIMIT: Duration = Duration::from_secs(60);
/// After a failed accept (too many open files) the loop breathes before it tries again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves connections until the shop stops.
pub(crate) async fn serve(listener: TcpListener, app: App, router: Router) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let next = async {
            let slot = Arc::clone(&slots).acquire_owned().await;
            (slot, listener.accept().await)
        };
        let (slot, accepted) = tokio::select! {
            next = next => next,
            () = app.group.stopping() => return,
        };
        match accepted {
            Ok((stream, address)) => {
                let (app, router) = (app.clone(), router.clone());
                app.group.clone().spawn(async move {
                    connection(stream, Peer(address.ip()), app, router).await;
                    drop(slot);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, peer: Peer, app: App, router: Router) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot set TCP_NODELAY");
    }
    let group = app.group.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        let (app, router) = (app.clone(), router.clone());
        request.extensions_mut().insert(peer);
        async move { Ok::<_, Infallible>(pipeline::respond(app, router, request).await) }
    });
    let mut served = std::pin::pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_LIMIT)
            .serve_connection(TokioIo::new(stream), service)
    );
    let result = tokio::select! {
        result = served.as_mut() => result,
        () = group.stopping() => {
            // An idle connection ends at once, a busy one after its answer.
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "a connection ended early");
    }
}
