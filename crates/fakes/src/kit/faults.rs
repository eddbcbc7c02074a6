//! Faults on calls: armed before, fired exactly as often as said, and counted.

mod drift;
mod perform;
mod wish;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::Method;
use serde::Serialize;
use styk_core::{Fault, FaultKind};
use tokio::sync::oneshot;

use super::{Answer, Call, Provider};

pub(crate) use self::perform::{Broken, Scene};

/// How many faults can be armed at once.
const LIMIT: usize = 10_000;

/// The faults of one fake. Clones share them. Finding one costs the same however many calls there were.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Armed>>);

#[derive(Debug, Default)]
struct Armed {
    last_id: u64,
    all: Vec<Arc<Mutex<ArmedFault>>>,
    /// By operation or event type; those on any operation under the empty name.
    by_operation: HashMap<String, Vec<Arc<Mutex<ArmedFault>>>>,
    /// What reads answered first and last, while a fault is armed that needs it.
    reads: HashMap<String, (Answer, Answer)>,
    waiting: Vec<Waiting>,
}

/// A call whose effect waits for the next one like it.
#[derive(Debug)]
struct Waiting {
    seq: u64,
    operation: String,
    key: Option<String>,
    entities: Vec<String>,
    _release: oneshot::Sender<()>,
}

/// One armed fault and what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct ArmedFault {
    /// Its number.
    pub id: u64,
    /// The fault.
    pub fault: Fault,
    /// How many calls fitted its place, whatever their ordinal.
    pub seen: u32,
    /// How often it fired. 0 at the end means: not injected.
    pub fired: u32,
    /// Calls counted by key, to tell tries apart.
    #[serde(skip)]
    tries: HashMap<String, u32>,
}

/// Why a fault cannot be armed. The text is for the person who asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadFault {
    /// The provider has no such operation.
    #[error("there is no operation `{operation}`{hint}")]
    NoOperation {
        /// The name asked for.
        operation: String,
        /// What it may have meant.
        hint: String,
    },
    /// A parameter of the kind is not what it must be.
    #[error("the fault `{kind}` cannot take `{parameter}`: {problem}")]
    Parameter {
        /// The kind.
        kind: FaultKind,
        /// The parameter.
        parameter: String,
        /// What is wrong.
        problem: String,
    },
    /// The fault would never fire.
    #[error("`times` must be at least 1")]
    Never,
    /// There are too many.
    #[error("more than {LIMIT} faults are armed; remove some")]
    TooMany,
}

/// A fault that fires now.
#[derive(Debug)]
pub(crate) struct Struck {
    pub(crate) fault: Fault,
    faults: Faults,
}

/// What a fault's place is compared with.
struct Place<'a> {
    operation: &'a str,
    entities: &'a mut dyn FnMut() -> Vec<String>,
    key: Option<&'a str>,
    /// Whether the same was read before.
    has_read: bool,
}

impl Faults {
    /// Whether a fault can be armed at a provider with these operations.
    ///
    /// # Errors
    ///
    /// A sentence for the person who wants it.
    pub fn check(fault: &Fault, operations: &[String]) -> Result<(), BadFault> {
        wish::check(fault, operations)
    }

    /// Arms a fault that was checked, and gives its number.
    ///
    /// # Errors
    ///
    /// When it would never fire, or there are too many.
    pub fn arm(&self, fault: Fault) -> Result<u64, BadFault> {
        if fault.times == 0 {
            return Err(BadFault::Never);
        }
        let mut armed = self.lock();
        if armed.all.len() >= LIMIT {
            return Err(BadFault::TooMany);
        }
        armed.last_id += 1;
        let id = armed.last_id;
        let operation = fault.on.operation.clone().unwrap_or_default();
        let entry = Arc::new(Mutex::new(ArmedFault {
            id,
            fault,
            seen: 0,
            fired: 0,
            tries: HashMap::new(),
        }));
        armed.all.push(Arc::clone(&entry));
        armed.by_operation.entry(operation).or_default().push(entry);
        Ok(id)
    }

    /// Removes a fault; gives what became of it.
    pub fn remove(&self, id: u64) -> Option<ArmedFault> {
        let mut armed = self.lock();
        let is_it = |entry: &Arc<Mutex<ArmedFault>>| locked(entry).id == id;
        let at = armed.all.iter().position(is_it)?;
        let entry = armed.all.remove(at);
        for list in armed.by_operation.values_mut() {
            list.retain(|other| !Arc::ptr_eq(other, &entry));
        }
        let gone = locked(&entry).clone();
        Some(gone)
    }

    /// Removes all.
    pub fn clear(&self) {
        let mut armed = self.lock();
        armed.all.clear();
        armed.by_operation.clear();
        armed.reads.clear();
    }

    /// All faults, in the order they were armed.
    #[must_use]
    pub fn list(&self) -> Vec<ArmedFault> {
        self.lock()
            .all
            .iter()
            .map(|entry| locked(entry).clone())
            .collect()
    }

