//! Verbs about the outside world: `mock`, `fake`, `fault`, `verify`, `wait`.

use std::time::Duration;

use styk_core::{Edge, FaultKind};

use super::StatusCheck;
use crate::tree::Span;
use crate::value::{JsonPath, Matcher, ValueTemplate};

/// `mock`.
#[derive(Clone, Debug)]
pub struct MockSetup {
    /// The mock; it exists, where the loader knew the mocks.
    pub mock: String,
    /// Where its name stands.
    pub span: Span,
    /// A MockServer expectation: `httpRequest`, `httpResponse` or `httpError`, `times`. It has no `priority`: the
    /// engine gives each a higher one than the last, so that the latest that matches answers.
    pub expectation: ValueTemplate,
}

/// `fake`.
#[derive(Clone, Debug)]
pub struct FakeAct {
    /// `payments.stripe.confirm`, or `stripe.confirm`; checked at load where it is not computed.
    pub target: ValueTemplate,
    /// What the action is told: a mapping.
    pub with: Option<ValueTemplate>,
}

/// `fault`.
#[derive(Clone, Debug)]
pub struct FaultSetup {
    /// The fake, or an edge that leads to it (or, for webhooks, comes from it).
    pub target: ValueTemplate,
    /// What to break, or `None` to take back the scenario's faults at this fake.
    pub kind: Option<FaultKind>,
    /// On which operation or event; any where the file has none.
    pub operation: Option<ValueTemplate>,
    /// On calls about what: an order, or an id of the provider.
    pub entity: Option<ValueTemplate>,
    /// How many calls that fit pass unharmed before.
    pub ordinal: u32,
    /// Only this try of one operation.
    pub attempt: Option<u32>,
    /// How often it fires.
    pub times: u32,
    /// What the kind is told further: a mapping.
    pub params: Option<ValueTemplate>,
}

/// `verify`.
#[derive(Clone, Debug)]
pub struct Verify {
    /// What to look at.
    pub subject: VerifySubject,
    /// Where the subject stands.
    pub span: Span,
    /// Which exchanges count; all of them must hold.
    pub conditions: Vec<Condition>,
    /// How many there must be; at least one where the file has none. A rule takes no count.
    pub count: Option<Matcher>,
    /// Where the count stands.
    pub count_span: Option<Span>,
    /// How long to look for late ones; the engine's default otherwise.
    pub settle: Option<Duration>,
}

/// What a `verify` looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerifySubject {
    /// Calls that a mock received.
    Mock(String),
    /// Crossings of an edge.
    Edge(Edge),
    /// No two calls with the same idempotency key or payload.
    NoDuplicateCalls,
}

/// `wait`.
#[derive(Clone, Debug)]
pub struct Wait {
    /// What to wait for.
    pub subject: WaitSubject,
    /// Where the subject stands.
    pub span: Span,
    /// Where `from` stands, or the subject when there is none.
    pub from_span: Span,
    /// Which call will do; all of them must hold.
    pub conditions: Vec<Condition>,
    /// How long; the step's limit otherwise.
    pub limit: Option<Duration>,
}

/// What a `wait` waits for.
#[derive(Clone, Debug)]
pub enum WaitSubject {
    /// A call that a mock received, or that crossed an edge: `wait: call` and `from`.
    Call(VerifySubject),
    /// A webhook of a fake, with the shop's answer: `wait: webhook`.
    Webhook(Box<WebhookWait>),
    /// A stage on which nothing is going on.
    QueueIdle,
}

/// Which webhook a `wait` waits for.
#[derive(Clone, Debug)]
pub struct WebhookWait {
    /// The fake it comes from; any where the file has none.
    pub from: Option<ValueTemplate>,
    /// What its type must be, in the provider's words.
    pub event: Option<Matcher>,
    /// What the shop must have answered.
    pub delivered: Option<StatusCheck>,
}

/// One line of `where`.
#[derive(Clone, Debug)]
pub struct Condition {
    /// Where the key stands.
    pub span: Span,
    /// What it looks at.
    pub part: ExchangePart,
    /// What must hold.
    pub matcher: Matcher,
}

/// A part of an exchange.
#[derive(Clone, Debug)]
pub enum ExchangePart {
    /// `method`.
    Method,
    /// `path`, without the query.
    Path,
    /// `status`: what was answered, as a number.
    Status,
    /// `header.<name>` of the request, in lower case.
    Header(String),
    /// `query.<name>`.
    Query(String),
    /// `text`: the request's body as text.
    Text,
    /// `$.a.b`, or a plain name for a member: a path into the request's JSON body.
    Body(JsonPath),
}
