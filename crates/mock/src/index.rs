//! Finding the expectation that answers a request without asking all of them.
//!
//! Order of serving: priority descending, then age. Literal paths are looked up; patterns sit under the literal
//! beginning of their path; what has none is asked every time. [`Index::find`] merges the lists in serving order, so
//! that its answer is exactly that of a linear scan.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::expectation::Expectation;
use crate::pattern::folded;

/// The place of an expectation in the order of serving.
type Rank = (Reverse<i64>, u64);

/// Expectations that may match, in the order of serving.
type List = Vec<Arc<Expectation>>;

/// All expectations of a server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    all: BTreeMap<Rank, Arc<Expectation>>,
    ranks: HashMap<Arc<str>, Rank>,
    literal: HashMap<Arc<str>, List>,
    beginnings: HashMap<Arc<str>, List>,
    /// How many beginnings there are of each length, in bytes.
    lengths: BTreeMap<usize, usize>,
}

impl Index {
    /// All expectations in the order of serving.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Expectation>> {
        self.all.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Arc<Expectation>> {
        self.all.get(self.ranks.get(id)?)
    }

    /// Adds an expectation; one of the same id must have been removed before.
    pub(crate) fn insert(&mut self, expectation: Arc<Expectation>) {
        let rank = rank(&expectation);
        if let Some(path) = expectation.request.literal_path() {
            let list = self.literal.entry(Arc::from(&*folded(path))).or_default();
            place(list, &expectation);
        } else {
            let beginning: Arc<str> = expectation.request.path_beginning().into();
            let length = beginning.len();
            let list = self.beginnings.entry(beginning).or_default();
            if list.is_empty() {
                *self.lengths.entry(length).or_default() += 1;
            }
            place(list, &expectation);
        }
        self.ranks.insert(Arc::clone(&expectation.id), rank);
        self.all.insert(rank, expectation);
    }

    /// Removes the expectation with this id.
    pub(crate) fn remove(&mut self, id: &str) -> Option<Arc<Expectation>> {
        let rank = self.ranks.remove(id)?;
        let expectation = self.all.remove(&rank)?;
        if let Some(path) = expectation.request.literal_path() {
            let key = folded(path);
            if take_out(&mut self.literal, &key, rank) {
                self.literal.remove(&*key);
            }
        } else {
            let beginning = expectation.request.path_beginning();
            if take_out(&mut self.beginnings, &beginning, rank) {
                self.beginnings.remove(&*beginning);
                if let Some(count) = self.lengths.get_mut(&beginning.len()) {
                    *count -= 1;
                    if *count == 0 {
                        self.lengths.remove(&beginning.len());
                    }
                }
            }
        }
        Some(expectation)
    }

    /// The first expectation, in the order of serving, that `accept` takes for a request with this path.
    pub(crate) fn find(
        &self,
        path: &str,
        mut accept: impl FnMut(&Expectation) -> bool,
    ) -> Option<&Arc<Expectation>> {
        if !path.is_ascii() {
            // Case folding may leave the lists.
            return self.all.values().find(|expectation| accept(expectation));
        }
        let key = folded(path);
        let literal = self.literal.get(&*key);
        let lengths = self.lengths.range(..=key.len());
        let beginnings = lengths.filter_map(|(length, _)| self.beginnings.get(&key[..*length]));
        let mut lists = literal.into_iter().chain(beginnings);
        let first = lists.next()?;
        match lists.next() {
            None => first.iter().find(|expectation| accept(expectation)),
            Some(second) => {
                let mut heads: Vec<&[Arc<Expectation>]> = vec![first, second];
                heads.extend(lists.map(Vec::as_slice));
                find_merged(&mut heads, accept)
            }
        }
    }
}

/// The linear merge of lists that are each in serving order.
fn find_merged<'a>(
    heads: &mut [&'a [Arc<Expectation>]],
    mut accept: impl FnMut(&Expectation) -> bool,
) -> Option<&'a Arc<Expectation>> {
    loop {
        let ranked = heads
            .iter_mut()
            .filter_map(|list| list.first().map(|first| (rank(first), list)));
        let (_, list) = ranked.min_by_key(|(rank, _)| *rank)?;
        let (first, rest) = list.split_first()?;
        *list = rest;
        if accept(first) {
            return Some(first);
        }
    }
}

