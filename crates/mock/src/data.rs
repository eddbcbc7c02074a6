//! The data plane: every request that is no control operation is recorded, matched and answered.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::header::CONNECTION;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use styk_core::{Ending, Exchange, Outcome, SharedAttributes};

use crate::action::{Action, Break, KEEP_ALIVE, Respond};
use crate::control;
use crate::matcher::Subject;
use crate::server::{Broken, Shared};

mod incoming;

use incoming::{Refusal, asks_to_close, read_body, recorded};

const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// Looking for the closest expectation among more would slow down exactly the tests that are in trouble.
const LOOKED_AT_MAX: usize = 100;

type Answer = Response<Full<Bytes>>;

/// Answers one request.
pub(crate) async fn answer(shared: &Shared, request: Request<Incoming>) -> Result<Answer, Broken> {
    let started = shared.clock.instant();
    let (parts, body) = request.into_parts();
    let closes = asks_to_close(&parts);
    let operation = control::operation(&parts.method, parts.uri.path());
    let body = match read_body(&shared.limits, &parts, body).await {
        Ok(body) => body,
        Err(refusal) => {
            if operation.is_none() {
                record_refused(shared, &parts, &refusal, started);
            }
            // The rest of the body is not read, so the connection cannot go on.
            let reply = control::Reply::text(refusal.status, refusal.reason);
            return Ok(closing(reply.into_response(), true));
        }
    };
    if let Some(operation) = operation {
        let query = parts.uri.query().unwrap_or_default();
        let reply = control::answer(shared, operation, query, &body);
        let closes = closes || shared.stop_requested.is_cancelled();
        return Ok(closing(reply.into_response(), closes));
    }
    let exchange = shared
        .recorder
        .begin(recorded(&parts, body), shared.clock.now());
    // Only the record of the request is needed from here on, also through a long delay.
    drop(parts);
    let mut open = Open {
        shared,
        exchange: Some(&exchange),
        started,
    };
    let request = exchange.request();
    let Some(expectation) = request.and_then(|request| shared.store.take(&Subject::new(request)))
    else {
        if tracing::enabled!(tracing::Level::INFO) {
            log_closest(shared, &exchange);
        }
        return Ok(unmatched(&mut open, closes));
    };
    if let Some(delay) = expectation.action.delay() {
        shared.clock.sleep(delay).await;
    }
    let attributes = Some(Arc::clone(&expectation.attributes));
    match &expectation.action {
        Action::Respond(respond) => {
            open.end(Outcome::Answered, Some(respond.recorded()), attributes);
            Ok(response(respond, closes))
        }
        Action::Break(broken) => {
            open.end(Outcome::Dropped, None, attributes);
            Err(break_with(broken))
        }
    }
}

/// An exchange under way. When the client goes away before the answer, the connection drops this, which ends it.
struct Open<'a> {
    shared: &'a Shared,
    exchange: Option<&'a Exchange>,
    started: Instant,
}

impl Open<'_> {
    fn end(
        &mut self,
        outcome: Outcome,
        response: Option<styk_core::Response>,
        expectation: Option<SharedAttributes>,
    ) {
        if let Some(exchange) = self.exchange.take() {
            let duration = self.shared.clock.since(self.started);
            let ending = Ending {
                outcome,
                response,
                duration,
                attributes: Default::default(),
            };
            self.shared.recorder.end(exchange, ending, expectation);
        }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.end(Outcome::Dropped, None, None);
    }
}

fn response(respond: &Respond, closes: bool) -> Answer {
    let mut answer = Response::new(Full::new(respond.body.clone()));
    *answer.status_mut() = respond.status;
    *answer.headers_mut() = respond.wire_headers.clone();
    if let Some(reason) = &respond.reason {
        answer.extensions_mut().insert(reason.clone());
    }
    if closes {
        closing(answer, true)
    } else {
        answer
    }
}

fn break_with(broken: &Break) -> Broken {
    Broken {
        bytes: broken.bytes.clone(),
        drop_connection: broken.drop_connection || broken.bytes.is_empty(),
    }
}

/// No expectation matches: 404 without a body.
fn unmatched(open: &mut Open<'_>, closes: bool) -> Answer {
    open.end(
        Outcome::Unmatched,
        Some(bodiless(StatusCode::NOT_FOUND)),
        None,
    );
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = StatusCode::NOT_FOUND;
    closing(answer, closes)
}

/// A word in the log on which expectation came closest, and what kept it from matching.
fn log_closest(shared: &Shared, exchange: &Exchange) {
    let Some(request) = exchange.request() else {
        return;
    };
    let subject = Subject::new(request);
    let active = shared.store.active();
    let candidates = active.iter().take(LOOKED_AT_MAX);
    let ranked = candidates.map(|expectation| (expectation.request.misses(&subject), expectation));
    let (server, operation) = (shared.recorder.name(), exchange.operation());
    match ranked.min_by_key(|(misses, _)| misses.len()) {
        Some((misses, expectation)) => {
            let missed: Vec<_> = misses.into_iter().map(|field| field.name()).collect();
            let (closest, missed) = (&*expectation.id, missed.join(", "));
            tracing::info!(server, operation, closest, missed, "no expectation matches");
        }
        None => tracing::info!(server, operation, "no expectation matches: there is none"),
    }
}

/// Records a request that was refused before it could be matched; it counts in no verification.
fn record_refused(shared: &Shared, parts: &Parts, refusal: &Refusal, started: Instant) {
    let exchange = shared
        .recorder
        .begin(recorded(parts, Bytes::new()), shared.clock.now());
    let ending = Ending {
        outcome: Outcome::Failed {
            reason: refusal.reason.clone(),
        },
        response: Some(bodiless(refusal.status)),
        duration: shared.clock.since(started),
        attributes: Default::default(),
    };
    shared.recorder.end(&exchange, ending, None);
}

fn bodiless(status: StatusCode) -> styk_core::Response {
    styk_core::Response {
        status,
        headers: HeaderMap::new(),
        body: Bytes::new(),
    }
}

/// MockServer always says what becomes of the connection.
fn closing(mut answer: Answer, closes: bool) -> Answer {
    let word = if closes { CLOSE } else { KEEP_ALIVE };
    answer.headers_mut().insert(CONNECTION, word);
    answer
}
