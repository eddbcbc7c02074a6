//! Deadlines, and the race of every wait against them.

use std::future::Future;
use std::time::{Duration, Instant};

use super::player::Player;
use super::strand::{Phase, Strand};

/// A moment at which something has to be over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    at: Instant,
    limit: Duration,
    whose: Whose,
}

/// What the deadline is set for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    Step,
    Enclosing,
    Scenario,
    Fixture,
    Cleanup,
}

/// Why a wait was cut short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// A limit was reached.
    Limit { limit: Duration, whose: Whose },
    /// Somebody asked to stop.
    Interrupted,
}

impl Cut {
    /// The sentence for people.
    pub(super) fn message(self) -> String {
        match self {
            Self::Interrupted => "stopped on request".to_owned(),
            Self::Limit { limit, whose } => {
                let limit = seconds(limit);
                match whose {
                    Whose::Step => format!("the step was not over after {limit}"),
                    Whose::Enclosing => {
                        format!("the enclosing step's limit of {limit} was reached here")
                    }
                    Whose::Scenario => {
                        format!("the scenario's limit of {limit} was reached here")
                    }
                    Whose::Fixture => format!("the fixture's limit of {limit} was reached here"),
                    Whose::Cleanup => {
                        format!("the limit of {limit} for cleaning up was reached here")
                    }
                }
            }
        }
    }

    /// Whether nothing more is to be played on this strand.
    pub(super) fn ends_strand(self) -> bool {
        match self {
            Self::Interrupted => true,
            Self::Limit { whose, .. } => whose != Whose::Step,
        }
    }
}

/// `10s`, `1m 30s`, `250ms`.
pub(super) fn seconds(duration: Duration) -> String {
    let millis = duration.as_millis();
    let (minutes, rest) = (millis / 60_000, millis % 60_000);
    let rest_text = match (rest / 1000, rest % 1000) {
        (0, ms) => format!("{ms}ms"),
        (s, 0) => format!("{s}s"),
        (s, ms) => format!("{}s", format!("{s}.{ms:03}").trim_end_matches('0')),
    };
    match (minutes, rest) {
        (0, _) => rest_text,
        (minutes, 0) => format!("{minutes}m"),
        (minutes, _) => format!("{minutes}m{rest_text}"),
    }
}

impl Player<'_> {
    /// A deadline `limit` from now.
    pub(super) fn deadline(&self, limit: Duration, whose: Whose) -> Deadline {
        let now = self.world.clock.instant();
        Deadline {
            at: now.checked_add(limit).unwrap_or(now),
            limit,
            whose,
        }
    }

    /// The nearer of the strand's deadline and one that is `limit` from now.
    pub(super) fn nearest(&self, strand: &Strand, limit: Duration, whose: Whose) -> Deadline {
        let own = self.deadline(limit, whose);
        if own.at < strand.deadline.at {
            own
        } else {
            strand.deadline
        }
    }

    /// Runs `work` until it is done, the nearest deadline comes, or an interrupt. Dropping `work` cancels it.
    pub(super) async fn within<T>(
        &self,
        strand: &Strand,
        limit: Duration,
        work: impl Future<Output = T>,
    ) -> Result<T, Cut> {
        let deadline = self.nearest(strand, limit, Whose::Step);
        let remaining = deadline
            .at
            .saturating_duration_since(self.world.clock.instant());
        tokio::select! {
            biased;
            done = work => Ok(done),
            () = self.interrupted(strand.phase) => Err(Cut::Interrupted),
            () = self.world.clock.sleep(remaining) => {
                Err(Cut::Limit { limit: deadline.limit, whose: deadline.whose })
            }
        }
    }

    /// Why no further step may begin on this strand, if so.
    pub(super) fn cut(&self, strand: &Strand) -> Option<Cut> {
        let is_interrupted = match strand.phase {
            Phase::Steps => self.interrupt.is_stopped(),
            Phase::Cleanup { .. } => self.interrupt.is_abandoned(),
        };
        if is_interrupted {
            return Some(Cut::Interrupted);
        }
        let deadline = strand.deadline;
        (deadline.at <= self.world.clock.instant()).then_some(Cut::Limit {
            limit: deadline.limit,
            whose: deadline.whose,
        })
    }

    async fn interrupted(&self, phase: Phase) {
        match phase {
            Phase::Steps => self.interrupt.stopped().await,
            Phase::Cleanup { .. } => self.interrupt.abandoned().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(10_000, "10s")]
    #[test_case(250, "250ms")]
    #[test_case(1_500, "1.5s")]
    #[test_case(90_000, "1m30s")]
    #[test_case(60_000, "1m")]
    fn durations_are_short_to_read(ms: u64, expected: &str) {
        assert_eq!(seconds(Duration::from_millis(ms)), expected);
    }
}
