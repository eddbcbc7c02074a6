//! Whose exchange is it?

use std::collections::HashSet;
use std::sync::Arc;

use styk_core::{Exchange, TraceId};

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

impl Own {
    /// Everything is ours.
    pub(super) fn all(exchanges: Vec<Arc<Exchange>>) -> Self {
        Self {
            exchanges,
            by_window: false,
        }
    }
}

/// Those of `exchanges` that belong to the attempt with this trace. An exchange with another test's trace is that
/// test's; one with no trace, or with a trace that no test began, counts by time.
pub(super) fn own(
    exchanges: Vec<Arc<Exchange>>,
    trace_id: TraceId,
    traces_of_tests: impl FnOnce() -> Vec<TraceId>,
) -> Own {
    let is_ours = |exchange: &Arc<Exchange>| exchange.trace_id() == Some(trace_id);
    if exchanges.iter().all(is_ours) {
        return Own::all(exchanges);
    }
    let tests: HashSet<TraceId> = traces_of_tests().into_iter().collect();
    let mut by_window = false;
    let mut kept = exchanges;
    kept.retain(|exchange| {
        if is_ours(exchange) {
            return true;
        }
        let is_unknown = exchange
            .trace_id()
            .is_none_or(|other| !tests.contains(&other));
        by_window |= is_unknown;
        is_unknown
    });
    Own {
        exchanges: kept,
        by_window,
    }
}

/// The traces that tests began.
pub(super) fn traces_of_tests(exchanges: &[Arc<Exchange>]) -> Vec<TraceId> {
    exchanges
        .iter()
        .filter(|exchange| exchange.edge().from() == TEST)
        .filter_map(|exchange| exchange.trace_id())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;
    use styk_core::{Edge, ExchangeDraft, ExchangeKind, Journal, SpanId, TraceContext};

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
            let all = journal.exchanges();
            let tests = traces_of_tests(&all);
            let own = own(all, TraceId(1), || tests);
            let seqs: Vec<u64> = own.exchanges.iter().map(|x| x.seq()).collect();
            (seqs, own.by_window)
        };
        assert_eq!(ours(), (vec![1, 3], false));
        journal.begin(draft("shop", None));
        journal.begin(draft("shop", Some(77)));
        assert_eq!(ours(), (vec![1, 3, 5, 6], true));
    }
}
