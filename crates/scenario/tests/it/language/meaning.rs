//! What good files mean.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use styk_core::Diagnostic;
use styk_scenario::{
    Body, CheckKind, ExchangePart, LoadOptions, Loaded, Loop, Origin, Scenario, Session,
    SourceFile, StatusCheck, StatusRange, Step, TimeBound, Verb, VerifySubject, WaitSubject, load,
};

fn load_text(text: &str) -> Loaded {
    let file = SourceFile {
        name: "orders/a.styk.yaml".to_owned(),
        path: "orders/a.styk.yaml".into(),
        text: text.to_owned(),
    };
    load(&[file], &LoadOptions::default())
}

fn scenarios(text: &str) -> Vec<Arc<Scenario>> {
    let loaded = load_text(text);
    let messages: Vec<String> = loaded.diagnostics.iter().map(Diagnostic::render).collect();
    assert_eq!(messages.join("\n"), "");
    loaded.scenarios
}

/// The steps of a scenario that is nothing but these.
fn steps(text: &str) -> Arc<Scenario> {
    let indented = text.replace('\n', "\n  ");
    let document = format!("scenario: Steps\nvars: {{x: 1, list: [1]}}\nsteps:\n  {indented}\n");
    scenarios(&document).remove(0)
}

fn only(scenario: &Scenario) -> &Step {
    let [step] = scenario.steps.as_slice() else {
        panic!("{} steps", scenario.steps.len());
    };
    step
}

fn constant(template: &styk_scenario::ValueTemplate) -> Value {
    template.as_constant().expect("nothing to replace").clone()
}

#[test]
fn ids_come_from_the_file_and_rows_make_cases() {
    let text = "\
scenario: First
table:
  - {case: little, amount: 1}
  - {amount: 2}
steps: [{http: GET /x}]
---
scenario: Second
steps: [{http: GET /x}]
---
scenario: Third
id: my/own
tags: [smoke]
steps: [{http: GET /x}]
";
    let scenarios = scenarios(text);
    let ids: Vec<&str> = scenarios
        .iter()
        .map(|scenario| scenario.id.as_str())
        .collect();
    assert_eq!(ids, ["orders/a", "orders/a:2", "my/own"]);
    let cases = scenarios[0].cases();
    let named: Vec<(&str, &str)> = cases
        .iter()
        .map(|case| (case.id.as_str(), case.title.as_str()))
        .collect();
    assert_eq!(
        named,
        [
            ("orders/a#1", "First (little)"),
            ("orders/a#2", "First (row 2)")
        ]
    );
    let row = cases[1].row().expect("a row");
    assert_eq!(constant(&row.value), json!({"amount": 2}));
    let third = &scenarios[2].cases()[0];
    let summary = third.summary("flows");
    assert_eq!(
        (summary.id.as_str(), summary.file.as_str()),
        ("my/own", "orders/a.styk.yaml")
    );
    assert_eq!(
        (summary.category.as_str(), summary.tags),
        ("flows", vec!["smoke".to_owned()])
    );
    assert!(third.row().is_none());
}

