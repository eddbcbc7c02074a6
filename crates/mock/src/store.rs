//! The expectations of one server: registration, lookup, removal.
//!
//! Readers take a snapshot under a short lock and match outside it. Used-up expectations are skipped, and swept out
//! when they make up a good part of the index.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rand::RngExt;
use rand::rngs::StdRng;
use styk_core::Seed;
use tokio::sync::watch;

use crate::clock::ServerClock;
use crate::error::ExpectationError;
use crate::expectation::{Expectation, ExpectationSpec, Use};
use crate::index::Index;
use crate::matcher::{RequestMatcher, Subject};
use crate::scenario::Scenarios;

/// Sweep when this many are used up, and a quarter of all are.
const USED_UP_MIN: usize = 32;

#[derive(Debug)]
pub(crate) struct Store {
    index: RwLock<Arc<Index>>,
    registration: Mutex<Registration>,
    used_up: AtomicUsize,
    /// Counts changes, for those who wait for news.
    news: watch::Sender<u64>,
    pub(crate) scenarios: Arc<Scenarios>,
    /// Chance, for expectations that answer a share of their requests.
    random: Mutex<StdRng>,
    clock: ServerClock,
    expectations_max: usize,
}

/// What only registration needs.
#[derive(Debug)]
struct Registration {
    created: u64,
    ids: StdRng,
}

impl Store {
    pub(crate) fn new(clock: ServerClock, seed: Seed, expectations_max: usize) -> Self {
        Self {
            index: RwLock::default(),
            registration: Mutex::new(Registration {
                created: 0,
                ids: seed.rng(),
            }),
            used_up: AtomicUsize::new(0),
            news: watch::channel(0).0,
            scenarios: Arc::new(Scenarios::new(clock.clone())),
            random: Mutex::new(seed.derive("share").rng()),
            clock,
            expectations_max,
        }
    }

    /// Mounts all of `specs`, or none. One with a known id replaces that expectation and keeps its age.
    pub(crate) fn register(
        &self,
        specs: Vec<ExpectationSpec>,
    ) -> Result<Vec<Arc<Expectation>>, ExpectationError> {
        let mut registration = self
            .registration
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        self.check_room(&specs)?;
        let now = self.clock.instant();
        let mut mounted = Vec::with_capacity(specs.len());
        for spec in specs {
            let id: Arc<str> = spec
                .id
                .clone()
                .map_or_else(|| registration.random_id(), Arc::from);
            mounted.push((spec, id));
        }
        let change = |index: &mut Index| {
            let mount = |(spec, id): (ExpectationSpec, Arc<str>)| {
                let created = index
                    .remove(&id)
                    .map_or_else(|| registration.next_age(), |old| old.created);
                let expectation = Arc::new(spec.mount(id, created, now));
                index.insert(Arc::clone(&expectation));
                expectation
            };
            mounted.into_iter().map(mount).collect()
        };
        Ok(self.change(change))
    }

    /// A registration beyond the limit is refused, after used-up expectations have made room.
    fn check_room(&self, specs: &[ExpectationSpec]) -> Result<(), ExpectationError> {
        let has_room = |index: &Index| {
            let is_new =
                |spec: &&ExpectationSpec| spec.id.as_ref().is_none_or(|id| index.get(id).is_none());
            index.len() + specs.iter().filter(is_new).count() <= self.expectations_max
        };
        if has_room(&self.snapshot()) {
            return Ok(());
        }
        self.sweep();
        if has_room(&self.snapshot()) {
            Ok(())
        } else {
            Err(ExpectationError::TooMany {
                limit: self.expectations_max,
            })
        }
    }

    /// The expectation that answers this request; one use of it is taken.
    pub(crate) fn take(&self, subject: &Subject<'_>) -> Option<Arc<Expectation>> {
        let index = self.snapshot();
        let mut was_last = false;
        let accept = |expectation: &Expectation| {
            expectation.is_alive(|| self.clock.instant())
                && expectation.request.matches(subject)
                && match self.take_use(expectation) {
                    Use::Taken => true,
                    Use::Last => {
                        was_last = true;
                        true
                    }
                    Use::None => false,
                }
        };
        let found = index.find(subject.path(), accept).cloned();
        drop(index);
        if was_last {
            let used_up = self.used_up.fetch_add(1, Ordering::Relaxed) + 1;
            if used_up >= USED_UP_MIN && used_up * 4 >= self.snapshot().len() {
                self.sweep();
            }
        }
        found
    }

    fn take_use(&self, expectation: &Expectation) -> Use {
        let is_drawn = expectation.share.is_none_or(|share| {
            let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
            random.random_range(0..100_u8) < share
        });
        match &expectation.scenario {
            _ if !is_drawn => Use::None,
            Some(scenario) => self.scenarios.step(scenario, || expectation.take_use()),
            None => expectation.take_use(),
        }
    }

    /// The expectations that could still answer, in the order of serving.
    pub(crate) fn active(&self) -> Vec<Arc<Expectation>> {
        let index = self.snapshot();
        let is_active =
            |expectation: &&Arc<Expectation>| expectation.is_active(|| self.clock.instant());
        index.all().filter(is_active).cloned().collect()
    }

    pub(crate) fn get(&self, id: &str) -> Option<Arc<Expectation>> {
        self.snapshot().get(id).cloned()
    }

    pub(crate) fn remove(&self, id: &str) -> bool {
        self.change(|index| index.remove(id).is_some())
    }

    /// Removes the expectations that a filter of the control plane selects.
    pub(crate) fn remove_matching(&self, filter: &RequestMatcher) {
        self.retain(|expectation| !filter.meets(&expectation.request));
    }

    pub(crate) fn remove_all(&self) {
        self.change(|index| *index = Index::default());
        self.used_up.store(0, Ordering::Relaxed);
    }

    fn sweep(&self) {
        self.used_up.store(0, Ordering::Relaxed);
        self.retain(|expectation| expectation.is_active(|| self.clock.instant()));
    }

    fn retain(&self, keep: impl Fn(&Expectation) -> bool) {
        self.change(|index| {
            let gone: Vec<Arc<str>> = index
                .all()
                .filter(|e| !keep(e))
                .map(|e| Arc::clone(&e.id))
                .collect();
            for id in gone {
                index.remove(&id);
            }
        });
    }

    fn snapshot(&self) -> Arc<Index> {
        Arc::clone(&self.index.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A channel that changes with the expectations.
    pub(crate) fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    fn change<T>(&self, change: impl FnOnce(&mut Index) -> T) -> T {
        let changed = {
            let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
            change(Arc::make_mut(&mut index))
        };
        if self.news.receiver_count() > 0 {
            self.news
                .send_modify(|count| *count = count.wrapping_add(1));
        }
        changed
    }
}

impl Registration {
    fn next_age(&mut self) -> u64 {
        self.created += 1;
        self.created
    }

    fn random_id(&mut self) -> Arc<str> {
        let id = uuid::Builder::from_random_bytes(self.ids.random()).into_uuid();
        Arc::from(id.to_string())
    }
}

#[cfg(test)]
mod tests;
