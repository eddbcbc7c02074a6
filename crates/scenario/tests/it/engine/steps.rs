//! Steps in order: loops, conditions, captures, rows, soft failures, the shape of results.

use serde_json::json;
use styk_core::Status;
use styk_scenario::{play, skip_reason};

use super::bench::{Bench, assert_passed, cases, messages, only_case, outline};

#[tokio::test]
async fn a_scenario_registers_orders_and_reads_itself_back() {
    let bench = Bench::new().await;
    let attempt = bench
        .play(
            "\
scenario: An order of one mug
vars:
  email: ${unique(\"buyer\")}@shop.test
steps:
  - http: POST /api/auth/register
    json: {email: $email, password: Passw0rd!}
    expect: 201
    capture: {token: $.access_token}
    session: {bearer: $token}
  - http: GET /api/me
    expect: {status: 200, $.email: $email}
  - http: POST /api/stock/1
  - name: Order
    http: POST /api/orders
    json: {items: [{id: 1}]}
    expect:
      status: 201
      $.status: new
      $.total: {gt: 2000}
      $.items[*].id: [1]
      $.created_at: {before: \"${now()}\"}
      header.content-type: application/json
      time: {lt: 5s}
    capture: {order: $.id, kind: header.content-type, code: status, took: time}
  - check: ${order + 1}
    is: 18
  - check: ${code == 201 and took >= 0 and kind == 'application/json'}
  - set: {next: \"${order + 1}\"}
  - log: order ${order}, then ${next}
",
        )
        .await;
    assert_passed(&attempt);
    assert_eq!(
        outline(&attempt.steps),
        [
            "0 passed POST /api/auth/register",
            "1 passed GET /api/me",
            "2 passed POST /api/stock/1",
            "3 passed Order: POST /api/orders",
            "4 passed check ${order + 1}",
            "5 passed check ${code == 201 and took >= 0 and kind == 'application/json'}",
            "6 passed set",
            "7 passed log order ${order}, then ${next} (order 17, then 18)",
        ]
    );
    let own: Vec<u64> = attempt
        .steps
        .iter()
        .flat_map(|step| step.exchanges.clone())
        .collect();
    assert_eq!(own, [1, 2, 3, 4]);
    assert_eq!(attempt.exchanges.len(), 4);
    assert_eq!(attempt.attribution, None);
    assert!(attempt.steps.iter().all(|step| step.location.is_some()));
}

#[tokio::test]
async fn loops_collect_in_order_and_number_their_passes() {
    let bench = Bench::new().await;
    let attempt = bench
        .passes(
            "\
  - each: {word: [a, b]}
    http: POST /log/${word}-${index}
  - repeat: 3
    http: POST /echo
    json: {n: $index}
    collect: {bodies: $.body}
  - check: $bodies
    is: ['{\"n\":0}', '{\"n\":1}', '{\"n\":2}']
  - each: [x, y]
    steps:
      - http: POST /log/${item}
      - when: ${item == 'y'}
        http: POST /log/last
",
        )
        .await;
    assert_eq!(bench.shop.log(), ["a-0", "b-1", "x", "y", "last"]);
    let lines = outline(&attempt.steps);
    assert_eq!(lines[1], "  0.0 passed POST /log/a-0 (\"a\")");
    assert_eq!(
        lines[lines.len() - 6..],
        [
            "  3.0 passed each (\"x\")",
            "    3.0.0 passed POST /log/x",
            "    3.0.1 skipped POST /log/last (`when` is false: ${item == 'y'})",
            "  3.1 passed each (\"y\")",
            "    3.1.0 passed POST /log/y",
            "    3.1.1 passed POST /log/last",
        ]
    );
}

#[tokio::test]
async fn the_first_failure_ends_the_steps_and_a_soft_one_does_not() {
    let bench = Bench::new().await;
    let attempt = bench
        .play_steps(
            "\
  - group: A phase
    steps:
      - soft: true
        http: POST /fail
      - http: POST /log/after-soft
  - http: GET /api/me
  - http: POST /log/never
",
        )
        .await;
    assert_eq!(attempt.status, Status::Failed);
    assert_eq!(bench.shop.log(), ["after-soft"]);
    assert_eq!(
        outline(&attempt.steps),
        [
            "0 failed A phase",
            "  0.0 failed POST /fail",
            "  0.1 passed POST /log/after-soft",
            "1 failed GET /api/me",
        ]
    );
    assert_eq!(attempt.failures.len(), 2, "{}", messages(&attempt));
}

#[tokio::test]
async fn a_scenario_with_only_soft_failures_is_played_to_its_end_and_fails() {
    let bench = Bench::new().await;
    let attempt = bench
        .play_steps(
            "  - soft: true\n    repeat: 2\n    http: POST /fail\n  - http: POST /log/end\n",
        )
        .await;
    assert_eq!(attempt.status, Status::Failed);
    assert_eq!(attempt.failures.len(), 2, "{}", messages(&attempt));
    assert_eq!(bench.shop.log(), ["end"]);
}

#[tokio::test]
async fn rows_are_cases_of_their_own() {
    let bench = Bench::new().await;
    let cases = cases(
        "\
scenario: Rows
table:
  - {case: first, word: one}
  - {case: second, word: two}
steps:
  - http: POST /log/${row.word}
",
    );
    for case in &cases {
        assert_passed(&play(case, &bench.world, 1, &bench.interrupt).await);
    }
    assert_eq!(cases[1].id, "a#2");
    assert_eq!(bench.shop.log(), ["one", "two"]);
}

#[tokio::test]
async fn step_ids_name_results_and_limits_of_groups_reach_inside() {
    let bench = Bench::new().await;
    let attempt = bench
        .passes(
            "  - id: hello\n    group: A\n    timeout: 5s\n    steps:\n      - http: GET /text\n",
        )
        .await;
    assert_eq!(
        outline(&attempt.steps),
        ["hello passed A", "  hello.0 passed GET /text"]
    );
}

#[tokio::test]
async fn a_value_that_is_not_there_is_an_error_of_the_test() {
    let bench = Bench::new().await;
    let attempt = bench
        .play_steps("  - set: {a: {b: 1}}\n  - http: GET /text?x=${a.c}\n")
        .await;
    assert_eq!(attempt.status, Status::Error);
    assert_eq!(
        messages(&attempt),
        "\
error: `a` has no member `c`
 --> a.styk.yaml:4:25
  |
4 |   - http: GET /text?x=${a.c}
  |                         ^^^
  = its members: b"
    );
}

#[tokio::test]
async fn the_same_seed_plays_the_same_values_and_a_retry_others() {
    let bench = Bench::new().await;
    let case = only_case("scenario: A\nsteps:\n  - http: POST /log/${unique()}\n");
    for attempt in [1, 1, 2] {
        assert_passed(&play(&case, &bench.world, attempt, &bench.interrupt).await);
    }
    let log = bench.shop.log();
    assert_eq!(log[0], log[1]);
    assert_ne!(log[0], log[2]);
}

#[test]
fn a_skip_has_a_day_and_a_condition() {
    let clock = styk_core::Clock::manual("2026-03-01T00:00:00Z".parse().expect("a time"));
    let skip = |skip: &str| {
        let case = only_case(&format!("scenario: A\nskip: {skip}\nsteps:\n  - log: x\n"));
        skip_reason(
            &case,
            &clock,
            "run",
            &json!({"kind": "embedded"}),
            &json!({}),
        )
        .expect("can be evaluated")
    };
    assert_eq!(skip("no time").as_deref(), Some("no time"));
    assert_eq!(skip("{reason: later, until: 2026-03-01}"), None);
    assert_eq!(
        skip("{reason: later, until: 2026-03-02}").as_deref(),
        Some("later (until 2026-03-02)")
    );
    assert_eq!(
        skip("{reason: x, when: \"${stage.kind == 'attached'}\"}"),
        None
    );
}
