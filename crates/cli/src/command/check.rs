//! `styk check`: every mistake in every file, in milliseconds.

use std::io::IsTerminal as _;

use camino::Utf8Path;
use styk_report::TerminalOptions;

use super::project;
use crate::args::CheckArguments;
use crate::exit::Exit;
use crate::output::{say, tell, variable};
use crate::trouble::Trouble;

pub(crate) fn check(
    config: Option<&Utf8Path>,
    no_color: bool,
    arguments: &CheckArguments,
) -> Result<Exit, Trouble> {
    let project = project::load(config, arguments.stage)?;
    let options = TerminalOptions::for_output(std::io::stderr().is_terminal(), variable);
    tell(project.warnings(), options.colour && !no_color);
    let (mut suites, mut scenarios) = (0, 0);
    for (_, size) in project.categories() {
        suites += 1;
        scenarios += size;
    }
    say(&format!(
        "{} in {}: no errors",
        counted(scenarios, "scenario"),
        counted(suites, "suite")
    ))?;
    Ok(Exit::OK)
}

fn counted(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}
