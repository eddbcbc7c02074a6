//! Who really called whom, worked out from the exchanges of one stage.
//!
//! An exchange alone says only what its observer saw: a mock knows that *the shop* called, a span knows its
//! own module. Joined by span ids they tell that `orders` called `payments`, and `payments` the gateway.
//! Coverage and diagrams both read this one list.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::{Edge, Exchange, ExchangeKind, Outcome, SpanId};

/// The name of the shop as a whole, used where the module is not known.
const SHOP: &str = "shop";
/// The module name of server spans: the shop's door, not one of its modules.
const DOOR: &str = "http";

/// What two parts a crossing joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CrossingKind {
    /// Somebody outside calls the shop (or a mock directly): `test → shop`, a provider's webhook.
    Inbound,
    /// Work begins in a module without another module having asked for it: `test → orders`,
    /// `stripe → payments` by a webhook, `shop → inventory` for a job of the shop's own.
    Entry,
    /// A module calls another module: `orders → payments`. These are the matrix's internal edges.
    Internal,
    /// The shop calls out: `payments → payment`, or `shop → payment` when the module is not known.
    Outbound,
}

/// One crossing of an edge, with its place in the tree of calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// Caller and callee.
    pub edge: Edge,
    /// What it joins.
    pub kind: CrossingKind,
    /// The exchange it was seen in.
    pub seq: u64,
    /// The exchange of the crossing it happened inside, when that is known.
    pub caller_seq: Option<u64>,
    /// How many crossings it happened inside.
    pub depth: usize,
    /// What came of it, as coverage counts it (see [`Exchange::outcome_class`]).
    pub outcome: &'static str,
}

impl Exchange {
    /// What came of it, in one word: `2xx` to `5xx` for an answer over HTTP, `ok` or `error` for a span,
    /// `unmatched` when a mock had no expectation for it, `dropped`, `error` for any other failure, `open`
    /// while it is under way.
    #[must_use]
    pub fn outcome_class(&self) -> &'static str {
        match self.outcome() {
            None => "open",
            Some(Outcome::Unmatched) => "unmatched",
            Some(Outcome::Dropped) => "dropped",
            Some(Outcome::Failed { .. }) => "error",
            Some(Outcome::Answered) => match self.response() {
                None => "ok",
                Some(response) => match response.status.as_u16() {
                    100..200 => "1xx",
                    200..300 => "2xx",
                    300..400 => "3xx",
                    400..500 => "4xx",
                    _ => "5xx",
                },
            },
        }
    }

    /// The module of the shop whose span this is; `None` for everything else, also for the shop's door.
    fn module(&self) -> Option<&str> {
        let is_server = || {
            self.attribute("span_kind")
                .is_some_and(|kind| kind.eq_ignore_ascii_case("server"))
        };
        let module = self.edge().to();
        (self.kind() == ExchangeKind::Span && module != DOOR && !is_server()).then_some(module)
    }
}

/// The crossings among `exchanges`, callers before what they called, siblings in the order of happening.
///
/// A span inside its own module (a client span, a database span) is not a crossing. A mock's exchange is
/// tied to the module whose span made the call.
#[must_use]
pub fn crossings(exchanges: &[Arc<Exchange>]) -> Vec<Crossing> {
    let tree = CallTree::new(exchanges);
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    // What hangs in a circle of parents has no root; it is then walked from its earliest member.
    let starts = tree.roots.iter().chain(&tree.order);
    for &start in starts {
        let mut waiting = vec![(start, Inside::default())];
        while let Some((index, inside)) = waiting.pop() {
            if !seen.insert(index) {
                continue;
            }
            let below = enter(&exchanges[index], inside, &mut found);
            if let Some(children) = tree.children.get(&index) {
                // The stack gives back the last first.
                waiting.extend(children.iter().rev().map(|&child| (child, below)));
            }
        }
    }
    found
}

/// Whose work the walk is inside of.
#[derive(Clone, Copy, Default)]
struct Inside<'a> {
    /// Who called the shop from outside.
    visitor: Option<&'a str>,
    /// The module at work.
    module: Option<&'a str>,
    caller_seq: Option<u64>,
    depth: usize,
}

