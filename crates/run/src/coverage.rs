//! Coverage of the matrix, measured from what was observed.
//!
//! Declared edges are met in either direction when both ends are modules: an arrow of the matrix is the flow of data, and the
//! call may run against it. A call whose module is not known (`shop → payment`) counts for the declared service.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use styk_core::{
    Crossing, CrossingKind, Edge, EdgeCoverage, EdgeState, Exchange, FlowCoverage, MatrixCoverage,
    crossings,
};

use crate::matrix::{DeclaredEdge, FarEnd, Matrix};

/// The shop as a whole, where no module is known.
const SHOP: &str = "shop";

/// Collects what scenarios crossed.
#[derive(Debug)]
pub(crate) struct Coverage {
    matrix: Matrix,
    /// Names that stand at the far end of an edge on this stage.
    services: BTreeSet<String>,
    declared: Vec<Count>,
    undeclared: BTreeMap<Edge, Count>,
    flows: Vec<FlowCount>,
}

#[derive(Clone, Debug, Default)]
struct Count {
    crossings: u64,
    scenarios: BTreeSet<String>,
    outcomes: BTreeMap<String, u64>,
}

impl Count {
    fn add(&mut self, scenario: &str, outcome: &str) {
        self.crossings += 1;
        if !self.scenarios.contains(scenario) {
            self.scenarios.insert(scenario.to_owned());
        }
        *self.outcomes.entry(outcome.to_owned()).or_default() += 1;
    }
}

#[derive(Clone, Debug, Default)]
struct FlowCount {
    scenarios: BTreeSet<String>,
    seen: BTreeSet<usize>,
}

impl Coverage {
    pub(crate) fn new(matrix: Matrix, services: impl IntoIterator<Item = String>) -> Self {
        Self {
            declared: vec![Count::default(); matrix.edges.len()],
            flows: vec![FlowCount::default(); matrix.flows.len()],
            services: services.into_iter().collect(),
            undeclared: BTreeMap::new(),
            matrix,
        }
    }

    /// Counts what one attempt at a scenario crossed.
    pub(crate) fn add(&mut self, scenario: &str, exchanges: &[Arc<Exchange>]) {
        let mut crossed = crossings(exchanges);
        crossed.sort_by_key(|crossing| crossing.seq);
        for crossing in &crossed {
            self.count(scenario, crossing);
        }
        for (flow, count) in self.matrix.flows.iter().zip(&mut self.flows) {
            for (index, edge) in flow.edges.iter().enumerate() {
                if crossed.iter().any(|crossing| meets(crossing, edge)) {
                    count.seen.insert(index);
                }
            }
            if !flow.edges.is_empty() && contains_in_order(&crossed, &flow.edges) {
                count.scenarios.insert(scenario.to_owned());
            }
        }
    }

    fn count(&mut self, scenario: &str, crossing: &Crossing) {
        let position = self
            .matrix
            .edges
            .iter()
            .position(|declared| fits(crossing, declared));
        let count = match (position, crossing.kind) {
            (Some(position), _) => &mut self.declared[position],
            // The test at the shop's door, and work that begins in a module, are no joints of the shop.
            (None, CrossingKind::Inbound | CrossingKind::Entry) => return,
            (None, CrossingKind::Internal | CrossingKind::Outbound) => {
                self.undeclared.entry(crossing.edge.clone()).or_default()
            }
        };
        count.add(scenario, crossing.outcome);
    }

    pub(crate) fn finish(self) -> MatrixCoverage {
        let declared = self.matrix.edges.into_iter().zip(self.declared);
        let mut edges: Vec<EdgeCoverage> = declared
            .map(|(declared, count)| {
                let is_reachable = declared.far_end() != FarEnd::Service
                    || self.services.contains(declared.edge.to());
                let state = match (count.crossings, is_reachable) {
                    (0, true) => EdgeState::Uncovered,
                    (0, false) => EdgeState::NotReached,
                    _ => EdgeState::Covered,
                };
                edge_coverage(declared.edge, declared.group, state, count)
            })
            .collect();
        let undeclared = self.undeclared.into_iter();
        edges.extend(
            undeclared.map(|(edge, count)| {
                edge_coverage(edge, String::new(), EdgeState::Undeclared, count)
            }),
        );
        let flows = self.matrix.flows.into_iter().zip(self.flows);
        let flows = flows.map(|(flow, count)| {
            let unseen = flow.edges.iter().enumerate();
            let unseen = unseen.filter(|(index, _)| !count.seen.contains(index));
            FlowCoverage {
                measured: !flow.edges.is_empty(),
                missing: unseen.map(|(_, edge)| edge.clone()).collect(),
                scenarios: count.scenarios.into_iter().collect(),
                flow: flow.name,
                edges: flow.edges,
            }
        });
        MatrixCoverage {
            edges,
            flows: flows.collect(),
        }
    }
}

fn edge_coverage(edge: Edge, group: String, state: EdgeState, count: Count) -> EdgeCoverage {
    EdgeCoverage {
        edge,
        group,
        state,
        crossings: count.crossings,
        scenarios: count.scenarios.into_iter().collect(),
        outcomes: count.outcomes,
    }
}

fn fits(crossing: &Crossing, declared: &DeclaredEdge) -> bool {
    // A module and a service may have the same name (`shipping → shipping`); kind and group keep them apart.
    let is_its_kind = match declared.far_end() {
        FarEnd::Module => crossing.kind != CrossingKind::Outbound,
        FarEnd::Service => crossing.kind == CrossingKind::Outbound,
        FarEnd::Either => true,
    };
    is_its_kind && meets(crossing, &declared.edge)
}

