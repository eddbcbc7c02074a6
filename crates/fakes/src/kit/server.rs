//! One fake on its port: takes connections, hands each request to control or to the provider, and records it.

use std::convert::Infallible;
use std::fmt;
use std::future::pending;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::{HeaderValue, Response, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use styk_core::{Clock, Headers, Request};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::control::Control;
use super::faults::{Broken, Faults, Scene, Struck};
use super::record::Recorder;
use super::socket::{Line, Socket};
use super::{Answer, Call, Outbox, Provider, Timers};

/// The largest body taken. No provider takes more of a shop.
const BODY_LIMIT: usize = 4 * 1024 * 1024;
/// A request must be whole by then.
const READ_LIMIT: Duration = Duration::from_secs(30);
const HEADER_LIMIT: Duration = Duration::from_secs(10);
const CONNECTIONS: usize = 4096;

/// What serves one fake's requests.
pub(crate) struct Server {
    pub(crate) provider: Arc<dyn Provider>,
    pub(crate) control: Control,
    pub(crate) faults: Faults,
    pub(crate) recorder: Recorder,
    pub(crate) webhooks: Outbox,
    pub(crate) clock: Clock,
    pub(crate) timers: Timers,
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Server")
            .field("provider", &self.provider)
            .finish_non_exhaustive()
    }
}

/// The connection is cut; there is no answer.
#[derive(Debug)]
struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the connection is cut by a fault")
    }
}

impl std::error::Error for Cut {}

/// A call that finishes what it began also when the caller hangs up: its effect must not be half.
struct Finished<T: Send + 'static>(Option<BoxFuture<'static, T>>);

impl<T: Send + 'static> Future for Finished<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Some(call) = &mut self.0 else {
            return Poll::Pending;
        };
        let polled = call.as_mut().poll(context);
        if polled.is_ready() {
            self.0 = None;
        }
        polled
    }
}

impl<T: Send + 'static> Drop for Finished<T> {
    fn drop(&mut self) {
        if let (Some(rest), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(rest);
        }
    }
}

type Body = http_body_util::combinators::UnsyncBoxBody<Bytes, Cut>;

impl Server {
    /// Takes connections until `stop`. Open ones are cut then.
    pub(crate) async fn run(self: Arc<Self>, listener: TcpListener, stop: CancellationToken) {
        let mut connections = JoinSet::new();
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                Some(_ended) = connections.join_next(), if !connections.is_empty() => continue,
                accepted = listener.accept() => accepted,
            };
            let socket = match accepted.and_then(|(stream, _)| Socket::new(stream)) {
                Ok(socket) => socket,
                Err(error) => {
                    tracing::debug!(%error, "a connection was lost before it began");
                    continue;
                }
            };
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                tracing::warn!("more than {CONNECTIONS} connections; one was closed");
                continue;
            };
            let serving = Arc::clone(&self).connection(socket);
            connections.spawn(async move {
                serving.await;
                drop(place);
            });
        }
        connections.shutdown().await;
    }

    async fn connection(self: Arc<Self>, socket: Socket) {
        let line = socket.line();
        let service = service_fn(|request| {
            let (server, line) = (Arc::clone(&self), line.clone());
            async move { server.answer(request, &line).await }
        });
        let served = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_LIMIT)
            .serve_connection(TokioIo::new(socket), service)
            .await;
        if let Err(error) = served {
            tracing::debug!(%error, "a connection ended early");
        }
    }

    async fn answer(
        self: Arc<Self>,
        request: http::Request<Incoming>,
        line: &Line,
    ) -> Result<Response<Body>, Cut> {
        let (head, body) = request.into_parts();
        let request = own(head);
        let reading = Limited::new(body, BODY_LIMIT).collect();
        let body = match tokio::time::timeout(READ_LIMIT, reading).await {
            // A copy: the original is a part of the connection's buffer, which the record would keep alive.
            Ok(Ok(body)) => Bytes::copy_from_slice(&body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                return Ok(whole(plain(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "the body is larger than 4 MiB",
                )));
            }
            Ok(Err(_)) => return Err(Cut),
            Err(_) => {
                return Ok(whole(plain(
                    StatusCode::REQUEST_TIMEOUT,
                    "the body did not come within 30 s",
                )));
            }
        };
        let request = Request {
            body,
            transport: Some(Arc::clone(&line.transport)),
            ..request
        };
        if Control::is_addressed(request.uri.path()) {
            return Ok(whole(self.control.answer(&self, request).await));
        }
        let line = line.clone();
        let serving = AssertUnwindSafe(async move { self.serve(request, &line).await });
        Finished(Some(Box::pin(serving.catch_unwind())))
            .await
            .unwrap_or_else(|_panic| {
                tracing::error!("a call failed inside the fake");
                Ok(whole(plain(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "the fake failed; this is a bug of styk",
                )))
            })
    }

    /// The provider's name.
    pub(crate) fn provider_name(&self) -> &str {
        self.recorder.provider()
    }

    /// Serves one of the provider's own paths.
    async fn serve(&self, request: Request, line: &Line) -> Result<Response<Body>, Cut> {
        let (at, begun) = (self.clock.now(), self.clock.instant());
        let found = self.provider.find(&request.method, request.uri.path());
        let operation = found.as_ref().map(|found| found.operation.clone());
        let exchange = self
            .recorder
            .begin_call(operation.unwrap_or_default(), request.clone(), at);
        let call = Arc::new(Call::new(found, request, at, exchange));
        if let Some(key) = self.provider.key(&call) {
            call.note(|notes| notes.key = Some(key));
        }
        if call.found.is_none() {
            call.gap(format!("{} {}", call.method(), call.path()));
        }
        if let Some(fault) = self.faults.strike(&*self.provider, &call) {
            // Boxed, so that the calls without a fault do not carry the weight of this one.
            return Box::pin(self.break_call(call, fault, begun, line)).await;
        }
        let answer = self.provider.serve(&call).await;
        self.webhooks.before_answer(&call).await;
        self.faults.served(&*self.provider, &call, &answer);
        self.recorder
            .end_call(&call, Some(&answer), None, self.clock.since(begun));
        let webhooks = self.webhooks.clone();
        Ok(followed(answer, move || webhooks.after_answer(&call)))
    }

    async fn break_call(
        &self,
        call: Arc<Call>,
        fault: Struck,
        begun: Instant,
        line: &Line,
    ) -> Result<Response<Body>, Cut> {
        let word = fault.fault.kind.word();
        let scene = Scene {
            provider: &self.provider,
            call: &call,
            clock: &self.clock,
            timers: &self.timers,
            webhooks: &self.webhooks,
        };
        let broken = fault.perform(&scene).await;
        let shown = broken.answer();
        self.recorder
            .end_call(&call, shown, Some(word), self.clock.since(begun));
        self.webhooks.after_answer(&call);
        self.send_broken(broken, line).await
    }

    async fn send_broken(&self, broken: Broken, line: &Line) -> Result<Response<Body>, Cut> {
        match broken {
            Broken::Answer(answer) => Ok(whole(answer)),
            Broken::Reset => {
                line.break_off();
                Err(Cut)
            }
            Broken::Silence => pending().await,
            Broken::Truncated(answer, at) => {
                line.break_off();
                Ok(partly(answer, at))
            }
            Broken::Dribbled(answer, pause) => Ok(dribbled(answer, pause, self.clock.clone())),
        }
    }
}