    /// The fault that fires on a call, if any; the first armed one wins, and all that fit count the call.
    pub(crate) fn strike(&self, provider: &dyn Provider, call: &Call) -> Option<Struck> {
        if self.lock().all.is_empty() {
            return None;
        }
        let operation = call.operation();
        let key = call.notes().key;
        let has_read = self.lock().reads.contains_key(&read_name(call));
        let place = Place {
            operation: &operation,
            entities: &mut || provider.entities(call),
            key: key.as_deref(),
            has_read,
        };
        self.strike_at(place, false)
    }

    /// The fault that fires on a webhook, if any.
    pub(crate) fn strike_webhook(&self, event: &str, entities: &[String]) -> Option<Struck> {
        let place = Place {
            operation: event,
            entities: &mut || entities.to_vec(),
            key: None,
            has_read: false,
        };
        self.strike_at(place, true)
    }

    fn strike_at(&self, place: Place<'_>, is_webhook: bool) -> Option<Struck> {
        let armed = self.lock();
        let by_name = |name: &str| armed.by_operation.get(name).into_iter().flatten();
        let mut candidates: Vec<_> = by_name(place.operation).chain(by_name("")).collect();
        candidates.sort_by_key(|entry| locked(entry).id);
        let mut entities = None;
        let mut struck = None;
        for entry in candidates {
            let mut candidate = locked(entry);
            if candidate.fault.kind.is_about_webhooks() != is_webhook {
                continue;
            }
            if needs_reads(candidate.fault.kind) && !place.has_read {
                continue;
            }
            if let Some(entity) = &candidate.fault.on.entity {
                let known = entities.get_or_insert_with(|| (place.entities)());
                if !known.contains(entity) {
                    continue;
                }
            }
            if candidate.counts(place.key) && struck.is_none() {
                candidate.fired += 1;
                struck = Some(Struck {
                    fault: candidate.fault.clone(),
                    faults: self.clone(),
                });
            }
        }
        struck
    }

    /// A call was served: what is needed of it is remembered, and effects that waited for it take place.
    pub(crate) fn served(&self, provider: &dyn Provider, call: &Call, answer: &Answer) {
        let mut armed = self.lock();
        let is_read = *call.method() == Method::GET && armed.reads.len() < READS;
        let needs = |entry: &Arc<Mutex<ArmedFault>>| needs_reads(locked(entry).fault.kind);
        if is_read && armed.all.iter().any(needs) {
            let name = read_name(call);
            match armed.reads.get_mut(&name) {
                Some((_, last)) => *last = answer.clone(),
                None => {
                    armed.reads.insert(name, (answer.clone(), answer.clone()));
                }
            }
        }
        if armed.waiting.is_empty() {
            return;
        }
        let (operation, key) = (call.operation(), call.notes().key);
        let entities = provider.entities(call);
        let is_next = |waiting: &Waiting| {
            let is_like = waiting.key.is_some() && waiting.key == key
                || waiting
                    .entities
                    .iter()
                    .any(|entity| entities.contains(entity))
                || (waiting.entities.is_empty() && entities.is_empty());
            waiting.seq != call.exchange.seq() && waiting.operation == operation && is_like
        };
        let waiting = std::mem::take(&mut armed.waiting);
        let (next, others): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_next);
        armed.waiting = others;
        drop(armed);
        // Letting go of the sender is the word.
        drop(next);
    }

    fn wait_for(&self, waiting: Waiting) {
        self.lock().waiting.push(waiting);
    }

    /// What a read answered before, for faults that give it again.
    fn recall(&self, struck: &Struck, call: &Call) -> Option<Answer> {
        let armed = self.lock();
        let (first, last) = armed.reads.get(&read_name(call))?;
        let is_stuck = struck.fault.kind == FaultKind::StateStuck;
        Some(if is_stuck { first } else { last }.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Armed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many reads are remembered.
const READS: usize = 1000;

/// Faults that give an earlier answer again.
fn needs_reads(kind: FaultKind) -> bool {
    matches!(kind, FaultKind::StaleRead | FaultKind::StateStuck)
}

/// What is read, and by whom.
fn read_name(call: &Call) -> String {
    let who = call.header("authorization").unwrap_or_default();
    format!("{who} {}", call.request.uri)
}

fn locked(entry: &Mutex<ArmedFault>) -> std::sync::MutexGuard<'_, ArmedFault> {
    entry.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ArmedFault {
    /// Counts a call that fits; whether the fault fires on it.
    fn counts(&mut self, key: Option<&str>) -> bool {
        let attempt = key.map_or(0, |key| {
            let tries = self.tries.entry(key.to_owned()).or_default();
            *tries += 1;
            *tries - 1
        });
        if self
            .fault
            .on
            .attempt
            .is_some_and(|wanted| wanted != attempt)
        {
            return false;
        }
        self.seen += 1;
        let nth = self.seen - 1;
        let from = self.fault.on.ordinal;
        nth >= from && nth - from < self.fault.times && self.fired < self.fault.times
    }
}