/// Whether this crossing is what `edge` means.
fn meets(crossing: &Crossing, edge: &Edge) -> bool {
    match crossing.kind {
        CrossingKind::Outbound => {
            let caller = crossing.edge.from();
            crossing.edge.to() == edge.to() && (caller == edge.from() || caller == SHOP)
        }
        CrossingKind::Internal => crossing.edge.joins_same(edge),
        CrossingKind::Inbound | CrossingKind::Entry => crossing.edge == *edge,
    }
}

fn contains_in_order(crossed: &[Crossing], edges: &[Edge]) -> bool {
    let mut wanted = edges.iter().peekable();
    for crossing in crossed {
        // One crossing can stand for one edge of the flow only.
        if wanted.peek().is_some_and(|edge| meets(crossing, edge)) {
            wanted.next();
        }
    }
    wanted.peek().is_none()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;
    use styk_core::{
        Attributes, Ending, ExchangeDraft, ExchangeKind, Journal, Outcome, SpanId, TraceContext,
        TraceId,
    };
    use styk_scenario::{Diagnostics, Source};

    use super::*;

    const MATRIX: &str = "
integration_points:
  internal_modules: ['cart → orders', 'orders → payments', 'users → orders']
  external_services:
    generic_services: [payment, shipping]
    payment_gateways: [stripe]
  data_flows:
    - purchase: ['cart → orders', 'orders → payments', 'payments → payment']
    - backwards: ['payments → payment', 'cart → orders']
    - partly: ['cart → orders', 'users → orders']
    - visit: ['test → orders']
    - bare
";

    fn coverage() -> Coverage {
        let source = Source::new("matrix.yml", "", MATRIX);
        let mut diagnostics = Diagnostics::default();
        let matrix = Matrix::read(&source, &mut diagnostics);
        assert!(diagnostics.is_empty());
        Coverage::new(matrix, ["payment".to_owned(), "shipping".to_owned()])
    }

    struct Script(Journal);

    impl Script {
        /// A span of `module`, or an exchange of the edge given; `id` is its own span, `parent` its caller's.
        fn add(&self, kind: ExchangeKind, edge: (&str, &str), id: u64, parent: Option<u64>) {
            let scope = ("scope", format!("shop.{}", edge.0));
            let draft = ExchangeDraft {
                kind,
                edge: Edge::new(edge.0, edge.1),
                operation: "operation".to_owned(),
                started_at: Timestamp::UNIX_EPOCH,
                request: None,
                trace: Some(TraceContext {
                    trace_id: TraceId(1),
                    span_id: SpanId(id),
                }),
                parent_span: parent.map(SpanId),
                attributes: match kind {
                    ExchangeKind::Span => [scope].into(),
                    _ => Attributes::new(),
                },
            };
            let ending = Ending {
                outcome: Outcome::Answered,
                response: None,
                duration: Duration::ZERO,
                attributes: Attributes::new(),
            };
            self.0.record(draft, ending);
        }

        fn span(&self, module: &str, id: u64, parent: u64) {
            self.add(ExchangeKind::Span, (module, module), id, Some(parent));
        }

        fn http(&self, from: &str, to: &str, id: u64) {
            self.add(ExchangeKind::Http, (from, to), id, None);
        }
    }

    #[test]
    fn edges_and_flows_are_counted_from_the_crossings() {
        let script = Script(Journal::default());
        script.http("test", "shop", 1);
        script.span("http", 2, 1);
        script.span("orders", 3, 2);
        script.span("cart", 4, 3);
        script.span("payments", 5, 3);
        script.http("shop", "payment", 5);
        script.span("audit", 6, 5);
        let mut coverage = coverage();
        coverage.add("a", &script.0.exchanges());
        coverage.add("b", &[]);
        let result = coverage.finish();

        let edges: Vec<_> = result
            .edges
            .iter()
            .map(|edge| (edge.edge.to_string(), edge.state, edge.crossings))
            .collect();
        assert_eq!(
            edges,
            [
                ("cart → orders".to_owned(), EdgeState::Covered, 1),
                ("orders → payments".to_owned(), EdgeState::Covered, 1),
                ("users → orders".to_owned(), EdgeState::Uncovered, 0),
                ("payments → payment".to_owned(), EdgeState::Covered, 1),
                ("shipping → shipping".to_owned(), EdgeState::Uncovered, 0),
                ("payments → stripe".to_owned(), EdgeState::NotReached, 0),
                ("payments → audit".to_owned(), EdgeState::Undeclared, 1),
            ]
        );
        assert_eq!(result.edges[0].scenarios, ["a"]);
        assert_eq!(result.edges[0].outcomes["ok"], 1);

        let flows: Vec<_> = result
            .flows
            .iter()
            .map(|flow| {
                (
                    flow.flow.as_str(),
                    flow.scenarios.len(),
                    flow.missing.len(),
                    flow.measured,
                )
            })
            .collect();
        assert_eq!(
            flows,
            [
                ("purchase", 1, 0, true),
                ("backwards", 0, 0, true),
                ("partly", 0, 1, true),
                ("visit", 1, 0, true),
                ("bare", 0, 0, false),
            ]
        );
    }

    #[test]
    fn a_call_of_an_unknown_module_counts_for_the_declared_service() {
        let script = Script(Journal::default());
        script.http("test", "shop", 1);
        script.http("shop", "payment", 99);
        let mut coverage = coverage();
        coverage.add("a", &script.0.exchanges());
        let result = coverage.finish();
        let payment = &result.edges[3];
        assert_eq!(
            (payment.edge.to_string(), payment.crossings),
            ("payments → payment".to_owned(), 1)
        );
        assert_eq!(result.in_state(EdgeState::Undeclared).count(), 0);
    }
}
