//! `styk matrix`: which joints the last run really crossed.

use camino::Utf8Path;
use styk_core::Diagnostic;
use styk_report::{ReadError, matrix_table, read_matrix};

use super::project;
use crate::args::MatrixArguments;
use crate::exit::Exit;
use crate::output::{say, terminal_options};
use crate::trouble::Trouble;

pub(crate) fn matrix(
    config: Option<&Utf8Path>,
    no_color: bool,
    arguments: &MatrixArguments,
) -> Result<Exit, Trouble> {
    let (told, matrix) = match &arguments.report {
        Some(report) => read(report)?,
        None => {
            let project = project::load(config, None)?;
            let declared = || {
                project.declared_matrix().ok_or_else(|| {
                    Diagnostic::error("styk.yaml names no matrix")
                        .help("add `matrix: integration_test_matrix.yml`, and declare the shop's joints there")
                })
            };
            match read_matrix(&project.reports()) {
                Err(ReadError::NoReport { .. }) => (
                    "No run yet: this is what is declared.".to_owned(),
                    declared()?,
                ),
                _ => read(&project.reports())?,
            }
        }
    };
    if arguments.json {
        let json = serde_json::to_string_pretty(&matrix)
            .map_err(|error| Trouble::own(Diagnostic::error(format!("no JSON: {error}"))))?;
        say(&json)?;
    } else {
        let table = matrix_table(&matrix, terminal_options(no_color).colour);
        say(&format!("{told}\n\n{}", table.trim_end()))?;
    }
    Ok(Exit::OK)
}

fn read(path: &Utf8Path) -> Result<(String, styk_core::MatrixCoverage), Trouble> {
    let stored = read_matrix(path).map_err(|error| Diagnostic::error(error.to_string()))?;
    let told = format!("Run {} ({})", stored.run_id, stored.file);
    let matrix = stored.matrix.ok_or_else(|| {
        Diagnostic::error(format!("run {} was played without a matrix", stored.run_id))
            .help("add `matrix: integration_test_matrix.yml` to styk.yaml, and play it again")
    })?;
    Ok((told, matrix))
}
