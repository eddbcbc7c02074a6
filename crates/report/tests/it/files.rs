//! Where files go, and what happens when they cannot.

use std::fs;

use camino::Utf8Path;
use styk_core::Secrets;
use styk_report::{ReadError, read_matrix, write_reports};

use crate::Reports;
use crate::run::sample_run;

#[test]
fn a_run_is_one_folder_and_latest_points_at_it() {
    let reports = Reports::of(&sample_run(), &Secrets::default());
    let mut names: Vec<String> = reports.all().into_iter().map(|(name, _)| name).collect();
    names.sort();
    assert_eq!(
        names,
        [
            "/report.html",
            "/report.json",
            "/summary.md",
            "junit/async_processes.xml",
            "junit/external_services.xml",
            "junit/payment_integration.xml",
            "junit/user_flows.xml",
        ]
    );
    #[cfg(unix)]
    assert_eq!(
        fs::read_link(reports.root().join("latest")).expect("a link"),
        Utf8Path::new("20261123-010000-7f3a")
    );
}

#[test]
fn a_second_run_moves_latest_and_leaves_the_first_alone() {
    let first = sample_run();
    let reports = Reports::of(&first, &Secrets::default());
    let mut second = first;
    second.run_id = "second".to_owned();
    write_reports(&second, reports.root(), &Secrets::default()).expect("all is written");
    assert!(reports.folder.join("report.json").is_file());
    let latest = read_matrix(reports.root()).expect("a report");
    assert_eq!(latest.run_id, "second");
}

#[test]
fn the_matrix_is_read_again_from_file_run_and_root() {
    let result = sample_run();
    let reports = Reports::of(&result, &Secrets::default());
    for path in [
        reports.folder.join("report.json"),
        reports.folder.clone(),
        reports.root().to_owned(),
    ] {
        let stored = read_matrix(&path).expect("a report");
        assert_eq!(stored.matrix, result.matrix, "{path}");
        assert_eq!(stored.started_at, result.started_at);
    }
}

#[test]
fn without_a_link_the_newest_report_is_read() {
    let reports = Reports::of(&sample_run(), &Secrets::default());
    let _ = fs::remove_file(reports.root().join("latest"));
    assert_eq!(
        read_matrix(reports.root()).expect("a report").run_id,
        "20261123-010000-7f3a"
    );
}

#[test]
fn what_cannot_be_read_is_said_in_one_sentence() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let root = Utf8Path::from_path(root.path()).expect("a path of text");
    let none = read_matrix(root).expect_err("there is none");
    assert!(matches!(none, ReadError::NoReport { .. }));
    assert!(none.to_string().contains("`styk test`"), "{none}");

    let file = root.join("report.json");
    fs::write(&file, "{\"schema\":\"styk.report/9\"}").expect("a file");
    let other = read_matrix(&file).expect_err("another schema");
    assert!(
        other
            .to_string()
            .contains("has the schema `styk.report/9`, this version of styk reads `styk.report/1`"),
        "{other}"
    );
    fs::write(&file, "<html>").expect("a file");
    let no_json = read_matrix(&file).expect_err("no JSON");
    assert!(matches!(no_json, ReadError::NoJson { .. }), "{no_json}");
}

#[test]
fn a_folder_that_cannot_be_made_is_named_with_cause_and_advice() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let root = Utf8Path::from_path(root.path()).expect("a path of text");
    let blocked = root.join("reports");
    fs::write(&blocked, "a file in the way").expect("a file");
    let error = write_reports(&sample_run(), &blocked, &Secrets::default()).expect_err("blocked");
    let text = error.to_string();
    assert!(text.contains("cannot write"), "{text}");
    assert!(text.contains("reports/20261123-010000-7f3a"), "{text}");
    assert!(
        text.contains("set another folder as `reports` in styk.yaml"),
        "{text}"
    );
    assert!(error.written.files.is_empty());
}

#[test]
fn one_file_that_cannot_be_written_does_not_stop_the_others() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let root = Utf8Path::from_path(root.path()).expect("a path of text");
    let result = sample_run();
    // A folder of the file's name cannot be replaced by a file.
    fs::create_dir_all(root.join(&result.run_id).join("report.json")).expect("a folder");
    let error = write_reports(&result, root, &Secrets::default()).expect_err("one is missing");
    assert_eq!(error.problems.len(), 1, "{error}");
    assert!(error.problems[0].path.ends_with("report.json"));
    assert_eq!(error.written.files.len(), 6);
    assert!(error.written.html().is_some());
    let left: Vec<String> = fs::read_dir(&error.written.folder)
        .expect("the folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| name.ends_with(".new"))
        .collect();
    assert!(left.is_empty(), "drafts are left: {left:?}");
}

#[test]
fn the_summary_for_a_ci_page_stays_as_it_is() {
    let reports = Reports::of(&sample_run(), &Secrets::default());
    insta::assert_snapshot!(reports.read("summary.md"));
}
