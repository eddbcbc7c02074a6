//! One connection: HTTP/1.1 by hyper, and what lies beyond HTTP when an expectation asks for it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::Shared;
use super::watch::{Activity, Verdict, Watch, Watched};
use crate::data;

/// Instead of an answer: raw bytes past the protocol, and perhaps the end of the connection.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the expectation asks to break the connection")]
pub(crate) struct Broken {
    pub(crate) bytes: Bytes,
    pub(crate) drop_connection: bool,
}

/// The protocol settings that all connections share.
pub(super) fn protocol() -> http1::Builder {
    let mut protocol = http1::Builder::new();
    // MockServer sends no date. Half-open sockets and late heads are this module's own business.
    protocol.auto_date_header(false).half_close(false);
    protocol
}

/// Serves a connection until either side ends it.
pub(super) async fn serve(stream: TcpStream, protocol: http1::Builder, shared: Arc<Shared>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "the socket took no options");
    }
    let mut next = Some(stream);
    while let Some(stream) = next {
        next = serve_requests(stream, &protocol, &shared).await;
    }
    if shared.stop_requested.is_cancelled() {
        shared.stop.cancel();
    }
}

/// Serves requests; gives the stream back when it is to be served on after raw bytes were written.
async fn serve_requests(
    stream: TcpStream,
    protocol: &http1::Builder,
    shared: &Arc<Shared>,
) -> Option<TcpStream> {
    let activity = Arc::new(Activity::default());
    let mut watch = Watch::new(
        Arc::clone(&activity),
        shared.limits.head_timeout,
        shared.limits.idle_timeout,
    );
    let io = Watched::new(TokioIo::new(stream), Arc::clone(&activity));
    let service = DataPlane(Arc::new(Context {
        shared: Arc::clone(shared),
        activity,
    }));
    let mut connection = protocol.serve_connection(io, service);
    let result = loop {
        tokio::select! {
            biased;
            result = &mut connection => break result,
            verdict = watch.look() => match verdict {
                Verdict::Fine => {}
                Verdict::HeadLate => {
                    tracing::debug!("a request's head did not come in time; the connection is closed");
                    return None;
                }
                Verdict::Idle => return None,
            },
        }
    };
    let error = result.err()?;
    let Some(broken) =
        std::error::Error::source(&error).and_then(|source| source.downcast_ref::<Broken>())
    else {
        tracing::debug!(%error, "a connection broke");
        return None;
    };
    let broken = broken.clone();
    let parts = connection.into_parts();
    let mut stream = parts.io.into_inner().into_inner();
    if let Err(error) = stream.write_all(&broken.bytes).await {
        tracing::debug!(%error, "raw bytes could not be written");
        return None;
    }
    // Requests that were read ahead would be lost, so such a connection ends.
    let goes_on = !broken.drop_connection && parts.read_buf.is_empty();
    if goes_on {
        return Some(stream);
    }
    if let Err(error) = stream.shutdown().await {
        tracing::debug!(%error, "a connection was gone before it could be closed");
    }
    None
}

/// hyper's entry into the data plane.
struct DataPlane(Arc<Context>);

struct Context {
    shared: Arc<Shared>,
    activity: Arc<Activity>,
}

impl Service<Request<Incoming>> for DataPlane {
    type Response = Response<Full<Bytes>>;
    type Error = Broken;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let context = Arc::clone(&self.0);
        Box::pin(async move {
            context.activity.request_begins();
            let answer = data::answer(&context.shared, request).await;
            context.activity.request_ends();
            answer
        })
    }
}
