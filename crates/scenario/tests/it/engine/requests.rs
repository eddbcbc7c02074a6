//! Requests as they leave: bodies, headers, sessions, cookies, redirects, correlation.

use serde_json::{Value, json};
use styk_core::{ExchangeKind, TraceContext};

use super::bench::Bench;

#[tokio::test]
async fn bodies_are_sent_as_they_are_declared() {
    let bench = Bench::new().await;
    bench
        .passes(
            "\
  - http: POST /echo?a=1
    query: {b: [2, 3], c: null, d: ä}
    headers: {X-One: 1}
    json: {name: Mug, price: 9.5}
    expect:
      $.body: '{\"name\":\"Mug\",\"price\":9.5}'
      $.query: a=1&b=2&b=3&d=%C3%A4
      $.headers['content-type']: application/json
      $.headers['x-one']: '1'
  - http: POST /echo
    form: {a: x y, b: [1, 2]}
    expect: {$.body: a=x+y&b=1&b=2}
  - http: POST /echo
    text: hello
    expect: {$.body: hello}
  - http: POST /echo
    multipart: {title: Mug}
    expect:
      $.body: {matches: 'name=\"title\"\\r\\n\\r\\nMug\\r\\n--styk-'}
      $.headers['content-type']: {starts_with: multipart/form-data; boundary=styk-}
  - http: {method: DELETE, path: /echo}
    expect: {$.method: DELETE, $.body: ''}
",
        )
        .await;
}

#[tokio::test]
async fn answers_are_json_when_their_text_is() {
    let bench = Bench::new().await;
    bench
        .passes(
            "\
  - http: GET /json-as-text
    expect: {$.id: 17, body: {exact: {id: 17}}}
  - http: GET /text
    expect: {text: {contains: no. 17}}
    capture: {number: {from: text, matches: 'no\\. (\\d+)'}}
  - check: $number
    is: '17'
",
        )
        .await;
}

#[tokio::test]
async fn cookies_stay_with_their_actor() {
    let bench = Bench::new().await;
    bench
        .passes(
            "\
  - http: POST /api/auth/register
    json: {email: a@shop.test}
    expect: {status: 201, cookie.sid: {starts_with: token-}}
    capture: {sid: cookie.sid}
  - http: GET /api/me
    expect: {$.email: a@shop.test}
  - by: anonymous
    http: GET /api/me
    expect: 401
",
        )
        .await;
}

#[tokio::test]
async fn a_session_replaces_the_one_before_and_headers_of_the_step_win() {
    let bench = Bench::new().await;
    bench
        .passes(
            "\
  - http: GET /text
    session: {basic: {user: ann, password: pass}}
  - http: GET /echo
    expect: {$.headers.authorization: Basic YW5uOnBhc3M=}
  - http: GET /text
    session: {headers: {X-Key: k1}}
  - http: GET /echo
    expect: {$.headers.authorization: {exists: false}, \"$.headers['x-key']\": k1}
  - http: GET /echo
    headers: {X-Key: k2}
    expect: {\"$.headers['x-key']\": k2}
",
        )
        .await;
}

#[tokio::test]
async fn redirects_are_followed_only_if_asked_and_each_hop_is_recorded() {
    let bench = Bench::new().await;
    let attempt = bench
        .passes(
            "\
  - http: POST /redirect
    expect: {status: 303, header.location: /echo?from=redirect}
  - http: POST /redirect
    json: {a: 1}
    follow: true
    expect: {$.method: GET, $.query: from=redirect, $.body: ''}
",
        )
        .await;
    let operations: Vec<&str> = attempt.exchanges.iter().map(|x| x.operation()).collect();
    assert_eq!(
        operations,
        ["POST /redirect", "POST /redirect", "GET /echo"]
    );
}

#[tokio::test]
async fn every_request_carries_the_trace_and_is_recorded() {
    let bench = Bench::new().await;
    let attempt = bench
        .passes("  - http: GET /echo\n    capture: {headers: $.headers}\n  - http: GET /echo\n")
        .await;
    let [first, second] = attempt.exchanges.as_slice() else {
        panic!("two exchanges");
    };
    assert_eq!(first.kind(), ExchangeKind::Http);
    assert_eq!(first.edge().to_string(), "test → shop");
    assert_eq!(first.attribute("actor"), Some("test"));
    assert_eq!(second.attribute("step"), Some("1"));
    let response = first.response().expect("answered");
    let body: Value = serde_json::from_slice(&response.body).expect("JSON");
    let header = body["headers"]["traceparent"].as_str().expect("sent");
    assert_eq!(TraceContext::parse(header), first.trace());
    assert_eq!(first.trace_id(), attempt.trace_id);
    assert_eq!(second.trace_id(), attempt.trace_id);
    assert_ne!(first.trace(), second.trace());
    let baggage = json!("styk.scenario=a,styk.attempt=1");
    assert_eq!(body["headers"]["baggage"], baggage);
}

#[tokio::test]
async fn another_address_of_the_stage_is_named_in_the_journal() {
    let bench = Bench::new().await;
    let attempt = bench
        .passes("  - http: GET ${stage.payment.url}/nothing\n    expect: 404\n")
        .await;
    let edges: Vec<String> = attempt
        .exchanges
        .iter()
        .map(|x| x.edge().to_string())
        .collect();
    assert_eq!(edges[0], "test → payment");
}
