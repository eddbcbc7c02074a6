//! Stopping a scenario from outside, in two stages.

use tokio_util::sync::CancellationToken;

/// A request to stop. The first stage ends the steps and lets `finally` and teardown run; the second ends those
/// too. Cheap to clone; clones are the same interrupt.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    stop: CancellationToken,
    abandon: CancellationToken,
}

impl Interrupt {
    /// An interrupt that nobody has asked for yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An interrupt that follows this one, and can be asked for on its own: a limit of one category inside a run.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            stop: self.stop.child_token(),
            abandon: self.abandon.child_token(),
        }
    }

    /// First stage: no further steps.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Second stage: no cleaning up either.
    pub fn abandon(&self) {
        self.stop.cancel();
        self.abandon.cancel();
    }

    /// Whether the first stage was asked for.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Whether the second stage was asked for.
    #[must_use]
    pub fn is_abandoned(&self) -> bool {
        self.abandon.is_cancelled()
    }

    /// Waits for the first stage.
    pub async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    /// Waits for the second stage.
    pub async fn abandoned(&self) {
        self.abandon.cancelled().await;
    }
}
