//! Scopes: tests that share one server without meeting.
//!
//! A scope has expectations, a view of the journal and scenario states of its own. Control and data requests name it
//! with the header `X-Styk-Scope`, or with the entry `styk.scope` of W3C baggage, which travels with a trace through a
//! system under test. What is registered without a scope is the common ground: it also answers requests of any scope,
//! after the scope's own expectations.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use styk_core::{Headers, Journal, Seed};

use crate::clock::ServerClock;
use crate::crud::Resources;
use crate::events::Events;
use crate::grpc::Descriptors;
use crate::library::Promises;
use crate::oidc::CurrentProvider;
use crate::record::Recorder;
use crate::store::Store;

/// The header that names a scope.
pub(crate) const SCOPE_HEADER: &str = "x-styk-scope";
/// The entry of W3C baggage that names a scope.
pub(crate) const BAGGAGE_ENTRY: &str = "styk.scope";

/// Scopes that may be open at once.
const SCOPES_MAX: usize = 10_000;
const NAME_BYTES_MAX: usize = 256;

/// What one test, or everybody without a scope, has of a server.
#[derive(Debug)]
pub(crate) struct Scope {
    /// `None` for the common ground.
    pub(crate) name: Option<Arc<str>>,
    pub(crate) store: Store,
    pub(crate) recorder: Recorder,
    pub(crate) resources: Resources,
    /// The gRPC services that clients described; a reset does not forget those of the common ground.
    pub(crate) descriptors: Descriptors,
    /// The identity provider that is mocked.
    pub(crate) oidc: CurrentProvider,
    /// What clients did with it.
    pub(crate) events: Events,
    /// How often its expectations are meant to be used.
    pub(crate) promises: Promises,
}

/// All scopes of a server.
#[derive(Debug)]
pub(crate) struct Scopes {
    common: Arc<Scope>,
    named: RwLock<HashMap<Arc<str>, Arc<Scope>>>,
    ids: AtomicU16,
    parts: Parts,
}

/// What scopes are made of.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub(crate) server: String,
    pub(crate) journal: Journal,
    pub(crate) clock: ServerClock,
    pub(crate) seed: Seed,
    pub(crate) expectations_max: usize,
}

/// There are as many scopes as a server takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the server has {SCOPES_MAX} scopes open, its limit: reset those that are no longer needed"
)]
pub(crate) struct TooManyScopes;

impl Scopes {
    pub(crate) fn new(parts: Parts) -> Self {
        Self {
            common: Arc::new(parts.scope(None, 0)),
            named: RwLock::default(),
            ids: AtomicU16::new(1),
            parts,
        }
    }

    /// The common ground.
    pub(crate) fn common(&self) -> &Arc<Scope> {
        &self.common
    }

    /// The scope of a message with these headers; one that is new is opened.
    pub(crate) fn of(&self, headers: &Headers) -> Result<Arc<Scope>, TooManyScopes> {
        match name_in(headers) {
            None => Ok(Arc::clone(&self.common)),
            Some(name) => self.open(&name),
        }
    }

    /// Every open scope, the common ground first.
    pub(crate) fn all(&self) -> Vec<Arc<Scope>> {
        let named = self.named.read().unwrap_or_else(PoisonError::into_inner);
        std::iter::once(&self.common)
            .chain(named.values())
            .cloned()
            .collect()
    }

    /// Forgets a scope with all that it has.
    pub(crate) fn close(&self, name: &str) {
        let mut named = self.named.write().unwrap_or_else(PoisonError::into_inner);
        named.remove(name);
    }

    /// Forgets all scopes but the common ground.
    pub(crate) fn close_all(&self) {
        let mut named = self.named.write().unwrap_or_else(PoisonError::into_inner);
        named.clear();
    }

    fn open(&self, name: &str) -> Result<Arc<Scope>, TooManyScopes> {
        let known = self
            .named
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
            .cloned();
        if let Some(scope) = known {
            return Ok(scope);
        }
        let mut named = self.named.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(scope) = named.get(name) {
            return Ok(Arc::clone(scope));
        }
        if named.len() >= SCOPES_MAX {
            return Err(TooManyScopes);
        }
        let id = self.ids.fetch_add(1, Ordering::Relaxed);
        let name: Arc<str> = Arc::from(name);
        let scope = Arc::new(self.parts.scope(Some(Arc::clone(&name)), id));
        named.insert(name, Arc::clone(&scope));
        Ok(scope)
    }
}

impl Parts {
    fn scope(&self, name: Option<Arc<str>>, id: u16) -> Scope {
        let seed = self.seed.derive(&self.server);
        let seed = name.as_ref().map_or(seed, |name| seed.derive(name));
        Scope {
            store: Store::new(self.clock.clone(), seed, self.expectations_max),
            recorder: Recorder::new(self.journal.clone(), &self.server, name.as_deref(), id),
            resources: Resources::new(seed),
            descriptors: Descriptors::default(),
            oidc: CurrentProvider::default(),
            events: Events::default(),
            promises: Promises::default(),
            name,
        }
    }
}

/// The scope that headers name. A name that is too long counts as cut.
fn name_in(headers: &Headers) -> Option<String> {
    let mut found = None;
    for (name, value) in headers.iter() {
        if name.len() == SCOPE_HEADER.len() && name.eq_ignore_ascii_case(SCOPE_HEADER) {
            found = Some(String::from_utf8_lossy(value).trim().to_owned());
            break;
        }
        if name.len() == 7 && name.eq_ignore_ascii_case("baggage") {
            found = in_baggage(&String::from_utf8_lossy(value)).or(found);
        }
    }
    let mut name = found.filter(|name| !name.is_empty())?;
    if let Some((cut, _)) = name
        .char_indices()
        .find(|(place, _)| *place >= NAME_BYTES_MAX)
    {
        name.truncate(cut);
    }
    Some(name)
}

/// The entry of W3C baggage: `key=value;property, key=value`.
fn in_baggage(value: &str) -> Option<String> {
    let mut entries = value.split(',').filter_map(|entry| {
        let entry = entry.split(';').next()?;
        let (key, value) = entry.split_once('=')?;
        (key.trim() == BAGGAGE_ENTRY).then(|| value.trim())
    });
    let value = entries.next()?;
    Some(
        percent_encoding::percent_decode_str(value)
            .decode_utf8_lossy()
            .into_owned(),
    )
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(&[("X-Styk-Scope", " a ")], Some("a"); "the header")]
    #[test_case(&[("Baggage", "x=1, styk.scope=a%20b;p=1")], Some("a b"); "baggage")]
    #[test_case(&[("baggage", "styk.scope=a"), ("x-styk-scope", "b")], Some("b"); "the header wins")]
    #[test_case(&[("x-styk-scope", "")], None; "an empty name")]
    #[test_case(&[("host", "a")], None; "none")]
    fn headers_name_a_scope(headers: &[(&str, &str)], expected: Option<&str>) {
        let headers: Headers = headers.iter().copied().collect();
        assert_eq!(name_in(&headers).as_deref(), expected);
    }
}
