//! `styk test`: plays the suites, shows what happens, writes reports.

use std::io;
use std::sync::Arc;

use camino::Utf8Path;
use styk_core::{Clock, Diagnostic, EventSink, RunEvent, Secrets, Seed};
use styk_report::{TerminalReporter, write_reports};
use styk_run::{Project, RunOptions, RunOutcome, RunSurroundings, Selection, run};
use styk_scenario::Interrupt;

use super::project::{self, here};
use super::runtime;
use crate::args::TestArguments;
use crate::exit::Exit;
use crate::launcher::ReferenceShop;
use crate::output::{log_as_asked, terminal_options};
use crate::signals::Signals;
use crate::trouble::Trouble;

pub(crate) fn test(
    config: Option<&Utf8Path>,
    no_color: bool,
    arguments: TestArguments,
) -> Result<Exit, Trouble> {
    log_as_asked()?;
    let project = project::load(config, arguments.stage)?;
    // Where the shop runs elsewhere little is left to do here, and more threads only wake each other.
    let threads_max = if project.is_embedded() { usize::MAX } else { 1 };
    runtime(threads_max)?.block_on(play(project, no_color, arguments))
}

async fn play(project: Project, no_color: bool, arguments: TestArguments) -> Result<Exit, Trouble> {
    let reports = match &arguments.reports {
        Some(folder) => here()?.join(folder),
        None => project.reports(),
    };
    let secrets = Secrets::default();
    let surroundings = RunSurroundings {
        clock: Clock::system(),
        seed: arguments.seed.unwrap_or_else(Seed::from_entropy),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        launcher: Some(Arc::new(ReferenceShop)),
        secrets: secrets.clone(),
        interrupt: Interrupt::new(),
    };
    let driving = Signals::listen()?.drive(surroundings.interrupt.clone());
    let signals = tokio::spawn(driving);
    let options = terminal_options(no_color);
    let reporter = TerminalReporter::new(Box::new(io::stdout()), options, &secrets);
    let mut sink = Screen {
        reporter,
        quiet: arguments.quiet,
    };
    let outcome = run(
        &project,
        run_options(arguments, &reports),
        surroundings,
        &mut sink,
    )
    .await?;
    let written = write_reports(&outcome.result, &reports, &secrets);
    sink.reporter.reports(&written);
    signals.abort();
    if let Some(error) = sink.reporter.failure() {
        let message = format!("standard output cannot be written: {error}");
        return Err(Trouble::own(Diagnostic::error(message)));
    }
    Ok(exit_of(&outcome, written.is_ok()))
}

fn run_options(arguments: TestArguments, reports: &Utf8Path) -> RunOptions {
    RunOptions {
        selection: Selection {
            suites: arguments.suite,
            tags: arguments.tag,
            filters: arguments.filter,
        },
        jobs: arguments.jobs.map(usize::from),
        retries: arguments.retries,
        fail_fast: arguments.fail_fast,
        strict: arguments.strict,
        threshold: arguments.threshold,
        reports: reports.to_owned(),
    }
}

/// The gravest that holds.
fn exit_of(outcome: &RunOutcome, reports_written: bool) -> Exit {
    if outcome.result.interrupted {
        Exit::INTERRUPTED
    } else if outcome.environment_failed {
        Exit::NOT_READY
    } else if !outcome.result.is_success() {
        Exit::BELOW_THRESHOLD
    } else if !reports_written {
        Exit::OWN_FAILURE
    } else {
        Exit::OK
    }
}

/// The terminal, perhaps without what went well.
#[derive(Debug)]
struct Screen {
    reporter: TerminalReporter,
    quiet: bool,
}

impl EventSink for Screen {
    fn event(&mut self, event: &RunEvent) {
        let went_well = match event {
            RunEvent::ScenarioFinished { status, .. } => status.is_success(),
            RunEvent::CategoryFinished { success, .. } => *success,
            RunEvent::CategoryStarted { .. }
            | RunEvent::ScenarioStarted { .. }
            | RunEvent::Output { .. } => true,
            RunEvent::RunStarted { .. }
            | RunEvent::ShopAwaited { .. }
            | RunEvent::Notice { .. }
            | RunEvent::Interrupted
            | RunEvent::RunFinished { .. } => false,
        };
        if !(self.quiet && went_well) {
            self.reporter.event(event);
        }
    }
}
