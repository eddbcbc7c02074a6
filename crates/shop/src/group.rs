//! Everything one shop runs beside the caller: connections, requests, loops. It ends in two steps: first everybody
//! is asked to finish, then what is left is dropped.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The running parts of one shop; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    tracker: TaskTracker,
    stopping: CancellationToken,
    killed: CancellationToken,
}

impl Group {
    /// Starts something that ends at the latest when the group is killed; then it gives `None`.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<Option<T>> {
        let killed = self.killed.clone();
        let work = Box::pin(work);
        self.tracker
            .spawn(async move { killed.run_until_cancelled_owned(work).await })
    }

    /// Completes when the shop is asked to stop: take nothing new, finish what you have.
    pub(crate) async fn stopping(&self) {
        self.stopping.cancelled().await;
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.is_cancelled()
    }

    /// Asks everything to finish, waits at most `grace`, and drops the rest.
    pub(crate) async fn stop(&self, grace: Duration) {
        self.stopping.cancel();
        self.tracker.close();
        if tokio::time::timeout(grace, self.tracker.wait())
            .await
            .is_err()
        {
            tracing::warn!(
                left = self.tracker.len(),
                "some work did not finish in time and is dropped"
            );
            self.killed.cancel();
            self.tracker.wait().await;
        }
    }

    /// Ends everything at once.
    pub(crate) fn kill(&self) {
        self.stopping.cancel();
        self.killed.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_that_does_not_finish_is_dropped_after_the_grace_time() {
        let group = Group::default();
        let stubborn = group.spawn(std::future::pending::<()>());
        group.stop(Duration::from_millis(10)).await;
        assert_eq!(stubborn.await.unwrap(), None);
    }

    #[tokio::test]
    async fn work_that_listens_is_waited_for() {
        let group = Group::default();
        let inner = group.clone();
        let polite = group.spawn(async move { inner.stopping().await });
        group.stop(Duration::from_secs(5)).await;
        assert_eq!(polite.await.unwrap(), Some(()));
    }
}
