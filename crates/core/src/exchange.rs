//! One observed crossing of an edge.
//!
//! An [`Exchange`] is opened when the request is seen and ended, once, when it is known what came of it. Bodies
//! and header maps are shared, not copied, so recording costs little. The raw values are needed to verify
//! calls; every serialised or debugged form is masked (see [`crate::mask_json`]).

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::uri::Authority;
use http::{Method, StatusCode, Uri, Version};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Attributes, Edge, Headers, SpanId, TraceContext, TraceId};

/// What kind of crossing was observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExchangeKind {
    /// A request over HTTP.
    Http,
    /// A provider's call into the shop.
    Webhook,
    /// A mail handed over by SMTP.
    Smtp,
    /// A job that went through a queue.
    Job,
    /// A span inside the shop: one module at work, possibly called by another.
    Span,
}

/// What came of an exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Outcome {
    /// It was answered (with any status), or the span ended without error.
    Answered,
    /// No expectation matched; a mock answered 404.
    Unmatched,
    /// The connection was dropped on purpose, or broke, before a full answer.
    Dropped,
    /// It failed for the reason given: time-out, refused connection, a span with an error.
    Failed {
        /// The cause, for a person to read.
        reason: String,
    },
}

/// The request half of an exchange over HTTP. Clones share body and headers.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The target as it came: path and query raw, in absolute form when it came so.
    pub uri: Uri,
    /// All header fields.
    pub headers: Headers,
    /// The body, after decoding of its content coding; up to the receiver's limit.
    pub body: Bytes,
    /// How it came, where the observer saw the connection.
    pub transport: Option<Arc<Transport>>,
}

/// The connection that a request came on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transport {
    /// The version of HTTP.
    pub version: Version,
    /// Whether it was encrypted.
    pub secure: bool,
    /// The address that was called.
    pub local: SocketAddr,
    /// The caller's address.
    pub remote: SocketAddr,
    /// The certificates that the caller showed, its own first.
    pub client_certificates: Vec<ClientCertificate>,
    /// The server that the caller asked to be connected to, when it took the receiver for a proxy.
    pub meant_for: Option<Authority>,
}

impl Transport {
    /// A plain connection.
    #[must_use]
    pub fn new(local: SocketAddr, remote: SocketAddr) -> Self {
        Self {
            version: Version::HTTP_11,
            secure: false,
            local,
            remote,
            client_certificates: Vec::new(),
            meant_for: None,
        }
    }
}

/// A certificate that a caller showed, in the words of Java.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    /// Whom it is for: a distinguished name as of RFC 2253.
    pub subject: String,
    /// Who signed it, likewise.
    pub issuer: String,
    /// Its number, in decimal.
    pub serial_number: String,
    /// How it is signed.
    pub signature_algorithm: String,
    /// SHA-256 of the whole, in lower-case hexadecimal digits.
    pub fingerprint_sha256: String,
}

/// The answer half of an exchange over HTTP.
#[derive(Clone)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// All header fields.
    pub headers: Headers,
    /// The body.
    pub body: Bytes,
}

/// How an exchange ended.
#[derive(Clone, Debug)]
pub struct Ending {
    /// What came of it.
    pub outcome: Outcome,
    /// The answer, where there was one of its own.
    pub response: Option<Response>,
    /// Time from the request to the end.
    pub duration: Duration,
    /// Facts learnt while answering, such as `expectation` (the id of the one that matched).
    pub attributes: Attributes,
}

/// What an observer knows when an exchange begins.
#[derive(Clone, Debug)]
pub struct ExchangeDraft {
    /// What kind of crossing this is.
    pub kind: ExchangeKind,
    /// Who calls whom, as far as the observer can tell. For spans: the module itself on both ends until
    /// the parent is known.
    pub edge: Edge,
    /// The operation: `POST /api/v1/payments`, or a span's name. Left empty for an exchange with a request, it is
    /// the request's method and path, written when somebody asks.
    pub operation: String,
    /// When it was seen.
    pub started_at: Timestamp,
    /// The request, for exchanges over HTTP.
    pub request: Option<Request>,
    /// The trace context that came with the request (its span is the caller's), or the span's own.
    pub trace: Option<TraceContext>,
    /// For spans: the parent span, when there is one.
    pub parent_span: Option<SpanId>,
    /// Further facts, such as a span's attributes.
    pub attributes: Attributes,
}

/// Facts that many exchanges have in common, made once: which server answers, which expectation matched.
pub type SharedFacts = Arc<Facts>;

/// Facts about an exchange.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// By name, such as `server` or `expectation`.
    pub attributes: Attributes,
    /// The answer in the words of whoever asked for it (a mock's expectation), which say more than the bytes sent.
    pub answer_as_written: Option<String>,
    /// The answer of those exchanges that end with these facts and none of their own: one copy, which weighs nothing.
    pub answer: Option<Response>,
}

/// One recorded crossing of an edge.
pub struct Exchange {
    seq: u64,
    draft: ExchangeDraft,
    shared: Option<SharedFacts>,
    operation: OnceLock<String>,
    end: OnceLock<(Ending, Option<SharedFacts>)>,
}

