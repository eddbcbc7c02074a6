//! Reads a stored report again, as far as other commands need it.

use std::fs;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use jiff::Timestamp;
use serde::Deserialize;
use styk_core::MatrixCoverage;

use crate::document::SCHEMA;

/// The matrix of a run as its report keeps it.
#[derive(Clone, Debug)]
pub struct StoredMatrix {
    /// The report it was read from.
    pub file: Utf8PathBuf,
    /// The run.
    pub run_id: String,
    /// When the run began.
    pub started_at: Timestamp,
    /// Its coverage; `None` when the run had no matrix.
    pub matrix: Option<MatrixCoverage>,
}

/// Why a report could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is none.
    #[error("no report in {path}: play a run with `styk test` first, or name a report")]
    NoReport {
        /// Where it was looked for.
        path: Utf8PathBuf,
    },
    /// The file cannot be read.
    #[error("cannot read {path}: {cause}")]
    Unreadable {
        /// The file.
        path: Utf8PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The file is no report.
    #[error("{path} is no report of styk: {cause}")]
    NoJson {
        /// The file.
        path: Utf8PathBuf,
        /// Why.
        #[source]
        cause: serde_json::Error,
    },
    /// The report was written by another version.
    #[error(
        "{path} has the schema `{found}`, this version of styk reads `{SCHEMA}`: play the run again, or use the version that wrote it"
    )]
    OtherSchema {
        /// The file.
        path: Utf8PathBuf,
        /// The schema it names.
        found: String,
    },
}

/// Reads the matrix of a run. `path` is a `report.json`, the folder of a run, or the folder of all runs; of
/// the last, the newest run is taken.
///
/// # Errors
///
/// When there is no report, or it is not one that this version can read.
pub fn read_matrix(path: &Utf8Path) -> Result<StoredMatrix, ReadError> {
    #[derive(Deserialize)]
    struct Mark {
        schema: String,
    }
    #[derive(Deserialize)]
    struct Stored {
        run: Run,
        integration_test_report: Headline,
        matrix: Option<MatrixCoverage>,
    }
    #[derive(Deserialize)]
    struct Run {
        id: String,
    }
    #[derive(Deserialize)]
    struct Headline {
        start_time: Timestamp,
    }

    let file = find_report(path)?;
    let text = fs::read_to_string(&file).map_err(|cause| ReadError::Unreadable {
        path: file.clone(),
        cause,
    })?;
    let no_json = |cause| ReadError::NoJson {
        path: file.clone(),
        cause,
    };
    let mark: Mark = serde_json::from_str(&text).map_err(no_json)?;
    if mark.schema != SCHEMA {
        return Err(ReadError::OtherSchema {
            path: file,
            found: mark.schema,
        });
    }
    let stored: Stored = serde_json::from_str(&text).map_err(no_json)?;
    Ok(StoredMatrix {
        run_id: stored.run.id,
        started_at: stored.integration_test_report.start_time,
        matrix: stored.matrix,
        file,
    })
}

/// The report that `path` means.
fn find_report(path: &Utf8Path) -> Result<Utf8PathBuf, ReadError> {
    if path.is_file() {
        return Ok(path.to_owned());
    }
    let of_run = path.join("report.json");
    if of_run.is_file() {
        return Ok(of_run);
    }
    let latest = path.join("latest").join("report.json");
    if latest.is_file() {
        return Ok(latest);
    }
    newest_below(path).ok_or_else(|| ReadError::NoReport {
        path: path.to_owned(),
    })
}

/// Without a link, the report that was written last.
fn newest_below(root: &Utf8Path) -> Option<Utf8PathBuf> {
    let reports = root.read_dir_utf8().ok()?.filter_map(|entry| {
        let file = entry.ok()?.path().join("report.json");
        let written_at = fs::metadata(&file).ok()?.modified().ok()?;
        Some((written_at, file))
    });
    reports.max().map(|(_, file)| file)
}
