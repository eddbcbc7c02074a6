//! The data plane: every request that is no control operation is recorded, matched and answered.

use std::sync::Arc;
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use http::uri::Authority;
use http::{Method, StatusCode};
use styk_core::{Attributes, Ending, Exchange, Headers, Outcome, Request, SharedFacts};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::action::{Action, ActionError, Performance, Performed};
use crate::callbacks;
use crate::closest;
use crate::control;
use crate::cors::Plane;
use crate::dashboard;
use crate::every_answer::{self, EveryAnswer};
use crate::expectation::Expectation;
use crate::http1::Answer;
use crate::lasting::{Lasting, Streaming};
use crate::matcher::Subject;
use crate::proxy::{self, Route};
use crate::scope::Scope;
use crate::server::Shared;
use crate::store::Store;
use crate::websocket::Session;

/// Looking for the closest expectation among more would slow down exactly the tests that are in trouble.
const LOOKED_AT_MAX: usize = 100;

/// A request as it comes from a connection.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) request: Request,
}

/// What a connection is to do for a request.
#[derive(Debug)]
pub(crate) enum Outgoing {
    Answer(Arc<Answer>),
    /// An answer that is written as time goes by.
    Stream(Box<Streaming>),
    /// Raw bytes past the protocol, and perhaps the end of the connection.
    Break {
        bytes: Bytes,
        drop_connection: bool,
    },
    /// The connection becomes something else.
    Takeover(Takeover),
}

/// What a connection becomes.
#[derive(Debug)]
pub(crate) enum Takeover {
    /// A websocket whose client answers requests.
    Callbacks {
        /// The value of `sec-websocket-accept`.
        accept: String,
        client: String,
    },
    /// A websocket that an expectation plays.
    WebSocket(Box<Session>),
    /// A tunnel to another server, or so the client thinks.
    Tunnel(Authority),
}

impl From<Answer> for Outgoing {
    fn from(answer: Answer) -> Self {
        Self::Answer(Arc::new(answer))
    }
}

impl From<Arc<Answer>> for Outgoing {
    fn from(answer: Arc<Answer>) -> Self {
        Self::Answer(answer)
    }
}

/// Answers one request.
pub(crate) async fn answer(shared: &Arc<Shared>, incoming: Incoming) -> Outgoing {
    shared.counters.received();
    // Before anything is added to answers: no page of another origin reads the dashboard.
    if let Some(answer) = dashboard::answer(shared, &incoming.request).await {
        return answer.into();
    }
    let Some(every_answer) = shared.every_answer() else {
        return answer_one(shared, incoming.request, None).await;
    };
    let request = incoming.request;
    let cors = every_answer.cors_headers(&request, plane(shared, &request.method, &request));
    let mut outgoing = answer_one(shared, request, Some(&every_answer)).await;
    every_answer.complete(&mut outgoing, cors);
    outgoing
}

/// Whom a request is for, if its method were this one.
fn plane(shared: &Shared, method: &Method, request: &Request) -> Plane {
    if control::operation(shared, method, request.uri.path()).is_some() {
        Plane::Control
    } else {
        Plane::Data
    }
}

