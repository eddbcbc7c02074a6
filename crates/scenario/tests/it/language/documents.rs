//! Whatever the project's documents show as a scenario is one.

use camino::Utf8PathBuf;
use styk_core::Severity;
use styk_scenario::{LoadOptions, SourceFile, load};

#[test]
fn every_scenario_in_the_documents_loads() {
    let root = Utf8PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let fixtures = root.join("suites/fixtures.styk.yaml");
    let mut pages = Vec::new();
    for folder in [root.clone(), root.join("docs"), root.join("docs/design")] {
        for entry in folder.read_dir_utf8().expect("a folder") {
            let path = entry.expect("an entry").into_path();
            if path.extension() == Some("md") {
                pages.push(path);
            }
        }
    }
    let mut shown = 0;
    for path in pages {
        let page = std::fs::read_to_string(&path).expect("a text file");
        for block in page.split("```yaml\n").skip(1) {
            let text = block.split("```").next().unwrap_or_default();
            let is_document =
                |line: &str| line.starts_with("scenario:") || line.starts_with("fixtures:");
            if !text.lines().any(is_document) {
                continue;
            }
            shown += 1;
            let file = |name: &str, text: String| SourceFile {
                name: name.to_owned(),
                path: fixtures.clone(),
                text,
            };
            let shared = std::fs::read_to_string(&fixtures).expect("a text file");
            let files = [
                file("document.styk.yaml", text.to_owned()),
                file("fixtures.styk.yaml", shared),
            ];
            let errors: Vec<String> = load(&files, &LoadOptions::default())
                .diagnostics
                .iter()
                .filter(|diagnostic| diagnostic.severity == Severity::Error)
                .map(styk_core::Diagnostic::render)
                .collect();
            assert_eq!(errors.join("\n"), "", "{path}");
        }
    }
    assert!(shown > 0, "the documents show no scenario");
}
