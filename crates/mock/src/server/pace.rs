//! The time a connection may take for its next step.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// A deadline that moves with every request. The timer behind it is set anew only when it must ring earlier: moving a
/// timer costs more than looking at the clock.
#[derive(Debug)]
pub(super) struct Pace {
    deadline: Instant,
    timer: Pin<Box<Sleep>>,
}

impl Pace {
    pub(super) fn new(limit: Duration) -> Self {
        let deadline = Instant::now() + limit;
        Self {
            deadline,
            timer: Box::pin(sleep_until(deadline)),
        }
    }

    /// The next step may take this long, from now on.
    pub(super) fn allow(&mut self, limit: Duration) {
        self.deadline = Instant::now() + limit;
        if self.timer.deadline() > self.deadline {
            self.timer.as_mut().reset(self.deadline);
        }
    }

    /// Waits until the time is over. Safe to cancel.
    pub(super) async fn over(&mut self) {
        loop {
            self.timer.as_mut().await;
            if Instant::now() >= self.deadline {
                return;
            }
            self.timer.as_mut().reset(self.deadline);
        }
    }
}
