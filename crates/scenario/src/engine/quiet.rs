//! Waiting for the journal, and for the stage to become quiet.

use std::time::Duration;

use super::World;
use super::player::Player;

/// How often mock servers that run elsewhere are asked for their log.
const REFRESH_EVERY: Duration = Duration::from_millis(100);

/// Where the journal shows all that goes on: so long without news, and with nothing under way, counts as quiet.
pub(super) const QUIET_WINDOW: Duration = Duration::from_millis(30);

impl Player<'_> {
    /// Asks `look` now and after every news, until it gives a value or `limit` has passed; then it is asked for the
    /// last time.
    pub(super) async fn await_journal<T, E>(
        &self,
        limit: Duration,
        mut look: impl FnMut() -> Result<Option<T>, E>,
    ) -> Result<Option<T>, E> {
        let clock = &self.world.clock;
        let began = clock.instant();
        let mut news = self.world.journal.news();
        loop {
            self.refresh().await;
            news.borrow_and_update();
            if let Some(found) = look()? {
                return Ok(Some(found));
            }
            let remaining = limit.saturating_sub(clock.since(began));
            if remaining.is_zero() {
                return Ok(None);
            }
            tokio::select! {
                biased;
                _ = news.changed() => {}
                () = clock.sleep(remaining.min(REFRESH_EVERY)) => {}
            }
        }
    }

    /// Waits until the stage is quiet, at most `limit`: where the journal shows all that goes on, until nothing has
    /// been under way for a moment, else to the end.
    pub(super) async fn settle(&self, limit: Duration) {
        let clock = &self.world.clock;
        if !self.sees_all() {
            clock.sleep(limit).await;
            self.refresh().await;
            return;
        }
        let began = clock.instant();
        loop {
            let remaining = limit.saturating_sub(clock.since(began));
            if self.is_quiet(QUIET_WINDOW.min(remaining)).await || remaining.is_zero() {
                self.refresh().await;
                return;
            }
        }
    }

    /// Whether nothing is under way and nothing happens for `window`. Ends early when something does.
    pub(super) async fn is_quiet(&self, window: Duration) -> bool {
        let mut news = self.world.journal.news();
        news.borrow_and_update();
        let is_idle = !self.is_busy();
        tokio::select! {
            biased;
            _ = news.changed() => false,
            () = self.world.clock.sleep(window) => is_idle,
        }
    }

    async fn refresh(&self) {
        refresh(self.world).await;
    }
}

/// Brings the logs of mock servers elsewhere into the journal.
///
/// One that cannot be asked now will be asked again; what it has seen is missing until then, and the step that looks
/// for it says what it found.
pub(super) async fn refresh(world: &World) {
    if let Err(cause) = world.mocks.refresh().await {
        tracing::warn!(%cause, "the log of a mock server could not be read");
    }
}
