//! `styk explain`: every code has a page, and every page tells the truth.

use std::collections::BTreeSet;

use regex::Regex;
use styk_core::Diagnostic;
use styk_scenario::{LoadOptions, SourceFile, explain, explained_codes, load};

/// The YAML examples of a page: the wrong one, then the right one.
fn examples(page: &str) -> Vec<&str> {
    page.split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect()
}

fn diagnostics_of(text: &str) -> Vec<Diagnostic> {
    let file = SourceFile {
        name: "example.styk.yaml".to_owned(),
        path: "example.styk.yaml".into(),
        text: text.to_owned(),
    };
    let mocks = vec!["email".to_owned(), "payment".to_owned()];
    load(&[file], &LoadOptions { mocks, fakes: None }).diagnostics
}

#[test]
fn the_wrong_example_of_a_page_has_its_code_and_the_right_one_is_right() {
    for (code, _) in explained_codes() {
        let page = explain(code).expect("a page");
        let examples = examples(page);
        if examples.is_empty() {
            continue;
        }
        let [wrong, right] = examples.as_slice() else {
            panic!("{code} has {} examples", examples.len());
        };
        let found: Vec<String> = diagnostics_of(wrong).into_iter().map(|d| d.code).collect();
        assert!(
            found.contains(&code.to_owned()),
            "{code}: the wrong example gave {found:?}"
        );
        let found: Vec<String> = diagnostics_of(right)
            .iter()
            .map(Diagnostic::render)
            .collect();
        assert_eq!(found.join("\n"), "", "{code}: the right example");
    }
}

#[test]
fn every_code_in_the_source_has_a_page_and_every_page_a_code() {
    let code = Regex::new(r#""([EW]0\d{3})""#).expect("valid");
    let mut used = BTreeSet::new();
    let mut folders = vec![camino::Utf8PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src"
    ))];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir_utf8().expect("a folder") {
            let path = entry.expect("an entry").into_path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension() == Some("rs") {
                let text = std::fs::read_to_string(&path).expect("a text file");
                used.extend(code.captures_iter(&text).map(|found| found[1].to_owned()));
            }
        }
    }
    let explained: BTreeSet<String> = explained_codes().map(|(code, _)| code.to_owned()).collect();
    assert_eq!(used, explained);
}

#[test]
fn a_code_is_found_in_any_case_and_an_unknown_one_is_not() {
    assert!(explain("e0201").is_some_and(|page| page.starts_with("Unknown key\n")));
    assert_eq!(explain("E9999"), None);
}
