use std::sync::atomic::Ordering;

use styk_core::{RunEvent, Status};
use styk_run::RunOptions;
use styk_scenario::Interrupt;

use crate::support::{Folder, Shops};

const TWO: &str = "version: 1\nsuites:\n  \
    first: {scenarios: [a/*.styk.yaml]}\n  \
    second: {scenarios: [b/*.styk.yaml]}\n";

fn scenario(title: &str, path: &str) -> String {
    format!("scenario: {title}\nsteps:\n  - http: GET {path}\n    expect: 200\n")
}

fn one_suite(scenarios: &[(&str, String)]) -> Folder {
    let folder = Folder::new(&[(
        "styk.yaml",
        "version: 1\nsuites: {all: {scenarios: [s/*.styk.yaml]}}\n",
    )]);
    for (name, text) in scenarios {
        folder.write(&format!("s/{name}.styk.yaml"), text);
    }
    folder
}

#[tokio::test]
async fn results_stand_in_the_plans_order_and_events_in_that_of_happening() {
    let folder = Folder::new(&[
        ("styk.yaml", TWO),
        ("a/1.styk.yaml", &scenario("one", "/ok")),
        ("a/2.styk.yaml", &scenario("two", "/fail")),
        ("b/3.styk.yaml", &scenario("three", "/ok")),
    ]);
    let ended = folder.play(&Shops::new(), folder.options()).await;
    assert_eq!(
        ended.verdicts("first"),
        [("one", Status::Passed), ("two", Status::Failed)]
    );
    assert_eq!(ended.verdicts("second"), [("three", Status::Passed)]);
    let result = &ended.outcome.result;
    assert!(!ended.category("first").success && ended.category("second").success);
    assert_eq!(ended.category("first").exit_code, 1);
    assert!((result.success_rate() - 50.0).abs() < f64::EPSILON);
    assert!(!result.is_success() && !result.interrupted && !ended.outcome.environment_failed);

    let position = |wanted: &dyn Fn(&RunEvent) -> bool| {
        ended.events.iter().position(wanted).expect("the event")
    };
    let started = position(
        &|event| matches!(event, RunEvent::ScenarioStarted { scenario, .. } if scenario.title == "two"),
    );
    let finished = position(
        &|event| matches!(event, RunEvent::ScenarioFinished { scenario, .. } if scenario.title == "two"),
    );
    let category = position(
        &|event| matches!(event, RunEvent::CategoryFinished { category, .. } if category == "first"),
    );
    assert!(started < finished && finished < category);
    assert!(matches!(
        ended.events.first(),
        Some(RunEvent::RunStarted { .. })
    ));
    assert!(matches!(
        ended.events.last(),
        Some(RunEvent::RunFinished { .. })
    ));
}

#[tokio::test]
async fn a_pass_after_a_retry_is_flaky_and_fails_a_strict_run() {
    let scenarios = [
        ("1", scenario("shaky", "/flaky/a")),
        ("2", scenario("bad", "/fail")),
        ("3", format!("retries: 0\n{}", scenario("once", "/flaky/b"))),
    ];
    let folder = one_suite(&scenarios);
    let options = RunOptions {
        retries: Some(1),
        ..folder.options()
    };
    let ended = folder.play(&Shops::new(), options).await;
    assert_eq!(
        ended.verdicts("all"),
        [
            ("shaky", Status::Flaky),
            ("bad", Status::Failed),
            ("once", Status::Failed)
        ]
    );
    let attempts: Vec<usize> = ended
        .category("all")
        .scenarios
        .iter()
        .map(|result| result.attempts.len())
        .collect();
    assert_eq!(attempts, [2, 2, 1]);

    let folder = one_suite(&scenarios[..1]);
    for strict in [false, true] {
        let options = RunOptions {
            retries: Some(1),
            strict,
            ..folder.options()
        };
        let ended = folder.play(&Shops::new(), options).await;
        assert!(ended.category("all").success);
        assert_eq!(ended.outcome.result.is_success(), !strict);
    }
}

