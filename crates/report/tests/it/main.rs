//! The reports of a made-up run, read as their readers would: CI servers, browsers, people.

mod files;
mod html;
mod junit;
mod masking;
#[path = "../../examples/sample/matrix.rs"]
mod matrix;
#[path = "../../examples/sample/parts.rs"]
mod parts;
#[path = "../../examples/sample/payments.rs"]
mod payments;
#[path = "../../examples/sample/run.rs"]
mod run;
mod schema;
#[path = "../../examples/sample/story.rs"]
mod story;
mod terminal;

use camino::{Utf8Path, Utf8PathBuf};
use styk_core::{RunResult, Secrets};
use tempfile::TempDir;

/// The reports of a run in a folder that ends with this value.
struct Reports {
    root: TempDir,
    folder: Utf8PathBuf,
}

impl Reports {
    fn of(result: &RunResult, secrets: &Secrets) -> Self {
        let root = tempfile::tempdir().expect("a temporary folder");
        let path = Utf8Path::from_path(root.path()).expect("a path of text");
        let written = styk_report::write_reports(result, path, secrets).expect("all is written");
        assert!(written.notices.is_empty(), "{:?}", written.notices);
        Self {
            folder: written.folder,
            root,
        }
    }

    fn root(&self) -> &Utf8Path {
        Utf8Path::from_path(self.root.path()).expect("a path of text")
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.folder.join(file)).expect(file)
    }

    /// All files with their names.
    fn all(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        for folder in ["", "junit"] {
            let entries = self
                .folder
                .join(folder)
                .read_dir_utf8()
                .expect("the folder");
            for entry in entries {
                let entry = entry.expect("an entry");
                if entry.file_type().expect("a type").is_file() {
                    let name = format!("{folder}/{}", entry.file_name());
                    all.push((name, std::fs::read_to_string(entry.path()).expect("text")));
                }
            }
        }
        all
    }
}
