//! What stops a command, with the exit code it means.

use styk_core::Diagnostic;

use crate::exit::Exit;

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) struct Trouble {
    /// What to tell; at least one.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What the program ends with.
    pub(crate) exit: Exit,
}

impl Trouble {
    /// Wrong files or a wrong command line.
    pub(crate) fn usage(diagnostics: Vec<Diagnostic>) -> Self {
        Self {
            diagnostics,
            exit: Exit::USAGE,
        }
    }

    /// What has to be there before the work can begin is not: a free port, a database.
    pub(crate) fn not_ready(diagnostic: Diagnostic) -> Self {
        Self {
            diagnostics: vec![diagnostic],
            exit: Exit::NOT_READY,
        }
    }

    /// A failure of styk or of the machine it runs on.
    pub(crate) fn own(diagnostic: Diagnostic) -> Self {
        Self {
            diagnostics: vec![diagnostic],
            exit: Exit::OWN_FAILURE,
        }
    }
}

impl From<Diagnostic> for Trouble {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::usage(vec![diagnostic])
    }
}

impl From<Vec<Diagnostic>> for Trouble {
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        Self::usage(diagnostics)
    }
}
