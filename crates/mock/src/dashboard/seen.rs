//! What a server has seen: its exchanges that were not cleared, each with its scope.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use styk_core::{Exchange, Outcome};

use crate::scope::Scope;
use crate::server::Shared;

/// The scopes of a server at one moment, by name; the common ground has the empty name.
#[derive(Debug)]
pub(super) struct Scopes(HashMap<Arc<str>, Arc<Scope>>);

impl Scopes {
    pub(super) fn of(shared: &Shared) -> Self {
        let named = |scope: Arc<Scope>| (scope.name.clone().unwrap_or_default(), scope);
        Self(shared.scopes.all().into_iter().map(named).collect())
    }

    /// The scope that an exchange counts for.
    pub(super) fn owner(&self, exchange: &Exchange) -> Option<&Arc<Scope>> {
        let facts = exchange.shared()?;
        let name = facts.attributes.get("scope");
        let scope = self.0.get(name.map_or("", String::as_str))?;
        scope.recorder.keeps(exchange).then_some(scope)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Arc<Scope>> {
        self.0.get(name)
    }

    /// Those wanted (all, or one by its name), the common ground first.
    pub(super) fn wanted(&self, name: Option<&str>) -> Vec<&Arc<Scope>> {
        let mut wanted: Vec<_> = match name {
            Some(name) => self.0.get(name).into_iter().collect(),
            None => self.0.values().collect(),
        };
        wanted.sort_unstable_by(|left, right| left.name.cmp(&right.name));
        wanted
    }

    /// The names of all but the common ground, in order.
    pub(super) fn names(&self) -> Vec<Arc<str>> {
        let mut names: Vec<_> = self
            .0
            .keys()
            .filter(|name| !name.is_empty())
            .cloned()
            .collect();
        names.sort_unstable();
        names
    }
}

/// The name of what came of an exchange.
pub(super) fn outcome(exchange: &Exchange) -> &'static str {
    match exchange.ending().map(|ending| &ending.outcome) {
        None => "open",
        Some(Outcome::Answered) => "answered",
        Some(Outcome::Unmatched) => "unmatched",
        Some(Outcome::Dropped) => "dropped",
        Some(Outcome::Failed { .. }) => "failed",
    }
}

pub(super) const OUTCOMES: [&str; 5] = ["answered", "unmatched", "failed", "dropped", "open"];

/// A word that differs whenever the lists could differ.
pub(super) fn version(shared: &Shared) -> String {
    let mut hasher = DefaultHasher::new();
    let scopes = Scopes::of(shared);
    let exchanges = shared.scopes.common().recorder.journal().after(0);
    let kept = exchanges
        .iter()
        .filter(|exchange| scopes.owner(exchange).is_some());
    let (mut count, mut ended, mut newest) = (0_u64, 0_u64, 0);
    for exchange in kept {
        count += 1;
        ended += u64::from(exchange.ending().is_some());
        newest = exchange.seq();
    }
    (count, ended, newest).hash(&mut hasher);
    for scope in scopes.wanted(None) {
        scope.name.hash(&mut hasher);
        for expectation in scope.store.active() {
            Arc::as_ptr(&expectation).hash(&mut hasher);
            expectation.uses_left().hash(&mut hasher);
        }
        scope.store.scenarios.all().hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}
