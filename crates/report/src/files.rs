//! The folder of a run: which files there are, and writing each so that no reader ever sees half of one.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};

use camino::{Utf8Path, Utf8PathBuf};
use styk_core::{Diagnostic, RunResult, Secrets};

use crate::document::Document;
use crate::{html, junit, summary};

/// What was written for a run.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// The run's folder.
    pub folder: Utf8PathBuf,
    /// The files in it that were written.
    pub files: Vec<Utf8PathBuf>,
    /// What did not work and does not matter much, such as the link `latest`.
    pub notices: Vec<Diagnostic>,
}

impl Written {
    /// The page for people, when it was written.
    #[must_use]
    pub fn html(&self) -> Option<&Utf8Path> {
        self.files
            .iter()
            .map(Utf8PathBuf::as_path)
            .find(|file| file.file_name() == Some("report.html"))
    }
}

/// One file that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {path}: {cause}; {advice}", advice = advice(cause))]
pub struct FileProblem {
    /// The file or folder.
    pub path: Utf8PathBuf,
    /// Why.
    #[source]
    pub cause: io::Error,
}

/// The reports are not complete.
#[derive(Debug, thiserror::Error)]
#[error("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct ReportError {
    /// What could not be written, at least one.
    pub problems: Vec<FileProblem>,
    /// What was written all the same.
    pub written: Written,
}

/// Writes all reports of a run into `<root>/<run id>/`.
///
/// # Errors
///
/// [`ReportError`] names every file that could not be written; all others stand.
pub fn write_reports(
    result: &RunResult,
    root: &Utf8Path,
    secrets: &Secrets,
) -> Result<Written, ReportError> {
    let document = Document::new(result, secrets);
    let name = file_name(&result.run_id);
    let folder = root.join(&name);
    let mut written = Written {
        folder: folder.clone(),
        ..Written::default()
    };
    let mut problems = Vec::new();
    if let Err(cause) = fs::create_dir_all(folder.join("junit")) {
        let path = folder;
        problems.push(FileProblem { path, cause });
        return Err(ReportError { problems, written });
    }
    for (path, content) in contents(&document) {
        let path = folder.join(path);
        match content.and_then(|text| write_whole(&path, &text)) {
            Ok(()) => written.files.push(path),
            Err(cause) => problems.push(FileProblem { path, cause }),
        }
    }
    if let Err(cause) = point_latest(root, &name) {
        let notice = format!("cannot make the link {}: {cause}", root.join("latest"));
        written.notices.push(Diagnostic::warning(notice));
    }
    if problems.is_empty() {
        Ok(written)
    } else {
        Err(ReportError { problems, written })
    }
}

/// The files of a run, machine-readable ones first: they matter most when the disk is full.
fn contents(document: &Document) -> Vec<(Utf8PathBuf, io::Result<String>)> {
    let json = serde_json::to_string_pretty(document).map_err(io::Error::from);
    let mut files = vec![("report.json".into(), json)];
    let mut taken = BTreeSet::new();
    for category in &document.categories {
        let stem = file_name(&category.name);
        let mut name = stem.clone();
        let mut copy = 1;
        while !taken.insert(name.to_lowercase()) {
            copy += 1;
            name = format!("{stem}-{copy}");
        }
        let text = junit::category(document, category).map_err(io::Error::other);
        files.push((Utf8PathBuf::from("junit").join(format!("{name}.xml")), text));
    }
    files.push(("summary.md".into(), Ok(summary::markdown(document))));
    files.push(("report.html".into(), Ok(html::page(document))));
    files
}

/// A name that is one part of a path on every platform.
fn file_name(name: &str) -> String {
    let clean: String = name
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+') {
                c
            } else {
                '_'
            }
        })
        .take(100)
        .collect();
    if clean.chars().all(|c| c == '.') {
        return format!("_{clean}");
    }
    clean
}

/// Writes beside the target and renames.
fn write_whole(path: &Utf8Path, text: &str) -> io::Result<()> {
    let draft = path.with_file_name(format!(".{}.new", path.file_name().unwrap_or("report")));
    let result = fs::File::create(&draft)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.flush()
        })
        .and_then(|()| fs::rename(&draft, path));
    if result.is_err() {
        // The draft is worthless now; the first cause is what the user has to know.
        let _ = fs::remove_file(&draft);
    }
    result
}

#[cfg(unix)]
fn point_latest(root: &Utf8Path, run: &str) -> io::Result<()> {
    let draft = root.join(".latest.new");
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    std::os::unix::fs::symlink(run, &draft)?;
    fs::rename(&draft, root.join("latest")).inspect_err(|_| {
        let _ = fs::remove_file(&draft);
    })
}

#[cfg(not(unix))]
fn point_latest(_root: &Utf8Path, _run: &str) -> io::Result<()> {
    Ok(())
}

fn advice(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::PermissionDenied => {
            "allow writing there, or set another folder as `reports` in styk.yaml"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space",
        io::ErrorKind::ReadOnlyFilesystem => "set a writable folder as `reports` in styk.yaml",
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "a part of this path is a file: move it, or set another folder as `reports` in styk.yaml"
        }
        _ => "check the folder, or set another one as `reports` in styk.yaml",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_the_folder() {
        assert_eq!(file_name("user_flows"), "user_flows");
        assert_eq!(file_name("../../etc/passwd"), ".._.._etc_passwd");
        assert_eq!(file_name(".."), "_..");
        assert_eq!(file_name(""), "_");
        assert_eq!(file_name("заказы 1"), "заказы_1");
    }
}