#[test]
fn the_head_of_a_scenario_is_read() {
    let text = "\
scenario: All of it
description: >
  A long
  text.
owner: payments
issue: SHOP-17
edges: [orders>payments, payments -> notifications]
timeout: 30s
step_timeout: 1500ms
retries: 2
exclusive: clock
skip: {reason: broken, until: 2026-12-31, when: \"${env.REGION == 'eu'}\"}
secrets: password
vars: {password: x}
use: [{buyer: {role: admin}, as: alice}]
steps: [{http: GET /x}]
finally: [{http: DELETE /x}]
---
fixtures:
  buyer:
    scope: worker
    args: {role: , email: a@shop.test}
    steps: [{http: POST /login, json: [$role, $email], session: cookies, capture: {id: $.id}}]
    outputs: {id: $id}
    teardown: [{http: 'DELETE /users/${id}'}]
";
    let scenario = scenarios(text).remove(0);
    assert_eq!(scenario.description.as_deref(), Some("A long text.\n"));
    assert_eq!(scenario.edges[1].to_string(), "payments → notifications");
    assert_eq!(scenario.timeout, Some(Duration::from_secs(30)));
    assert_eq!(scenario.step_timeout, Some(Duration::from_millis(1500)));
    assert_eq!(
        (scenario.retries, scenario.exclusive.as_slice()),
        (Some(2), ["clock".to_owned()].as_slice())
    );
    let skip = scenario.skip.as_ref().expect("skip");
    assert_eq!(skip.until, Some(jiff::civil::date(2026, 12, 31)));
    assert!(skip.when.is_some());
    assert_eq!(
        (
            scenario.uses[0].fixture.as_str(),
            scenario.uses[0].alias.as_str()
        ),
        ("buyer", "alice")
    );
    assert_eq!(constant(&scenario.uses[0].with[0].value), json!("admin"));
    let buyer = &scenario.fixtures["buyer"];
    let defaults: Vec<(&str, bool)> = buyer
        .args
        .iter()
        .map(|argument| (argument.name.as_str(), argument.default.is_some()))
        .collect();
    assert_eq!(defaults, [("role", false), ("email", true)]);
    assert_eq!(
        (buyer.steps.len(), buyer.teardown.len(), buyer.outputs.len()),
        (1, 1, 1)
    );
}

#[test]
fn a_request_is_read_with_everything() {
    let scenario = steps(
        "\
- http: POST /orders/${x}
  by: alice
  headers: {Idempotency-Key: k}
  query: {page: 2}
  form: {a: 1}
  session: {basic: {user: u, password: p}}
  follow: true
  expect: {status: [2xx, 409], time: {gt: 1ms, lte: 1s}, $.a: 1, header.Location: /y, cookie.sid: {exists: true}}
  poll: {for: 5s, every: 50ms, backoff: 2, max_every: 1s}
  abort_if: {$.status: failed}
  capture: {order: $.id, place: header.Location, code: {from: text, matches: 'c=(\\d+)'}}
  collect: {times: time}
  when: ${x == 1}
  soft: true",
    );
    let step = only(&scenario);
    assert_eq!(step.span.text(), "http: POST /orders/${x}");
    let Verb::Http(call) = &step.verb else {
        panic!("{step:?}")
    };
    assert_eq!(constant(&call.method), json!("POST"));
    assert_eq!(call.target.span().text(), "/orders/${x}");
    assert_eq!((call.actor.as_deref(), call.follow), (Some("alice"), true));
    assert!(matches!(&call.body, Some(Body::Form(fields)) if fields[0].name == "a"));
    assert!(matches!(&call.session, Some(Session::Basic { .. })));
    let checks = &step.expect.as_ref().expect("expect").checks;
    let CheckKind::Status(StatusCheck::OneOf(ranges)) = &checks[0].kind else {
        panic!()
    };
    assert_eq!(ranges, &[StatusRange::Class(2), StatusRange::Code(409)]);
    let CheckKind::Time(bounds) = &checks[1].kind else {
        panic!()
    };
    let expected = [
        TimeBound::Above(Duration::from_millis(1)),
        TimeBound::AtMost(Duration::from_secs(1)),
    ];
    assert_eq!(bounds, &expected);
    assert!(matches!(&checks[3].kind, CheckKind::Header { name, .. } if name == "location"));
    let poll = step.poll.expect("poll");
    assert_eq!(
        (poll.limit, poll.every),
        (Duration::from_secs(5), Duration::from_millis(50))
    );
    assert_eq!(
        (poll.backoff, poll.max_every),
        (2.0, Duration::from_secs(1))
    );
    assert!(matches!(&step.capture[1].extract.origin, Origin::Header(name) if name == "location"));
    assert!(step.capture[2].extract.matches.is_some());
    assert!(step.soft && step.when.is_some() && step.abort_if.is_some());
}

#[test]
fn a_bare_status_and_a_bare_poll_are_short_forms() {
    let scenario = steps("- http: GET /x\n  expect: 201\n  poll: 2s");
    let step = only(&scenario);
    let check = &step.expect.as_ref().expect("expect").checks[0];
    assert!(
        matches!(&check.kind, CheckKind::Status(StatusCheck::OneOf(ranges)) if ranges == &[StatusRange::Code(201)])
    );
    let poll = step.poll.expect("poll");
    assert_eq!(
        (poll.limit, poll.every),
        (Duration::from_secs(2), Duration::from_millis(20))
    );
}

#[test]
fn a_status_may_be_computed() {
    let scenario =
        steps("- http: GET /x\n  expect: {status: [200, $x]}\n- http: GET /x\n  expect: $x");
    for step in &scenario.steps {
        let check = &step.expect.as_ref().expect("expect").checks[0];
        assert!(
            matches!(&check.kind, CheckKind::Status(StatusCheck::Matches(_))),
            "{check:?}"
        );
    }
}

#[test]
fn loops_groups_and_parallels_nest() {
    let scenario = steps(
        "\
- each: {good: $list}
  http: GET /x/${good}/${index}
- repeat: 3
  steps:
    - each: {inner: [1, 2]}
      steps: [{log: \"${inner} ${item} ${index}\"}]
- when: ${x == 1}
  steps: [{log: yes}]
- group: A phase
  steps: [{log: in it}]
- parallel: {times: 2, steps: [{http: GET /x, capture: {answers: status}}]}
- check: $answers
  is: {unordered: [200, 200]}",
    );
    let kinds: Vec<&str> = scenario
        .steps
        .iter()
        .map(|step| match (&step.verb, &step.repeat) {
            (Verb::Http(_), Some(Loop::Each { name, .. })) if name == "good" => "each",
            (Verb::Block(_), Some(Loop::Times(3))) => "repeat",
            (Verb::Block(_), None) => "when",
            (Verb::Group { .. }, None) => "group",
            (Verb::Parallel(parallel), None) if parallel.times == Some(2) => "parallel",
            (Verb::Check(_), None) => "check",
            _ => "?",
        })
        .collect();
    assert_eq!(
        kinds,
        ["each", "repeat", "when", "group", "parallel", "check"]
    );
}

#[test]
fn a_mock_becomes_a_mock_server_expectation() {
    let scenario = steps(
        "\
- mock: shipping
  request:
    method: POST
    path: /v2/orders
    query: {page: 2, tag: [a, b]}
    headers: {X-Key: k}
    body: {$.type: 1, $.to.city: Moscow, $.to.zip: \"101000\", urgent: true}
  reply: {status: 202, headers: {X-A: 1}, json: {id: 7}, delay: 50ms}
  times: 1
- mock: shipping
  request: {body: {matches: 'a.*'}}
  reply: {drop: true, delay: 1s}
- mock: shipping
  request: {body: {exact: {a: 1}}}
  reply: {text: hello}
- mock: shipping
  httpRequest: {path: /raw, not: true}
  reply: {status: 204}
- mock: shipping
  request: {body: {contains: ab}}
  reply: {status: 503}",
    );
    let expectations: Vec<Value> = scenario
        .steps
        .iter()
        .map(|step| match &step.verb {
            Verb::Mock(mock) => constant(&mock.expectation),
            _ => Value::Null,
        })
        .collect();
    let expected = json!([
        {
            "httpRequest": {
                "method": "POST", "path": "/v2/orders",
                "queryStringParameters": {"page": ["2"], "tag": ["a", "b"]},
                "headers": {"X-Key": ["k"]},
                "body": {
                    "type": "JSON",
                    "json": {"type": 1, "to": {"city": "Moscow", "zip": "101000"}, "urgent": true},
                    "matchType": "ONLY_MATCHING_FIELDS",
                },
            },
            "httpResponse": {
                "statusCode": 202, "headers": {"X-A": ["1"]},
                "body": {"type": "JSON", "json": {"id": 7}},
                "delay": {"timeUnit": "MILLISECONDS", "value": 50},
            },
            "times": {"remainingTimes": 1, "unlimited": false},
        },
        {
            "httpRequest": {"body": {"type": "REGEX", "regex": "a.*"}},
            "httpError": {"dropConnection": true, "delay": {"timeUnit": "MILLISECONDS", "value": 1000}},
        },
        {
            "httpRequest": {"body": {"type": "JSON", "json": {"a": 1}, "matchType": "STRICT"}},
            "httpResponse": {"statusCode": 200, "body": {"type": "STRING", "string": "hello"}},
        },
        {"httpRequest": {"path": "/raw", "not": true}, "httpResponse": {"statusCode": 204}},
        {
            "httpRequest": {"body": {"type": "STRING", "string": "ab", "subString": true}},
            "httpResponse": {"statusCode": 503},
        },
    ]);
    assert_eq!(json!(expectations), expected);
}

#[test]
fn verify_and_wait_know_their_subjects_and_conditions() {
    let scenario = steps(
        "\
- verify: email
  where: {method: POST, header.X-Key: k, query.page: \"1\", to: a, $.a.b: 2, status: 202}
  count: 1
  settle: 100ms
- verify: orders -> stripe
- verify: no_duplicate_calls
- wait: call
  from: email
  for: 8s
  capture:
    letter: $[0].body.text
- wait: queue_idle",
    );
    let Verb::Verify(verify) = &scenario.steps[0].verb else {
        panic!()
    };
    assert_eq!(verify.subject, VerifySubject::Mock("email".to_owned()));
    assert_eq!(verify.settle, Some(Duration::from_millis(100)));
    let parts: Vec<String> = verify
        .conditions
        .iter()
        .map(|condition| match &condition.part {
            ExchangePart::Method => "method".to_owned(),
            ExchangePart::Status => "status".to_owned(),
            ExchangePart::Header(name) => format!("header {name}"),
            ExchangePart::Query(name) => format!("query {name}"),
            ExchangePart::Body(path) => path.text().to_owned(),
            ExchangePart::Path | ExchangePart::Text => "?".to_owned(),
        })
        .collect();
    assert_eq!(
        parts,
        [
            "method",
            "header x-key",
            "query page",
            "$.to",
            "$.a.b",
            "status"
        ]
    );
    let Verb::Verify(edge) = &scenario.steps[1].verb else {
        panic!()
    };
    assert!(matches!(&edge.subject, VerifySubject::Edge(edge) if edge.to() == "stripe"));
    let Verb::Verify(rule) = &scenario.steps[2].verb else {
        panic!()
    };
    assert_eq!(rule.subject, VerifySubject::NoDuplicateCalls);
    let Verb::Wait(wait) = &scenario.steps[3].verb else {
        panic!()
    };
    assert!(
        matches!(&wait.subject, WaitSubject::Call(VerifySubject::Mock(mock)) if mock == "email")
    );
    assert_eq!(wait.limit, Some(Duration::from_secs(8)));
    let Verb::Wait(idle) = &scenario.steps[4].verb else {
        panic!()
    };
    assert!(matches!(idle.subject, WaitSubject::QueueIdle));
}

#[test]
fn a_table_may_come_from_a_csv_file_beside_the_scenario() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(
        folder.path().join("rows.csv"),
        "case,amount\n\"a, b\",5\nc,0123\n",
    )
    .expect("written");
    let path = camino::Utf8PathBuf::try_from(folder.path().join("a.styk.yaml")).expect("UTF-8");
    let file = SourceFile {
        name: "a.styk.yaml".to_owned(),
        path,
        text: "scenario: Rows\ntable: rows.csv\nsteps: [{check: $row.amount}]\n".to_owned(),
    };
    let loaded = load(&[file], &LoadOptions::default());
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    let cases = loaded.scenarios[0].cases();
    let rows: Vec<Value> = cases
        .iter()
        .map(|case| constant(&case.row().expect("a row").value))
        .collect();
    assert_eq!(
        json!(rows),
        json!([{"case": "a, b", "amount": 5}, {"case": "c", "amount": "0123"}])
    );
    assert_eq!(cases[0].title, "Rows (a, b)");
}

#[test]
fn files_share_their_fixtures_and_a_broken_scenario_does_not_take_the_others_along() {
    let file = |name: &str, text: &str| SourceFile {
        name: name.to_owned(),
        path: name.into(),
        text: text.to_owned(),
    };
    let files = [
        file(
            "b.styk.yaml",
            "scenario: Bad\nsteps: [{htpp: GET /x, capture: {a: $.a}}, {use: buyer}, {log: $a}]\n",
        ),
        file("a.styk.yaml", "scenario: Good\nsteps: [{use: buyer}]\n"),
        file(
            "f.styk.yaml",
            "fixtures: {buyer: {steps: [{http: GET /x}]}}\n",
        ),
        file(
            "f.styk.yaml",
            "fixtures: {buyer: {steps: [{http: GET /x}]}}\n",
        ),
    ];
    let loaded = load(&files, &LoadOptions::default());
    assert!(loaded.has_errors());
    // The name that the broken step would bind is not called unknown.
    let codes: Vec<&str> = loaded
        .diagnostics
        .iter()
        .map(|diagnostic| diagnostic.code.as_str())
        .collect();
    assert_eq!(codes, ["E0204"]);
    let titles: Vec<&str> = loaded
        .scenarios
        .iter()
        .map(|scenario| scenario.title.as_str())
        .collect();
    assert_eq!(titles, ["Good"]);
}

#[test]
fn messages_come_sorted_by_file_and_place() {
    let file = |name: &str, text: &str| SourceFile {
        name: name.to_owned(),
        path: name.into(),
        text: text.to_owned(),
    };
    let files = [
        file("b.styk.yaml", "scenario: B\nsteps: [{log: $a}]\n"),
        file(
            "a.styk.yaml",
            "scenario: A\nsteps:\n  - use: nobody\n    with: {a: $b}\nretries: 9\n",
        ),
    ];
    let loaded = load(&files, &LoadOptions::default());
    let places: Vec<(String, u32)> = loaded
        .diagnostics
        .iter()
        .filter_map(|diagnostic| diagnostic.location.as_ref())
        .map(|location| (location.file.clone(), location.line))
        .collect();
    let expected = [("a", 3), ("a", 4), ("a", 5), ("b", 2)];
    let expected: Vec<(String, u32)> = expected
        .iter()
        .map(|(file, line)| (format!("{file}.styk.yaml"), *line))
        .collect();
    assert_eq!(places, expected);
}
