//! The server's time of day, which clients may stop and move.
//!
//! Times to live, scenarios and the time that templates see follow it. Records and delays do not: they stay on the clock
//! that was handed in.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use styk_core::Clock;

/// A clock that stands still where a client has stopped it. Clones share one time.
#[derive(Clone, Debug)]
pub(crate) struct ServerClock {
    real: Clock,
    /// A moment in both measures of time, by which a stopped time becomes an instant.
    origin: (Timestamp, Instant),
    stopped_at: Arc<RwLock<Option<Timestamp>>>,
}

impl ServerClock {
    pub(crate) fn new(real: Clock) -> Self {
        Self {
            origin: (real.now(), real.instant()),
            real,
            stopped_at: Arc::default(),
        }
    }

    /// The time of day.
    pub(crate) fn now(&self) -> Timestamp {
        self.stopped_at().unwrap_or_else(|| self.real.now())
    }

    /// A monotonic instant, unless a client moves the time back.
    pub(crate) fn instant(&self) -> Instant {
        let Some(at) = self.stopped_at() else {
            return self.real.instant();
        };
        let (start, instant) = self.origin;
        let passed = at.duration_since(start);
        let moved = if passed.is_negative() {
            instant.checked_sub(passed.unsigned_abs())
        } else {
            instant.checked_add(passed.unsigned_abs())
        };
        moved.unwrap_or(instant)
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped_at().is_some()
    }

    /// Stops the time, at `at` or where it is.
    pub(crate) fn freeze(&self, at: Option<Timestamp>) {
        let at = at.unwrap_or_else(|| self.now());
        self.set(Some(at));
    }

    /// Moves the time on and stops it there.
    pub(crate) fn advance(&self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        let at = self.now().checked_add(by).unwrap_or(Timestamp::MAX);
        self.set(Some(at));
    }

    /// Lets the time run again, as it is.
    pub(crate) fn reset(&self) {
        self.set(None);
    }

    fn stopped_at(&self) -> Option<Timestamp> {
        *self
            .stopped_at
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, at: Option<Timestamp>) {
        *self
            .stopped_at
            .write()
            .unwrap_or_else(PoisonError::into_inner) = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_clock_moves_only_when_it_is_told_to() {
        let real = Clock::manual(Timestamp::UNIX_EPOCH);
        let clock = ServerClock::new(real.clone());
        let start = clock.instant();
        clock.freeze(None);
        real.advance(Duration::from_secs(5));
        assert!(clock.is_stopped());
        assert_eq!(clock.now().as_second(), 0);
        clock.advance(Duration::from_secs(60));
        assert_eq!(clock.now().as_second(), 60);
        assert_eq!(clock.instant(), start + Duration::from_secs(60));
        clock.reset();
        assert_eq!(clock.now().as_second(), 5);
        assert_eq!(clock.instant(), start + Duration::from_secs(5));
    }

    #[test]
    fn it_can_be_stopped_at_any_time() {
        let clock = ServerClock::new(Clock::manual(Timestamp::UNIX_EPOCH));
        let start = clock.instant();
        clock.freeze(Some(Timestamp::from_second(-10).expect("a time")));
        assert!(clock.instant() < start);
        clock.freeze(Some(Timestamp::MAX));
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Timestamp::MAX);
    }
}
