//! The data plane: every request that is no control operation is recorded, matched and answered.

use std::sync::Arc;
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use http::header::{CONNECTION, CONTENT_LENGTH};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, Version};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use styk_core::{Exchange, Outcome};

use crate::action::{Action, Break, Respond};
use crate::control;
use crate::matcher::Subject;
use crate::server::{Broken, Shared};

const KEEP_ALIVE: HeaderValue = HeaderValue::from_static("keep-alive");
const CLOSE: HeaderValue = HeaderValue::from_static("close");

type Answer = Response<Full<Bytes>>;

/// Why a body was not taken.
enum Refused {
    TooLarge,
    TooSlow,
    Broken,
}

/// Answers one request.
pub(crate) async fn answer(
    shared: &Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Answer, Broken> {
    let started = shared.clock.instant();
    let (parts, body) = request.into_parts();
    let closes = asks_to_close(&parts);
    let operation = control::operation(&parts.method, parts.uri.path());
    let body = match read_body(shared, &parts, body).await {
        Ok(body) => body,
        Err(refused) => {
            return Ok(refuse(
                shared,
                parts,
                &refused,
                operation.is_some(),
                started,
            ));
        }
    };
    if let Some(operation) = operation {
        let mut answer = control::answer(
            shared,
            operation,
            parts.uri.query().unwrap_or_default(),
            &body,
        )
        .into_response();
        set_connection(&mut answer, closes || shared.stop_requested.is_cancelled());
        return Ok(answer);
    }
    let exchange = shared
        .recorder
        .begin(recorded(parts, body), shared.clock.now());
    let mut open = Open {
        shared,
        exchange: Some(&exchange),
        started,
    };
    let found = exchange
        .request()
        .and_then(|request| shared.store.take(&Subject::new(request)));
    let Some(expectation) = found else {
        return Ok(unmatched(open, &exchange, closes));
    };
    let delay = match &expectation.action {
        Action::Respond(respond) => respond.delay,
        Action::Break(broken) => broken.delay,
    };
    if let Some(delay) = delay {
        shared.clock.sleep(delay).await;
    }
    match &expectation.action {
        Action::Respond(respond) => Ok(respond_with(respond, &mut open, &expectation.id, closes)),
        Action::Break(broken) => {
            open.end(Outcome::Dropped, None, Some(&expectation.id));
            Err(break_with(broken))
        }
    }
}

/// An exchange under way. When the client goes away before the answer, the connection drops this, which ends it.
struct Open<'a> {
    shared: &'a Shared,
    exchange: Option<&'a Arc<Exchange>>,
    started: Instant,
}

impl Open<'_> {
    fn end(
        &mut self,
        outcome: Outcome,
        response: Option<styk_core::Response>,
        expectation: Option<&str>,
    ) {
        if let Some(exchange) = self.exchange.take() {
            let duration = self.shared.clock.since(self.started);
            self.shared
                .recorder
                .end(exchange, outcome, response, duration, expectation);
        }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.end(Outcome::Dropped, None, None);
    }
}

fn respond_with(respond: &Respond, open: &mut Open<'_>, expectation: &str, closes: bool) -> Answer {
    let record = styk_core::Response {
        status: respond.status,
        headers: respond.headers.clone(),
        body: respond.body.clone(),
    };
    open.end(Outcome::Answered, Some(record), Some(expectation));
    let mut answer = Response::new(Full::new(respond.body.clone()));
    *answer.status_mut() = respond.status;
    *answer.headers_mut() = respond.headers.clone();
    if let Some(reason) = &respond.reason {
        answer.extensions_mut().insert(reason.clone());
    }
    set_connection(&mut answer, closes);
    answer
}

fn break_with(broken: &Break) -> Broken {
    Broken {
        bytes: broken.bytes.clone(),
        drop_connection: broken.drop_connection || broken.bytes.is_empty(),
    }
}

/// No expectation matches: 404 without a body, and a word in the log on which one came closest.
fn unmatched(mut open: Open<'_>, exchange: &Exchange, closes: bool) -> Answer {
    if tracing::enabled!(tracing::Level::INFO) {
        log_closest(open.shared, exchange);
    }
    let record = styk_core::Response {
        status: StatusCode::NOT_FOUND,
        headers: HeaderMap::new(),
        body: Bytes::new(),
    };
    open.end(Outcome::Unmatched, Some(record), None);
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = StatusCode::NOT_FOUND;
    set_connection(&mut answer, closes);
    answer
}

