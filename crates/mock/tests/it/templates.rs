//! Answers and requests that are made from the request.

use serde_json::{Value, json};
use test_case::test_case;

use crate::support::mock;

#[test_case("MUSTACHE", "{'statusCode': 201, 'body': '{{request.method}} {{request.path}} {{request.headers.X-A.0}}'}", 201, "POST /t/1 one"; "mustache")]
#[test_case("VELOCITY", "#set($n = $request.queryStringParameters.a[0])\n{'statusCode': 201, 'body': '$request.method #if($n == \"2\")two#end $!missing'}", 201, "POST two "; "velocity")]
#[test_case("JAVASCRIPT", "return {statusCode: 202, body: JSON.stringify({sum: Number(request.queryStringParameters.a[0]) + 1})};", 202, "{\"sum\":3}"; "javascript")]
#[test_case("JAVASCRIPT", "return {body: {path: request.path}};", 200, "{\n  \"path\" : \"/t/1\"\n}"; "an object becomes pretty JSON")]
#[test_case("MUSTACHE", "{'body': {'sum': 1.50}}", 200, "{\n  \"sum\" : 1.50\n}"; "decimals stay as they were written")]
#[test_case("MUSTACHE", "{'body': {{request.nothing}}}", 500, "the template gave no JSON object"; "a missing value")]
#[test_case("MUSTACHE", "not JSON {{request.path}}", 500, "the template gave no JSON object"; "no JSON")]
#[test_case("MUSTACHE", "{{#open}}", 500, "the template is not valid"; "no template")]
#[test_case("JAVASCRIPT", "return request.nothing.more;", 500, "the template failed"; "a failing script")]
#[test_case("JAVASCRIPT", "return 1 +;", 500, "the template is not valid"; "no script")]
#[test_case("MUSTACHE", "{\"statusCode\": \"many\"}", 500, "the template gave no usable response"; "an unusable response")]
#[tokio::test]
async fn a_template_makes_the_answer(engine: &str, template: &str, status: u16, body: &str) {
    let mock = mock().await;
    mock.expect(json!({"httpResponseTemplate": {"templateType": engine, "template": template}}));
    let request = mock
        .client
        .post(format!("{}/t/1?a=2", mock.server.url()))
        .header("X-A", "one");
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), status);
    let text = answer.text().await.expect("a body");
    assert!(text.starts_with(body), "{text}");
}

#[tokio::test]
async fn a_template_says_what_to_forward() {
    let (upstream, mock) = (mock().await, mock().await);
    upstream.expect(json!({"httpRequest": {"path": "/other/7"}, "httpResponse": {"body": "pong"}}));
    let port = upstream.server.port();
    let template = format!(
        "{{'path': '/other/{{{{request.pathParameters.id.0}}}}', 'headers': {{'Host': ['127.0.0.1:{port}']}}}}"
    );
    mock.expect(json!({
        "httpRequest": {"path": "/orders/{id}", "pathParameters": {"id": ["[0-9]+"]}},
        "httpForwardTemplate": {"templateType": "MUSTACHE", "template": template},
    }));
    assert_eq!(mock.get("/orders/7").await.text, "pong");
}

#[tokio::test]
async fn a_script_without_end_is_stopped_and_disturbs_nobody() {
    let mock = mock().await;
    mock.expect(json!({"httpRequest": {"path": "/loop"}, "httpResponseTemplate": {"templateType": "JAVASCRIPT", "template": "let a = []; while (true) { a.push('x'.repeat(1000)); }"}}));
    mock.expect_get("/x", "one");
    let (stopped, other) = tokio::join!(mock.get("/loop"), mock.get("/x"));
    assert_eq!((stopped.status, other.text.as_str()), (500, "one"));
    assert!(
        stopped.text.starts_with("the template "),
        "{}",
        stopped.text
    );
}

#[tokio::test]
async fn scripts_see_no_host() {
    let mock = mock().await;
    let script = "return {body: [typeof require, typeof process, typeof fetch, typeof std, typeof os, typeof Java].join()};";
    mock.expect(
        json!({"httpResponseTemplate": {"templateType": "JAVASCRIPT", "template": script}}),
    );
    assert_eq!(mock.get("/").await.text, ["undefined"; 6].join(","));
    let verified: Value = mock.retrieve("requests", "").await;
    assert_eq!(verified.as_array().map(Vec::len), Some(1));
}
