//! The store against the simplest thing that could be right: a list that is gone through from its beginning.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::Method;
use proptest::prelude::*;
use styk_core::{Headers, Journal, Request};

use super::*;
use crate::json::Json;
use crate::scope::{Parts, SCOPE_HEADER, Scope, Scopes};

/// Paths of expectations, and which of [`REQUESTS`] they match.
const PATHS: &[(Option<&str>, [bool; 3])] = &[
    (None, [true, true, true]),
    (Some("/a"), [true, false, false]),
    (Some("/B"), [false, true, false]),
    (Some("/[ab]"), [true, true, false]),
    (Some("/a.*"), [true, false, true]),
    (Some("!/a"), [false, true, true]),
];
const REQUESTS: &[&str] = &["/a", "/b", "/a/c"];
const STATES: &[&str] = &["Started", "s1", "s2"];

/// An expectation, by numbers.
#[derive(Clone, Debug)]
struct Plan {
    id: usize,
    priority: i64,
    path: usize,
    times: Option<u64>,
    /// The state in which it answers, and the one that follows.
    scenario: Option<(Option<usize>, Option<usize>)>,
}

#[derive(Clone, Debug)]
enum Step {
    Register { scoped: bool, plan: Plan },
    Remove { scoped: bool, id: usize },
    Request { scoped: bool, path: usize },
}

/// What a scope holds, in the order of age.
#[derive(Debug, Default)]
struct Model {
    list: Vec<Plan>,
    states: HashMap<usize, usize>,
}

impl Model {
    fn register(&mut self, plan: Plan) {
        match self.list.iter_mut().find(|old| old.id == plan.id) {
            Some(old) => *old = plan,
            None => self.list.push(plan),
        }
    }

    /// The id of the one that answers.
    fn take(&mut self, path: usize) -> Option<usize> {
        let mut order: Vec<usize> = (0..self.list.len()).collect();
        order.sort_by_key(|place| -self.list[*place].priority);
        for place in order {
            let plan = &mut self.list[place];
            let state = self.states.entry(0).or_default();
            let in_state = match plan.scenario {
                Some((Some(wanted), _)) => wanted == *state,
                _ => true,
            };
            if !PATHS[plan.path].1[path] || !in_state || plan.times == Some(0) {
                continue;
            }
            plan.times = plan.times.map(|left| left - 1);
            if let Some((_, Some(next))) = plan.scenario {
                *state = next;
            }
            return Some(plan.id);
        }
        None
    }
}

