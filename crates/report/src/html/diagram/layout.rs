//! What a diagram shows: lifelines and arrows, without a place on the page.

use std::collections::HashMap;

use styk_core::CrossingKind;

use crate::document::{Attempt, CrossingView, ExchangeView};

/// Who a lifeline stands for, in the order from left to right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Role {
    /// The test.
    Test,
    /// The shop's door.
    Shop,
    /// A module of the shop.
    Module,
    /// A mock of the outside world.
    Mock,
}

/// One lifeline. A module and a mock of one name are two.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Lifeline {
    pub(super) role: Role,
    pub(super) name: String,
}

/// One call.
#[derive(Clone, Debug)]
pub(super) struct Arrow<'a> {
    /// Places in the list of lifelines.
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) exchange: &'a ExchangeView,
    pub(super) depth: usize,
    /// Calls inside it, which follow it directly.
    pub(super) inside: usize,
    /// How often the same happened in a row.
    pub(super) times: usize,
    pub(super) is_span: bool,
}

/// What is drawn.
#[derive(Clone, Debug)]
pub(super) struct Diagram<'a> {
    pub(super) lifelines: Vec<Lifeline>,
    pub(super) arrows: Vec<Arrow<'a>>,
    /// Crossings left out because there were too many.
    pub(super) hidden: usize,
}

impl<'a> Diagram<'a> {
    /// The diagram of an attempt with at most `max` arrows.
    pub(super) fn new(attempt: &'a Attempt, max: usize) -> Self {
        let exchanges: HashMap<u64, &ExchangeView> = attempt
            .exchanges
            .iter()
            .map(|exchange| (exchange.seq, exchange))
            .collect();
        let mut kept: Vec<(&CrossingView, usize)> = Vec::new();
        let mut hidden = 0;
        for (tree, times) in repeated(trees(&attempt.crossings), &exchanges) {
            let room = max.saturating_sub(kept.len()).min(tree.len());
            hidden += (tree.len() - room) * times;
            let counted = tree[..room].iter().enumerate();
            kept.extend(counted.map(|(place, one)| (one, if place == 0 { times } else { 1 })));
        }
        let ends = ends(&kept);
        let mut lifelines: Vec<Lifeline> = Vec::new();
        for end in ends.iter().flat_map(|(from, to)| [from, to]) {
            if !lifelines.contains(end) {
                lifelines.push(end.clone());
            }
        }
        lifelines.sort_by_key(|lifeline| lifeline.role);
        let place = |end: &Lifeline| lifelines.iter().position(|one| one == end).unwrap_or(0);
        let arrows = kept
            .iter()
            .enumerate()
            .filter_map(|(index, (crossing, times))| {
                let inside = kept[index + 1..]
                    .iter()
                    .take_while(|(below, _)| below.depth > crossing.depth);
                Some(Arrow {
                    from: place(&ends[index].0),
                    to: place(&ends[index].1),
                    exchange: exchanges.get(&crossing.seq).copied()?,
                    depth: crossing.depth,
                    inside: inside.count(),
                    times: *times,
                    is_span: matches!(
                        crossing.crossing.kind,
                        CrossingKind::Entry | CrossingKind::Internal
                    ),
                })
            })
            .collect();
        Self {
            lifelines,
            arrows,
            hidden,
        }
    }
}

/// The crossings cut before each that nobody called: each part is one tree of calls.
fn trees(crossings: &[CrossingView]) -> impl Iterator<Item = &[CrossingView]> {
    crossings.chunk_by(|_, next| next.depth > 0)
}

/// Trees with the number of equal ones that follow each other, such as the requests of a poll.
fn repeated<'a>(
    trees: impl Iterator<Item = &'a [CrossingView]>,
    exchanges: &HashMap<u64, &ExchangeView>,
) -> Vec<(&'a [CrossingView], usize)> {
    let describe = |one: &CrossingView| {
        let exchange = exchanges.get(&one.seq);
        (
            one.edge.clone(),
            one.depth,
            exchange.map(|exchange| (exchange.operation.clone(), exchange.status)),
            one.outcome,
        )
    };
    let is_same = |a: &[CrossingView], b: &[CrossingView]| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| describe(a) == describe(b))
    };
    let mut counted: Vec<(&[CrossingView], usize)> = Vec::new();
    for tree in trees {
        match counted.last_mut() {
            Some((last, times)) if is_same(last, tree) => *times += 1,
            _ => counted.push((tree, 1)),
        }
    }
    counted
}

/// Caller and callee of each crossing. The caller is where the crossing around it ended, when it is known.
fn ends(crossings: &[(&CrossingView, usize)]) -> Vec<(Lifeline, Lifeline)> {
    let mut callees: HashMap<u64, Lifeline> = HashMap::new();
    let mut ends = Vec::with_capacity(crossings.len());
    for (crossing, _) in crossings {
        let edge = &crossing.crossing.edge;
        let named = |role, name: &str| Lifeline {
            role,
            name: name.to_owned(),
        };
        let outsider = |name: &str| match name {
            "test" => named(Role::Test, name),
            "shop" => named(Role::Shop, name),
            _ => named(Role::Mock, name),
        };
        let caller = crossing
            .caller_seq
            .and_then(|seq| callees.get(&seq))
            .cloned();
        let (from, to) = match crossing.crossing.kind {
            CrossingKind::Inbound => (outsider(edge.from()), outsider(edge.to())),
            CrossingKind::Entry => (named(Role::Shop, "shop"), named(Role::Module, edge.to())),
            CrossingKind::Internal => (
                named(Role::Module, edge.from()),
                named(Role::Module, edge.to()),
            ),
            CrossingKind::Outbound if edge.from() == "shop" => {
                (named(Role::Shop, "shop"), named(Role::Mock, edge.to()))
            }
            CrossingKind::Outbound => (
                named(Role::Module, edge.from()),
                named(Role::Mock, edge.to()),
            ),
        };
        callees.insert(crossing.seq, to.clone());
        ends.push((caller.unwrap_or(from), to));
    }
    ends
}
