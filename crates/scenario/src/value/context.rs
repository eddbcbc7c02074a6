//! What functions in expressions draw on: the clock, the seed, the folder of the file, the list of secrets.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use rand::rngs::StdRng;
use styk_core::{Clock, Secrets, Seed};

/// Time, chance and files for the functions of expressions. Cheap to clone; clones draw from one generator.
#[derive(Clone)]
pub struct Context(Arc<Inner>);

struct Inner {
    clock: Clock,
    seed: Seed,
    generator: Mutex<StdRng>,
    secrets: Secrets,
    folder: Utf8PathBuf,
}

impl Context {
    /// A context whose chance comes from `seed` and whose relative paths start at `folder`.
    #[must_use]
    pub fn new(clock: Clock, seed: Seed, secrets: Secrets, folder: impl Into<Utf8PathBuf>) -> Self {
        Self(Arc::new(Inner {
            clock,
            seed,
            generator: Mutex::new(seed.rng()),
            secrets,
            folder: folder.into(),
        }))
    }

    /// A context with a generator of its own, derived by name: parallel copies draw from theirs, so that what
    /// one gets does not depend on who came first.
    #[must_use]
    pub fn derive(&self, name: &str) -> Self {
        Self::new(
            self.0.clock.clone(),
            self.0.seed.derive(name),
            self.0.secrets.clone(),
            self.0.folder.clone(),
        )
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub(super) fn secrets(&self) -> &Secrets {
        &self.0.secrets
    }

    pub(crate) fn folder(&self) -> &Utf8Path {
        &self.0.folder
    }

    pub(crate) fn generator(&self) -> MutexGuard<'_, StdRng> {
        self.0
            .generator
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Context")
            .field("seed", &self.0.seed)
            .field("folder", &self.0.folder)
            .finish_non_exhaustive()
    }
}

/// A context for tests: a clock that stands still, a known seed.
#[cfg(test)]
pub(crate) fn tests_context() -> Context {
    let clock = Clock::manual(jiff::Timestamp::UNIX_EPOCH);
    Context::new(clock, Seed::new(7), Secrets::default(), ".")
}
