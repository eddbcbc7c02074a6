//! What the journal says about one server.
//!
//! The server keeps no log of its own. It remembers only from where on the journal counts for it, which exchanges were
//! cleared, and the first sequence number it still needs: when the journal has dropped that one, counts are lower
//! bounds, and whoever asks is told so.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use styk_core::{
    Edge, Ending, Exchange, ExchangeDraft, ExchangeKind, Journal, Outcome, Request,
    SharedAttributes, TraceContext,
};

#[derive(Debug)]
pub(crate) struct Recorder {
    journal: Journal,
    name: String,
    edge: Edge,
    /// The server's name, for every exchange.
    attributes: SharedAttributes,
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
    pub(crate) fn new(journal: Journal, name: &str) -> Self {
        let cleared = Cleared {
            up_to: journal.last_seq(),
            seqs: HashSet::new(),
        };
        Self {
            journal,
            name: name.to_owned(),
            edge: Edge::new("shop", name),
            attributes: Arc::new(BTreeMap::from([("server".to_owned(), name.to_owned())])),
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
        let trace = request
            .headers
            .get("traceparent")
            .and_then(|value| value.to_str().ok());
        let trace = trace.and_then(TraceContext::parse);
        let draft = ExchangeDraft {
            kind: ExchangeKind::Http,
            edge: self.edge.clone(),
            operation: String::new(),
            started_at,
            request: Some(request),
            trace,
            parent_span: None,
            attributes: BTreeMap::new(),
        };
        let exchange = self
            .journal
            .begin_sharing(draft, Some(Arc::clone(&self.attributes)));
        if exchange.seq() < self.first.load(Ordering::Relaxed) {
            self.first.fetch_min(exchange.seq(), Ordering::Relaxed);
        }
        exchange
    }

    /// Records what came of it, with what is known of the expectation that answered.
    pub(crate) fn end(
        &self,
        exchange: &Exchange,
        ending: Ending,
        expectation: Option<SharedAttributes>,
    ) {
        self.journal.end_sharing(exchange, ending, expectation);
    }

    /// The exchanges that count: received by this server, not cleared, not refused before matching.
    pub(crate) fn recorded(&self) -> Recorded {
        let cleared = self.cleared();
        let counts = |exchange: &Arc<Exchange>| {
            exchange.attribute("server") == Some(&self.name)
                && exchange.request().is_some()
                && !cleared.seqs.contains(&exchange.seq())
                && !matches!(
                    exchange.ending().map(|ending| &ending.outcome),
                    Some(Outcome::Failed { .. })
                )
        };
        let mut exchanges = self.journal.after(cleared.up_to);
        exchanges.retain(counts);
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
