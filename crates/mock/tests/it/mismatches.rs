//! Why a request matched nothing: `debugMismatch`, `explainUnmatched`, and what the answer itself says.

use serde_json::{Value, json};
use styk_mock::{MockServer, Settings};

use crate::support::{Mock, mock, mock_from};

async fn with_expectations(mock: Mock) -> Mock {
    mock.expect(
        json!({"id": "e1", "httpRequest": {"method": "POST", "path": "/a"}, "httpResponse": {}}),
    );
    mock.expect(
        json!({"id": "e2", "httpRequest": {"method": "POST", "path": "/b",
        "headers": {"X": ["1"]}, "queryStringParameters": {"q": ["1"]}, "cookies": {"c": "1"},
        "body": {"a": 1}}, "httpResponse": {}}),
    );
    mock
}

async fn of(mock: &Mock, operation: &str, body: &str) -> Value {
    let answer = mock.put(operation, body.to_owned()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    serde_json::from_str(&answer.text).expect("JSON")
}

#[tokio::test]
async fn a_request_is_compared_with_every_expectation() {
    let mock = with_expectations(mock().await).await;
    let compared = of(&mock, "debugMismatch", r#"{"method":"GET","path":"/a"}"#).await;
    assert_eq!(compared["totalExpectations"], 2);
    assert_eq!(compared["evaluatedExpectations"], 2);
    assert_eq!(
        compared["closestMatch"],
        json!({"expectationId": "e1", "matchedFields": 17, "totalFields": 18})
    );
    assert_eq!(
        compared["results"][0],
        json!({"expectationId": "e1", "expectationPath": "/a", "expectationMethod": "POST",
            "matches": false, "matchedFieldCount": 17, "totalFieldCount": 18,
            "differences": {"method": ["  string or regex match failed expected:\n\n    POST\n\n   found:\n\n    GET\n"]}})
    );
    let differences = &compared["results"][1]["differences"];
    for field in [
        "method",
        "path",
        "headers",
        "queryParameters",
        "cookies",
        "body",
    ] {
        assert!(differences[field].is_array(), "{field}: {differences}");
    }
    assert_eq!(
        differences["cookies"],
        json!([
            "  map subset match failed expected:\n\n    {\n      \"c\" : \"1\"\n    }\n\n   found:\n\n    none\n\n   failed because:\n\n    none is not a subset\n"
        ])
    );
    let same = of(&mock, "debugMismatch", r#"{"method":"POST","path":"/a"}"#).await;
    assert_eq!(same["results"][0]["matches"], true);
    assert!(same["results"][0].get("differences").is_none(), "{same}");
}

#[tokio::test]
async fn a_malformed_request_to_compare_is_refused_as_json() {
    let mock = mock().await;
    let answer = mock.put("debugMismatch", "[]").await;
    assert_eq!(answer.status, 400);
    let refused: Value = serde_json::from_str(&answer.text).expect("JSON");
    let error = refused["error"].as_str().expect("a text");
    let start = "failed to debug request mismatch: incorrect request matcher json format for:\n\n  []\n\n schema validation errors:\n\n  1 error:\n   - $: array found, object expected\n";
    assert!(error.starts_with(start), "{error}");
    assert!(refused["correlationId"].is_string());
}

#[tokio::test]
async fn unmatched_requests_are_explained_newest_first() {
    let mock = with_expectations(mock().await).await;
    for path in ["/first", "/a", "/last"] {
        mock.get(path).await;
    }
    mock.send("POST", "/a", "").await;
    let explained = of(&mock, "explainUnmatched", "").await;
    assert_eq!(explained["unmatchedRequestCount"], 3);
    assert_eq!(explained["truncated"], false);
    let requests = &explained["unmatchedRequests"];
    assert_eq!(requests[0]["path"], "/last");
    assert_eq!(requests[1]["totalExpectationsEvaluated"], 2);
    assert_eq!(
        requests[1]["closestExpectations"][0],
        json!({"expectationId": "e1", "expectationPath": "/a", "expectationMethod": "POST",
            "matches": false, "matchedFieldCount": 17, "totalFieldCount": 18, "differingFieldCount": 1,
            "differences": {"method": ["  string or regex match failed expected:\n\n    POST\n\n   found:\n\n    GET\n"]},
            "remediation": {"method": "check the HTTP method (expected POST)"}})
    );
    let one = of(&mock, "explainUnmatched", r#"{"limit":1}"#).await;
    assert_eq!(one["unmatchedRequestCount"], 1);
    let lenient = of(&mock, "explainUnmatched", "nope").await;
    assert_eq!(lenient["unmatchedRequestCount"], 3);
}

const HINT: &str = "\r\nx-mockserver-closest-match-hint: expectation e1: method did not match (  string or regex match failed expected:     POST    found:     GET )\r\n";

#[tokio::test]
async fn the_answer_says_which_expectation_came_closest() {
    let mock = with_expectations(mock().await).await;
    let request = "GET /a HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let answer = mock.raw(request).await;
    assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"), "{answer}");
    assert!(answer.contains(HINT), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "no body: {answer}");
    let pairs = mock.retrieve("request_responses", "").await;
    assert_eq!(
        pairs[0]["httpResponse"],
        json!({"statusCode": 404, "reasonPhrase": "Not Found"})
    );
    mock.put("configuration", r#"{"closestMatchHintEnabled":false}"#)
        .await;
    assert!(!mock.raw(request).await.contains("closest-match"));
    mock.put("reset", "").await;
}

#[tokio::test]
async fn the_answer_holds_the_differences_when_they_are_wanted() {
    let mut settings = Settings::default();
    settings.attach_mismatch_diagnostic_to_response = true;
    let builder = MockServer::builder("payment").settings(settings);
    let mock = with_expectations(mock_from(builder).await).await;
    let answer = mock.get("/a").await;
    assert_eq!(
        answer.content_type.as_deref(),
        Some("application/json; charset=utf-8")
    );
    assert_eq!(
        answer.text,
        "{\n  \"matchedFieldCount\" : 17,\n  \"totalFieldCount\" : 18,\n  \"differences\" : {\n    \"method\" : [ \"  string or regex match failed expected:      POST     found:      GET \" ]\n  }\n}"
    );
}
