//! What a server has seen: its exchanges that were not cleared, each with its scope.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use styk_core::{Exchange, Outcome};

use crate::scope::Scope;
use crate::server::Shared;

/// What a server knows at one moment.
#[derive(Debug)]
pub(super) struct Seen {
    /// The scopes by name; the common ground has the empty name.
    scopes: HashMap<Arc<str>, Arc<Scope>>,
    /// Oldest first; also those of other servers with the same journal.
    exchanges: Vec<Arc<Exchange>>,
}

impl Seen {
    pub(super) fn of(shared: &Shared) -> Self {
        let journal = shared.scopes.common().recorder.journal();
        Self::among(shared, journal.after(0))
    }

    /// The same with one exchange alone.
    pub(super) fn one(shared: &Shared, seq: u64) -> Option<Self> {
        let journal = shared.scopes.common().recorder.journal();
        let mut is_first = true;
        let mut found = journal.select(seq.checked_sub(1)?, |_mark| std::mem::take(&mut is_first));
        found.retain(|exchange| exchange.seq() == seq);
        Some(Self::among(shared, found))
    }

    fn among(shared: &Shared, exchanges: Vec<Arc<Exchange>>) -> Self {
        let named = |scope: Arc<Scope>| (scope.name.clone().unwrap_or_default(), scope);
        Self {
            scopes: shared.scopes.all().into_iter().map(named).collect(),
            exchanges,
        }
    }

    /// The server's exchanges that were not cleared, each with its scope; oldest first.
    pub(super) fn exchanges(&self) -> impl Iterator<Item = (&Arc<Exchange>, &Arc<Scope>)> {
        let exchanges = self.exchanges.iter();
        exchanges.filter_map(|exchange| Some((exchange, self.owner(exchange)?)))
    }

    /// The scope that an exchange counts for.
    fn owner(&self, exchange: &Exchange) -> Option<&Arc<Scope>> {
        let facts = exchange.shared()?;
        let name = facts.attributes.get("scope");
        let scope = self.scopes.get(name.unwrap_or_default())?;
        scope.recorder.keeps(exchange).then_some(scope)
    }

    pub(super) fn scope(&self, name: &str) -> Option<&Arc<Scope>> {
        self.scopes.get(name)
    }

    /// Those wanted (all, or one by its name), the common ground first.
    pub(super) fn scopes(&self, name: Option<&str>) -> Vec<&Arc<Scope>> {
        let mut wanted: Vec<_> = match name {
            Some(name) => self.scopes.get(name).into_iter().collect(),
            None => self.scopes.values().collect(),
        };
        wanted.sort_unstable_by(|left, right| left.name.cmp(&right.name));
        wanted
    }

    /// The names of all but the common ground, in order.
    pub(super) fn scope_names(&self) -> Vec<Arc<str>> {
        let mut names: Vec<_> = self
            .scopes
            .keys()
            .filter(|name| !name.is_empty())
            .cloned()
            .collect();
        names.sort_unstable();
        names
    }

    /// A word that differs whenever the lists could differ.
    pub(super) fn version(&self) -> String {
        let mut hasher = DefaultHasher::new();
        let (mut count, mut ended, mut newest) = (0_u64, 0_u64, 0);
        for (exchange, _) in self.exchanges() {
            count += 1;
            ended += u64::from(exchange.outcome().is_some());
            newest = exchange.seq();
        }
        (count, ended, newest).hash(&mut hasher);
        for scope in self.scopes(None) {
            scope.name.hash(&mut hasher);
            for expectation in scope.store.active() {
                Arc::as_ptr(&expectation).hash(&mut hasher);
                expectation.uses_left().hash(&mut hasher);
            }
            scope.store.scenarios.all().hash(&mut hasher);
        }
        format!("{:016x}", hasher.finish())
    }
}

/// The name of what came of an exchange.
pub(super) fn outcome(exchange: &Exchange) -> &'static str {
    match exchange.outcome() {
        None => "open",
        Some(Outcome::Answered) => "answered",
        Some(Outcome::Unmatched) => "unmatched",
        Some(Outcome::Dropped) => "dropped",
        Some(Outcome::Failed { .. }) => "failed",
    }
}

pub(super) const OUTCOMES: [&str; 5] = ["answered", "unmatched", "failed", "dropped", "open"];
