//! Mocks, and what the journal says of calls to them.

use std::time::Duration;

use styk_core::{
    Attributes, Edge, Ending, ExchangeDraft, ExchangeKind, Outcome, SpanId, Status, TraceContext,
    TraceId,
};
use styk_scenario::{World, play};

use super::bench::{Bench, assert_passed, messages, only_case, rendered};

const SEND: &str = "\
  - mock: email
    request: {method: POST, path: /send}
    reply: {status: 202, json: {id: mail-1}}
";

/// The same steps as part of a fixture.
fn deeper(steps: &str) -> String {
    let lines = steps.lines().map(|line| {
        let lead = if line.starts_with("- ") {
            "      "
        } else {
            "    "
        };
        format!("{lead}{line}\n")
    });
    lines.collect()
}

#[tokio::test]
async fn the_newest_expectation_answers_and_all_end_with_the_scenario() {
    let bench = Bench::new().await;
    let attempt = bench
        .play(&format!(
            "\
fixtures:
  mail:
    steps:
{}
---
scenario: A mock
use: [mail]
steps:
  - http: POST /api/call/email
    json: {{payload: {{to: a}}}}
    expect: {{$.answered: 202}}
  - mock: email
    request: {{method: POST, path: /send}}
    reply: {{status: 503}}
    times: 1
  - http: POST /api/call/email
    json: {{payload: {{to: b}}}}
    expect: {{$.answered: 503}}
  - http: POST /api/call/email
    json: {{payload: {{to: c}}}}
    expect: {{$.answered: 202}}
",
            deeper(SEND)
        ))
        .await;
    assert_passed(&attempt);
    bench
        .passes("  - http: POST /api/call/email\n    json: {payload: {}}\n    expect: {$.answered: 404}\n")
        .await;
}

#[tokio::test]
async fn a_mock_that_refuses_is_an_error_with_its_reason() {
    let bench = Bench::new().await;
    let attempt = bench
        .play_steps("  - mock: nobody\n    request: {path: /}\n    reply: {status: 200}\n")
        .await;
    assert_eq!(attempt.status, Status::Error);
    assert_eq!(
        messages(&attempt),
        "\
error: the mock `nobody` refused this: there is no mock `nobody`
 --> a.styk.yaml:3:11
  |
3 |   - mock: nobody
  |           ^^^^^^"
    );
}

