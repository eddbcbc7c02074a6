//! When to ask a provider again about something that is not settled: after 1, 2, 5 and 15 minutes, then every hour,
//! for three days.

use std::time::Duration;

use jiff::Timestamp;

use crate::app::App;
use crate::clock::after;

/// Rows asked about in one turn of a job.
pub(crate) const BATCH: i64 = 50;
/// Rows asked about at the same time.
pub(crate) const AT_ONCE: usize = 8;

const FIRST_MINUTES: [u64; 4] = [1, 2, 5, 15];
const THEN_MINUTES: u64 = 60;
const HORIZON: Duration = Duration::from_secs(3 * 24 * 3_600);

/// When to ask next about what came into being at `since` and was asked about `checks` times; `None`: no more.
pub(crate) fn next_check(app: &App, since: Timestamp, checks: i64) -> Option<Timestamp> {
    let now = app.now();
    let given_up = now >= after(since, app.config.scaled(HORIZON));
    (!given_up).then(|| after(now, app.config.scaled(pause(checks))))
}

/// Until when a request that was just sent is left to its sender: longer than all its tries take.
pub(crate) fn sender_lease(app: &App) -> Timestamp {
    let tries = app
        .config
        .provider_timeout
        .saturating_mul(app.config.provider_attempts);
    after(app.now(), tries.saturating_add(Duration::from_secs(30)))
}

fn pause(checks: i64) -> Duration {
    let minutes = usize::try_from(checks)
        .ok()
        .and_then(|checks| FIRST_MINUTES.get(checks).copied());
    Duration::from_secs(60 * minutes.unwrap_or(THEN_MINUTES))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pauses_grow_to_an_hour() {
        let minutes: Vec<u64> = (0..6).map(|checks| pause(checks).as_secs() / 60).collect();
        assert_eq!(minutes, [1, 2, 5, 15, 60, 60]);
    }
}
