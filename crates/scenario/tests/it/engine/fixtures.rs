//! Fixtures: arguments, outputs, actors, teardown, and the scopes that outlive a scenario.

use std::sync::Arc;

use styk_core::Status;
use styk_scenario::{Interrupt, play};

use super::bench::{Bench, assert_passed, cases, messages, outline, rendered};

const BUYER: &str = "\
fixtures:
  buyer:
    args: {role: customer}
    vars: {email: '${unique(role)}@shop.test'}
    steps:
      - http: POST /api/auth/register
        json: {email: $email}
        expect: 201
        capture: {id: $.id, token: $.access_token}
        session: {bearer: $token}
    outputs: {id: $id, email: $email}
    teardown:
      - http: DELETE /log/bye-${id}
---
";

async fn play_with(bench: &Bench, fixtures: &str, scenario: &str) -> styk_core::Attempt {
    bench.play(&format!("{fixtures}{scenario}")).await
}

#[tokio::test]
async fn a_fixture_gives_outputs_and_an_actor_and_is_taken_down_in_reverse() {
    let bench = Bench::new().await;
    let attempt = play_with(
        &bench,
        BUYER,
        "\
scenario: Two people
use: [buyer]
steps:
  - use: buyer
    as: admin
    with: {role: admin}
  - http: GET /api/me
    expect: {$.email: $admin.email}
  - by: buyer
    http: GET /api/me
    expect: {$.email: {starts_with: customer-}}
  - http: GET /api/me
    expect: {$.email: {starts_with: admin-}}
finally:
  - http: POST /log/finally
",
    )
    .await;
    assert_passed(&attempt);
    assert_eq!(bench.shop.log(), ["finally", "bye-2", "bye-1"]);
    let lines = outline(&attempt.steps);
    assert_eq!(
        lines[..4],
        [
            "use.0 passed use buyer",
            "  use.0.0 passed POST /api/auth/register",
            "0 passed use buyer as admin",
            "  0.0 passed POST /api/auth/register",
        ]
    );
    assert_eq!(
        lines[lines.len() - 5..],
        [
            "finally.0 passed POST /log/finally",
            "teardown.admin passed teardown admin",
            "  teardown.admin.0 passed DELETE /log/bye-2",
            "teardown.buyer passed teardown buyer",
            "  teardown.buyer.0 passed DELETE /log/bye-1",
        ]
    );
}

#[tokio::test]
async fn teardown_and_finally_run_after_a_failure() {
    let bench = Bench::new().await;
    let attempt = play_with(
        &bench,
        BUYER,
        "\
scenario: A failure
steps:
  - use: buyer
  - http: POST /fail
    capture: {order: $.id}
finally:
  - http: POST /log/undo-${order}
  - http: POST /log/finally
",
    )
    .await;
    assert_eq!(attempt.status, Status::Failed);
    assert_eq!(attempt.failures.len(), 1, "{}", messages(&attempt));
    assert_eq!(bench.shop.log(), ["finally", "bye-1"]);
    let lines = outline(&attempt.steps);
    assert!(
        lines.contains(
            &"finally.0 skipped POST /log/undo-${order} (`order` was never set)".to_owned()
        ),
        "{lines:?}"
    );
}

#[tokio::test]
async fn a_set_up_that_fails_is_an_error_and_is_taken_down_as_far_as_it_came() {
    let bench = Bench::new().await;
    let attempt = play_with(
        &bench,
        "\
fixtures:
  shelf:
    steps:
      - http: POST /log/up
      - http: POST /fail
        capture: {id: $.id}
    teardown:
      - http: DELETE /log/${id}
      - http: DELETE /log/down
---
",
        "scenario: No shelf\nsteps:\n  - use: shelf\n  - http: POST /log/never\n",
    )
    .await;
    assert_eq!(attempt.status, Status::Error);
    assert_eq!(bench.shop.log(), ["up", "down"]);
    let text = rendered(&attempt);
    assert_eq!(text.len(), 1);
    assert!(
        text[0].starts_with("error: expected a status below 400"),
        "{}",
        text[0]
    );
    assert!(
        text[0].ends_with("= in the fixture `shelf`, used at a.styk.yaml:13"),
        "{}",
        text[0]
    );
}

#[tokio::test]
async fn a_fixture_without_a_session_plays_as_its_caller() {
    let bench = Bench::new().await;
    let attempt = play_with(
        &bench,
        &format!(
            "{}  who:\n    steps:\n      - http: GET /api/me\n        capture: {{email: $.email}}\n    outputs: {{email: $email}}\n---\n",
            BUYER.trim_end_matches("---\n")
        ),
        "\
scenario: Who am I
steps:
  - use: buyer
  - use: who
  - check: ${who.email == buyer.email}
  - http: GET /api/me
    expect: {$.email: $buyer.email}
",
    )
    .await;
    assert_passed(&attempt);
}