fn plan() -> impl Strategy<Value = Plan> {
    let state = || prop::option::of(0..STATES.len());
    let scenario = prop::option::weighted(0.4, (state(), state()));
    let times = prop::option::of(0_u64..3);
    (0..6_usize, -1..2_i64, 0..PATHS.len(), times, scenario).prop_map(
        |(id, priority, path, times, scenario)| Plan {
            id,
            priority,
            path,
            times,
            scenario,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (any::<bool>(), plan()).prop_map(|(scoped, plan)| Step::Register { scoped, plan }),
        1 => (any::<bool>(), 0..6_usize).prop_map(|(scoped, id)| Step::Remove { scoped, id }),
        5 => (any::<bool>(), 0..REQUESTS.len()).prop_map(|(scoped, path)| Step::Request { scoped, path }),
    ]
}

fn spec(plan: &Plan) -> ExpectationSpec {
    let mut json = serde_json::json!({
        "id": plan.id.to_string(), "priority": plan.priority, "httpRequest": {}, "httpResponse": {},
    });
    if let Some(path) = PATHS[plan.path].0 {
        json["httpRequest"]["path"] = path.into();
    }
    if let Some(times) = plan.times {
        json["times"] = serde_json::json!({ "remainingTimes": times });
    }
    if let Some((state, next)) = plan.scenario {
        json["scenarioName"] = "s".into();
        if let Some(state) = state {
            json["scenarioState"] = STATES[state].into();
        }
        if let Some(next) = next {
            json["newScenarioState"] = STATES[next].into();
        }
    }
    ExpectationSpec::read(&Json::from(&json), &crate::openapi::Sources::default()).expect("valid")
}

fn request(path: &str) -> Request {
    let uri = path.parse().expect("a path");
    Request::new(Method::GET, uri, Headers::new(), Bytes::new())
}

fn scopes() -> Scopes {
    Scopes::new(Parts {
        server: "payment".to_owned(),
        journal: Journal::default(),
        clock: crate::clock::ServerClock::new(styk_core::Clock::manual(
            jiff::Timestamp::UNIX_EPOCH,
        )),
        seed: Seed::new(1),
        expectations_max: 1_000,
    })
}

/// As the data plane looks for an answer: in the scope, then on the common ground.
fn answer(scope: Option<&Scope>, common: &Scope, path: &str) -> Option<String> {
    let request = request(path);
    let subject = Subject::new(&request);
    let found = scope.and_then(|scope| scope.store.take(&subject));
    let found = found.or_else(|| common.store.take(&subject));
    found.map(|expectation| expectation.id.to_string())
}

proptest! {
    #[test]
    fn any_history_is_answered_like_by_a_list(steps in prop::collection::vec(step(), 1..40)) {
        let scopes = scopes();
        let headers: Headers = [(SCOPE_HEADER, "mine")].into_iter().collect();
        let (mine, common) = (scopes.of(&headers).expect("room"), scopes.common());
        let (mut model, mut common_model) = (Model::default(), Model::default());
        for step in steps {
            match step {
                Step::Register { scoped, plan } => {
                    let scope = if scoped { &mine } else { common };
                    scope.store.register(vec![spec(&plan)]).expect("room");
                    if scoped { model.register(plan) } else { common_model.register(plan) }
                }
                Step::Remove { scoped, id } => {
                    let (scope, model) = if scoped { (&mine, &mut model) } else { (common, &mut common_model) };
                    let known = model.list.iter().any(|plan| plan.id == id);
                    prop_assert_eq!(scope.store.remove(&id.to_string()), known);
                    model.list.retain(|plan| plan.id != id);
                }
                Step::Request { scoped, path } => {
                    let given = answer(scoped.then_some(&*mine), common, REQUESTS[path]);
                    let mine_first = if scoped { model.take(path) } else { None };
                    let expected = mine_first.or_else(|| common_model.take(path));
                    prop_assert_eq!(given, expected.map(|id| id.to_string()), "{}", REQUESTS[path]);
                }
            }
        }
    }
}

#[test]
fn a_limited_expectation_answers_exactly_as_often_however_many_ask_at_once() {
    const TIMES: usize = 500;
    const THREADS: usize = 8;
    let scopes = scopes();
    let store = &scopes.common().store;
    let limited = |id, times, scenario| Plan {
        id,
        priority: 1,
        path: 1,
        times: Some(times),
        scenario,
    };
    let fallback = Plan {
        times: None,
        priority: 0,
        ..limited(9, 0, None)
    };
    // One of them also takes part in a scenario, whose state it leaves as it is.
    let plans = [
        limited(0, TIMES as u64, None),
        limited(1, TIMES as u64, Some((Some(0), Some(0)))),
        fallback,
    ];
    store
        .register(plans.iter().map(spec).collect())
        .expect("room");
    let counts: [AtomicUsize; 10] = Default::default();
    std::thread::scope(|threads| {
        for _ in 0..THREADS {
            threads.spawn(|| {
                let request = request("/a");
                for _ in 0..TIMES {
                    let taken = store.take(&Subject::new(&request)).expect("an answer");
                    let id: usize = taken.id.parse().expect("a number");
                    counts[id].fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    let count = |id: usize| counts[id].load(Ordering::Relaxed);
    assert_eq!(
        (count(0), count(1), count(9)),
        (TIMES, TIMES, (THREADS - 2) * TIMES)
    );
}
