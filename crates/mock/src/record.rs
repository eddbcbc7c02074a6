//! What the journal says about one server.
//!
//! The server keeps no log of its own. It remembers only from where on the journal counts for it, which exchanges were
//! cleared, and the first sequence number it still needs: when the journal has dropped that one, counts are lower
//! bounds, and whoever asks is told so.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use styk_core::{
    Attributes, Edge, Ending, Exchange, ExchangeDraft, ExchangeKind, Facts, Journal, Request,
    SharedFacts, TraceContext,
};

use crate::pattern::folded;

#[derive(Debug)]
pub(crate) struct Recorder {
    journal: Journal,
    name: String,
    edge: Edge,
    /// For what the server sends of its own accord.
    edge_back: Edge,
    /// What every exchange that counts has in common. Its address is how they are recognised.
    facts: SharedFacts,
    /// The same for those that do not count, since they were refused before matching.
    facts_of_refused: SharedFacts,
    facts_of_sent: SharedFacts,
    /// The upper part of the marks.
    id: u16,
    cleared: Mutex<Cleared>,
    /// The lowest own sequence number that counts; `u64::MAX` when there is none.
    first: AtomicU64,
}

#[derive(Debug, Default)]
struct Cleared {
    up_to: u64,
    seqs: HashSet<u64>,
}

/// The exchanges of a server that count.
#[derive(Debug)]
pub(crate) struct Recorded {
    /// Oldest first.
    pub(crate) exchanges: Vec<Arc<Exchange>>,
    /// Whether the journal has dropped some that would count.
    pub(crate) is_incomplete: bool,
}

