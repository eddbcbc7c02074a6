//! Whose exchange is it?

use std::collections::HashSet;
use std::sync::Arc;

use styk_core::{Exchange, Journal, TraceId};

/// The end of the edge that the engine itself stands at.
pub(super) const TEST: &str = "test";

/// Exchanges of one attempt.
#[derive(Debug)]
pub(super) struct Own {
    /// Oldest first.
    pub(super) exchanges: Vec<Arc<Exchange>>,
    /// Some of them carry no trace that tells whose they are: they only fell into the window of time.
    pub(super) by_window: bool,
}

/// The traces of other tests on the stage, learnt from the journal bit by bit.
#[derive(Debug, Default)]
pub(super) struct OtherTests {
    /// The last exchange that was looked at.
    seen: u64,
    traces: HashSet<TraceId>,
}

impl OtherTests {
    /// Looks at what came since the last time, up to `last_seq`.
    pub(super) fn learn(&mut self, journal: &Journal, last_seq: u64, own: TraceId) {
        if self.seen >= last_seq {
            return;
        }
        let news = journal.after(self.seen).into_iter();
        let known = news.take_while(|exchange| exchange.seq() <= last_seq);
        let traces = known
            .filter(|exchange| exchange.edge().from() == TEST)
            .filter_map(|exchange| exchange.trace_id());
        self.traces.extend(traces.filter(|trace| *trace != own));
        self.seen = last_seq;
    }

    /// Those of `exchanges` that belong to the attempt with the trace `own`. An exchange with another test's trace
    /// is that test's; one with no trace, or with a trace that no test began, counts by time.
    pub(super) fn leave(&self, mut exchanges: Vec<Arc<Exchange>>, own: TraceId) -> Own {
        let mut by_window = false;
        exchanges.retain(|exchange| match exchange.trace_id() {
            Some(trace) if trace == own => true,
            Some(trace) if self.traces.contains(&trace) => false,
            _ => {
                by_window = true;
                true
            }
        });
        Own {
            exchanges,
            by_window,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;
    use styk_core::{Edge, ExchangeDraft, ExchangeKind, SpanId, TraceContext};

    use super::*;

    fn draft(from: &str, trace: Option<u128>) -> ExchangeDraft {
        ExchangeDraft {
            kind: ExchangeKind::Http,
            edge: Edge::new(from, "email"),
            operation: "POST /".to_owned(),
            started_at: Timestamp::UNIX_EPOCH,
            request: None,
            trace: trace.map(|id| TraceContext {
                trace_id: TraceId(id),
                span_id: SpanId(1),
            }),
            parent_span: None,
            attributes: BTreeMap::new(),
        }
    }

    #[test]
    fn traces_decide_where_there_are_some_and_time_where_there_are_none() {
        let journal = Journal::default();
        for (from, trace) in [
            (TEST, Some(1)),
            (TEST, Some(2)),
            ("shop", Some(1)),
            ("shop", Some(2)),
        ] {
            journal.begin(draft(from, trace));
        }
        let ours = || {
            let mut others = OtherTests::default();
            others.learn(&journal, journal.last_seq(), TraceId(1));
            let own = others.leave(journal.exchanges(), TraceId(1));
            let seqs: Vec<u64> = own.exchanges.iter().map(|x| x.seq()).collect();
            (seqs, own.by_window)
        };
        assert_eq!(ours(), (vec![1, 3], false));
        journal.begin(draft("shop", None));
        journal.begin(draft("shop", Some(77)));
        assert_eq!(ours(), (vec![1, 3, 5, 6], true));
    }
}
