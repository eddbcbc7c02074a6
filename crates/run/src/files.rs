//! Files by pattern, and reading them with a bound.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use globset::{GlobBuilder, GlobMatcher};

/// How deep folders are searched.
const DEPTH_MAX: usize = 16;
/// The most files that one pattern may name.
pub(crate) const FILES_MAX: usize = 10_000;

/// The files that `pattern` names, sorted. `*` stays within a folder, `**` does not. A pattern without wildcards
/// names one file, if it is there.
///
/// # Errors
///
/// When the pattern is malformed, or names too many files; the text says which.
pub(crate) fn files_of(root: &Utf8Path, pattern: &str) -> Result<Vec<Utf8PathBuf>, String> {
    let whole = root.join(pattern);
    let fixed: Utf8PathBuf = whole
        .components()
        .take_while(|part| !is_wild(part.as_str()))
        .collect();
    if !is_wild(pattern) {
        return Ok(whole.is_file().then_some(whole).into_iter().collect());
    }
    let matcher = GlobBuilder::new(whole.as_str())
        .literal_separator(true)
        .build()
        .map_err(|error| format!("`{pattern}` is no file pattern: {}", error.kind()))?
        .compile_matcher();
    let mut found = Vec::new();
    walk(&fixed, &matcher, DEPTH_MAX, &mut found);
    found.sort();
    if found.len() > FILES_MAX {
        return Err(format!(
            "`{pattern}` names more than {FILES_MAX} files; make it narrower"
        ));
    }
    Ok(found)
}

fn is_wild(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

fn walk(folder: &Utf8Path, matcher: &GlobMatcher, depth: usize, found: &mut Vec<Utf8PathBuf>) {
    let Ok(entries) = folder.read_dir_utf8() else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth > 0 => walk(path, matcher, depth - 1, found),
            Ok(kind) if !kind.is_dir() && matcher.is_match(path) => found.push(path.to_owned()),
            _ => {}
        }
        if found.len() > FILES_MAX {
            return;
        }
    }
}

/// Reads a text file of at most `bytes_max` bytes.
///
/// # Errors
///
/// When it cannot be read, is too large, or is not UTF-8; the text says which.
pub(crate) fn read_text(file: &Utf8Path, bytes_max: usize) -> Result<String, String> {
    let size = std::fs::metadata(file).map_err(plain)?.len();
    if usize::try_from(size).unwrap_or(usize::MAX) > bytes_max {
        return Err(format!("it is larger than {} KiB", bytes_max >> 10));
    }
    std::fs::read_to_string(file).map_err(plain)
}

fn plain(error: io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
        _ => error.to_string(),
    }
}

/// `path` as people write it: relative to `root` where it lies inside.
pub(crate) fn shown(root: &Utf8Path, path: &Utf8Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_in_its_folder_and_two_go_down() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = Utf8Path::from_path(folder.path()).expect("UTF-8");
        for file in ["b.yaml", "a.yaml", "a.txt", "sub/c.yaml", "sub/deep/d.yaml"] {
            let path = root.join(file);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, "").expect("a file");
        }
        let names = |pattern: &str| -> Vec<String> {
            let found = files_of(root, pattern).expect("a pattern");
            found.iter().map(|path| shown(root, path)).collect()
        };
        assert_eq!(names("*.yaml"), ["a.yaml", "b.yaml"]);
        assert_eq!(names("sub/**/*.yaml"), ["sub/c.yaml", "sub/deep/d.yaml"]);
        assert_eq!(names("a.txt"), ["a.txt"]);
        assert_eq!(names("nothing/*.yaml"), Vec::<String>::new());
        assert!(files_of(root, "[").is_err());
    }
}