#[tokio::test]
async fn verify_counts_calls_by_what_they_carry() {
    let bench = Bench::new().await;
    let attempt = bench
        .passes(&format!(
            "{SEND}\
  - http: POST /api/call/email
    json: {{path: \"/send?copy=1\", key: k1, times: 2, numbered: true, payload: {{to: a@shop.test, lines: [{{n: 1}}]}}}}
  - verify: email
    where: {{method: POST, path: /send, query.copy: '1', header.idempotency-key: k1, status: 202}}
    count: 2
  - verify: email
    where: {{to: a@shop.test, number: 1}}
    count: 1
    capture: {{calls: \"$[*].body.to\", answer: \"$[0].response.body.id\"}}
  - verify: email
    where: {{\"$.lines[*].n\": [1], text: {{contains: shop.test}}}}
    count: {{gte: 2}}
  - verify: email
  - verify: payment
    count: 0
  - check: ${{[calls, answer]}}
    is: [[a@shop.test], mail-1]
"
        ))
        .await;
    assert_eq!(attempt.steps[2].note.as_deref(), Some("2 calls"));
}

#[tokio::test]
async fn a_wrong_count_lists_what_was_seen_and_why_others_do_not_count() {
    let bench = Bench::new().await;
    let failures = bench
        .fails(&format!(
            "{SEND}\
  - http: POST /api/call/email
    json: {{times: 2, payload: {{to: a@shop.test}}}}
  - http: POST /api/call/email
    json: {{payload: {{to: b@shop.test}}}}
  - set: {{who: a@shop.test}}
  - verify: email
    where: {{to: $who}}
    count: 1
"
        ))
        .await;
    assert_eq!(
        failures[0],
        "\
error: expected 1 call of `email` as described, it saw 2
  --> a.styk.yaml:13:12
   |
11 |   - verify: email
13 |     count: 1
   |            ^
   = exchange 2: POST /send → 202
   = exchange 3: POST /send → 202
   = not counted: exchange 5: POST /send → 202: expected $.to to be \"a@shop.test\", it is \"b@shop.test\"
   = values: who = \"a@shop.test\""
    );
}

#[tokio::test]
async fn verify_waits_for_late_calls_and_finds_late_duplicates() {
    let bench = Bench::new().await;
    bench
        .passes(&format!(
            "{SEND}\
  - http: POST /api/call/email
    headers: {{X-Background: 'yes'}}
    json: {{payload: {{to: late}}}}
  - verify: email
    where: {{to: late}}
    count: 1
"
        ))
        .await;
    let failures = bench
        .fails(&format!(
            "{SEND}\
  - http: POST /api/call/email
    headers: {{X-Background: 'yes'}}
    json: {{times: 3, payload: {{to: twice}}}}
  - verify: email
    where: {{to: twice}}
    count: 1
"
        ))
        .await;
    assert!(
        failures[0].starts_with("error: expected 1 call of `email` as described, it saw"),
        "{}",
        failures[0]
    );
}

#[tokio::test]
async fn nobody_is_written_to_twice() {
    let bench = Bench::new().await;
    let failures = bench
        .fails(&format!(
            "{SEND}\
  - http: POST /api/call/email
    json: {{times: 2, payload: {{to: a}}}}
  - verify: no_duplicate_calls
"
        ))
        .await;
    assert_eq!(
        failures[0],
        "\
error: POST /send was sent to `email` twice with the same payload
 --> a.styk.yaml:8:13
  |
8 |   - verify: no_duplicate_calls
  |             ^^^^^^^^^^^^^^^^^^
  = exchange 2: POST /send → 202
  = exchange 3: POST /send → 202"
    );
    let failures = bench
        .fails(&format!(
            "{SEND}\
  - http: POST /api/call/email
    json: {{times: 2, numbered: true, key: k1, payload: {{to: a}}}}
  - verify: no_duplicate_calls
"
        ))
        .await;
    assert!(
        failures[0].contains("twice with the same idempotency key"),
        "{}",
        failures[0]
    );
}

#[tokio::test]
async fn a_retry_after_a_failure_of_the_receiver_is_no_duplicate() {
    let bench = Bench::new().await;
    bench
        .passes(
            "\
  - mock: email
    reply: {status: 202}
  - mock: email
    reply: {status: 503}
    times: 1
  - http: POST /api/call/email
    json: {times: 2, key: k1, payload: {to: a}}
  - verify: no_duplicate_calls
",
        )
        .await;
}

#[tokio::test]
async fn wait_listens_for_a_call() {
    let bench = Bench::new().await;
    bench
        .passes(&format!(
            "{SEND}\
  - http: POST /api/call/email
    headers: {{X-Background: 'yes'}}
    json: {{payload: {{to: late, code: 77}}}}
  - wait: call
    from: email
    where: {{to: late, status: 202}}
    for: 8s
    capture: {{code: \"$[0].body.code\"}}
  - check: $code
    is: 77
  - wait: queue_idle
"
        ))
        .await;
    let failures = bench
        .fails(&format!(
            "{SEND}\
  - http: POST /api/call/email
    json: {{payload: {{to: a}}}}
  - wait: call
    from: email
    where: {{to: b}}
    for: 40ms
"
        ))
        .await;
    assert_eq!(
        failures[0],
        "\
error: no call of `email` as described came within 40ms
 --> a.styk.yaml:8:11
  |
8 |   - wait: call
  |           ^^^^
  = not counted: exchange 4: POST /send → 202: expected $.to to be \"b\", it is \"a\""
            .replace(
                "exchange 4",
                &format!(
                    "exchange {}",
                    failures[0]
                        .split("exchange ")
                        .nth(1)
                        .and_then(|rest| rest.split(':').next())
                        .unwrap_or("?")
                )
            )
    );
}

#[tokio::test]
async fn on_a_shared_stage_the_trace_tells_whose_call_it_is() {
    let bench = Bench::new().await;
    let world = World {
        exclusive: false,
        ..bench.world.clone()
    };
    let one = only_case(&format!(
        "scenario: One\nid: one\nsteps:\n{SEND}\
  - parallel:
      times: 3
      steps:
        - http: POST /api/call/email
          json: {{payload: {{to: somebody}}}}
  - verify: email
    count: 3
    settle: 50ms
"
    ));
    let two = only_case(
        "\
scenario: Two
id: two
steps:
  - repeat: 4
    http: POST /api/call/email
    json: {payload: {to: somebody else}}
  - verify: email
    count: 4
    settle: 50ms
",
    );
    let (first, second) = tokio::join!(
        play(&one, &world, 1, &bench.interrupt),
        play(&two, &world, 1, &bench.interrupt)
    );
    assert_passed(&first);
    assert_passed(&second);
    assert_eq!(first.attribution.as_deref(), Some("trace"));
    assert_eq!(first.exchanges.len(), 6);
    assert_eq!(second.exchanges.len(), 8);
}

#[tokio::test]
async fn an_interrupt_while_verify_waits_says_what_it_had_found() {
    let bench = Bench::new().await;
    let case = only_case("scenario: A\nsteps:\n  - verify: email\n");
    let playing = play(&case, &bench.world, 1, &bench.interrupt);
    let stopping = async {
        let waited = bench
            .world
            .journal
            .wait_for(Duration::from_millis(50), |_| None::<()>);
        assert_eq!(waited.await, None);
        bench.interrupt.stop();
    };
    let (attempt, ()) = tokio::join!(playing, stopping);
    assert_eq!(attempt.status, Status::Error);
    assert!(rendered(&attempt)[0].starts_with("error: stopped on request"));
}

#[tokio::test]
async fn edges_between_modules_are_counted_from_the_shops_spans() {
    let bench = Bench::new().await;
    let case = only_case(
        "\
scenario: A
steps:
  - http: GET /text
  - verify: orders>payments
    count: 1
  - verify: payments>orders
    count: 1
  - verify: orders>email
    count: 0
",
    );
    let playing = play(&case, &bench.world, 1, &bench.interrupt);
    let spans = async {
        let begun = |journal: &styk_core::Journal| (journal.last_seq() >= 1).then_some(());
        let waited = bench.world.journal.wait_for(Duration::from_secs(5), begun);
        assert_eq!(waited.await, Some(()));
        span(&bench, "orders", 1, None);
        span(&bench, "payments", 2, Some(1));
    };
    let (attempt, ()) = tokio::join!(playing, spans);
    assert_passed(&attempt);
}

/// What the shop's telemetry records.
fn span(bench: &Bench, module: &str, id: u64, parent: Option<u64>) {
    let draft = ExchangeDraft {
        kind: ExchangeKind::Span,
        edge: Edge::new(module, module),
        operation: "work".to_owned(),
        started_at: bench.world.clock.now(),
        request: None,
        trace: Some(TraceContext {
            trace_id: TraceId(9),
            span_id: SpanId(id),
        }),
        parent_span: parent.map(SpanId),
        attributes: Attributes::new(),
    };
    let ending = Ending {
        outcome: Outcome::Answered,
        response: None,
        duration: Duration::from_millis(1),
        attributes: Attributes::new(),
    };
    bench.world.journal.record(draft, ending);
}

#[tokio::test]
async fn late_calls_of_an_earlier_scenario_are_not_ones_own() {
    let bench = Bench::new().await;
    let many = format!(
        "{SEND}\
  - http: POST /api/call/email
    headers: {{X-Background: 'yes'}}
    json: {{times: 40, payload: {{to: late}}}}
  - wait: call
    from: email
"
    );
    bench.passes(&many).await;
    let attempt = bench
        .play("scenario: Later\nid: later\nsteps:\n  - verify: email\n    count: 0\n    settle: 100ms\n")
        .await;
    assert_passed(&attempt);
    assert!(bench.world.journal.last_seq() > 2);
    assert!(attempt.exchanges.is_empty());
}