/// Notes the crossing that `exchange` is, if it is one, and gives what holds for the exchanges below it.
fn enter<'a>(exchange: &'a Exchange, inside: Inside<'a>, found: &mut Vec<Crossing>) -> Inside<'a> {
    let (edge, kind) = match (exchange.kind(), exchange.module()) {
        (ExchangeKind::Span, None) => return inside,
        (ExchangeKind::Span, Some(module)) if inside.module == Some(module) => return inside,
        (ExchangeKind::Span, Some(module)) => match inside.module {
            Some(caller) => (Edge::new(caller, module), CrossingKind::Internal),
            None => {
                let visitor = inside.visitor.unwrap_or(SHOP);
                (Edge::new(visitor, module), CrossingKind::Entry)
            }
        },
        _ if exchange.edge().from() == SHOP => {
            let caller = inside.module.unwrap_or(SHOP);
            let edge = Edge::new(caller, exchange.edge().to());
            (edge, CrossingKind::Outbound)
        }
        _ => (exchange.edge().clone(), CrossingKind::Inbound),
    };
    found.push(Crossing {
        edge,
        kind,
        seq: exchange.seq(),
        caller_seq: inside.caller_seq,
        depth: inside.depth,
        outcome: exchange.outcome_class(),
    });
    let (visitor, module) = match kind {
        // What a caller from outside starts has not entered a module yet.
        CrossingKind::Inbound => (Some(exchange.edge().from()), None),
        CrossingKind::Entry | CrossingKind::Internal => (inside.visitor, exchange.module()),
        CrossingKind::Outbound => (inside.visitor, inside.module),
    };
    Inside {
        visitor,
        module,
        caller_seq: Some(exchange.seq()),
        depth: inside.depth + 1,
    }
}

/// Which exchange happened inside which, as indices.
struct CallTree {
    /// All exchanges in the order of happening.
    order: Vec<usize>,
    /// Those whose caller is not known.
    roots: Vec<usize>,
    /// What happened directly inside another, in order.
    children: BTreeMap<usize, Vec<usize>>,
}

impl CallTree {
    fn new(exchanges: &[Arc<Exchange>]) -> Self {
        let mut order: Vec<usize> = (0..exchanges.len()).collect();
        order.sort_by_key(|&index| (exchanges[index].started_at(), exchanges[index].seq()));
        let callers = callers_by_span(exchanges);
        let mut roots = Vec::new();
        let mut children: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for &index in &order {
            match parent_of(&exchanges[index], &callers) {
                Some(parent) if parent != index => children.entry(parent).or_default().push(index),
                _ => roots.push(index),
            }
        }
        Self {
            order,
            roots,
            children,
        }
    }
}

/// Who stands behind a span id: a span of the shop, else the call from outside that carried the id in.
fn callers_by_span(exchanges: &[Arc<Exchange>]) -> HashMap<SpanId, usize> {
    let mut callers = HashMap::new();
    for (index, exchange) in exchanges.iter().enumerate() {
        let Some(trace) = exchange.trace() else {
            continue;
        };
        if exchange.kind() == ExchangeKind::Span {
            callers.insert(trace.span_id, index);
        } else if exchange.edge().to() == SHOP {
            callers.entry(trace.span_id).or_insert(index);
        }
    }
    callers
}

