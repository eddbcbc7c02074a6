//! What a person reads when something does not hold, word for word.

use styk_core::Status;

use super::bench::{Bench, messages, rendered};

/// Durations differ from run to run.
fn timeless(text: &str) -> String {
    let pattern = regex::Regex::new(r"(exchange \d+), \d+ ms").expect("a pattern");
    pattern.replace_all(text, "$1, 9 ms").into_owned()
}

#[tokio::test]
async fn a_status_says_what_was_answered_with_body_and_values() {
    let bench = Bench::new().await;
    let failures = bench
        .fails(
            "\
  - set: {product_ids: [17, 18, 19], note: unused}
  - http: POST /api/orders
    json: {items: $product_ids}
    expect: {status: 201, $.status: new, $.total: 2940}
",
        )
        .await;
    assert_eq!(
        failures
            .iter()
            .map(|text| timeless(text))
            .collect::<Vec<_>>(),
        [
            "\
error: expected status 201, the shop answered 409 Conflict
 --> a.styk.yaml:6:22
  |
4 |   - http: POST /api/orders
6 |     expect: {status: 201, $.status: new, $.total: 2940}
  |                      ^^^
  = body: {\"error\":\"out_of_stock\",\"product_id\":17,\"token\":\"***\"}
  = values: product_ids = [17,18,19]
  = exchange 1, 9 ms",
            "\
error: expected $.status to be \"new\", it is missing
 --> a.styk.yaml:6:37
  |
4 |   - http: POST /api/orders
6 |     expect: {status: 201, $.status: new, $.total: 2940}
  |                                     ^^^",
            "\
error: expected $.total to be 2940, it is missing
 --> a.styk.yaml:6:51
  |
4 |   - http: POST /api/orders
6 |     expect: {status: 201, $.status: new, $.total: 2940}
  |                                                   ^^^^",
        ]
    );
}

#[tokio::test]
async fn without_expect_the_status_must_be_below_400() {
    let bench = Bench::new().await;
    let failures = bench.fails("  - http: POST /fail\n").await;
    assert_eq!(
        timeless(&failures[0]),
        "\
error: expected a status below 400, the shop answered 500 Internal Server Error
 --> a.styk.yaml:3:5
  |
3 |   - http: POST /fail
  |     ^^^^^^^^^^^^^^^^
  = body: Traceback: it broke
  = exchange 1, 9 ms"
    );
}

#[tokio::test]
async fn matchers_point_at_their_own_words() {
    let bench = Bench::new().await;
    let failures = bench
        .fails(
            "\
  - http: POST /echo
    json: {n: 1}
    expect:
      status: [201, 4xx]
      $.headers.accept: {in: [text/html, image/png]}
      $.method: {matches: '^G'}
      header.x-none: {exists: true}
      text: {excludes: POST}
",
        )
        .await;
    let firsts: Vec<&str> = failures
        .iter()
        .filter_map(|text| text.lines().next())
        .collect();
    assert_eq!(
        firsts[0],
        "error: expected status 201 or 4xx, the shop answered 200 OK"
    );
    assert_eq!(
        firsts[1..4],
        [
            "error: expected $.headers.accept to be one of [text/html, image/png], it is \"*/*\"",
            "error: expected $.method to match /^G/, it is \"POST\"",
            "error: expected header x-none to exist, it is missing",
        ]
    );
    assert!(
        failures[2].contains("8 |       $.method: {matches: '^G'}"),
        "{}",
        failures[2]
    );
    assert_eq!(failures.len(), 5);
}

#[tokio::test]
async fn a_body_that_is_no_json_is_said_to_be_none() {
    let bench = Bench::new().await;
    let failures = bench
        .fails("  - http: GET /text\n    expect: {$.id: 17}\n")
        .await;
    assert_eq!(
        timeless(&failures[0]),
        "\
error: expected $.id to be 17, the answer is no JSON
 --> a.styk.yaml:4:20
  |
3 |   - http: GET /text
4 |     expect: {$.id: 17}
  |                    ^^
  = body: Order no. 17 is new
  = exchange 1, 9 ms"
    );
}

#[tokio::test]
async fn a_capture_that_finds_nothing_fails() {
    let bench = Bench::new().await;
    let failures = bench
        .fails("  - http: GET /json-as-text\n    capture: {order: $.order.id}\n  - log: $order\n")
        .await;
    assert_eq!(
        timeless(&failures[0]),
        "\
error: cannot capture `order`: the answer has no $.order.id
 --> a.styk.yaml:4:22
  |
3 |   - http: GET /json-as-text
4 |     capture: {order: $.order.id}
  |                      ^^^^^^^^^^
  = body: {\"id\":17}
  = exchange 1, 9 ms"
    );
}

#[tokio::test]
async fn a_check_shows_both_sides() {
    let bench = Bench::new().await;
    let failures = bench
        .fails(
            "  - set: {total: 3, password: hunter22}\n  - check: ${total * 2}\n    is: {gt: 6}\n",
        )
        .await;
    assert_eq!(
        failures[0],
        "\
error: expected ${total * 2} to be greater than 6, it is 6
 --> a.styk.yaml:5:10
  |
4 |   - check: ${total * 2}
5 |     is: {gt: 6}
  |          ^^^^^
  = values: total = 3"
    );
}

#[tokio::test]
async fn a_shop_that_does_not_answer_fails_the_step() {
    let bench = Bench::new().await;
    let text = bench
        .fails("  - http: GET http://127.0.0.1:1/x\n")
        .await
        .remove(0);
    assert!(
        text.starts_with(
            "error: GET /x was not answered: connection refused\n --> a.styk.yaml:3:5"
        ),
        "{text}"
    );
    let text = bench.fails("  - http: GET /big\n").await.remove(0);
    assert!(
        text.contains("GET /big was not answered: the answer is larger than 10 MiB"),
        "{text}"
    );
    let text = bench
        .fails("  - http: GET /loop\n    follow: true\n")
        .await
        .remove(0);
    assert!(text.contains("more than 10 redirects"), "{text}");
}

#[tokio::test]
async fn https_is_refused_with_a_reason() {
    let bench = Bench::new().await;
    let attempt = bench.play_steps("  - http: GET https://shop.test/\n").await;
    assert_eq!(attempt.status, Status::Error);
    assert_eq!(
        messages(&attempt),
        "\
error: https is not spoken in this version
 --> a.styk.yaml:3:15
  |
3 |   - http: GET https://shop.test/
  |               ^^^^^^^^^^^^^^^^^^
  = help: give the shop an http address, or put a proxy that ends TLS before it"
    );
}

#[tokio::test]
async fn declared_secrets_are_hidden_everywhere() {
    let bench = Bench::new().await;
    let attempt = bench
        .play(
            "\
scenario: A secret
secrets: [pin]
vars: {pin: 4711-0815}
steps:
  - http: POST /echo
    text: the pin is ${pin}
    expect: {$.body: the pin was 4711-0815}
  - log: $pin
",
        )
        .await;
    let text = rendered(&attempt).join("\n");
    assert!(
        text.contains("expected $.body to be \"the pin was ***\", it is \"the pin is ***\""),
        "{text}"
    );
    assert!(text.contains("= values: pin = "), "{text}");
    assert!(!text.contains("4711"), "{text}");
}
