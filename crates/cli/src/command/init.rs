//! `styk init`: the files for testing a shop of one's own. Nothing that exists is touched.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};

use camino::Utf8Path;
use styk_core::Diagnostic;

use crate::args::InitArguments;
use crate::exit::Exit;
use crate::output::say;
use crate::trouble::Trouble;

/// What is written, in this order.
const FILES: [(&str, &str); 3] = [
    ("styk.yaml", include_str!("init/styk.yaml")),
    (
        "integration_test_matrix.yml",
        include_str!("init/integration_test_matrix.yml"),
    ),
    (
        "scenarios/first_steps.styk.yaml",
        include_str!("init/first_steps.styk.yaml"),
    ),
];

pub(crate) fn init(arguments: &InitArguments) -> Result<Exit, Trouble> {
    let folder = &arguments.folder;
    let existing: Vec<Diagnostic> = FILES
        .iter()
        .map(|(name, _)| folder.join(name))
        .filter(|file| file.exists())
        .map(|file| {
            Diagnostic::error(format!("{file} exists already, and is not overwritten"))
                .help("run `styk init` in an empty folder, or move the file away")
        })
        .collect();
    if !existing.is_empty() {
        return Err(existing.into());
    }
    for (name, text) in FILES {
        let file = folder.join(name);
        write(&file, text).map_err(|error| {
            Trouble::own(Diagnostic::error(format!(
                "{file} cannot be written: {error}"
            )))
        })?;
        say(&format!("wrote {file}"))?;
    }
    say(
        "\nNext: `styk test` plays the first scenario on styk's own reference shop. \
         Then say in styk.yaml where your shop is (`base`).",
    )?;
    Ok(Exit::OK)
}

fn write(file: &Utf8Path, text: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    // Somebody may have made the file since it was looked for.
    let mut file = OpenOptions::new().write(true).create_new(true).open(file)?;
    file.write_all(text.as_bytes())
}
