//! How often expectations are meant to be used, as they were mounted with it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Count;

/// The expectations of a scope that say how often they are to be used.
#[derive(Debug, Default)]
pub(crate) struct Promises(Mutex<Vec<(String, Count)>>);

impl Promises {
    /// Keeps one, in place of another for the same id.
    pub(super) fn keep(&self, id: &str, count: Option<Count>) {
        let mut promises = self.lock();
        promises.retain(|(known, _)| known != id);
        promises.extend(count.map(|count| (id.to_owned(), count)));
    }

    pub(super) fn all(&self) -> Vec<(String, Count)> {
        self.lock().clone()
    }

    /// Forgets all of them, as a reset does.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(String, Count)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
