//! How a verb ends.

use styk_core::{Diagnostic, Status, StepResult};

use super::limit::Cut;

/// What a verb leaves when it went well.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// What was done, better than the file says it: with the path as it was sent.
    pub(super) label: Option<String>,
    pub(super) note: Option<String>,
    pub(super) children: Vec<StepResult>,
    /// Exchanges that are surely its own.
    pub(super) exchanges: Vec<u64>,
    /// It was not played after all.
    pub(super) is_skipped: bool,
}

/// What a verb leaves when it did not.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) status: Status,
    pub(super) failures: Vec<Diagnostic>,
    pub(super) done: Done,
    /// Nothing more may be played on this strand.
    pub(super) ends_strand: bool,
}

/// How a verb ends.
pub(super) type Played = Result<Done, Box<Trouble>>;

impl Trouble {
    /// An expectation does not hold.
    pub(super) fn failed(failures: Vec<Diagnostic>, done: Done) -> Box<Self> {
        Box::new(Self {
            status: Status::Failed,
            failures,
            done,
            ends_strand: false,
        })
    }

    /// The step cannot be judged.
    pub(super) fn error(failure: Diagnostic, done: Done) -> Box<Self> {
        Box::new(Self {
            status: Status::Error,
            failures: vec![failure],
            done,
            ends_strand: false,
        })
    }

    /// A limit or an interrupt ended the step; `failure` says what was under way.
    pub(super) fn cut(cut: Cut, failure: Diagnostic, done: Done) -> Box<Self> {
        let status = match cut {
            Cut::Interrupted => Status::Error,
            Cut::Limit { .. } => Status::Failed,
        };
        Box::new(Self {
            status,
            failures: vec![failure],
            done,
            ends_strand: cut.ends_strand(),
        })
    }
}

/// Results of several steps, and whether the ones after them may be played.
#[derive(Debug, Default)]
pub(super) struct Results {
    pub(super) steps: Vec<StepResult>,
    /// A step that is not soft did not pass.
    pub(super) has_stopped: bool,
    /// Nothing more may be played on this strand.
    pub(super) ends_strand: bool,
}

/// The worst of several verdicts.
pub(super) fn worst<'a>(steps: impl IntoIterator<Item = &'a StepResult>) -> Status {
    let rank = |status: Status| match status {
        Status::Skipped => 0,
        Status::Passed => 1,
        Status::Flaky => 2,
        Status::Failed => 3,
        Status::Error => 4,
    };
    steps
        .into_iter()
        .map(|step| step.status)
        .max_by_key(|status| rank(*status))
        .unwrap_or(Status::Passed)
}
