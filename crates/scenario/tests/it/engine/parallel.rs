//! `parallel`: together at the start, in order at the end.

use serde_json::json;
use styk_core::Status;

use super::bench::{Bench, outline, rendered};

#[tokio::test]
async fn two_buyers_want_the_last_unit_and_one_gets_it() {
    let bench = Bench::new().await;
    bench
        .passes(
            "\
  - http: POST /api/stock/1
  - parallel:
      times: 2
      steps:
        - http: POST /api/orders
          json: {buyer: $index}
          expect: {status: [201, 409]}
          capture: {answers: status}
  - check: $answers
    is: {unordered: [201, 409]}
",
        )
        .await;
}

#[tokio::test]
async fn captures_become_lists_in_copy_order_whoever_was_first() {
    let bench = Bench::new().await;
    let attempt = bench
        .passes(
            "\
  - parallel:
      times: 3
      steps:
        - set: {mine: \"${unique()}\"}
        - when: ${index != 1}
          http: POST /echo
          json: {copy: $index}
          capture: {bodies: $.body}
  - check: $bodies
    is: ['{\"copy\":0}', null, '{\"copy\":2}']
  - check: ${mine | unique | list | length}
    is: 3
",
        )
        .await;
    let lines = outline(&attempt.steps);
    assert_eq!(lines[0], "0 passed parallel");
    assert_eq!(lines[1], "  0.0 passed copy 1");
    assert_eq!(
        lines[6],
        "    0.1.1 skipped POST /echo (`when` is false: ${index != 1})"
    );
}

#[tokio::test]
async fn all_first_requests_are_under_way_together() {
    let bench = Bench::new().await;
    let attempt = bench
        .passes("  - parallel:\n      times: 5\n      steps:\n        - http: GET /text\n")
        .await;
    let starts: Vec<_> = attempt.exchanges.iter().map(|x| x.started_at()).collect();
    let last_start = starts.iter().max().expect("five");
    let ends = attempt.exchanges.iter().map(|exchange| {
        let took = exchange.duration().expect("ended");
        exchange.started_at() + jiff::SignedDuration::try_from(took).expect("short")
    });
    assert!(
        ends.min().expect("five") >= *last_start,
        "one was over before another began"
    );
}

#[tokio::test]
async fn without_times_the_steps_themselves_play_side_by_side() {
    let bench = Bench::new().await;
    let attempt = bench
        .passes(
            "\
  - parallel:
      steps:
        - http: POST /api/auth/register
          json: {email: a@shop.test}
          expect: 201
          capture: {id: $.id}
        - http: GET /text
          capture: {text: text}
  - check: ${[id, text]}
    is: [1, Order no. 17 is new]
",
        )
        .await;
    assert_eq!(attempt.steps[0].children.len(), 2);
}

#[tokio::test]
async fn a_failing_copy_fails_the_step_and_the_others_end() {
    let bench = Bench::new().await;
    let attempt = bench
        .play_steps(
            "\
  - parallel:
      times: 2
      steps:
        - check: ${index == 0}
        - http: POST /log/after
",
        )
        .await;
    assert_eq!(attempt.status, Status::Failed);
    assert_eq!(rendered(&attempt).len(), 1);
    assert_eq!(json!(bench.shop.log()), json!(["after"]));
}

#[tokio::test]
async fn what_copies_collect_is_one_list_in_copy_order() {
    let bench = Bench::new().await;
    bench
        .passes(
            "\
  - http: POST /echo
    json: {n: first}
    collect: {bodies: $.body}
  - parallel:
      times: 2
      steps:
        - each: [a, b]
          http: POST /echo
          json: {n: \"${index}${item}\"}
          collect: {bodies: $.body}
  - parallel:
      steps:
        - http: POST /echo
          json: {n: left}
          collect: {bodies: $.body}
        - http: POST /echo
          json: {n: right}
          collect: {bodies: $.body}
  - check: ${bodies | map('replace', '\"', '') | map('replace', '{n:', '') | map('replace', '}', '') | join(' ')}
    is: first 0a 1b 0a 1b left right
",
        )
        .await;
}