/// The head of a request in memory of its own: the record must not keep the connection's buffer alive, and the
/// connection can go on with it at once.
fn own(head: http::request::Parts) -> Request {
    let uri = head.uri;
    let text = match uri.path_and_query() {
        Some(path) if uri.authority().is_none() => Bytes::copy_from_slice(path.as_str().as_bytes()),
        _ => Bytes::from(uri.to_string()),
    };
    let uri = Uri::from_maybe_shared(text).unwrap_or(uri);
    let headers = Headers::from(&head.headers);
    Request::new(head.method, uri, headers, Bytes::new())
}

fn plain(status: StatusCode, text: &'static str) -> Answer {
    Answer::bytes(status, "text/plain; charset=utf-8", text)
}

fn head(answer: &mut Answer, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = answer.status;
    *response.headers_mut() = std::mem::take(&mut answer.headers);
    response
}

fn never(error: Infallible) -> Cut {
    match error {}
}

fn whole(mut answer: Answer) -> Response<Body> {
    let body = Full::new(answer.body.clone()).map_err(never).boxed_unsync();
    head(&mut answer, body)
}

/// An answer; when it has been handed to the connection, `then` runs.
fn followed(mut answer: Answer, then: impl FnOnce() + Send + 'static) -> Response<Body> {
    let guard = Then(Some(then));
    let body = Full::new(answer.body.clone()).map_err(move |error| {
        let _guard = &guard;
        never(error)
    });
    head(&mut answer, body.boxed_unsync())
}

/// Runs something when it is dropped.
struct Then<F: FnOnce()>(Option<F>);

impl<F: FnOnce()> Drop for Then<F> {
    fn drop(&mut self) {
        if let Some(then) = self.0.take() {
            then();
        }
    }
}

/// An answer whose head promises all, and whose body ends early.
fn partly(mut answer: Answer, at: usize) -> Response<Body> {
    let whole_length = answer.body.len();
    let part = answer.body.slice(..at.min(whole_length));
    let frames = futures_util::stream::iter([Ok(hyper::body::Frame::data(part)), Err(Cut)]);
    let body = http_body_util::StreamBody::new(frames).boxed_unsync();
    answer.headers.insert(
        http::header::CONTENT_LENGTH,
        HeaderValue::from(whole_length),
    );
    head(&mut answer, body)
}

/// An answer that comes byte by byte.
fn dribbled(mut answer: Answer, pause: Duration, clock: Clock) -> Response<Body> {
    let bytes = std::mem::take(&mut answer.body);
    let length = bytes.len();
    let frames =
        futures_util::stream::unfold((0, bytes, clock), move |(at, bytes, clock)| async move {
            if at >= bytes.len() {
                return None;
            }
            clock.sleep(pause).await;
            let frame = hyper::body::Frame::data(bytes.slice(at..=at));
            Some((Ok(frame), (at + 1, bytes, clock)))
        });
    let body = http_body_util::StreamBody::new(frames).boxed_unsync();
    answer
        .headers
        .insert(http::header::CONTENT_LENGTH, HeaderValue::from(length));
    head(&mut answer, body)
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn a_call_goes_on_when_the_caller_hangs_up() {
        let (go_on, wait) = oneshot::channel();
        let (done, is_done) = oneshot::channel();
        let mut call = Box::pin(Finished(Some(Box::pin(async move {
            wait.await.expect("told to go on");
            done.send(()).expect("somebody wants to know");
        }))));
        let begun = futures_util::poll!(&mut call);
        assert!(begun.is_pending());
        drop(call);
        go_on.send(()).expect("it waits");
        let limit = Duration::from_secs(10);
        let finished = tokio::time::timeout(limit, is_done).await;
        assert_eq!(finished, Ok(Ok(())));
    }
}
