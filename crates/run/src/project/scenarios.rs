//! The scenario files of each suite.

use std::collections::{HashMap, HashSet};

use camino::{Utf8Path, Utf8PathBuf};
use styk_scenario::{Case, Diagnostics, KnownFake, LoadOptions, SourceFile, Span, load};

use super::FILE_BYTES_MAX;
use crate::codes::code;
use crate::config::ScenarioSuite;
use crate::files::{files_of, read_text, shown};

/// Loads suites one after another; each file is read once.
#[derive(Debug)]
pub(super) struct ScenarioLoader<'p> {
    root: &'p Utf8Path,
    options: LoadOptions,
    read: HashMap<Utf8PathBuf, SourceFile>,
    ids: HashSet<String>,
}

impl<'p> ScenarioLoader<'p> {
    pub(super) fn new(root: &'p Utf8Path, mocks: &[String], fakes: Vec<KnownFake>) -> Self {
        Self {
            root,
            options: LoadOptions {
                mocks: mocks.to_vec(),
                fakes: Some(fakes),
            },
            read: HashMap::new(),
            ids: HashSet::new(),
        }
    }

    /// The cases of one suite. Each suite has its own namespace of fixtures.
    pub(super) fn load(
        &mut self,
        suite: &str,
        patterns: &ScenarioSuite,
        diagnostics: &mut Diagnostics,
    ) -> Vec<Case> {
        let mut files = Vec::new();
        for (pattern, span) in patterns.scenarios.iter().chain(&patterns.fixtures) {
            files.extend(self.files(pattern, span, diagnostics));
        }
        let loaded = load(&files, &self.options);
        diagnostics.extend(loaded.diagnostics);
        let cases = loaded
            .scenarios
            .iter()
            .flat_map(|scenario| scenario.cases());
        cases
            .map(|mut case| {
                // A file may stand in several suites; results need a name for each playing of it.
                if !self.ids.insert(case.id.clone()) {
                    case.id = format!("{suite}/{}", case.id);
                    self.ids.insert(case.id.clone());
                }
                case
            })
            .collect()
    }

    fn files(
        &mut self,
        pattern: &str,
        span: &Span,
        diagnostics: &mut Diagnostics,
    ) -> Vec<SourceFile> {
        let paths = match files_of(self.root, pattern) {
            Ok(paths) => paths,
            Err(cause) => {
                diagnostics.push(span.error(code::WRONG_VALUE, cause));
                return Vec::new();
            }
        };
        if paths.is_empty() {
            let message = format!("`{pattern}` names no file");
            let diagnostic = span.error(code::NO_FILES, message);
            diagnostics.push(diagnostic.help(format!("paths start from {}", place(self.root))));
        }
        let mut files = Vec::with_capacity(paths.len());
        for path in paths {
            if let Some(file) = self.read.get(&path) {
                files.push(file.clone());
                continue;
            }
            match read_text(&path, FILE_BYTES_MAX) {
                Ok(text) => {
                    let file = SourceFile {
                        name: shown(self.root, &path),
                        path: path.clone(),
                        text,
                    };
                    self.read.insert(path, file.clone());
                    files.push(file);
                }
                Err(cause) => {
                    let message = format!("{} cannot be read: {cause}", shown(self.root, &path));
                    diagnostics.push(span.error(code::UNREADABLE, message));
                }
            }
        }
        files
    }
}

fn place(root: &Utf8Path) -> &str {
    if root.as_str().is_empty() {
        "this folder"
    } else {
        root.as_str()
    }
}
