//! Time, handed in.
//!
//! Whoever needs "now" or a pause asks the shop's clock, so an embedding can slow time down, stop it or move it.
//! All times have microsecond precision, because that is what the database keeps.

use std::fmt::Debug;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::watch;

/// Where the shop takes its time from.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;

    /// Completes when `duration` of this clock's time has passed.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// The machine's clock: what a shop has unless another one is handed in.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everybody else asks"
    )]
    fn now(&self) -> Timestamp {
        to_microseconds(Timestamp::now())
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A clock that stands still until it is moved; for tests of reservations, retries and schedules.
#[derive(Debug)]
pub struct ManualClock {
    now: Mutex<Timestamp>,
    moved: watch::Sender<Timestamp>,
}

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        let now = to_microseconds(now);
        Self {
            now: Mutex::new(now),
            moved: watch::Sender::new(now),
        }
    }

    /// Moves the clock forward and wakes everybody whose pause has ended.
    pub fn advance(&self, duration: Duration) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = after(*now, duration);
        self.moved.send_replace(*now);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let end = after(self.now(), duration);
        let mut moved = self.moved.subscribe();
        Box::pin(async move {
            // An error means the clock is gone; then nobody can wait for it any more.
            let _gone = moved.wait_for(|now| *now >= end).await;
        })
    }
}

/// `duration` after `time`; the end of time when that is later than a timestamp can be.
pub(crate) fn after(time: Timestamp, duration: Duration) -> Timestamp {
    time.checked_add(duration)
        .map_or(Timestamp::MAX, to_microseconds)
}

/// How long `since` is ago at `now`; nothing when it is still to come.
pub(crate) fn elapsed(since: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(since)).unwrap_or_default()
}

fn to_microseconds(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_pause_of_the_manual_clock_ends_when_the_clock_is_moved_past_it() {
        let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
        let pause = tokio::spawn(clock.sleep(Duration::from_secs(60)));
        clock.advance(Duration::from_secs(59));
        tokio::task::yield_now().await;
        assert!(!pause.is_finished());
        clock.advance(Duration::from_secs(1));
        tokio::time::timeout(Duration::from_secs(5), pause)
            .await
            .unwrap()
            .unwrap();
    }

    #[test]
    fn time_is_cut_to_microseconds() {
        let clock = ManualClock::at(Timestamp::from_nanosecond(1_999).unwrap());
        assert_eq!(clock.now(), Timestamp::from_microsecond(1).unwrap());
    }
}