fn log_closest(shared: &Shared, exchange: &Exchange) {
    /// Looking at more would slow down exactly the tests that are in trouble.
    const LOOKED_AT_MAX: usize = 100;
    let Some(request) = exchange.request() else {
        return;
    };
    let subject = Subject::new(request);
    let active = shared.store.active();
    let candidates = active.iter().take(LOOKED_AT_MAX);
    let ranked = candidates.map(|expectation| (expectation.request.misses(&subject), expectation));
    match ranked.min_by_key(|(misses, _)| misses.len()) {
        Some((misses, expectation)) => {
            let missed: Vec<_> = misses.into_iter().map(|field| field.name()).collect();
            let missed = missed.join(", ");
            tracing::info!(
                server = shared.recorder.name(),
                request = exchange.operation(),
                closest = &*expectation.id,
                missed,
                "no expectation matches"
            );
        }
        None => tracing::info!(
            server = shared.recorder.name(),
            request = exchange.operation(),
            "no expectation matches: there is none"
        ),
    }
}

async fn read_body(shared: &Shared, parts: &Parts, body: Incoming) -> Result<Bytes, Refused> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let limit = shared.limits.body_bytes_max;
    let declared = parts
        .headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| usize::try_from(length).map_or(true, |length| length > limit))
    {
        return Err(Refused::TooLarge);
    }
    let collected = tokio::time::timeout(
        shared.limits.body_timeout,
        Limited::new(body, limit).collect(),
    )
    .await;
    match collected {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Refused::TooLarge),
        Ok(Err(_broken)) => Err(Refused::Broken),
        Err(_elapsed) => Err(Refused::TooSlow),
    }
}

/// Refuses a request whose body was not taken, and closes: the rest of the body is not read.
fn refuse(
    shared: &Shared,
    parts: Parts,
    refused: &Refused,
    is_control: bool,
    started: Instant,
) -> Answer {
    let limits = shared.limits;
    let (status, reason) = match refused {
        Refused::TooLarge => (
            StatusCode::PAYLOAD_TOO_LARGE,
            format!(
                "the request body is larger than {} bytes",
                limits.body_bytes_max
            ),
        ),
        Refused::TooSlow => (
            StatusCode::REQUEST_TIMEOUT,
            format!(
                "the request body did not come within {} s",
                limits.body_timeout.as_secs_f64()
            ),
        ),
        Refused::Broken => (
            StatusCode::BAD_REQUEST,
            "the request body broke off".to_owned(),
        ),
    };
    if !is_control {
        let exchange = shared
            .recorder
            .begin(recorded(parts, Bytes::new()), shared.clock.now());
        let record = styk_core::Response {
            status,
            headers: HeaderMap::new(),
            body: Bytes::copy_from_slice(reason.as_bytes()),
        };
        let duration = shared.clock.since(started);
        let outcome = Outcome::Failed {
            reason: reason.clone(),
        };
        shared
            .recorder
            .end(&exchange, outcome, Some(record), duration, None);
    }
    let mut answer = control::Reply::text(status, reason).into_response();
    set_connection(&mut answer, true);
    answer
}

/// The request as it is recorded. Head values move into one buffer of exact size: as hyper hands them out, each would
/// keep the connection's whole read buffer alive for as long as the journal keeps the record.
fn recorded(parts: Parts, body: Bytes) -> styk_core::Request {
    let Parts {
        method,
        uri,
        mut headers,
        ..
    } = parts;
    let target = uri.path_and_query().map_or("", |target| target.as_str());
    let is_origin_form = uri.scheme().is_none() && uri.authority().is_none();
    let size = headers.values().map(HeaderValue::len).sum::<usize>() + target.len();
    let mut buffer = BytesMut::with_capacity(size);
    buffer.extend_from_slice(target.as_bytes());
    for value in headers.values() {
        buffer.extend_from_slice(value.as_bytes());
    }
    let mut left = buffer.freeze();
    let target = left.split_to(target.len());
    for value in headers.values_mut() {
        let copy = left.split_to(value.len());
        if let Ok(copy) = HeaderValue::from_maybe_shared(copy) {
            *value = copy;
        }
    }
    let copied = if is_origin_form {
        Uri::from_maybe_shared(target).ok()
    } else {
        uri.to_string().parse().ok()
    };
    styk_core::Request {
        method,
        uri: copied.unwrap_or(uri),
        headers,
        body,
    }
}

fn asks_to_close(parts: &Parts) -> bool {
    let named = |wanted: &str| {
        let lines = parts.headers.get_all(CONNECTION).iter();
        let mut words = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','));
        words.any(|word| word.trim().eq_ignore_ascii_case(wanted))
    };
    if parts.version == Version::HTTP_10 {
        !named("keep-alive")
    } else {
        named("close")
    }
}

/// MockServer always says what becomes of the connection.
fn set_connection(answer: &mut Answer, closes: bool) {
    answer
        .headers_mut()
        .insert(CONNECTION, if closes { CLOSE } else { KEEP_ALIVE });
}
