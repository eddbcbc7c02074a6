//! The messages of one load, collected: nobody stops at the first error.

use styk_core::{Diagnostic, Severity};

/// So many messages are kept; a person reads the first ones, and the rest is counted.
const KEPT_MAX: usize = 1000;

/// A list that grows while files are read.
#[derive(Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    errors: usize,
    dropped: usize,
}

impl Diagnostics {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if diagnostic.severity == Severity::Error {
            self.errors += 1;
        }
        if self.list.len() < KEPT_MAX {
            self.list.push(diagnostic);
        } else {
            self.dropped += 1;
        }
    }

    /// Whether one of them is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// How many of them are errors.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All of them by file and place; what stands in no file comes first. When there were too many, the last one says
    /// how many are missing.
    #[must_use]
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.list.sort_by(|a, b| key(a).cmp(&key(b)));
        if self.dropped > 0 {
            let message = format!("{} more messages are not shown", self.dropped);
            self.list
                .push(Diagnostic::error(message).help("mend these first"));
        }
        self.list
    }
}

fn key(diagnostic: &Diagnostic) -> Option<(&str, u32, u32)> {
    let location = diagnostic.location.as_ref()?;
    Some((&location.file, location.line, location.column))
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: I) {
        diagnostics
            .into_iter()
            .for_each(|diagnostic| self.push(diagnostic));
    }
}