async fn answer_one(
    shared: &Arc<Shared>,
    request: Request,
    every_answer: Option<&EveryAnswer>,
) -> Outgoing {
    if let Some(operation) = control::operation(shared, &request.method, request.uri.path()) {
        return control::answer(shared, operation, &request).await.into();
    }
    if let Some(takeover) = websocket(shared, &request) {
        return Outgoing::Takeover(takeover);
    }
    if let Some(answer) = preflight(shared, &request) {
        return answer.into();
    }
    let started = shared.clock.instant();
    let scope = match shared.scopes.of(&request.headers) {
        Ok(scope) => scope,
        Err(error) => return refusal(StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into(),
    };
    let exchange = scope.recorder.begin(request, shared.clock.now());
    let mut open = Open {
        shared,
        scope: &scope,
        exchange: Some(&exchange),
        started,
        attributes: Attributes::new(),
    };
    let Some(request) = exchange.request() else {
        return refusal(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the request was not recorded".to_owned(),
        )
        .into();
    };
    if let Some(answer) = resource(shared, &scope, request) {
        open.end(Outcome::Answered, Some(answer.recorded()), None);
        return answer.into();
    }
    match find(shared, &scope, request) {
        Some(expectation) => {
            if let Some(every_answer) = every_answer {
                every_answer.wait(&shared.clock).await;
            }
            perform(&mut open, &expectation, request).await
        }
        None => unmatched(&mut open, request).await,
    }
}

/// What a browser is told before it sends a request to another origin. An expectation goes first; without one, the question
/// is no part of the record, as in the original.
fn preflight(shared: &Shared, request: &Request) -> Option<Answer> {
    if request.method != Method::OPTIONS {
        return None;
    }
    let plane_of = |method: &Method| plane(shared, method, request);
    let answer = every_answer::preflight(&shared.settings(), request, plane_of)?;
    let scope = shared.scopes.of(&request.headers).ok()?;
    let subject = Subject::new(request);
    let mocked = |store: &Store| {
        let active = store.active();
        let mut active = active.iter();
        active.any(|expectation| expectation.request.misses(&subject).is_empty())
    };
    let is_mocked = mocked(&scope.store) || mocked(&shared.scopes.common().store);
    (!is_mocked).then_some(answer)
}

/// A websocket for callbacks, if the request asks for one.
fn websocket(shared: &Shared, request: &Request) -> Option<Takeover> {
    if request.uri.path() != callbacks::PATH {
        return None;
    }
    let upgrades = request.headers.text("upgrade");
    let key = request.headers.get("sec-websocket-key");
    let key =
        key.filter(|_| upgrades.is_some_and(|value| value.eq_ignore_ascii_case("websocket")))?;
    let proposed = request.headers.text(callbacks::REGISTRATION);
    let proposed = proposed
        .map(std::borrow::Cow::into_owned)
        .filter(|id| !id.is_empty());
    Some(Takeover::Callbacks {
        accept: derive_accept_key(key),
        client: proposed.unwrap_or_else(|| shared.random_id()),
    })
}

/// The answer of a resource kept in memory, the scope's or one of the common ground.
fn resource(shared: &Shared, scope: &Scope, request: &Request) -> Option<Answer> {
    let answer = scope.resources.answer(request);
    if answer.is_some() || scope.name.is_none() {
        return answer;
    }
    shared.scopes.common().resources.answer(request)
}

/// The expectation that answers: one of the scope, else one of the common ground.
fn find(shared: &Shared, scope: &Scope, request: &Request) -> Option<Arc<Expectation>> {
    let subject = Subject::new(request);
    let found = scope.store.take(&subject);
    if found.is_some() || scope.name.is_none() {
        return found;
    }
    shared.scopes.common().store.take(&subject)
}

async fn perform(
    open: &mut Open<'_>,
    expectation: &Arc<Expectation>,
    request: &Request,
) -> Outgoing {
    let facts = Some(Arc::clone(&expectation.facts));
    // By far the most frequent action waits for nothing.
    if let Action::Respond(respond) = &expectation.action
        && respond.is_plain()
        && expectation.side_actions.is_empty()
    {
        open.end(Outcome::Answered, None, facts);
        return Arc::clone(&respond.answer).into();
    }
    let performance = Performance {
        shared: open.shared,
        scope: open.scope,
        expectation,
        request,
    };
    match with_side_actions(&performance).await {
        Ok(mut performed) => {
            open.attributes = std::mem::take(&mut performed.attributes);
            match &mut performed.outgoing {
                Outgoing::Answer(answer) => {
                    let usual = expectation.action.answer();
                    let is_usual = usual.is_some_and(|usual| Arc::ptr_eq(usual, answer));
                    let own = (!is_usual).then(|| answer.recorded());
                    open.end(Outcome::Answered, own, facts);
                }
                Outgoing::Stream(stream) => {
                    stream.lasting = open.last(stream.head.recorded(), facts);
                }
                Outgoing::Takeover(Takeover::WebSocket(session)) => {
                    let switched = Answer::new(StatusCode::SWITCHING_PROTOCOLS);
                    session.lasting = open.last(switched.recorded(), facts);
                }
                Outgoing::Break { .. } | Outgoing::Takeover(_) => {
                    open.end(Outcome::Dropped, None, facts);
                }
            }
            performed.outgoing
        }
        Err(error) => failed(open, &error, facts),
    }
}

/// The action, with what is to be done before and after it.
async fn with_side_actions(performance: &Performance<'_>) -> Result<Performed, ActionError> {
    let Performance {
        shared,
        scope,
        expectation,
        request,
    } = performance;
    expectation
        .side_actions
        .before(shared, scope, request)
        .await?;
    let performed = expectation.action.perform(performance).await?;
    expectation
        .side_actions
        .after(shared, scope, request)
        .await?;
    Ok(performed)
}

/// The action failed: the client and the record are told why.
fn failed(open: &mut Open<'_>, error: &ActionError, facts: Option<SharedFacts>) -> Outgoing {
    // MockServer 5 answered everything that went wrong like what it did not know.
    let answer = if open.shared.follows_5_15() {
        Answer::new(StatusCode::NOT_FOUND)
    } else {
        refusal(error.status(), error.to_string())
    };
    tracing::warn!(server = open.scope.recorder.name(), %error, "an action failed");
    let reason = error.to_string();
    open.end(Outcome::Failed { reason }, Some(answer.recorded()), facts);
    answer.into()
}

/// No expectation matches: the request goes to the server it was meant for, if that was asked for.
async fn unmatched(open: &mut Open<'_>, request: &Request) -> Outgoing {
    let target = match proxy::route(open.shared, request) {
        Route::Nowhere => return not_found(open, request),
        Route::Refused(answer) => {
            open.end(Outcome::Unmatched, Some(answer.recorded()), None);
            return (*answer).into();
        }
        Route::To(target) => target,
    };
    match proxy::forward(open.shared, &target, request).await {
        Ok(answer) => {
            let performed = Performed::forwarded(answer.clone(), &target);
            open.attributes = performed.attributes;
            open.end(Outcome::Answered, Some(answer.recorded()), None);
            performed.outgoing
        }
        Err(error) => failed(open, &error, None),
    }
}

/// 404 without a body.
fn not_found(open: &mut Open<'_>, request: &Request) -> Outgoing {
    let mut answer = Answer::new(StatusCode::NOT_FOUND);
    open.end(Outcome::Unmatched, Some(answer.recorded()), None);
    closest::diagnose(open.shared, open.scope, request, &mut answer);
    if tracing::enabled!(tracing::Level::INFO) {
        log_closest(open.scope, request);
    }
    answer.into()
}

/// An exchange under way. When the client goes away before the answer, the connection drops this, which ends it.
struct Open<'a> {
    shared: &'a Arc<Shared>,
    scope: &'a Arc<Scope>,
    exchange: Option<&'a Arc<Exchange>>,
    started: Instant,
    attributes: Attributes,
}

