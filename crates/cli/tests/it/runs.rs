//! `styk test` on small projects with the reference shop.

use crate::support::{Folder, Running, Said};

const EMBEDDED: &str =
    "version: 1\nmocks: {payment: }\nsuites: {all: {scenarios: ['*.styk.yaml']}}\n";
const GOOD: &str =
    "scenario: good\nsteps:\n  - http: GET /health/\n    expect: {status: 200, $.database: true}\n";
const BAD: &str = "scenario: bad\nsteps:\n  - http: GET /health/\n    expect: 404\n";

/// An address where nobody listened a moment ago.
fn free_url() -> String {
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr());
    format!("http://{}", free.expect("an address"))
}

#[test]
fn what_init_writes_plays_on_a_running_shop() {
    let folder = Folder::new(&[]);
    let mut command =
        folder.command(&["shop", "--profile", "integration", "--bind", "127.0.0.1:0"]);
    command.env("DATABASE_URL", "sqlite::memory:");
    let mut shop = Running::of(command);
    let base = shop.line_with("listening on ").replace("listening on ", "");
    assert_eq!(folder.styk(&["init"]).exit, Some(0));
    let mut test = folder.command(&["test"]);
    test.env("APP_URL", base);
    for name in ["PAYMENT_MOCK_URL", "SHIPPING_MOCK_URL", "EMAIL_MOCK_URL"] {
        test.env(name, free_url());
    }
    let said = Said::from(test.output().expect("styk runs"));
    assert_eq!(said.exit, Some(0), "{said:?}");
    assert!(said.stdout.contains("1 passed"), "{said:?}");
}

#[test]
fn a_good_run_ends_with_0_and_writes_every_report() {
    let folder = Folder::new(&[("styk.yaml", EMBEDDED), ("a.styk.yaml", GOOD)]);
    let said = folder.styk(&["test", "--seed", "42"]);
    assert_eq!(said.exit, Some(0), "{said:?}");
    assert!(said.stdout.contains("good"), "{said:?}");
    assert!(said.stdout.contains("42"), "{said:?}");
    let run = folder.only_run("integration_reports");
    for file in ["report.json", "report.html", "summary.md", "junit/all.xml"] {
        assert!(run.join(file).is_file(), "{file}");
    }
    let report = folder.report();
    assert_eq!(report["integration_test_report"]["passed_categories"], 1);
    let quiet = folder.styk(&["test", "--quiet", "--reports", "elsewhere"]);
    assert_eq!(quiet.exit, Some(0));
    assert!(!quiet.stdout.contains("all › good"), "{quiet:?}");
    assert!(folder.only_run("elsewhere").join("report.json").is_file());
}

#[test]
fn below_the_threshold_a_run_ends_with_1() {
    let folder = Folder::new(&[
        ("styk.yaml", EMBEDDED),
        ("a.styk.yaml", GOOD),
        ("b.styk.yaml", BAD),
    ]);
    let said = folder.styk(&["test"]);
    assert_eq!(said.exit, Some(1), "{said:?}");
    assert!(said.stdout.contains("b.styk.yaml:4:13"), "{said:?}");
    assert_eq!(folder.styk(&["test", "--threshold", "0"]).exit, Some(0));
    assert_eq!(
        folder.styk(&["test", "--filter", "good", "--strict"]).exit,
        Some(0)
    );
    let said = folder.styk(&["test", "--tag", "nothing"]);
    assert_eq!(said.exit, Some(2), "{said:?}");
    assert!(
        said.stderr.contains("no scenario fits --tag nothing"),
        "{said:?}"
    );
}

#[test]
fn an_environment_that_is_not_ready_ends_with_3_and_still_reports() {
    let config = "version: 1\nshop: {base: 'http://127.0.0.1:9', ready: {limit: 200ms}}\n\
                  suites: {all: {scenarios: ['*.styk.yaml']}}\n";
    let folder = Folder::new(&[("styk.yaml", config), ("a.styk.yaml", GOOD)]);
    let said = folder.styk(&["test"]);
    assert_eq!(said.exit, Some(3), "{said:?}");
    assert!(said.stdout.contains("Connection refused"), "{said:?}");
    assert_eq!(
        folder.report()["integration_test_report"]["failed_categories"],
        1
    );
}

