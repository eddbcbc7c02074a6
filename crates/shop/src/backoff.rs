//! How long to wait before something is tried again: 1, 2, 4, … 300 seconds, with jitter, by the time scale.

use std::time::Duration;

use crate::app::App;

const LONGEST_S: u64 = 300;

/// How often something is tried before it is given up.
pub(crate) const ATTEMPTS_MAX: i64 = 8;

/// The pause after the `attempts`th try failed: between three and five quarters of the doubling step, so that many
/// that failed together do not come back together.
pub(crate) fn pause(app: &App, attempts: i64) -> Duration {
    app.config
        .scaled(step(attempts).mul_f64(0.75 + app.random.fraction() / 2.0))
}

fn step(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0);
    Duration::from_secs(
        2_u64
            .checked_pow(doublings)
            .map_or(LONGEST_S, |seconds| seconds.min(LONGEST_S)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_up_to_five_minutes() {
        let seconds: Vec<u64> = [0, 1, 2, 3, 9, 10, 500]
            .into_iter()
            .map(|attempts| step(attempts).as_secs())
            .collect();
        assert_eq!(seconds, [1, 1, 2, 4, 256, 300, 300]);
    }
}
