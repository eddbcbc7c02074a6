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
///
/// What was there before the attempt is looked at only when an exchange asks for it: on a stage that many tests
/// share, the past is long.
#[derive(Debug)]
pub(super) struct OtherTests {
    own: TraceId,
    first_seq: u64,
    /// The last exchange that was looked at.
    seen: u64,
    knows_past: bool,
    traces: HashSet<TraceId>,
}

impl OtherTests {
    /// The others of the attempt that has the trace `own` and began after `first_seq`.
    pub(super) fn new(own: TraceId, first_seq: u64) -> Self {
        Self {
            own,
            first_seq,
            seen: first_seq,
            knows_past: first_seq == 0,
            traces: HashSet::new(),
        }
    }

    /// Looks at what came since the last time, up to `last_seq`.
    pub(super) fn learn(&mut self, journal: &Journal, last_seq: u64) {
        if self.seen < last_seq {
            self.learn_between(journal, self.seen, last_seq);
            self.seen = last_seq;
        }
    }

    fn learn_between(&mut self, journal: &Journal, after: u64, up_to: u64) {
        let news = journal.after(after).into_iter();
        let known = news.take_while(|exchange| exchange.seq() <= up_to);
        let traces = known
            .filter(|exchange| exchange.edge().from() == TEST)
            .filter_map(|exchange| exchange.trace_id());
        self.traces
            .extend(traces.filter(|trace| *trace != self.own));
    }

    /// Those of `exchanges` that belong to the attempt. An exchange with another test's trace is that test's; one
    /// with no trace, or with a trace that no test began, counts by time.
    pub(super) fn leave(&mut self, journal: &Journal, mut exchanges: Vec<Arc<Exchange>>) -> Own {
        let is_strange = |exchange: &Arc<Exchange>| {
            let trace = exchange.trace_id();
            trace.is_some_and(|trace| trace != self.own && !self.traces.contains(&trace))
        };
        if !self.knows_past && exchanges.iter().any(is_strange) {
            self.learn_between(journal, 0, self.first_seq);
            self.knows_past = true;
        }
        let mut by_window = false;
        exchanges.retain(|exchange| match exchange.trace_id() {
            Some(trace) if trace == self.own => true,
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

    use jiff::Timestamp;
    use styk_core::{Attributes, Edge, ExchangeDraft, ExchangeKind, SpanId, TraceContext};

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
            attributes: Attributes::new(),
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
            let mut others = OtherTests::new(TraceId(1), 0);
            others.learn(&journal, journal.last_seq());
            let own = others.leave(&journal, journal.exchanges());
            let seqs: Vec<u64> = own.exchanges.iter().map(|x| x.seq()).collect();
            (seqs, own.by_window)
        };
        assert_eq!(ours(), (vec![1, 3], false));
        journal.begin(draft("shop", None));
        journal.begin(draft("shop", Some(77)));
        assert_eq!(ours(), (vec![1, 3, 5, 6], true));
    }

    #[test]
    fn a_late_call_of_a_test_that_began_before_is_told_by_the_past() {
        let journal = Journal::default();
        journal.begin(draft(TEST, Some(2)));
        let first_seq = journal.last_seq();
        journal.begin(draft(TEST, Some(1)));
        journal.begin(draft("shop", Some(2)));
        let mut others = OtherTests::new(TraceId(1), first_seq);
        others.learn(&journal, journal.last_seq());
        let own = others.leave(&journal, journal.after(first_seq));
        let seqs: Vec<u64> = own.exchanges.iter().map(|x| x.seq()).collect();
        assert_eq!((seqs, own.by_window), (vec![2], false));
    }
}
