//! HTTP/2, over the same answers as HTTP/1.1.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri, Version};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming as IncomingBody;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use styk_core::{Headers, Transport};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::Shared;
use super::answering::{Answering, UnderWay};
use super::client::{Client, Duplex};
use crate::coding;
use crate::data::{self, Incoming, Outgoing};
use crate::http1::{Answer, ConnectionOptions, Reader};
use crate::lasting::Streaming;

mod frames;

use frames::Frames;

/// Requests that a client may have answered at once over one connection.
const STREAMS_MAX: u32 = 128;
/// A silent connection is asked for a sign of life this often, and has as long to give one.
const SIGN_OF_LIFE: Duration = Duration::from_secs(30);

/// Serves the connection until either side ends it.
pub(super) async fn serve<S: Duplex + 'static>(reader: Reader<S>, client: &mut Client) {
    let requests = Arc::new(Requests {
        shared: Arc::clone(&client.shared),
        transport: Arc::new(Transport {
            version: Version::HTTP_2,
            ..client.transport.clone()
        }),
        answering: client.answering.clone(),
        taken: AtomicU64::new(0),
        closes: client.settings.always_close_socket_connections,
        end: CancellationToken::new(),
    });
    let header_max = u32::try_from(client.settings.max_header_size).unwrap_or(u32::MAX);
    let connection = hyper::server::conn::http2::Builder::new(Streams::default())
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(header_max)
        .keep_alive_interval(Some(SIGN_OF_LIFE))
        .keep_alive_timeout(SIGN_OF_LIFE)
        .serve_connection(
            TokioIo::new(reader),
            service_fn({
                let requests = Arc::clone(&requests);
                move |request| answer(Arc::clone(&requests), request)
            }),
        );
    let mut connection = pin!(connection);
    let idle = client.shared.limits.idle_timeout;
    let mut taken_before = 0;
    client.pace.allow(idle);
    loop {
        tokio::select! {
            biased;
            ended = connection.as_mut() => return report(ended),
            () = requests.end.cancelled() => break,
            () = client.shared.stop.cancelled() => break,
            () = client.pace.over() => {
                let taken = requests.taken.load(Ordering::Relaxed);
                if taken == taken_before && client.answering.is_idle() {
                    break;
                }
                taken_before = taken;
                client.pace.allow(idle);
            }
        }
    }
    connection.as_mut().graceful_shutdown();
    if let Ok(ended) = timeout(idle, connection).await {
        report(ended);
    }
}

fn report(ended: Result<(), hyper::Error>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "an HTTP/2 connection broke");
    }
}

/// What the requests of a connection have in common.
#[derive(Debug)]
struct Requests {
    shared: Arc<Shared>,
    transport: Arc<Transport>,
    answering: Answering,
    /// How many there were.
    taken: AtomicU64,
    /// Whether the first answer is the last.
    closes: bool,
    /// Ends the connection once its answers are out.
    end: CancellationToken,
}

/// The tasks that serve the streams of one connection; they end with it.
#[derive(Clone, Debug, Default)]
struct Streams(Arc<Mutex<JoinSet<()>>>);

impl<F: Future<Output = ()> + Send + 'static> hyper::rt::Executor<F> for Streams {
    fn execute(&self, stream: F) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(stream);
    }
}

/// Why a request gets no answer: its stream is reset.
#[derive(Clone, Copy, Debug, thiserror::Error)]
enum NoAnswer {
    #[error("the stream is dropped on purpose")]
    Dropped,
    #[error("the request broke off")]
    Broken,
}

async fn answer(
    requests: Arc<Requests>,
    request: http::Request<IncomingBody>,
) -> Result<http::Response<Frames>, NoAnswer> {
    let under_way = requests.answering.begin();
    requests.taken.fetch_add(1, Ordering::Relaxed);
    let is_head = request.method() == Method::HEAD;
    let outgoing = match requests.incoming(request).await? {
        Ok(incoming) => data::answer(&requests.shared, incoming).await,
        Err(refusal) => (*refusal).into(),
    };
    match outgoing {
        Outgoing::Answer(answer) => Ok(requests.response(&answer, is_head, under_way)),
        Outgoing::Stream(stream) => Ok(requests.streamed(*stream, is_head, under_way)),
        Outgoing::Break {
            drop_connection, ..
        } => {
            if drop_connection {
                requests.end.cancel();
            }
            Err(NoAnswer::Dropped)
        }
        Outgoing::Takeover(_) => {
            let reason = "an HTTP/2 stream cannot become something else: use HTTP/1.1".to_owned();
            let refusal = data::refusal(StatusCode::NOT_IMPLEMENTED, reason);
            Ok(requests.response(&refusal, is_head, under_way))
        }
    }
}

