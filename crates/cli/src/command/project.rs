//! Finding and loading the project, as several commands do.

use camino::{Utf8Path, Utf8PathBuf};
use styk_core::Diagnostic;
use styk_run::{LoadSettings, Project, StageChoice};

use crate::args::StageKind;
use crate::output::variable;
use crate::trouble::Trouble;

/// Loads the project that `config` names, or the nearest one.
pub(crate) fn load(
    config: Option<&Utf8Path>,
    stage: Option<StageKind>,
) -> Result<Project, Trouble> {
    let file = locate(config)?;
    let settings = LoadSettings {
        variable: &variable,
        stage: stage.map(|stage| match stage {
            StageKind::Embedded => StageChoice::Embedded,
            StageKind::Attached => StageChoice::Attached,
        }),
    };
    Ok(Project::load(&file, &settings)?)
}

fn locate(config: Option<&Utf8Path>) -> Result<Utf8PathBuf, Trouble> {
    let here = here()?;
    match config {
        Some(file) => Ok(here.join(file)),
        None => Ok(Project::find(&here)?),
    }
}

/// The current folder.
pub(crate) fn here() -> Result<Utf8PathBuf, Trouble> {
    let unreadable = |error: &dyn std::fmt::Display| {
        Trouble::own(Diagnostic::error(format!(
            "the current folder cannot be told: {error}"
        )))
    };
    let folder = std::env::current_dir().map_err(|error| unreadable(&error))?;
    Utf8PathBuf::from_path_buf(folder)
        .map_err(|folder| unreadable(&format!("{} is not UTF-8", folder.display())))
}
