//! `poll`: the digest, the end, the early end.

use styk_core::Status;

use super::bench::{Bench, outline};

fn timeless(text: &str) -> String {
    let pattern = regex::Regex::new(r"(exchange) \d+, \d+ ms").expect("a pattern");
    pattern.replace_all(text, "$1 n").into_owned()
}

#[tokio::test]
async fn a_poll_asks_until_it_holds_and_tells_what_it_saw() {
    let bench = Bench::new().await;
    let attempt = bench
        .passes(
            "\
  - http: GET /api/orders/a?new=2&paid=3
    poll: {for: 10s, every: 1ms}
    expect: {$.status: confirmed}
    capture: {status: $.status}
  - check: $status
    is: confirmed
",
        )
        .await;
    assert_eq!(
        outline(&attempt.steps)[0],
        "0 passed GET /api/orders/a?new=2&paid=3 (new ×2, paid ×3, confirmed)"
    );
    assert_eq!(attempt.steps[0].exchanges.len(), 6);
}

#[tokio::test]
async fn errors_on_the_way_are_part_of_the_digest() {
    let bench = Bench::new().await;
    let attempt = bench
        .passes(
            "\
  - http: GET /flaky
    poll: {for: 10s, every: 1ms}
    expect: 200
",
        )
        .await;
    assert_eq!(attempt.steps[0].note.as_deref(), Some("503 ×2, 200"));
}

#[tokio::test]
async fn a_poll_that_runs_out_reports_the_last_answer_and_all_it_saw() {
    let bench = Bench::new().await;
    let failures = bench
        .fails(
            "\
  - http: GET /api/orders/a?new=2&paid=999
    poll: {for: 300ms, every: 100ms, backoff: 1}
    expect:
      status: 200
      $.status: confirmed
",
        )
        .await;
    let text = timeless(&failures[0]);
    let attempts = regex::Regex::new(r"\((\d+) attempts\)").expect("a pattern");
    let count: usize = attempts.captures(&text).expect("attempts")[1]
        .parse()
        .expect("a number");
    assert!(count >= 2, "{text}");
    let expected = format!(
        "\
error: still not confirmed after 300ms ({count} attempts)
 --> a.styk.yaml:7:17
  |
3 |   - http: GET /api/orders/a?new=2&paid=999
7 |       $.status: confirmed
  |                 ^^^^^^^^^
  = $.status was: {}
  = body: {{\"id\":\"a\",\"status\":\"{}\"}}
  = exchange n",
        if count > 2 {
            let paid = count - 2;
            let paid = if paid == 1 {
                "paid".to_owned()
            } else {
                format!("paid ×{paid}")
            };
            format!("new ×2, {paid}")
        } else {
            "new ×2".to_owned()
        },
        if count > 2 { "paid" } else { "new" },
    );
    assert_eq!(text, expected);
}

#[tokio::test]
async fn what_the_outside_world_saw_meanwhile_is_told() {
    let bench = Bench::new().await;
    let failures = bench
        .fails(
            "\
  - mock: payment
    request: {method: POST, path: /api/v1/payments}
    reply: {status: 500}
  - http: POST /api/call/payment
    json: {path: /api/v1/payments, times: 3, payload: {amount: 1}}
    poll: {for: 50ms, every: 200ms}
    expect: {$.answered: 201}
",
        )
        .await;
    assert!(
        failures[0].contains("error: still not as expected after 50ms"),
        "{}",
        failures[0]
    );
    let meanwhile = "= meanwhile: shop → payment POST /api/v1/payments was answered 500";
    assert!(failures[0].contains(meanwhile), "{}", failures[0]);
    assert!(
        failures[0].contains("= expected $.answered to be 201, it is 500"),
        "{}",
        failures[0]
    );
}

#[tokio::test]
async fn abort_if_ends_a_poll_at_once() {
    let bench = Bench::new().await;
    let attempt = bench
        .play_steps(
            "\
  - http: GET /api/orders/a?new=2&failed=999
    poll: {for: 60s, every: 1ms}
    expect: {$.status: confirmed}
    abort_if: {$.status: failed}
",
        )
        .await;
    assert_eq!(attempt.status, Status::Failed);
    let text = attempt.failures[0].render();
    assert!(text.contains("`abort_if` holds after"), "{text}");
    assert!(text.contains("= $.status was: new ×2, failed"), "{text}");
    assert!(
        text.contains("= expected $.status to be \"confirmed\", it is \"failed\""),
        "{text}"
    );
    assert_eq!(attempt.steps[0].exchanges.len(), 3);
}

#[tokio::test]
async fn a_poll_over_a_hanging_answer_ends_in_time() {
    let bench = Bench::new()
        .await
        .step_limit(std::time::Duration::from_millis(100));
    let failures = bench
        .fails("  - http: GET /slow\n    poll: 50ms\n    expect: 200\n")
        .await;
    assert!(
        failures[0].starts_with("error: the step was not over after"),
        "{}",
        failures[0]
    );
}