#[tokio::test]
async fn scenarios_play_side_by_side_and_exclusive_ones_one_after_another() {
    let folder = one_suite(&[
        ("1", scenario("one", "/meet")),
        ("2", scenario("two", "/meet")),
    ]);
    let options = RunOptions {
        jobs: Some(2),
        ..folder.options()
    };
    let ended = folder.play(&Shops::new(), options).await;
    assert!(ended.category("all").success, "{:?}", ended.verdicts("all"));

    let guests = |exclusive: &str| {
        let scenarios = ["g1", "g2", "g3"].map(|name| {
            (
                name,
                format!("exclusive: [{exclusive}]\n{}", scenario(name, "/hold")),
            )
        });
        one_suite(&scenarios)
    };
    let folder = guests("room");
    let options = RunOptions {
        jobs: Some(3),
        ..folder.options()
    };
    let shops = Shops::new();
    let ended = folder.play(&shops, options).await;
    assert!(ended.category("all").success);
    assert_eq!(shops.guests_max(), 1);
}

#[tokio::test]
async fn fail_fast_starts_nothing_more() {
    let folder = one_suite(&[
        ("1", scenario("bad", "/fail")),
        ("2", scenario("good", "/ok")),
    ]);
    let options = RunOptions {
        jobs: Some(1),
        fail_fast: true,
        ..folder.options()
    };
    let ended = folder.play(&Shops::new(), options).await;
    assert_eq!(
        ended.verdicts("all"),
        [("bad", Status::Failed), ("good", Status::Skipped)]
    );
    let reason = ended.category("all").scenarios[1].skip_reason.as_deref();
    assert_eq!(
        reason,
        Some("not played: an earlier scenario failed (--fail-fast)")
    );
}

