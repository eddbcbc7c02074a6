//! Exit codes: part of the public contract. A code never changes its meaning.

use std::process::ExitCode;

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exit(u8);

impl Exit {
    /// Everything went well; for `test`: the success rate reached the threshold.
    pub(crate) const OK: Self = Self(0);
    /// The success rate is below the threshold; under `--strict`, a scenario did not pass at its first attempt.
    pub(crate) const BELOW_THRESHOLD: Self = Self(1);
    /// The command line is wrong, or styk.yaml, the matrix or a scenario is. Nothing was started.
    pub(crate) const USAGE: Self = Self(2);
    /// The environment was not ready, so that nothing could be played.
    pub(crate) const NOT_READY: Self = Self(3);
    /// A person stopped the run (reports were written all the same).
    pub(crate) const INTERRUPTED: Self = Self(4);
    /// styk itself failed: a report could not be written, a port could not be opened.
    pub(crate) const OWN_FAILURE: Self = Self(5);
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.0.into()
    }
}
