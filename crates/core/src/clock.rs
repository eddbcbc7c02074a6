//! Time, handed in.
//!
//! Nobody in styk reads the system clock or sleeps on their own: they ask the stage's [`Clock`]. A manual
//! clock stands still until a test moves it, so that tests never wait for time to pass.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::watch;

/// A source of 'now' and of sleep. Cheap to clone; clones share one time.
#[derive(Clone, Debug)]
pub struct Clock(Kind);

#[derive(Clone, Debug)]
enum Kind {
    System,
    Manual(Arc<Manual>),
}

#[derive(Debug)]
struct Manual {
    start: Instant,
    origin: Timestamp,
    elapsed: Mutex<Duration>,
    moved: watch::Sender<u64>,
}

impl Clock {
    /// The clock of the machine.
    #[must_use]
    pub fn system() -> Self {
        Self(Kind::System)
    }

    /// A clock that stands at `origin` until [`Clock::advance`] moves it.
    #[must_use]
    pub fn manual(origin: Timestamp) -> Self {
        Self(Kind::Manual(Arc::new(Manual {
            start: Instant::now(),
            origin,
            elapsed: Mutex::new(Duration::ZERO),
            moved: watch::channel(0).0,
        })))
    }

    /// The wall-clock time, for records.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Kind::System => Timestamp::now(),
            Kind::Manual(manual) => manual
                .origin
                .checked_add(manual.elapsed())
                .unwrap_or(Timestamp::MAX),
        }
    }

    /// A monotonic instant, for durations.
    #[must_use]
    pub fn instant(&self) -> Instant {
        match &self.0 {
            Kind::System => Instant::now(),
            Kind::Manual(manual) => manual.start + manual.elapsed(),
        }
    }

    /// How long ago `earlier` was; zero when it lies ahead.
    #[must_use]
    pub fn since(&self, earlier: Instant) -> Duration {
        self.instant().saturating_duration_since(earlier)
    }

    /// Waits until `duration` has passed on this clock. Safe to cancel.
    pub async fn sleep(&self, duration: Duration) {
        match &self.0 {
            Kind::System => tokio::time::sleep(duration).await,
            Kind::Manual(manual) => {
                let mut moved = manual.moved.subscribe();
                let deadline = manual.elapsed().saturating_add(duration);
                while manual.elapsed() < deadline {
                    if moved.changed().await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// Moves a manual clock forward and wakes its sleepers. The system clock cannot be moved: it answers
    /// `false` and stays as it is.
    pub fn advance(&self, by: Duration) -> bool {
        match &self.0 {
            Kind::System => false,
            Kind::Manual(manual) => {
                {
                    let mut elapsed = manual
                        .elapsed
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner);
                    *elapsed = elapsed.saturating_add(by);
                }
                manual.moved.send_modify(|count| *count += 1);
                true
            }
        }
    }
}

impl Manual {
    fn elapsed(&self) -> Duration {
        *self.elapsed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_manual_clock_wakes_a_sleeper_only_when_the_time_has_come() {
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move {
                clock.sleep(Duration::from_secs(10)).await;
                clock.now()
            }
        });
        tokio::task::yield_now().await;
        assert!(clock.advance(Duration::from_secs(4)));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        assert!(clock.advance(Duration::from_secs(6)));
        let woke_at = sleeper.await.expect("the sleeper ends");
        assert_eq!(woke_at.as_second(), 10);
    }

    #[test]
    fn the_system_clock_cannot_be_moved() {
        assert!(!Clock::system().advance(Duration::from_secs(1)));
    }
}
