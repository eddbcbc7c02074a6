//! The scenarios that ship with styk.

use camino::{Utf8Path, Utf8PathBuf};
use styk_core::Diagnostic;
use styk_scenario::{LoadOptions, SourceFile, load};

/// All `.styk.yaml` files below a folder, by name.
fn files_below(root: &Utf8Path) -> Vec<SourceFile> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir_utf8().expect("a folder") {
            let path = entry.expect("an entry").into_path();
            if path.is_dir() {
                folders.push(path);
            } else if path.as_str().ends_with(".styk.yaml") {
                let text = std::fs::read_to_string(&path).expect("a text file");
                let name = path.strip_prefix(root).expect("below the root").to_string();
                files.push(SourceFile { name, path, text });
            }
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

#[test]
fn the_shipped_suites_load_without_a_word() {
    let root = Utf8PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../suites"));
    let files = files_below(&root);
    let mocks = ["payment", "shipping", "email"].map(str::to_owned).to_vec();
    let loaded = load(&files, &LoadOptions { mocks, fakes: None });
    let messages: Vec<String> = loaded.diagnostics.iter().map(Diagnostic::render).collect();
    assert_eq!(messages.join("\n"), "");
    assert!(loaded.scenarios.len() > 20, "{}", loaded.scenarios.len());
    assert!(loaded.fixtures.contains_key("buyer"));
}
