//! Commands that start nothing: init, check, explain, schema, matrix, and wrong usage.

use crate::support::Folder;

#[test]
fn what_init_writes_has_no_errors_and_is_never_overwritten() {
    let folder = Folder::new(&[]);
    let said = folder.styk(&["init"]);
    assert_eq!(said.exit, Some(0), "{said:?}");
    for name in [
        "styk.yaml",
        "integration_test_matrix.yml",
        "scenarios/first_steps.styk.yaml",
    ] {
        assert!(said.stdout.contains(name), "{said:?}");
        assert!(folder.path().join(name).is_file());
    }
    let said = folder.styk(&["check"]);
    assert_eq!((said.exit, said.stderr.as_str()), (Some(0), ""), "{said:?}");
    assert_eq!(said.stdout, "1 scenario in 1 suite: no errors\n");

    std::fs::remove_file(folder.path().join("integration_test_matrix.yml")).expect("removed");
    let said = folder.styk(&["init"]);
    assert_eq!(said.exit, Some(2));
    assert!(
        said.stderr
            .contains("styk.yaml exists already, and is not overwritten"),
        "{said:?}"
    );
    assert!(!folder.path().join("integration_test_matrix.yml").exists());
}

#[test]
fn check_tells_every_error_with_its_place_and_ends_with_2() {
    let folder = Folder::new(&[
        (
            "styk.yaml",
            "version: 1\nsuites:\n  all: {scenarios: ['*.styk.yaml'], timeot: 5s}\nrun: {timeout: soon}\n",
        ),
        (
            "a.styk.yaml",
            "scenario: one\nsteps:\n  - http: GET /ok\n    expct: 200\n",
        ),
    ]);
    let said = folder.styk(&["check", "--no-color"]);
    assert_eq!(said.exit, Some(2), "{said:?}");
    assert_eq!(said.stdout, "");
    let expected_end = "\
error[E0401]: `all` has no setting `timeot`
 --> styk.yaml:3:37
  |
3 |   all: {scenarios: ['*.styk.yaml'], timeot: 5s}
  |                                     ^^^^^^
  = help: did you mean `timeout`?

error[E0402]: `timeout` takes a duration, here is `soon`
 --> styk.yaml:4:16
  |
4 | run: {timeout: soon}
  |                ^^^^
  = help: write it with a unit: `500ms`, `30s`, `1m30s`, `2h`

3 errors
";
    assert!(said.stderr.ends_with(expected_end), "{}", said.stderr);
    assert!(
        said.stderr.contains(" --> a.styk.yaml:4:5"),
        "{}",
        said.stderr
    );
    assert!(
        said.stderr.contains("did you mean `expect`?"),
        "{}",
        said.stderr
    );
    // The same files stop a run before anything starts.
    let said = folder.styk(&["test"]);
    assert_eq!(said.exit, Some(2));
    assert!(said.stderr.ends_with("3 errors\n"));
    assert!(!folder.path().join("integration_reports").exists());
}

#[test]
fn without_a_project_the_way_to_one_is_told() {
    let folder = Folder::new(&[]);
    let said = folder.styk(&["check"]);
    assert_eq!(said.exit, Some(2));
    assert!(said.stderr.contains("`styk init` writes one"), "{said:?}");
}

#[test]
fn a_project_is_found_from_a_folder_below_it() {
    let folder = Folder::new(&[
        (
            "styk.yaml",
            "version: 1\nsuites: {all: {scenarios: ['s/*.styk.yaml']}}\n",
        ),
        (
            "s/a.styk.yaml",
            "scenario: one\nsteps:\n  - http: GET /health/\n",
        ),
    ]);
    let below = folder.path().join("s");
    let checked = folder.command(&["check"]).current_dir(below).output();
    assert_eq!(checked.expect("styk runs").status.code(), Some(0));
}

#[test]
fn help_teaches_and_wrong_usage_ends_with_2() {
    let folder = Folder::new(&[]);
    let said = folder.styk(&["--help"]);
    assert_eq!(said.exit, Some(0));
    assert!(
        said.stdout.contains("styk test --suite user_flows"),
        "{said:?}"
    );
    for wrong in [
        &["tset"][..],
        &["test", "--jobs", "0"],
        &["test", "--threshold", "120"],
        &[],
    ] {
        let said = folder.styk(wrong);
        assert_eq!(said.exit, Some(2), "{wrong:?}: {said:?}");
    }
}

#[test]
fn a_log_filter_that_is_none_is_wrong_usage() {
    let folder = Folder::new(&[]);
    let output = folder.command(&["test"]).env("STYK_LOG", "a=b=c").output();
    let output = output.expect("styk runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("STYK_LOG is no filter"));
}

#[test]
fn codes_of_scenarios_and_of_styk_yaml_are_explained() {
    let folder = Folder::new(&[]);
    for code in ["e0401", "E0101", "E0501"] {
        let said = folder.styk(&["explain", code]);
        assert_eq!(said.exit, Some(0), "{code}");
        assert!(said.stdout.len() > 50, "{said:?}");
    }
    assert_eq!(folder.styk(&["explain", "E9999"]).exit, Some(2));
}

#[test]
fn the_schema_is_json() {
    let said = Folder::new(&[]).styk(&["schema"]);
    let schema: serde_json::Value = serde_json::from_str(&said.stdout).expect("JSON");
    assert!(schema.get("$schema").is_some());
}

#[test]
fn before_the_first_run_the_matrix_shows_what_is_declared() {
    let folder = Folder::new(&[]);
    folder.styk(&["init"]);
    let said = folder.styk(&["matrix"]);
    assert_eq!(said.exit, Some(0), "{said:?}");
    assert!(
        said.stdout
            .starts_with("No run yet: this is what is declared.\n"),
        "{said:?}"
    );
    assert!(said.stdout.contains("cart → orders"));
    let said = folder.styk(&["matrix", "--json"]);
    let matrix: serde_json::Value = serde_json::from_str(&said.stdout).expect("JSON");
    assert_eq!(matrix["edges"][0]["edge"], "cart → orders");
}