impl Exchange {
    pub(crate) fn new(draft: ExchangeDraft, shared: Option<SharedFacts>) -> Self {
        Self {
            seq: 0,
            draft,
            shared,
            operation: OnceLock::new(),
            end: OnceLock::new(),
        }
    }

    /// The place in the journal, known when the journal takes the exchange in.
    pub(crate) fn set_seq(&mut self, seq: u64) {
        self.seq = seq;
    }

    /// Sets the ending; `false` when the exchange had ended already.
    pub(crate) fn end(&self, ending: Ending, shared: Option<SharedFacts>) -> bool {
        self.end.set((ending, shared)).is_ok()
    }

    /// The place in the journal, from 1. Unique within a stage.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// What kind of crossing this is.
    #[must_use]
    pub fn kind(&self) -> ExchangeKind {
        self.draft.kind
    }

    /// Who called whom.
    #[must_use]
    pub fn edge(&self) -> &Edge {
        &self.draft.edge
    }

    /// The operation, such as `POST /api/v1/payments`.
    #[must_use]
    pub fn operation(&self) -> &str {
        match self.request() {
            Some(request) if self.draft.operation.is_empty() => self
                .operation
                .get_or_init(|| format!("{} {}", request.method, request.uri.path())),
            _ => &self.draft.operation,
        }
    }

    /// When the request was seen.
    #[must_use]
    pub fn started_at(&self) -> Timestamp {
        self.draft.started_at
    }

    /// The request, raw. Mask before showing it to a person.
    #[must_use]
    pub fn request(&self) -> Option<&Request> {
        self.draft.request.as_ref()
    }

    /// The trace context the request came with, or the span's own.
    #[must_use]
    pub fn trace(&self) -> Option<TraceContext> {
        self.draft.trace
    }

    /// The trace it belongs to.
    #[must_use]
    pub fn trace_id(&self) -> Option<TraceId> {
        self.draft.trace.map(|trace| trace.trace_id)
    }

    /// For spans: the parent span.
    #[must_use]
    pub fn parent_span(&self) -> Option<SpanId> {
        self.draft.parent_span
    }

    /// What came of it; `None` while it is under way.
    #[must_use]
    pub fn outcome(&self) -> Option<&Outcome> {
        self.end.get().map(|(ending, _)| &ending.outcome)
    }

    /// Time from the request to the end; `None` while it is under way.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        self.end.get().map(|(ending, _)| ending.duration)
    }

    /// The answer, raw, where there is one.
    #[must_use]
    pub fn response(&self) -> Option<&Response> {
        let (ending, shared) = self.end.get()?;
        let shared = || shared.as_ref().and_then(|facts| facts.answer.as_ref());
        ending.response.as_ref().or_else(shared)
    }

    /// A fact recorded under `name`, at the beginning or at the end.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let mut maps = self.attribute_maps().into_iter().flatten().rev();
        maps.find_map(|attributes| attributes.get(name))
    }

    /// What it shares with others since its beginning.
    #[must_use]
    pub fn shared(&self) -> Option<&SharedFacts> {
        self.shared.as_ref()
    }

    /// What it shares with others since its end.
    #[must_use]
    pub fn shared_at_end(&self) -> Option<&SharedFacts> {
        self.end.get().and_then(|(_, shared)| shared.as_ref())
    }

    /// All facts recorded, those of the beginning first.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        let maps = self.attribute_maps().into_iter().flatten();
        maps.flat_map(Attributes::iter)
    }

    fn attribute_maps(&self) -> [Option<&Attributes>; 4] {
        let end = self.end.get();
        [
            self.shared.as_ref().map(|facts| &facts.attributes),
            Some(&self.draft.attributes),
            end.and_then(|(_, shared)| shared.as_ref())
                .map(|facts| &facts.attributes),
            end.map(|(ending, _)| &ending.attributes),
        ]
    }

    /// Bytes this record keeps in memory at its beginning, roughly: the journal's bound counts them, and what its ending adds.
    pub(crate) fn weight(&self) -> usize {
        const RECORD: usize = 640;
        let request = self.request().map_or(0, |request| {
            request.uri.path().len() + request.headers.weight() + request.body.len()
        });
        RECORD + request
    }
}

impl Ending {
    /// Bytes it adds to the record of its exchange.
    pub(crate) fn weight(&self) -> usize {
        let response = self.response.as_ref();
        response.map_or(0, |response| {
            response.headers.weight() + response.body.len()
        })
    }
}

impl Request {
    /// A request whose connection was not seen.
    #[must_use]
    pub fn new(method: Method, uri: Uri, headers: Headers, body: Bytes) -> Self {
        Self {
            method,
            uri,
            headers,
            body,
            transport: None,
        }
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Exchange")
            .field("seq", &self.seq)
            .field("edge", &self.draft.edge)
            .field("operation", &self.draft.operation)
            .field("outcome", &self.outcome())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} {} ({} bytes)",
            self.method,
            self.uri.path(),
            self.body.len()
        )
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({} bytes)", self.status, self.body.len())
    }
}
