//! Undoing what an attempt did: `finally`, teardown, mocks, faults.

use std::time::Duration;

use styk_core::{Diagnostic, Status, StepResult};

use super::fixture::Teardown;
use super::limit::{Deadline, Whose};
use super::player::Player;
use super::strand::{Phase, Strand};
use crate::ast::Step;

/// The least time for removing mocks, also when cleaning up has used all of its own.
const REMOVAL_LIMIT_MIN: Duration = Duration::from_secs(1);

impl Player<'_> {
    /// Plays `finally`, then undoes everything. `after_failure`: names may be missing.
    pub(super) async fn clean_up(
        &self,
        finally: &[Step],
        mut strand: Strand,
        after_failure: bool,
    ) -> Vec<StepResult> {
        let deadline = self.cleanup_deadline();
        let mut results = Vec::new();
        if !self.interrupt.is_abandoned() {
            strand.phase = Phase::Cleanup { after_failure };
            strand.deadline = deadline;
            let played = self.play_steps(finally, &mut strand, "finally").await;
            results.extend(played.steps);
        }
        results.extend(self.undo_until(deadline, after_failure).await);
        results
    }

    /// Takes fixtures down, the latest first, and removes mocks and faults.
    pub(super) async fn undo_all(&self, after_failure: bool) -> Vec<StepResult> {
        self.undo_until(self.cleanup_deadline(), after_failure)
            .await
    }

    fn cleanup_deadline(&self) -> Deadline {
        self.deadline(self.world.limits.teardown, Whose::Cleanup)
    }

    async fn undo_until(&self, deadline: Deadline, after_failure: bool) -> Vec<StepResult> {
        let teardowns: Vec<Teardown> = std::mem::take(&mut self.undo().teardowns);
        let mut results = Vec::new();
        for teardown in teardowns.into_iter().rev() {
            if self.interrupt.is_abandoned() {
                break;
            }
            results.extend(self.take_down(teardown, deadline, after_failure).await);
        }
        results.extend(self.remove_mocks().await);
        results.extend(self.remove_faults(after_failure));
        results
    }

    async fn remove_mocks(&self) -> Option<StepResult> {
        let mocks = std::mem::take(&mut self.undo().mocks);
        if mocks.is_empty() {
            return None;
        }
        let began = self.world.clock.instant();
        let mut failures = Vec::new();
        let removals = async {
            for (mock, id) in mocks.into_iter().rev() {
                if let Err(cause) = self.world.mocks.remove(&mock, &id).await {
                    let message =
                        format!("an expectation of the mock `{mock}` stays behind: {cause}");
                    failures.push(Diagnostic::error(message));
                }
            }
        };
        let limit = self.world.limits.teardown.max(REMOVAL_LIMIT_MIN);
        tokio::select! {
            biased;
            () = removals => {}
            () = self.world.clock.sleep(limit) => {
                failures.push(Diagnostic::error("the mocks could not be cleaned up in time"));
            }
        }
        // What went as it should is not worth a line in the report.
        (!failures.is_empty()).then(|| StepResult {
            path: "teardown.mocks".to_owned(),
            label: "remove mocks".to_owned(),
            status: Status::Error,
            duration: self.world.clock.since(began),
            location: None,
            note: None,
            failures,
            exchanges: Vec::new(),
            children: Vec::new(),
        })
    }
}
