//! What a server counts for its metrics, in numbers that cost next to nothing to raise.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use styk_core::Outcome;

use crate::action::Action;
use crate::formats::{Actions, Durations, Metrics, Traffic};
use crate::server::Shared;

/// The counters of a server since its start.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    received: AtomicU64,
    not_matched: AtomicU64,
    answered: AtomicU64,
    forwarded: AtomicU64,
    durations: Durations,
    /// What the counters showed at the last reset.
    at_reset: Mutex<Traffic>,
}

impl Counters {
    /// A request came, to either plane.
    pub(crate) fn received(&self) {
        self.received.fetch_add(1, Relaxed);
    }

    /// A request of the data plane is over.
    pub(crate) fn ended(&self, outcome: &Outcome, was_forwarded: bool, duration: Duration) {
        let counter = match outcome {
            Outcome::Unmatched => &self.not_matched,
            _ if was_forwarded => &self.forwarded,
            Outcome::Answered | Outcome::Dropped | Outcome::Failed { .. } => &self.answered,
        };
        counter.fetch_add(1, Relaxed);
        self.durations.record(duration);
    }

    /// Counts anew from here.
    pub(crate) fn reset(&self) {
        *self.at_reset.lock().unwrap_or_else(PoisonError::into_inner) = self.total();
    }

    fn total(&self) -> Traffic {
        Traffic {
            requests_received: self.received.load(Relaxed),
            not_matched: self.not_matched.load(Relaxed),
            response_matched: self.answered.load(Relaxed),
            forward_matched: self.forwarded.load(Relaxed),
        }
    }
}

impl Shared {
    /// Everything that is counted.
    pub(crate) fn metrics(&self) -> Metrics {
        let total = self.counters.total();
        let before = *self
            .counters
            .at_reset
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let active = self.scopes.common().store.active();
        let mut actions = Actions::default();
        let (mut responding, mut forwarding) = (0, 0);
        for expectation in &active {
            match &expectation.action {
                Action::Respond(_) | Action::RespondOneOf(_) | Action::Closure(_) => {
                    actions.response += 1;
                }
                Action::Break(_) => actions.error += 1,
                Action::Forward(_) => actions.forward += 1,
                Action::Override(_) => actions.forward_replace += 1,
                Action::Template(template) if template.forwards() => actions.forward_template += 1,
                Action::Template(_) => actions.response_template += 1,
                Action::Callback(callback) if callback.forwards() => {
                    actions.forward_object_callback += 1;
                    forwarding += 1;
                }
                Action::Callback(_) => {
                    actions.response_object_callback += 1;
                    responding += 1;
                }
                // What the original has no counter for.
                _ => {}
            }
        }
        Metrics {
            since_reset: Traffic {
                requests_received: total.requests_received - before.requests_received,
                not_matched: total.not_matched - before.not_matched,
                response_matched: total.response_matched - before.response_matched,
                forward_matched: total.forward_matched - before.forward_matched,
            },
            in_total: total,
            active: actions,
            callback_clients: self.callbacks.len() as u64,
            callback_response_handlers: responding,
            callback_forward_handlers: forwarding,
            evicted_log_entries: self.scopes.common().recorder.journal().dropped().exchanges,
            durations: self.counters.durations.counted(),
        }
    }
}