fn rank(expectation: &Expectation) -> Rank {
    (Reverse(expectation.priority), expectation.created)
}

fn place(list: &mut List, expectation: &Arc<Expectation>) {
    let wanted = rank(expectation);
    let at = list.partition_point(|other| rank(other) < wanted);
    list.insert(at, Arc::clone(expectation));
}

/// Takes the expectation of this rank out of the list under `key`; whether the list is empty now.
fn take_out(lists: &mut HashMap<Arc<str>, List>, key: &str, taken: Rank) -> bool {
    let Some(list) = lists.get_mut(key) else {
        return false;
    };
    list.retain(|expectation| rank(expectation) != taken);
    list.is_empty()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use bytes::Bytes;
    use http::Method;
    use proptest::prelude::*;
    use styk_core::{Headers, Request};

    use super::*;
    use crate::expectation::ExpectationSpec;
    use crate::json::Json;
    use crate::matcher::Subject;
    use crate::openapi::Sources;

    fn expectation(
        id: usize,
        method: Option<&str>,
        path: Option<&str>,
        priority: i64,
    ) -> Arc<Expectation> {
        let mut json = serde_json::json!({
            "httpRequest": {}, "priority": priority, "httpResponse": {},
        });
        if let Some(method) = method {
            json["httpRequest"]["method"] = method.into();
        }
        if let Some(path) = path {
            json["httpRequest"]["path"] = path.into();
        }
        let spec = ExpectationSpec::read(&Json::from(&json), &Sources::default()).expect("valid");
        Arc::new(spec.mount(format!("e{id}").into(), id as u64, Instant::now()))
    }

    fn path() -> impl Strategy<Value = Option<String>> {
        prop_oneof![
            1 => Just(None),
            4 => "/[abAB]{0,2}(/[ab]{1,2})?".prop_map(Some),
            4 => "/[aB.]{0,2}(/|\\*|\\+|\\?|\\[ab\\]|\\(a\\|b\\)|\\{1\\}|\\|/a|é)[ab]?".prop_map(Some),
            1 => "!/[ab]".prop_map(Some),
            1 => "[!?^]{0,2}/[ab](\\.\\*|\\\\d)?".prop_map(Some),
            1 => "/\\{id\\}".prop_map(Some),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn the_index_answers_exactly_like_a_linear_scan(
            specs in prop::collection::vec((prop::option::of("GET|POST"), path(), -2_i64..3), 1..24),
            removed in prop::collection::vec(0_usize..24, 0..6),
            requests in prop::collection::vec("/[abAB1é]{0,3}(/[abAB]{0,2})?", 1..24),
        ) {
            let mut index = Index::default();
            let mut linear = Vec::new();
            for (id, (method, path, priority)) in specs.iter().enumerate() {
                let expectation = expectation(id, method.as_deref(), path.as_deref(), *priority);
                index.insert(Arc::clone(&expectation));
                linear.push(expectation);
            }
            for id in removed {
                let id = format!("e{id}");
                prop_assert_eq!(index.remove(&id).is_some(), linear.iter().any(|e| *e.id == *id));
                linear.retain(|expectation| *expectation.id != *id);
            }
            linear.sort_by_key(|expectation| (Reverse(expectation.priority), expectation.created));
            for path in requests {
                let uri = path.parse().expect("a path");
                let request = Request::new(Method::GET, uri, Headers::new(), Bytes::new());
                let subject = Subject::new(&request);
                let scanned = linear.iter().find(|e| e.request.matches(&subject)).map(|e| &*e.id);
                let found = index.find(subject.path(), |e| e.request.matches(&subject)).map(|e| &*e.id);
                prop_assert_eq!(found, scanned, "{}", path);
            }
        }
    }
}
