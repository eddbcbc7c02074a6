use styk_core::Status;

use crate::support::{Folder, Shops};

const STUCK: &str = "scenario: stuck\nsteps:\n  - http: GET /never\n    timeout: 30s\n";
const GOOD: &str = "scenario: good\nsteps:\n  - http: GET /ok\n";

#[tokio::test]
async fn a_categorys_limit_ends_it_and_no_other() {
    let folder = Folder::new(&[
        (
            "styk.yaml",
            "version: 1\nsuites:\n  slow: {scenarios: [s/*.styk.yaml], timeout: 300ms}\n  \
             quick: {scenarios: [q/*.styk.yaml]}\nrun: {jobs: 1}\n",
        ),
        ("s/1.styk.yaml", STUCK),
        ("s/2.styk.yaml", GOOD),
        ("q/3.styk.yaml", GOOD),
    ]);
    let ended = folder.play(&Shops::new(), folder.options()).await;
    let verdicts = ended.verdicts("slow");
    assert!(!verdicts[0].1.is_success(), "{verdicts:?}");
    assert_eq!(verdicts[1], ("good", Status::Error));
    assert_eq!(
        ended.errors("slow"),
        ["the category's time of 300ms was over"]
    );
    assert_eq!(ended.verdicts("quick"), [("good", Status::Passed)]);
}

#[tokio::test]
async fn the_runs_limit_ends_everything() {
    let folder = Folder::new(&[
        (
            "styk.yaml",
            "version: 1\nsuites:\n  slow: {scenarios: [s/*.styk.yaml]}\n  \
             quick: {scenarios: [q/*.styk.yaml]}\nrun: {jobs: 1, timeout: 300ms}\n",
        ),
        ("s/1.styk.yaml", STUCK),
        ("q/2.styk.yaml", GOOD),
    ]);
    let ended = folder.play(&Shops::new(), folder.options()).await;
    assert!(!ended.verdicts("slow")[0].1.is_success());
    assert_eq!(ended.verdicts("quick"), [("good", Status::Error)]);
    assert_eq!(ended.errors("quick"), ["the run's time of 300ms was over"]);
    assert!(!ended.outcome.result.interrupted);
}

#[tokio::test]
async fn the_limits_of_steps_and_scenarios_come_from_the_configuration() {
    for limit in ["step_timeout", "scenario_timeout"] {
        let config = format!(
            "version: 1\nsuites: {{all: {{scenarios: ['*.styk.yaml']}}}}\nrun: {{{limit}: 200ms}}\n"
        );
        let folder = Folder::new(&[
            ("styk.yaml", &config),
            (
                "a.styk.yaml",
                "scenario: stuck\nsteps:\n  - http: GET /never\n",
            ),
        ]);
        let ended = folder.play(&Shops::new(), folder.options()).await;
        assert!(!ended.verdicts("all")[0].1.is_success(), "{limit}");
    }
}
