//! Span ids from the stage's seed, so that the same run gives the same ids.

use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::trace::IdGenerator;
use styk_core::Seed;

/// A counter through a bijective mixer: ids of one stage never repeat.
#[derive(Debug)]
pub(crate) struct SeededIds {
    state: AtomicU64,
}

impl SeededIds {
    pub(crate) fn new(seed: Seed) -> Self {
        Self {
            state: AtomicU64::new(seed.derive("span ids").value()),
        }
    }

    /// The next number of SplitMix64 (Steele, Lea, Flood 2014), skipping zero, which is no valid id.
    pub(crate) fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        loop {
            let mut word = self
                .state
                .fetch_add(STEP, Ordering::Relaxed)
                .wrapping_add(STEP);
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            word ^= word >> 31;
            if word != 0 {
                return word;
            }
        }
    }
}

impl IdGenerator for SeededIds {
    fn new_trace_id(&self) -> TraceId {
        TraceId::from((u128::from(self.next()) << 64) | u128::from(self.next()))
    }

    fn new_span_id(&self) -> SpanId {
        SpanId::from(self.next())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids_and_none_twice() {
        let draw = |seed| {
            let ids = SeededIds::new(Seed::new(seed));
            (0..1_000).map(|_| ids.next()).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert_eq!(draw(1).into_iter().collect::<HashSet<_>>().len(), 1_000);
    }
}
