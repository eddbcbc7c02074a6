//! Keeping expectations in a file, which is whole at every moment.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::InitializationError;
use crate::json::{Json, pretty};

/// Writes the expectations in the form that initialization files have. The text goes to a new file beside the old one, and
/// takes its place at once: who reads, or is interrupted, finds the old list or the new one.
pub(crate) fn persist(path: &Path, expectations: &[Json]) -> Result<(), InitializationError> {
    let text = pretty(&Json::Array(expectations.to_vec()));
    replace(path, text.as_bytes()).map_err(|source| InitializationError::Write {
        path: path.to_owned(),
        source,
    })
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link stays a link: what it leads to is replaced.
    let target = match fs::canonicalize(path) {
        Ok(target) => target,
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
        Err(error) => return Err(error),
    };
    let beside = beside(&target)?;
    let written = File::create(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let renamed = written.and_then(|()| fs::rename(&beside, &target));
    if renamed.is_err() {
        // The first error is the one to tell; the left-over is only untidy.
        let _removed = fs::remove_file(&beside);
    }
    renamed
}

/// A name in the same folder that no other process uses.
fn beside(target: &Path) -> io::Result<PathBuf> {
    let name = target
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it names no file"))?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.tmp", std::process::id()));
    Ok(target.with_file_name(hidden))
}

#[cfg(test)]
mod tests {
    use super::super::load;
    use super::*;
    use crate::json::parse_lenient;

    #[test]
    fn what_was_written_can_be_read_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("kept.json");
        for text in ["[{id:'a'},{id:'b',n:0.50}]", "[]"] {
            let Json::Array(expectations) = parse_lenient(text).expect("JSON") else {
                panic!("an array");
            };
            persist(&path, &expectations).expect("written");
            let loaded = load(&[path.to_str().expect("text")]).expect("read");
            assert_eq!(loaded[0].expectations, expectations);
        }
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error_with_the_files_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("nowhere/kept.json");
        let error = persist(&path, &[]).expect_err("no folder").to_string();
        assert!(error.contains("nowhere/kept.json"), "{error}");
    }
}