impl Recorder {
    pub(crate) fn new(journal: Journal, server: &str, scope: Option<&str>, id: u16) -> Self {
        let cleared = Cleared {
            up_to: journal.last_seq(),
            seqs: HashSet::new(),
        };
        let facts = |what: Option<&'static str>| {
            let server = Some(("server", server));
            let scope = scope.map(|scope| ("scope", scope));
            let what = what.map(|what| (what, "true"));
            Arc::new(Facts {
                attributes: [server, scope, what].into_iter().flatten().collect(),
                ..Facts::default()
            })
        };
        Self {
            journal,
            name: server.to_owned(),
            edge: Edge::new("shop", server),
            edge_back: Edge::new(server, "shop"),
            facts: facts(None),
            facts_of_refused: facts(Some("refused")),
            facts_of_sent: facts(Some("sent")),
            id,
            cleared: Mutex::new(cleared),
            first: AtomicU64::new(u64::MAX),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Records that a request has been received.
    pub(crate) fn begin(&self, request: Request, started_at: Timestamp) -> Arc<Exchange> {
        let mark = self.mark(request.uri.path());
        let draft = self.draft(request, started_at);
        let facts = Some(Arc::clone(&self.facts));
        let exchange = self.journal.begin_marked(draft, facts, mark);
        if exchange.seq() < self.first.load(Ordering::Relaxed) {
            self.first.fetch_min(exchange.seq(), Ordering::Relaxed);
        }
        exchange
    }

    /// Records a request that is refused before it can be matched; it counts in no verification.
    pub(crate) fn begin_refused(&self, request: Request, started_at: Timestamp) -> Arc<Exchange> {
        let draft = self.draft(request, started_at);
        let facts = Some(Arc::clone(&self.facts_of_refused));
        self.journal.begin_marked(draft, facts, 0)
    }

    /// Records a request that the server sends of its own accord; it counts in no verification.
    pub(crate) fn begin_sent(&self, request: Request, started_at: Timestamp) -> Arc<Exchange> {
        let draft = ExchangeDraft {
            kind: ExchangeKind::Webhook,
            edge: self.edge_back.clone(),
            ..self.draft(request, started_at)
        };
        let facts = Some(Arc::clone(&self.facts_of_sent));
        self.journal.begin_marked(draft, facts, 0)
    }

    fn draft(&self, request: Request, started_at: Timestamp) -> ExchangeDraft {
        let trace = request.headers.get("traceparent");
        let trace = trace.and_then(|value| std::str::from_utf8(value).ok());
        let trace = trace.and_then(TraceContext::parse);
        ExchangeDraft {
            kind: ExchangeKind::Http,
            edge: self.edge.clone(),
            operation: String::new(),
            started_at,
            request: Some(request),
            trace,
            parent_span: None,
            attributes: Attributes::new(),
        }
    }

    /// The mark of exchanges on a path, whatever its case: whose they are, and a hash.
    fn mark(&self, path: &str) -> u64 {
        let mut hasher = DefaultHasher::new();
        hasher.write(folded(path).as_bytes());
        (u64::from(self.id) << 48) | (hasher.finish() >> 16)
    }

    /// Records what came of it, with what is known of the expectation that answered.
    pub(crate) fn end(
        &self,
        exchange: &Exchange,
        ending: Ending,
        expectation: Option<SharedFacts>,
    ) {
        self.journal.end_sharing(exchange, ending, expectation);
    }

    /// The exchanges that count: received here, not cleared, not refused before matching.
    pub(crate) fn recorded(&self) -> Recorded {
        let id = u64::from(self.id);
        self.select(|mark| mark >> 48 == id)
    }

    /// Those on a path that is plain ASCII, in any case; perhaps a few others.
    pub(crate) fn recorded_on(&self, path: &str) -> Recorded {
        let wanted = self.mark(path);
        self.select(|mark| mark == wanted)
    }

    /// Whether an exchange was received here and not cleared; also one that was refused before matching.
    pub(crate) fn keeps(&self, exchange: &Exchange) -> bool {
        let is_own = exchange.shared().is_some_and(|facts| {
            Arc::ptr_eq(facts, &self.facts) || Arc::ptr_eq(facts, &self.facts_of_refused)
        });
        is_own && {
            let cleared = self.cleared();
            exchange.seq() > cleared.up_to && !cleared.seqs.contains(&exchange.seq())
        }
    }

    fn select(&self, wanted: impl FnMut(u64) -> bool) -> Recorded {
        let cleared = self.cleared();
        let is_own = |exchange: &Exchange| {
            exchange
                .shared()
                .is_some_and(|facts| Arc::ptr_eq(facts, &self.facts))
        };
        let mut exchanges = self.journal.select(cleared.up_to, wanted);
        exchanges.retain(|exchange| is_own(exchange) && !cleared.seqs.contains(&exchange.seq()));
        // Asked after the reading: what was dropped meanwhile makes the answer uncertain too.
        let is_incomplete = self.journal.dropped().up_to_seq >= self.first.load(Ordering::Relaxed);
        Recorded {
            exchanges,
            is_incomplete,
        }
    }

    pub(crate) fn clear_all(&self) {
        let mut cleared = self.cleared();
        // First forget, then look: an exchange that begins in between is kept in mind.
        self.first.store(u64::MAX, Ordering::Relaxed);
        cleared.up_to = self.journal.last_seq();
        cleared.seqs = HashSet::new();
    }

    /// Clears the exchanges that `is_cleared` selects.
    pub(crate) fn clear(&self, is_cleared: impl Fn(&Exchange) -> bool) {
        let recorded = self.recorded();
        let (gone, kept): (Vec<_>, Vec<_>) = recorded
            .exchanges
            .iter()
            .partition(|exchange| is_cleared(exchange));
        let mut cleared = self.cleared();
        let dropped = self.journal.dropped().up_to_seq;
        cleared.seqs.retain(|seq| *seq > dropped);
        cleared
            .seqs
            .extend(gone.iter().map(|exchange| exchange.seq()));
        if !recorded.is_incomplete {
            self.first.store(u64::MAX, Ordering::Relaxed);
            let first = kept.first().map_or(u64::MAX, |exchange| exchange.seq());
            self.first.fetch_min(first, Ordering::Relaxed);
        }
    }

    fn cleared(&self) -> MutexGuard<'_, Cleared> {
        self.cleared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
