//! What the program says: results on standard output, complaints on standard error.

use std::io::{self, IsTerminal as _, Write as _};

use styk_core::{Diagnostic, Severity};
use styk_report::{TerminalOptions, render_diagnostic};
use tracing_subscriber::EnvFilter;

use crate::args::Arguments;
use crate::trouble::Trouble;

/// Looks a variable of the environment up.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// What standard output can show.
pub(crate) fn terminal_options(no_color: bool) -> TerminalOptions {
    let options = TerminalOptions::for_output(io::stdout().is_terminal(), variable);
    TerminalOptions {
        colour: options.colour && !no_color,
        ..options
    }
}

/// Whether complaints are coloured.
pub(crate) fn errors_in_colour(arguments: &Arguments) -> bool {
    let options = TerminalOptions::for_output(io::stderr().is_terminal(), variable);
    options.colour && !arguments.no_color
}

/// Sends the libraries' own log to standard error, as `STYK_LOG` asks: `debug`, `styk_stage=trace`, ….
pub(crate) fn log_as_asked() -> Result<(), Trouble> {
    let Some(asked) = variable("STYK_LOG").filter(|asked| !asked.is_empty()) else {
        return Ok(());
    };
    let filter = EnvFilter::try_new(&asked).map_err(|error| {
        Diagnostic::error(format!("STYK_LOG is no filter: `{asked}`: {error}"))
            .help("write a level (`debug`), or levels by part (`styk_stage=trace,warn`)")
    })?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .init();
    Ok(())
}

/// Prints a result. A closed pipe is nobody's mistake: the reader had enough.
pub(crate) fn say(text: &str) -> Result<(), Trouble> {
    let mut stdout = io::stdout().lock();
    let written = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Trouble::own(
            Diagnostic::error(format!("standard output cannot be written: {error}")),
        )),
        _ => Ok(()),
    }
}

/// Prints diagnostics, and how many there are.
pub(crate) fn complain(trouble: &Trouble, colour: bool) {
    tell(&trouble.diagnostics, colour);
    let errors = trouble.diagnostics.iter();
    let errors = errors.filter(|d| d.severity == Severity::Error).count();
    if errors > 1 {
        let _ = writeln!(io::stderr(), "{errors} errors");
    }
}

/// Prints diagnostics on standard error, with a blank line after each.
pub(crate) fn tell(diagnostics: &[Diagnostic], colour: bool) {
    let mut stderr = io::stderr().lock();
    for diagnostic in diagnostics {
        // Where complaints cannot be written, nobody can be told.
        let _ = writeln!(stderr, "{}\n", render_diagnostic(diagnostic, colour));
    }
}
