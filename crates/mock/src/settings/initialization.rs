//! Expectations from files at the start, their changes, and the file that expectations are kept in.
//!
//! What a file says and what has to change is worked out here; registering is the server's business.

use std::io;
use std::path::{Path, PathBuf};

use crate::json::{Json, parse_lenient};

mod files;
mod persist;
mod reconcile;
mod watch;

pub(crate) use files::expand;
pub(crate) use persist::persist;
pub(crate) use reconcile::{Registered, reconcile};
pub(crate) use watch::{Stamps, watch};

/// The largest file that is read.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// The expectations of one file, in their order; entries may also be OpenAPI descriptions (`specUrlOrPayload`), as
/// the original allows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Loaded {
    pub(crate) path: PathBuf,
    pub(crate) expectations: Vec<Json>,
}

/// Why initialization files were not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InitializationError {
    #[error("`{pattern}` is no pattern for files: {why}")]
    Pattern { pattern: String, why: String },
    #[error("`{pattern}` looks at more than {limit} files; name a folder with fewer")]
    TooManyFiles { pattern: String, limit: usize },
    #[error("{} cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} has more than {limit} bytes", path.display())]
    TooLarge { path: PathBuf, limit: u64 },
    #[error("{}: {why}", path.display())]
    NoJson { path: PathBuf, why: String },
    #[error("{}: an expectation or an array of expectations is expected, {found} found", path.display())]
    NoExpectations { path: PathBuf, found: &'static str },
    #[error("{} cannot be written: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// Reads the files of all patterns. A pattern that fits no file gives none; a plain name has to be there.
pub(crate) fn load(patterns: &[&str]) -> Result<Vec<Loaded>, InitializationError> {
    let mut loaded: Vec<Loaded> = Vec::new();
    for pattern in patterns {
        for path in expand(pattern)? {
            if loaded.iter().all(|earlier| earlier.path != path) {
                loaded.push(read(path)?);
            }
        }
    }
    Ok(loaded)
}

fn read(path: PathBuf) -> Result<Loaded, InitializationError> {
    let text = read_text(&path)?;
    // A file that is still empty says nothing yet.
    if text.trim().is_empty() {
        let expectations = Vec::new();
        return Ok(Loaded { path, expectations });
    }
    let expectations = match parse_lenient(&text) {
        Ok(Json::Array(items)) => items,
        Ok(one) => vec![one],
        Err(error) => {
            let why = error.to_string();
            return Err(InitializationError::NoJson { path, why });
        }
    };
    match expectations
        .iter()
        .find(|item| !matches!(item, Json::Object(_)))
    {
        Some(other) => {
            let found = other.kind();
            Err(InitializationError::NoExpectations { path, found })
        }
        None => Ok(Loaded { path, expectations }),
    }
}

fn read_text(path: &Path) -> Result<String, InitializationError> {
    let failed = |source| InitializationError::Read {
        path: path.to_owned(),
        source,
    };
    if std::fs::metadata(path).map_err(failed)?.len() > FILE_BYTES_MAX {
        return Err(InitializationError::TooLarge {
            path: path.to_owned(),
            limit: FILE_BYTES_MAX,
        });
    }
    std::fs::read_to_string(path).map_err(failed)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("[{a: 1}, {'b': 2,}] // two", 2; "an array, leniently")]
    #[test_case("{\"a\": 1}", 1; "one expectation")]
    #[test_case(" \n", 0; "an empty file")]
    fn a_file_holds_expectations(text: &str, expected: usize) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("init.json");
        std::fs::write(&path, text).expect("a file");
        let loaded = load(&[path.to_str().expect("text")]).expect("expectations");
        assert_eq!(loaded.len(), 1);
        assert_eq!(loaded[0].expectations.len(), expected);
    }

    #[test_case("[1]", "an array of expectations is expected, integer found"; "no object")]
    #[test_case("[{", "the text is no JSON"; "no JSON")]
    fn mistakes_name_the_file(text: &str, expected: &str) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("init.json");
        std::fs::write(&path, text).expect("a file");
        let error = load(&[path.to_str().expect("text")])
            .expect_err("a mistake")
            .to_string();
        assert!(
            error.contains("init.json") && error.contains(expected),
            "{error}"
        );
    }

    #[test]
    fn a_plain_name_has_to_be_there_and_a_file_is_read_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.json");
        let path = path.to_str().expect("text");
        assert!(matches!(
            load(&[path]),
            Err(InitializationError::Read { .. })
        ));
        std::fs::write(path, "{}").expect("a file");
        let pattern = format!("{}/*.json", folder.path().display());
        assert_eq!(load(&[path, &pattern]).expect("expectations").len(), 1);
    }
}
