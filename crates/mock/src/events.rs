//! What clients did with a scope, for its log: the requests that it answered stand in the journal.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::formats::{LogEvent, What};
use crate::server::Shared;

/// Events that are kept; of more the oldest go.
const EVENTS_MAX: usize = 1_000;
/// What the things in all kept events may weigh together, roughly.
const BYTES_MAX: usize = 4 << 20;

/// The events of a scope, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Events(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    events: VecDeque<(LogEvent, usize)>,
    bytes: usize,
}

/// Whether the original gives such an event an id.
fn has_correlation(what: &What) -> bool {
    !matches!(
        what,
        What::Reset | What::Created { .. } | What::Updated { .. }
    )
}

/// Whether the original names the port in such an event.
fn names_port(what: &What) -> bool {
    !matches!(
        what,
        What::Verified { .. }
            | What::NotVerified { .. }
            | What::SequenceVerified { .. }
            | What::SequenceNotVerified { .. }
    )
}

impl Events {
    /// Keeps what has just happened, unless nothing is to be logged.
    pub(crate) fn add(&self, shared: &Shared, what: What) {
        if shared.settings().disable_logging {
            return;
        }
        let bytes = format!("{what:?}").len();
        let event = LogEvent {
            at: shared.clock.now(),
            correlation_id: has_correlation(&what).then(|| shared.random_id()),
            port: names_port(&what).then(|| shared.port()),
            what,
        };
        let mut kept = self.lock();
        kept.bytes += bytes;
        kept.events.push_back((event, bytes));
        while kept.events.len() > EVENTS_MAX || kept.bytes > BYTES_MAX {
            let Some((_, bytes)) = kept.events.pop_front() else {
                break;
            };
            kept.bytes -= bytes;
        }
    }

    /// Forgets all events, and begins again with this one.
    pub(crate) fn restart(&self, shared: &Shared, first: What) {
        *self.lock() = Kept::default();
        self.add(shared, first);
    }

    /// The events that `selects` wants, oldest first.
    pub(crate) fn selected(&self, selects: impl Fn(&What) -> bool) -> Vec<LogEvent> {
        let kept = self.lock();
        let events = kept.events.iter().map(|(event, _)| event);
        events
            .filter(|event| selects(&event.what))
            .cloned()
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