fn parent_of(exchange: &Exchange, callers: &HashMap<SpanId, usize>) -> Option<usize> {
    let parent = if exchange.kind() == ExchangeKind::Span {
        exchange.parent_span()
    } else if exchange.edge().from() == SHOP {
        exchange.trace().map(|trace| trace.span_id)
    } else {
        None
    };
    callers.get(&parent?).copied()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::StatusCode;
    use jiff::Timestamp;

    use super::*;
    use crate::{
        Attributes, Ending, ExchangeDraft, Headers, Journal, Response, TraceContext, TraceId,
    };

    /// Builds a journal whose exchanges follow each other by one millisecond.
    #[derive(Default)]
    struct Script {
        journal: Journal,
        at: i64,
    }

    impl Script {
        fn add(
            &mut self,
            kind: ExchangeKind,
            edge: (&str, &str),
            ids: (u64, Option<u64>),
            ending: Ending,
        ) -> u64 {
            self.at += 1;
            let draft = ExchangeDraft {
                kind,
                edge: Edge::new(edge.0, edge.1),
                operation: "operation".to_owned(),
                started_at: Timestamp::from_millisecond(self.at).expect("a small time"),
                request: None,
                trace: (ids.0 != 0).then_some(TraceContext {
                    trace_id: TraceId(1),
                    span_id: SpanId(ids.0),
                }),
                parent_span: ids.1.map(SpanId),
                attributes: Attributes::new(),
            };
            self.journal.record(draft, ending).seq()
        }

        fn span(&mut self, module: &str, id: u64, parent: u64) -> u64 {
            self.add(
                ExchangeKind::Span,
                (module, module),
                (id, Some(parent)),
                ended(Outcome::Answered, None),
            )
        }

        fn http(&mut self, edge: (&str, &str), span: u64, status: u16) -> u64 {
            self.add(
                ExchangeKind::Http,
                edge,
                (span, None),
                ended(Outcome::Answered, Some(status)),
            )
        }

        fn found(&self) -> Vec<(String, CrossingKind, Option<u64>, usize, &'static str)> {
            crossings(&self.journal.exchanges())
                .into_iter()
                .map(|c| (c.edge.to_string(), c.kind, c.caller_seq, c.depth, c.outcome))
                .collect()
        }
    }

    fn ended(outcome: Outcome, status: Option<u16>) -> Ending {
        Ending {
            outcome,
            response: status.map(|status| Response {
                status: StatusCode::from_u16(status).expect("a status"),
                headers: Headers::new(),
                body: bytes::Bytes::new(),
            }),
            duration: Duration::from_millis(1),
            attributes: Attributes::new(),
        }
    }

    #[test]
    fn spans_are_joined_with_their_parents_and_mocks_with_the_calling_module() {
        let mut script = Script::default();
        script.http(("test", "shop"), 10, 201);
        script.span("http", 11, 10);
        script.span("orders", 12, 11);
        script.span("payments", 13, 12);
        script.span("payments", 14, 13); // its own client span
        script.http(("shop", "payment"), 14, 503);
        script.span("notifications", 15, 12);
        assert_eq!(
            script.found(),
            [
                (
                    "test → shop".to_owned(),
                    CrossingKind::Inbound,
                    None,
                    0,
                    "2xx"
                ),
                (
                    "test → orders".to_owned(),
                    CrossingKind::Entry,
                    Some(1),
                    1,
                    "ok"
                ),
                (
                    "orders → payments".to_owned(),
                    CrossingKind::Internal,
                    Some(3),
                    2,
                    "ok"
                ),
                (
                    "payments → payment".to_owned(),
                    CrossingKind::Outbound,
                    Some(4),
                    3,
                    "5xx"
                ),
                (
                    "orders → notifications".to_owned(),
                    CrossingKind::Internal,
                    Some(3),
                    2,
                    "ok"
                ),
            ]
        );
    }

    #[test]
    fn a_call_without_spans_stays_a_call_of_the_shop() {
        let mut script = Script::default();
        script.http(("test", "shop"), 10, 200);
        script.http(("shop", "email"), 10, 202); // the header was passed on as it came
        script.http(("shop", "email"), 0, 202);
        assert_eq!(
            script.found(),
            [
                (
                    "test → shop".to_owned(),
                    CrossingKind::Inbound,
                    None,
                    0,
                    "2xx"
                ),
                (
                    "shop → email".to_owned(),
                    CrossingKind::Outbound,
                    Some(1),
                    1,
                    "2xx"
                ),
                (
                    "shop → email".to_owned(),
                    CrossingKind::Outbound,
                    None,
                    0,
                    "2xx"
                ),
            ]
        );
    }

    #[test]
    fn the_order_is_that_of_the_calls_even_when_spans_were_recorded_at_their_end() {
        let mut script = Script {
            at: 5,
            ..Script::default()
        };
        script.span("payments", 13, 12);
        script.at = 0;
        script.span("orders", 12, 99);
        let edges: Vec<String> = script.found().into_iter().map(|found| found.0).collect();
        assert_eq!(edges, ["shop → orders", "orders → payments"]);
    }

    #[test]
    fn spans_that_are_each_others_parents_end_the_walk() {
        let mut script = Script::default();
        script.span("orders", 1, 2);
        script.span("payments", 2, 1);
        script.span("cart", 3, 3);
        assert_eq!(script.found().len(), 3);
    }

    #[test]
    fn every_ending_has_a_word() {
        let mut script = Script::default();
        let failed = Outcome::Failed {
            reason: "refused".to_owned(),
        };
        for outcome in [Outcome::Dropped, Outcome::Unmatched, failed] {
            script.add(
                ExchangeKind::Http,
                ("shop", "email"),
                (0, None),
                ended(outcome, None),
            );
        }
        let words: Vec<&str> = script.found().into_iter().map(|found| found.4).collect();
        assert_eq!(words, ["dropped", "unmatched", "error"]);
    }
}
