//! A small language to make up exchanges: calls of the test, spans of the shop, answers of mocks.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use jiff::Timestamp;
use styk_core::{
    Attributes, Edge, Ending, Exchange, ExchangeDraft, ExchangeKind, Headers, Journal, Outcome,
    Request, Response, SpanId, TraceContext, TraceId,
};

/// One scenario's exchanges in the making. Time passes by a millisecond with each of them.
pub(crate) struct Story {
    journal: Journal,
    trace: TraceId,
    now: Timestamp,
    spans: u64,
    /// The spans that are open, innermost last.
    open: Vec<u64>,
}

/// A call over HTTP that is about to be told.
pub(crate) struct Call<'a> {
    pub(crate) edge: (&'a str, &'a str),
    pub(crate) target: &'a str,
    pub(crate) body: &'a str,
    pub(crate) ended: Ended<'a>,
    pub(crate) millis: u64,
}

/// What came of a call.
pub(crate) enum Ended<'a> {
    Answer(u16, &'a str),
    Unmatched,
    Dropped,
    Failed(&'a str),
}

impl Story {
    pub(crate) fn new(trace: u128, now: Timestamp) -> Self {
        Self {
            journal: Journal::default(),
            trace: TraceId(trace),
            now,
            spans: 0,
            open: Vec::new(),
        }
    }

    pub(crate) fn exchanges(&self) -> Vec<Arc<Exchange>> {
        self.journal.exchanges()
    }

    pub(crate) fn trace_id(&self) -> TraceId {
        self.trace
    }

    /// The test asks the shop; `inside` is what the shop does about it.
    pub(crate) fn test(
        &mut self,
        target: &str,
        body: &str,
        ended: Ended<'_>,
        inside: impl FnOnce(&mut Self),
    ) -> u64 {
        self.spans += 1;
        let span = self.spans;
        let call = Call {
            edge: ("test", "shop"),
            target,
            body,
            ended,
            millis: 12,
        };
        let (exchange, ending) = self.call(&call, span);
        self.open.push(span);
        self.span_with("http", target, &[("span_kind", "server")], inside);
        self.open.pop();
        self.journal.end(&exchange, ending);
        exchange.seq()
    }

    /// A module of the shop at work.
    pub(crate) fn span(&mut self, module: &str, name: &str, inside: impl FnOnce(&mut Self)) {
        self.span_with(module, name, &[("span_kind", "internal")], inside);
    }

    /// The shop asks the outside world.
    pub(crate) fn outside(&mut self, server: &str, target: &str, body: &str, ended: Ended<'_>) {
        let parent = self.open.last().copied().unwrap_or_default();
        let call = Call {
            edge: ("shop", server),
            target,
            body,
            ended,
            millis: 4,
        };
        let (exchange, ending) = self.call(&call, parent);
        self.journal.end(&exchange, ending);
    }

    fn span_with(
        &mut self,
        module: &str,
        name: &str,
        facts: &[(&str, &str)],
        inside: impl FnOnce(&mut Self),
    ) {
        self.spans += 1;
        let id = self.spans;
        let mut attributes = Attributes::from([("scope", format!("shop.{module}"))]);
        for (name, value) in facts {
            attributes.insert((*name).to_owned(), *value);
        }
        let exchange = self.journal.begin(ExchangeDraft {
            kind: ExchangeKind::Span,
            edge: Edge::new(module, module),
            operation: name.to_owned(),
            started_at: self.now,
            request: None,
            trace: Some(self.context(id)),
            parent_span: self.open.last().copied().map(SpanId),
            attributes,
        });
        self.pass(1);
        self.open.push(id);
        inside(self);
        self.open.pop();
        self.journal
            .end(&exchange, ending(Outcome::Answered, None, 3));
    }

    fn call(&mut self, call: &Call<'_>, span: u64) -> (Arc<Exchange>, Ending) {
        let (method, path) = call.target.split_once(' ').expect("a method and a path");
        let exchange = self.journal.begin(ExchangeDraft {
            kind: ExchangeKind::Http,
            edge: Edge::new(call.edge.0, call.edge.1),
            operation: call.target.to_owned(),
            started_at: self.now,
            request: Some(Request::new(
                method.parse().expect("a method"),
                path.parse().expect("a path"),
                headers(&[
                    ("content-type", "application/json"),
                    ("authorization", "Bearer eyJhbGciOiJIUzI1NiJ9.e30.secret1"),
                    ("x-request-id", "01JD0-7f3a"),
                ]),
                Bytes::copy_from_slice(call.body.as_bytes()),
            )),
            trace: Some(self.context(span)),
            parent_span: None,
            attributes: Attributes::new(),
        });
        self.pass(1);
        let ending = match call.ended {
            Ended::Answer(status, body) => {
                let response = response(status, body);
                ending(Outcome::Answered, Some(response), call.millis)
            }
            Ended::Unmatched => ending(Outcome::Unmatched, Some(response(404, "")), call.millis),
            Ended::Dropped => ending(Outcome::Dropped, None, call.millis),
            Ended::Failed(reason) => {
                let reason = reason.to_owned();
                ending(Outcome::Failed { reason }, None, call.millis)
            }
        };
        (exchange, ending)
    }

    fn context(&self, span: u64) -> TraceContext {
        TraceContext {
            trace_id: self.trace,
            span_id: SpanId(span),
        }
    }

    fn pass(&mut self, millis: u64) {
        self.now = self
            .now
            .checked_add(Duration::from_millis(millis))
            .expect("a time in range");
    }
}

fn ending(outcome: Outcome, response: Option<Response>, millis: u64) -> Ending {
    Ending {
        outcome,
        response,
        duration: Duration::from_millis(millis),
        attributes: Attributes::new(),
    }
}

fn response(status: u16, body: &str) -> Response {
    Response {
        status: StatusCode::from_u16(status).expect("a status"),
        headers: headers(&[
            ("content-type", "application/json"),
            ("set-cookie", "session=9f86d081884c7d65; HttpOnly"),
        ]),
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

fn headers(pairs: &[(&'static str, &'static str)]) -> Headers {
    pairs.iter().copied().collect()
}