impl Open<'_> {
    fn end(
        &mut self,
        outcome: Outcome,
        response: Option<styk_core::Response>,
        expectation: Option<SharedFacts>,
    ) {
        if let Some(exchange) = self.exchange.take() {
            let duration = self.shared.clock.since(self.started);
            let was_forwarded = self.attributes.get("forwarded_to").is_some();
            let counters = &self.shared.counters;
            counters.ended(&outcome, was_forwarded, duration);
            let ending = Ending {
                outcome,
                response,
                duration,
                attributes: std::mem::take(&mut self.attributes),
            };
            self.scope.recorder.end(exchange, ending, expectation);
        }
    }
}

impl Open<'_> {
    /// The exchange goes on: who serves it says when it ends.
    fn last(
        &mut self,
        response: styk_core::Response,
        facts: Option<SharedFacts>,
    ) -> Option<Lasting> {
        let exchange = self.exchange.take()?;
        Some(Lasting {
            shared: Arc::clone(self.shared),
            scope: Arc::clone(self.scope),
            exchange: Arc::clone(exchange),
            started: self.started,
            facts,
            attributes: std::mem::take(&mut self.attributes),
            response,
            sent: BytesMut::new(),
            is_over: false,
        })
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.end(Outcome::Dropped, None, None);
    }
}

/// A word in the log on which expectation came closest, and what kept it from matching.
fn log_closest(scope: &Scope, request: &Request) {
    let subject = Subject::new(request);
    let active = scope.store.active();
    let candidates = active.iter().take(LOOKED_AT_MAX);
    let ranked = candidates.map(|expectation| (expectation.request.misses(&subject), expectation));
    let (server, operation) = (
        scope.recorder.name(),
        format!("{} {}", request.method, request.uri.path()),
    );
    match ranked.min_by_key(|(misses, _)| misses.len()) {
        Some((misses, expectation)) => {
            let missed: Vec<_> = misses.into_iter().map(|field| field.name()).collect();
            let (closest, missed) = (&*expectation.id, missed.join(", "));
            tracing::info!(server, operation, closest, missed, "no expectation matches");
        }
        None => tracing::info!(server, operation, "no expectation matches: there is none"),
    }
}

/// Records a request that was refused before it could be matched; what the client is told.
pub(crate) fn refuse(
    shared: &Shared,
    incoming: Incoming,
    status: StatusCode,
    reason: String,
) -> Answer {
    let request = incoming.request;
    let is_control = control::operation(shared, &request.method, request.uri.path()).is_some();
    if let Ok(scope) = shared.scopes.of(&request.headers)
        && !is_control
    {
        let started = shared.clock.instant();
        let exchange = scope.recorder.begin_refused(request, shared.clock.now());
        let ending = Ending {
            outcome: Outcome::Failed {
                reason: reason.clone(),
            },
            response: Some(Answer::new(status).recorded()),
            duration: shared.clock.since(started),
            attributes: Attributes::new(),
        };
        scope.recorder.end(&exchange, ending, None);
    }
    refusal(status, reason)
}

/// A plain text for a request that is not answered by an expectation.
pub(crate) fn refusal(status: StatusCode, reason: String) -> Answer {
    Answer {
        headers: [("content-type", "text/plain; charset=utf-8")]
            .into_iter()
            .collect::<Headers>(),
        body: Bytes::from(reason),
        ..Answer::new(status)
    }
}