impl Requests {
    /// The request with its body; or the answer that refuses it.
    async fn incoming(
        &self,
        request: http::Request<IncomingBody>,
    ) -> Result<Result<Incoming, Box<Answer>>, NoAnswer> {
        let limits = &self.shared.limits;
        let (parts, body) = request.into_parts();
        if parts.method == Method::CONNECT {
            let reason = "`CONNECT` is served over HTTP/1.1 alone".to_owned();
            return Ok(Err(Box::new(data::refusal(
                StatusCode::NOT_IMPLEMENTED,
                reason,
            ))));
        }
        let headers = headers(&parts);
        let path = parts.uri.path_and_query().cloned();
        let incoming = |headers: Headers, body: Bytes| Incoming {
            request: styk_core::Request {
                method: parts.method,
                uri: path.map(Uri::from).unwrap_or_default(),
                headers,
                body,
                transport: Some(Arc::clone(&self.transport)),
            },
        };
        let collecting = Limited::new(body, limits.body_bytes_max).collect();
        let (status, reason) = match timeout(limits.body_timeout, collecting).await {
            Ok(Ok(collected)) => {
                let body = collected.to_bytes();
                match coding::decode_request(&headers, &body, limits.body_bytes_max) {
                    Ok(Some((headers, decoded))) => return Ok(Ok(incoming(headers, decoded))),
                    Ok(None) => return Ok(Ok(incoming(headers, body))),
                    Err(error) => (error.status(), format!("the request: {error}")),
                }
            }
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                let reason = format!(
                    "the request: the body is larger than {} bytes",
                    limits.body_bytes_max
                );
                (StatusCode::PAYLOAD_TOO_LARGE, reason)
            }
            Ok(Err(_)) => return Err(NoAnswer::Broken),
            Err(_elapsed) => {
                let seconds = limits.body_timeout.as_secs_f64();
                let reason = format!("the request body did not come within {seconds} s");
                (StatusCode::REQUEST_TIMEOUT, reason)
            }
        };
        let refused = incoming(headers, Bytes::new());
        Ok(Err(Box::new(data::refuse(
            &self.shared,
            refused,
            status,
            reason,
        ))))
    }

    /// An answer whose body comes as time goes by.
    fn streamed(
        &self,
        stream: Streaming,
        is_head: bool,
        under_way: UnderWay,
    ) -> http::Response<Frames> {
        let Streaming {
            mut head,
            mut pieces,
            closes,
            lasting,
        } = stream;
        head.options = Some(Arc::new(ConnectionOptions {
            suppress_content_length: true,
            close_socket: closes.then_some(true),
            ..ConnectionOptions::default()
        }));
        if is_head {
            pieces.clear();
        }
        let response = self.response(&head, is_head, under_way);
        response.map(|frames| frames.then(pieces, lasting))
    }

    /// The answer as HTTP/2 has it: without what belongs to connections of HTTP/1.1.
    fn response(
        &self,
        answer: &Answer,
        is_head: bool,
        under_way: UnderWay,
    ) -> http::Response<Frames> {
        let options = answer.options.clone().unwrap_or_default();
        let stopping = self.shared.stop_requested.load(Ordering::Relaxed);
        if options.close_socket.unwrap_or(self.closes || stopping) {
            self.end.cancel();
        }
        let fields = answer.recorded().headers;
        let has_body = !is_head && !matches!(answer.status.as_u16(), 100..=199 | 204 | 205 | 304);
        let length = match options.content_length {
            Some(length) => Some(length.to_string()),
            None if options.suppress_content_length || !answer.trailers.is_empty() => None,
            None if has_body || is_head => Some(answer.body.len().to_string()),
            None => None,
        };
        let mut response = http::Response::new(Frames::new(
            answer,
            has_body,
            self.shared.clock.clone(),
            under_way,
        ));
        *response.status_mut() = answer.status;
        let sent = response.headers_mut();
        for (name, value) in fields.iter().filter(|(name, _)| !is_of_http1(name)) {
            let name = HeaderName::from_bytes(name.as_bytes());
            match (name, HeaderValue::from_bytes(value)) {
                (Ok(name), Ok(value)) => {
                    sent.append(name, value);
                }
                _ => tracing::warn!("a header field cannot be sent over HTTP/2"),
            }
        }
        if let Some(length) = length
            && let Ok(length) = HeaderValue::try_from(length)
        {
            sent.entry(http::header::CONTENT_LENGTH).or_insert(length);
        }
        response
    }
}

/// The fields as the original records them: with the authority as `host`, and the scheme.
fn headers(parts: &http::request::Parts) -> Headers {
    let scheme = parts.uri.scheme_str();
    let scheme = scheme.map(|scheme| ("x-http2-scheme", scheme.as_bytes()));
    let host = parts.uri.authority();
    let host = host.filter(|_| !parts.headers.contains_key(http::header::HOST));
    let host = host.map(|authority| ("host", authority.as_str().as_bytes()));
    let fields = parts.headers.iter();
    let fields = fields.map(|(name, value)| (name.as_str(), value.as_bytes()));
    scheme.into_iter().chain(host).chain(fields).collect()
}

/// Whether a field is about a connection of HTTP/1.1 (RFC 9113, section 8.2.2).
fn is_of_http1(name: &str) -> bool {
    const FIELDS: [&str; 5] = [
        "connection",
        "keep-alive",
        "proxy-connection",
        "transfer-encoding",
        "upgrade",
    ];
    FIELDS.iter().any(|field| field.eq_ignore_ascii_case(name))
}

/// A wait inside a body.
type Pause = Pin<Box<dyn Future<Output = ()> + Send>>;
