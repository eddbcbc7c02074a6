//! The schedule: jobs that are due are started, each at most once at a time over all processes.

mod job;
mod store;

use std::time::Duration;

use crate::app::App;
use crate::error::ApiError;

use self::job::Job;

/// The beat looks at the schedule at least so often, also when the shop's clock stands still.
const SIGN_EVERY: Duration = Duration::from_secs(5);
/// Two turns are at least so far apart, whatever the time scale.
const TURN_MIN: Duration = Duration::from_millis(50);

/// Runs until the shop stops.
pub(crate) async fn run(app: App) {
    let mut known = false;
    while !app.group.is_stopping() {
        app.liveness.beat.turn();
        if !known {
            known = report("write the schedule", store::write(&app).await).is_some();
        }
        let wait = report("read the schedule", turn(&app).await).unwrap_or(SIGN_EVERY);
        tokio::select! {
            () = app.config.clock.sleep(wait.max(TURN_MIN)) => {}
            () = tokio::time::sleep(SIGN_EVERY) => {}
            () = app.group.stopping() => {}
        }
    }
}

/// Starts what is due, and tells how long nothing else will be.
async fn turn(app: &App) -> Result<Duration, ApiError> {
    for job in store::due(app).await? {
        if store::take(app, job).await? {
            let inner = app.clone();
            app.group.spawn(async move { perform(&inner, job).await });
        }
    }
    store::until_next(app).await
}

async fn perform(app: &App, job: Job) {
    report(job.as_str(), job.run(app).await);
    report("end a job", store::finish(app, job).await);
}

/// A failed turn is not the end: the next one comes.
fn report<T>(what: &str, result: Result<T, ApiError>) -> Option<T> {
    result
        .inspect_err(|error| tracing::warn!(%error, "cannot {what}"))
        .ok()
}
