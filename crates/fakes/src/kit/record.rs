//! What the journal gets to know of a fake's calls.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use styk_core::{
    Attributes, Edge, Ending, Exchange, ExchangeDraft, ExchangeKind, Facts, Headers, Journal,
    Outcome, Request, Response, SharedFacts, TraceContext,
};

use super::{Answer, Call};

/// Who makes control calls, on the edges of the journal: the test.
const CONTROL: &str = "test";

/// Writes one fake's exchanges into the journal.
#[derive(Clone, Debug)]
pub(crate) struct Recorder {
    journal: Journal,
    calls: Edge,
    webhooks: Edge,
    facts: SharedFacts,
}

impl Recorder {
    /// `caller` is the shop's name in the matrix, `provider` the fake's.
    pub(crate) fn new(journal: Journal, caller: &str, provider: &str) -> Self {
        let attributes = Attributes::from([("provider", provider)]);
        Self {
            journal,
            calls: Edge::new(caller, provider),
            webhooks: Edge::new(provider, caller),
            facts: Arc::new(Facts {
                attributes,
                ..Facts::default()
            }),
        }
    }

    /// A call has come.
    pub(crate) fn begin_call(
        &self,
        operation: String,
        request: Request,
        at: Timestamp,
    ) -> Arc<Exchange> {
        self.begin(
            ExchangeKind::Http,
            &self.calls,
            operation,
            request,
            at,
            Attributes::new(),
        )
    }

    /// A webhook goes out. `attributes` tell which: `event`, `delivery`, `try`, …
    pub(crate) fn begin_webhook(
        &self,
        operation: String,
        request: Request,
        at: Timestamp,
        attributes: Attributes,
    ) -> Arc<Exchange> {
        self.begin(
            ExchangeKind::Webhook,
            &self.webhooks,
            operation,
            request,
            at,
            attributes,
        )
    }

    fn begin(
        &self,
        kind: ExchangeKind,
        edge: &Edge,
        operation: String,
        request: Request,
        at: Timestamp,
        attributes: Attributes,
    ) -> Arc<Exchange> {
        let trace = request.headers.text("traceparent");
        let trace = trace.and_then(|value| TraceContext::parse(&value));
        let draft = ExchangeDraft {
            kind,
            edge: edge.clone(),
            operation,
            started_at: at,
            request: Some(request),
            trace,
            parent_span: None,
            attributes,
        };
        self.journal
            .begin_marked(draft, Some(Arc::clone(&self.facts)), 0)
    }

    /// A call has ended: with an answer, or without when a fault took it.
    pub(crate) fn end_call(
        &self,
        call: &Call,
        answer: Option<&Answer>,
        fault: Option<&str>,
        duration: Duration,
    ) {
        let mut attributes = Attributes::new();
        let mut put = |name: &'static str, value: Option<String>| {
            attributes.extend(value.map(|value| (name, value)));
        };
        let notes = call.take_notes();
        put("account", notes.account);
        put("object", notes.object);
        put("order", notes.order);
        put("idempotency_key", notes.key);
        put("replayed", notes.is_replay.then(|| "true".to_owned()));
        put(
            "gap",
            (!notes.gaps.is_empty()).then(|| notes.gaps.join("; ")),
        );
        put("fault", fault.map(str::to_owned));
        let outcome = match answer {
            Some(_) => Outcome::Answered,
            None => Outcome::Dropped,
        };
        self.end(&call.exchange, outcome, answer, duration, attributes);
    }

    /// An exchange has ended.
    pub(crate) fn end(
        &self,
        exchange: &Exchange,
        outcome: Outcome,
        answer: Option<&Answer>,
        duration: Duration,
        attributes: Attributes,
    ) {
        let response = answer.map(|answer| Response {
            status: answer.status,
            headers: Headers::from(&answer.headers),
            body: answer.body.clone(),
        });
        self.journal.end(
            exchange,
            Ending {
                outcome,
                response,
                duration,
                attributes,
            },
        );
    }

    /// A control call that changed something.
    pub(crate) fn control(
        &self,
        operation: String,
        request: Request,
        at: Timestamp,
        answer: &Answer,
        duration: Duration,
    ) {
        let edge = Edge::new(CONTROL, self.calls.to());
        let facts = Attributes::from([("control", "true")]);
        let exchange = self.begin(ExchangeKind::Http, &edge, operation, request, at, facts);
        self.end(
            &exchange,
            Outcome::Answered,
            Some(answer),
            duration,
            Attributes::new(),
        );
    }

    /// The fake's name on its edges.
    pub(crate) fn provider(&self) -> &str {
        self.calls.to()
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }
}