#[test]
fn ctrl_c_cleans_up_writes_reports_and_ends_with_4() {
    let stuck = "scenario: stuck\nsteps:\n  - http: GET /health/\n    poll: 30s\n    timeout: 40s\n    expect: 418\n";
    let folder = Folder::new(&[
        (
            "styk.yaml",
            "version: 1\nsuites:\n  first: {command: [sh, s.sh], junit: '${out}/*.xml'}\n  \
             second: {scenarios: ['*.styk.yaml']}\nrun: {jobs: 2}\n",
        ),
        ("s.sh", "echo it plays; exec sleep 60\n"),
        ("a.styk.yaml", stuck),
        ("b.styk.yaml", GOOD),
    ]);
    let mut running = folder.start(&["test"]);
    running.line_with("it plays");
    running.signal("INT");
    let said = running.end();
    assert_eq!(said.exit, Some(4), "{said:?}");
    let report = folder.report();
    assert_eq!(
        report["integration_test_report"]["passed_categories"], 0,
        "{report}"
    );
    assert!(
        folder
            .only_run("integration_reports")
            .join("report.html")
            .is_file()
    );
}

#[test]
fn an_unwritable_report_folder_ends_with_5_and_says_why() {
    let folder = Folder::new(&[
        ("styk.yaml", EMBEDDED),
        ("a.styk.yaml", GOOD),
        ("integration_reports", "this is a file"),
    ]);
    let said = folder.styk(&["test"]);
    assert_eq!(said.exit, Some(5), "{said:?}");
    let all = format!("{}{}", said.stdout, said.stderr);
    assert!(all.contains("integration_reports"), "{said:?}");
    assert!(
        all.contains("good"),
        "the run was played all the same: {said:?}"
    );
}

#[test]
fn a_port_in_use_is_told_with_what_to_try() {
    let mock = Folder::new(&[]);
    let mut shop = mock.start(&["shop", "--profile", "integration", "--bind", "127.0.0.1:0"]);
    let base = shop.line_with("listening on ").replace("listening on ", "");
    let port = base.rsplit(':').next().unwrap_or_default();
    let config = format!(
        "version: 1\nshop: {{base: '{base}', ready: {{limit: 30s}}}}\nmocks: {{payment: {{port: {port}}}}}\n\
         suites: {{all: {{scenarios: ['*.styk.yaml']}}}}\n"
    );
    let folder = Folder::new(&[("styk.yaml", &config), ("a.styk.yaml", GOOD)]);
    let said = folder.styk(&["test"]);
    assert_eq!(said.exit, Some(3), "{said:?}");
    let told = format!("port {port} for mock `payment` is in use");
    assert!(said.stdout.contains(&told), "{said:?}");
    assert!(said.stdout.contains("mocks.payment.port"), "{said:?}");
    // With an address that is free it plays on the same running shop.
    let config = config.replace(&format!("{{port: {port}}}"), "{port: 1}");
    let folder = Folder::new(&[("styk.yaml", &config), ("a.styk.yaml", GOOD)]);
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr());
    let url = format!("http://{}", free.expect("an address"));
    let played = folder
        .command(&["test"])
        .env("PAYMENT_MOCK_URL", url)
        .output();
    assert_eq!(played.expect("styk runs").status.code(), Some(0));
    shop.signal("TERM");
    assert_eq!(shop.end().exit, Some(0));
}

#[test]
fn a_second_ctrl_c_ends_the_cleaning_up_too() {
    let folder = Folder::new(&[
        (
            "styk.yaml",
            "version: 1\nsuites: {all: {command: [sh, s.sh], junit: '${out}/*.xml', grace: 30s}}\n",
        ),
        (
            "s.sh",
            "trap 'sleep 5; touch cleaned; exit' TERM\necho it plays\nwhile :; do sleep 0.1; done\n",
        ),
    ]);
    let mut running = folder.start(&["test"]);
    running.line_with("it plays");
    running.signal("INT");
    running.line_with("interrupted:");
    running.signal("INT");
    let said = running.end();
    assert_eq!(said.exit, Some(4), "{said:?}");
    assert!(!folder.path().join("cleaned").exists());
    let run = folder.only_run("integration_reports");
    assert!(run.join("summary.md").is_file());
}
