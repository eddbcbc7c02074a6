//! Patterns for files: which there are now.

use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};

use super::InitializationError;

/// How many entries of folders one pattern looks at.
const ENTRIES_MAX: usize = 20_000;
/// How deep `**` reaches.
const DEPTH_MAX: usize = 32;

/// The files that a pattern with `*`, `**`, `?`, `[…]` and `{a,b}` fits now, in the order of their names. A text
/// without these is the name of one file, whether it is there or not.
pub(crate) fn expand(pattern: &str) -> Result<Vec<PathBuf>, InitializationError> {
    let Some(first) = pattern.find(['*', '?', '[', '{']) else {
        return Ok(vec![PathBuf::from(pattern)]);
    };
    let begins = pattern[..first].rfind('/').map_or(0, |slash| slash + 1);
    let (base, rest) = pattern.split_at(begins);
    let depth = if rest.contains("**") {
        DEPTH_MAX
    } else {
        rest.matches('/').count().min(DEPTH_MAX)
    };
    let glob = GlobBuilder::new(rest)
        .literal_separator(true)
        .backslash_escape(true)
        .build()
        .map_err(|error| InitializationError::Pattern {
            pattern: pattern.to_owned(),
            why: error.kind().to_string(),
        })?;
    let mut search = Search {
        pattern,
        base: Path::new(base),
        glob: glob.compile_matcher(),
        seen: 0,
        found: Vec::new(),
    };
    search.folder(Path::new(""), depth)?;
    search.found.sort_unstable();
    Ok(search.found)
}

struct Search<'a> {
    pattern: &'a str,
    base: &'a Path,
    glob: GlobMatcher,
    seen: usize,
    found: Vec<PathBuf>,
}

impl Search<'_> {
    /// Looks through one folder, named from the base, and `depth` levels below it.
    fn folder(&mut self, inner: &Path, depth: usize) -> Result<(), InitializationError> {
        let folder = self.base.join(inner);
        let here = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &folder
        };
        // A folder that is not there holds no files, and may come later.
        let entries = match std::fs::read_dir(here) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(source) => {
                let path = here.to_owned();
                return Err(InitializationError::Read { path, source });
            }
        };
        for entry in entries {
            let entry = entry.map_err(|source| InitializationError::Read {
                path: here.to_owned(),
                source,
            })?;
            self.seen += 1;
            if self.seen > ENTRIES_MAX {
                return Err(InitializationError::TooManyFiles {
                    pattern: self.pattern.to_owned(),
                    limit: ENTRIES_MAX,
                });
            }
            let name = inner.join(entry.file_name());
            let path = self.base.join(&name);
            // `is_dir` of the entry does not follow links: a ring of links ends here.
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && depth > 0 {
                self.folder(&name, depth - 1)?;
            } else if path.is_file() && self.glob.is_match(&name) {
                self.found.push(path);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("*.json", &["a.json", "b.json"]; "one level")]
    #[test_case("**/*.json", &["a.json", "b.json", "deep/c.json", "deep/er/d.json"]; "all levels")]
    #[test_case("{a,deep/c}.json", &["a.json", "deep/c.json"]; "braces")]
    #[test_case("deep/?.json", &["deep/c.json"]; "one character")]
    #[test_case("[ab].js*", &["a.json", "b.json"]; "a class")]
    #[test_case("nowhere/*.json", &[]; "no such folder")]
    #[test_case("missing.json", &["missing.json"]; "a plain name")]
    fn patterns_fit_files(pattern: &str, expected: &[&str]) {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        std::fs::create_dir_all(root.join("deep/er")).expect("folders");
        for name in ["b.json", "a.json", "a.txt", "deep/c.json", "deep/er/d.json"] {
            std::fs::write(root.join(name), "[]").expect("a file");
        }
        let found = expand(&format!("{}/{pattern}", root.display())).expect("files");
        let expected: Vec<PathBuf> = expected.iter().map(|name| root.join(name)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_wrong_pattern_is_an_error() {
        let error = expand("a/{b").expect_err("a wrong pattern");
        assert!(
            matches!(error, InitializationError::Pattern { .. }),
            "{error}"
        );
    }
}
