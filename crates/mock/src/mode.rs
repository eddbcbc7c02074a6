//! What becomes of requests that no expectation matches.

use std::sync::atomic::{AtomicU8, Ordering};

/// MockServer's modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// They are not found.
    Simulate,
    /// They are forwarded where they wanted to go, if they wanted to go elsewhere.
    Spy,
    /// As [`Mode::Spy`], to record what comes back.
    Capture,
}

const ALL: [Mode; 3] = [Mode::Simulate, Mode::Spy, Mode::Capture];

impl Mode {
    /// The mode of that name, in any case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        ALL.into_iter()
            .find(|mode| mode.name().eq_ignore_ascii_case(name))
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Simulate => "SIMULATE",
            Self::Spy => "SPY",
            Self::Capture => "CAPTURE",
        }
    }

    /// Whether unmatched requests are forwarded.
    pub(crate) fn forwards(self) -> bool {
        self != Self::Simulate
    }
}

/// The mode of a server, which may change while it runs.
#[derive(Debug)]
pub(crate) struct CurrentMode(AtomicU8);

impl CurrentMode {
    pub(crate) fn new(mode: Mode) -> Self {
        Self(AtomicU8::new(mode as u8))
    }

    pub(crate) fn get(&self) -> Mode {
        let place = usize::from(self.0.load(Ordering::Relaxed));
        ALL.get(place).copied().unwrap_or(Mode::Simulate)
    }

    pub(crate) fn set(&self, mode: Mode) {
        self.0.store(mode as u8, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_known_by_name_in_any_case_and_kept() {
        let current = CurrentMode::new(Mode::Simulate);
        for mode in ALL {
            assert_eq!(Mode::named(&mode.name().to_lowercase()), Some(mode));
            current.set(mode);
            assert_eq!(current.get(), mode);
        }
        assert_eq!(Mode::named("LEARN"), None);
    }
}