#[tokio::test]
async fn a_skipped_scenario_needs_no_stage() {
    let folder = one_suite(&[(
        "1",
        format!("skip: not yet\n{}", scenario("later", "/fail")),
    )]);
    let shops = Shops::new();
    let ended = folder.play(&shops, folder.options()).await;
    assert_eq!(ended.verdicts("all"), [("later", Status::Skipped)]);
    let skipped = &ended.category("all").scenarios[0];
    assert_eq!(skipped.skip_reason.as_deref(), Some("not yet"));
    assert!(ended.category("all").success);
    assert_eq!(shops.launched.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_stage_that_does_not_come_up_costs_only_its_scenario() {
    let folder = one_suite(&[("1", scenario("one", "/ok")), ("2", scenario("two", "/ok"))]);
    let shops = Shops::new();
    shops.broken.store(1, Ordering::SeqCst);
    let options = RunOptions {
        jobs: Some(1),
        ..folder.options()
    };
    let ended = folder.play(&shops, options).await;
    assert_eq!(
        ended.verdicts("all"),
        [("one", Status::Error), ("two", Status::Passed)]
    );
    let attempt = ended.category("all").scenarios[0]
        .last()
        .expect("an attempt");
    assert_eq!(
        attempt.failures[0].message,
        "the shop could not be started: no database"
    );
    assert!(!ended.outcome.environment_failed);
}

#[tokio::test]
async fn when_no_stage_ever_comes_up_the_environment_failed_and_the_rest_is_not_tried() {
    let names = ["s1", "s2", "s3", "s4", "s5"];
    let folder = one_suite(&names.map(|name| (name, scenario(name, "/ok"))));
    let shops = Shops::new();
    shops.broken.store(100, Ordering::SeqCst);
    let options = RunOptions {
        jobs: Some(1),
        ..folder.options()
    };
    let ended = folder.play(&shops, options).await;
    assert!(ended.outcome.environment_failed);
    assert_eq!(shops.launched.load(Ordering::SeqCst), 3);
    assert_eq!(ended.outcome.result.totals().errors, 5);
}

#[tokio::test]
async fn a_panic_costs_only_the_scenario_it_struck() {
    let folder = one_suite(&[("1", scenario("one", "/ok"))]);
    let shops = Shops::new();
    shops.panics.store(true, Ordering::SeqCst);
    let ended = folder.play(&shops, folder.options()).await;
    assert_eq!(ended.verdicts("all"), [("one", Status::Error)]);
    let attempt = ended.category("all").scenarios[0]
        .last()
        .expect("an attempt");
    assert_eq!(
        attempt.failures[0].message,
        "styk broke while it played this: the launcher broke"
    );
}

#[tokio::test]
async fn an_attached_shop_that_is_not_there_fails_the_environment() {
    let folder = Folder::new(&[
        (
            "styk.yaml",
            "version: 1\nshop: {base: 'http://127.0.0.1:9', ready: {limit: 100ms}}\n\
             suites: {all: {scenarios: [a.styk.yaml]}}\n",
        ),
        ("a.styk.yaml", &scenario("one", "/ok")),
    ]);
    let ended = folder.play(&Shops::new(), folder.options()).await;
    assert!(ended.outcome.environment_failed);
    assert_eq!(ended.verdicts("all"), [("one", Status::Error)]);
    let notice = &ended.outcome.result.notices[0];
    assert!(
        notice.message.starts_with("the shop was not ready within"),
        "{notice:?}"
    );
}

#[tokio::test]
async fn an_attached_shop_is_one_stage_for_all() {
    let shops = Shops::new();
    let base = shops.alone().await;
    let folder = Folder::new(&[
        (
            "styk.yaml",
            &format!(
                "version: 1\nshop: {{stage: attached, base: '{base}', jobs: 2}}\n\
                 suites: {{all: {{scenarios: ['*.styk.yaml']}}}}\n"
            ),
        ),
        ("a.styk.yaml", &scenario("one", "/meet")),
        ("b.styk.yaml", &scenario("two", "/meet")),
    ]);
    let ended = folder.play(&shops, folder.options()).await;
    assert!(ended.category("all").success, "{:?}", ended.verdicts("all"));
    assert_eq!(ended.outcome.result.stage, "attached");
    assert_eq!(shops.launched.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_stopped_run_cleans_up_and_has_a_result() {
    let stuck = "scenario: stuck\nsteps:\n  - http: GET /never\n\
                 finally:\n  - http: GET /said/cleaned\n";
    let folder = one_suite(&[("1", stuck.to_owned()), ("2", scenario("good", "/ok"))]);
    let shops = Shops::new();
    let interrupt = Interrupt::new();
    let options = RunOptions {
        jobs: Some(1),
        ..folder.options()
    };
    let stopping = async {
        shops.somebody_waits().await;
        interrupt.stop();
    };
    let (ended, ()) = tokio::join!(folder.play_until(&shops, options, &interrupt), stopping);
    let result = &ended.outcome.result;
    assert!(result.interrupted && !result.is_success());
    assert_eq!(ended.verdicts("all")[1], ("good", Status::Skipped));
    assert!(!ended.category("all").scenarios[0].status.is_success());
    assert_eq!(shops.said(), ["cleaned"]);
    assert!(
        ended
            .events
            .iter()
            .any(|event| matches!(event, RunEvent::Interrupted))
    );
}

#[tokio::test]
async fn the_same_file_in_two_suites_is_played_under_two_names() {
    let folder = Folder::new(&[
        (
            "styk.yaml",
            "version: 1\nsuites: {smoke: {scenarios: [a.styk.yaml]}, all: {scenarios: ['*.styk.yaml']}}\n",
        ),
        ("a.styk.yaml", &scenario("one", "/ok")),
    ]);
    let ended = folder.play(&Shops::new(), folder.options()).await;
    let ids: Vec<&str> = ended
        .outcome
        .result
        .categories
        .iter()
        .flat_map(|category| &category.scenarios)
        .map(|result| result.scenario.id.as_str())
        .collect();
    assert_eq!(ids, ["a", "all/a"]);
}