#[tokio::test]
async fn a_failing_teardown_is_an_error_of_a_scenario_that_passed() {
    let bench = Bench::new().await;
    let attempt = play_with(
        &bench,
        "fixtures:\n  f:\n    steps: [{log: up}]\n    teardown:\n      - http: DELETE /fail\n      - http: DELETE /log/second\n---\n",
        "scenario: A\nsteps:\n  - use: f\n",
    )
    .await;
    assert_eq!(attempt.status, Status::Failed);
    assert_eq!(bench.shop.log(), ["second"]);
}

const SHARED: &str = "\
fixtures:
  catalogue:
    scope: run
    steps:
      - http: POST /log/run-up
      - mock: payment
        request: {path: /pay}
        reply: {status: 201}
    outputs: {size: 3}
    teardown:
      - http: DELETE /log/run-down
  desk:
    scope: worker
    args: {number: 1}
    steps:
      - http: POST /log/desk-${number}-up
    teardown:
      - http: DELETE /log/desk-${number}-down
  broken:
    scope: run
    steps:
      - http: POST /log/broken
      - http: POST /fail
---
scenario: First
use: [catalogue, desk]
steps:
  - check: $catalogue.size
    is: 3
---
scenario: Second
use: [catalogue, desk]
steps:
  - use: desk
    as: other
    with: {number: 2}
---
scenario: Third
use: [broken]
steps: [{log: never}]
---
scenario: Fourth
use: [broken]
steps: [{log: never}]
";

#[tokio::test]
async fn shared_fixtures_are_set_up_once_and_taken_down_at_the_end() {
    let bench = Bench::new().await;
    let cases = cases(SHARED);
    let interrupt = Interrupt::new();
    for case in &cases[..2] {
        assert_passed(&play(case, &bench.world, 1, &interrupt).await);
    }
    assert_eq!(bench.shop.log(), ["run-up", "desk-1-up", "desk-2-up"]);
    let second_worker = styk_scenario::World {
        fixtures: bench.world.fixtures.for_worker(),
        ..bench.world.clone()
    };
    let attempt = play(&cases[0], &second_worker, 1, &interrupt).await;
    assert_passed(&attempt);
    assert_eq!(
        outline(&attempt.steps)[..2],
        [
            "use.0 passed use catalogue (set up earlier)",
            "use.1 passed use desk"
        ]
    );
    assert_eq!(bench.world.mocks.names(), ["payment", "email"]);

    let failures = second_worker
        .fixtures
        .tear_down_worker(&second_worker, &interrupt)
        .await;
    assert!(failures.is_empty(), "{failures:?}");
    let failures = bench
        .world
        .fixtures
        .tear_down_worker(&bench.world, &interrupt)
        .await;
    assert!(failures.is_empty(), "{failures:?}");
    let failures = bench
        .world
        .fixtures
        .tear_down_run(&bench.world, &interrupt)
        .await;
    assert!(failures.is_empty(), "{failures:?}");
    assert_eq!(
        bench.shop.log()[3..],
        [
            "desk-1-up",
            "desk-1-down",
            "desk-2-down",
            "desk-1-down",
            "run-down"
        ]
    );
}

#[tokio::test]
async fn a_shared_set_up_that_fails_is_tried_once_and_errs_for_all() {
    let bench = Bench::new().await;
    let cases = cases(SHARED);
    for case in &cases[2..] {
        let attempt = play(case, &bench.world, 1, &bench.interrupt).await;
        assert_eq!(attempt.status, Status::Error);
        assert_eq!(attempt.failures.len(), 1, "{}", messages(&attempt));
        let first = &attempt.failures[0];
        assert!(
            first.message.starts_with("expected a status below 400"),
            "{}",
            first.message
        );
    }
    assert_eq!(bench.shop.log(), ["broken"]);
}

#[tokio::test]
async fn scenarios_at_the_same_time_wait_for_one_set_up() {
    let bench = Bench::new().await;
    let cases = Arc::new(cases(SHARED));
    let first = play(&cases[0], &bench.world, 1, &bench.interrupt);
    let second = play(&cases[1], &bench.world, 1, &bench.interrupt);
    let (first, second) = tokio::join!(first, second);
    assert_passed(&first);
    assert_passed(&second);
    let ups = bench
        .shop
        .log()
        .iter()
        .filter(|word| *word == "run-up")
        .count();
    assert_eq!(ups, 1);
}
