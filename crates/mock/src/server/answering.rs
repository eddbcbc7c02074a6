//! Which connections have an answer under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts the answers under way on one connection, so that a stop can let them end.
#[derive(Clone, Debug, Default)]
pub(super) struct Answering(Arc<AtomicUsize>);

/// An answer under way, until this is dropped.
#[derive(Debug)]
pub(super) struct UnderWay(Arc<AtomicUsize>);

impl Answering {
    pub(super) fn begin(&self) -> UnderWay {
        self.0.fetch_add(1, Ordering::Relaxed);
        UnderWay(Arc::clone(&self.0))
    }

    pub(super) fn is_idle(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
