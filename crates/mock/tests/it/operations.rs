//! Operations of later versions: readiness, configuration, time, scenarios, modes, resources.

use serde_json::{Value, json};
use styk_mock::{MockServer, Settings};
use test_case::test_case;

use crate::support::{Mock, mock, mock_from};

fn with_settings(set: impl FnOnce(&mut Settings)) -> Settings {
    let mut settings = Settings::default();
    set(&mut settings);
    settings
}

async fn mock_with_settings(set: impl FnOnce(&mut Settings)) -> Mock {
    let builder = MockServer::builder("payment").settings(with_settings(set));
    mock_from(builder).await
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[tokio::test]
async fn a_server_that_answers_is_ready() {
    let mock = mock().await;
    for path in ["/mockserver/ready", "/ready"] {
        let answer = mock.get(path).await;
        assert_eq!(
            (answer.status, &*answer.text),
            (200, r#"{"status":"READY"}"#)
        );
    }
}

#[tokio::test]
async fn a_path_for_liveness_can_be_set_at_any_time() {
    let mock = mock_with_settings(|settings| {
        "/live".clone_into(&mut settings.liveness_http_get_path);
    })
    .await;
    assert!(mock.get("/live").await.text.contains("mockserver-core"));
    let changed = mock
        .put("configuration", r#"{"livenessHttpGetPath":"/alive"}"#)
        .await;
    assert_eq!(changed.status, 200);
    assert_eq!(mock.get("/live").await.status, 404);
    assert!(mock.get("/alive").await.text.contains("mockserver-core"));
}

#[test_case("", 400, "argument \"content\" is null")]
#[test_case("nope", 400, "Invalid configuration JSON")]
#[test_case("[]", 400, "Invalid configuration JSON")]
#[test_case(r#"{"maxExpectations":"x"}"#, 400, "Invalid configuration JSON")]
#[tokio::test]
async fn a_malformed_configuration_is_refused(body: &'static str, status: u16, text: &'static str) {
    let mock = mock().await;
    let answer = mock.put("configuration", body).await;
    assert_eq!((answer.status, &*answer.text), (status, text));
}

#[tokio::test]
async fn the_configuration_is_shown_and_changed() {
    let mock = mock().await;
    let before = json_of(&mock.get("/mockserver/configuration").await.text);
    assert_eq!(before["maxExpectations"], 15_000);
    let body = r#"{"maximumNumberOfRequestToReturnInVerificationFailure":1}"#;
    let after = mock.put("configuration", body).await;
    assert_eq!(
        json_of(&after.text)["maximumNumberOfRequestToReturnInVerificationFailure"],
        1
    );
    mock.get("/a").await;
    let refused = mock.put("verify", r#"{"httpRequest":{"path":"/b"}}"#).await;
    assert!(
        refused
            .text
            .contains("found 0 times among 1 total requests"),
        "{}",
        refused.text
    );
    let origins = json_of(&mock.get("/mockserver/config").await.text);
    assert!(origins[0]["source"].is_string(), "{origins}");
}

#[tokio::test]
async fn headers_of_all_answers_are_those_that_are_set() {
    let mock = mock_with_settings(|settings| {
        "5.15.0".clone_into(&mut settings.version_header);
        "X-A=1|content-type=x".clone_into(&mut settings.default_response_headers);
    })
    .await;
    let answer = mock
        .raw("PUT /mockserver/status HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await;
    assert!(answer.contains("\r\nversion: 5.15.0\r\n"), "{answer}");
    assert!(answer.contains("\r\nX-A: 1\r\n"), "{answer}");
    assert!(
        answer.contains("\r\ncontent-type: application/json; charset=utf-8\r\n"),
        "{answer}"
    );
    assert!(!answer.contains("content-type: x"), "{answer}");
}

#[test_case("", "request body is required with 'action' field")]
#[test_case(
    "{}",
    "'action' field is required, must be one of: freeze, advance, reset"
)]
#[test_case(
    r#"{"action":"foo"}"#,
    "unknown action 'foo', must be one of: freeze, advance, reset"
)]
#[test_case(
    r#"{"action":"advance"}"#,
    "'durationMillis' must be a positive number"
)]
#[test_case(
    r#"{"action":"advance","durationMillis":-5}"#,
    "'durationMillis' must be a positive number"
)]
#[test_case(
    r#"{"action":"freeze","instant":"x"}"#,
    "invalid 'instant' value, must be ISO-8601 format (e.g. 2024-01-01T00:00:00Z)"
)]
#[tokio::test]
async fn a_malformed_time_is_refused(body: &'static str, error: &'static str) {
    let mock = mock().await;
    let answer = mock.put("clock", body).await;
    assert_eq!(answer.status, 400);
    assert_eq!(json_of(&answer.text), json!({ "error": error }));
}

#[tokio::test]
async fn the_clock_is_stopped_moved_and_released() {
    let mock = mock().await;
    let frozen = mock
        .put(
            "clock",
            r#"{"action":"freeze","instant":"2020-01-01T00:00:00Z"}"#,
        )
        .await;
    assert_eq!(
        json_of(&frozen.text),
        json!({"status": "freeze", "currentInstant": "2020-01-01T00:00:00Z", "currentEpochMillis": 1_577_836_800_000_i64})
    );
    let moved = mock
        .put("clock", r#"{"action":"advance","durationMillis":1500}"#)
        .await;
    assert_eq!(
        json_of(&moved.text)["currentInstant"],
        "2020-01-01T00:00:01.500Z"
    );
    let shown = json_of(&mock.get("/mockserver/clock").await.text);
    assert_eq!(shown["frozen"], true);
    mock.put("clock", r#"{"action":"reset"}"#).await;
    let shown = json_of(&mock.get("/mockserver/clock").await.text);
    assert_eq!(shown["frozen"], false);
}

#[tokio::test]
async fn times_to_live_scenarios_and_templates_follow_the_clock() {
    let mock = mock().await;
    mock.put(
        "clock",
        r#"{"action":"freeze","instant":"2020-01-01T00:00:00Z"}"#,
    )
    .await;
    mock.expect(
        json!({"httpRequest": {"path": "/short"}, "httpResponse": {},
        "timeToLive": {"timeUnit": "SECONDS", "timeToLive": 60}}),
    );
    mock.expect(
        json!({"httpRequest": {"path": "/now"}, "httpResponseTemplate":
        {"templateType": "VELOCITY", "template": "{\"body\": \"$!now_epoch\"}"}}),
    );
    let body = r#"{"state":"open","transitionAfterMs":60000,"nextState":"shut"}"#;
    let set = mock.put("scenario/door", body).await;
    assert_eq!(
        json_of(&set.text),
        json!({"scenarioName": "door", "currentState": "open", "nextState": "shut", "transitionAfterMs": 60_000})
    );
    assert_eq!(mock.get("/short").await.status, 200);
    assert_eq!(mock.get("/now").await.text, "1577836800");
    mock.put("clock", r#"{"action":"advance","durationMillis":60000}"#)
        .await;
    assert_eq!(mock.get("/short").await.status, 404);
    assert_eq!(mock.get("/now").await.text, "1577836860");
    let state = json_of(&mock.get("/mockserver/scenario/door").await.text);
    assert_eq!(state["currentState"], "shut");
}

#[tokio::test]
async fn scenarios_are_set_triggered_listed_and_reset() {
    let mock = mock().await;
    mock.expect(
        json!({"httpRequest": {"path": "/a"}, "httpResponse": {"body": "paid"},
        "scenarioName": "order", "scenarioState": "paid"}),
    );
    assert_eq!(mock.get("/a").await.status, 404);
    let set = mock
        .put("scenario/order/trigger", r#"{"newState":"paid"}"#)
        .await;
    assert_eq!(
        json_of(&set.text),
        json!({"scenarioName": "order", "currentState": "paid"})
    );
    assert_eq!(mock.get("/a").await.text, "paid");
    let all = json_of(&mock.get("/mockserver/scenario").await.text);
    assert_eq!(
        all,
        json!({"scenarios": [{"scenarioName": "order", "currentState": "paid"}]})
    );
    mock.put("reset", "").await;
    let state = json_of(&mock.get("/mockserver/scenario/order").await.text);
    assert_eq!(state["currentState"], "Started");
}

#[test_case("scenario/a", "", "request body is required with 'state' field")]
#[test_case("scenario/a", "{}", "'state' field is required")]
#[test_case("scenario/a", r#"{"state":""}"#, "'state' field is required")]
#[test_case("scenario/a/trigger", "{}", "'newState' field is required")]
#[test_case(
    "scenario/",
    r#"{"state":"A"}"#,
    "scenario name is required in the path"
)]
#[tokio::test]
async fn a_malformed_scenario_is_refused(
    path: &'static str,
    body: &'static str,
    error: &'static str,
) {
    let mock = mock().await;
    let answer = mock.put(path, body).await;
    assert_eq!(answer.status, 400);
    assert_eq!(json_of(&answer.text), json!({ "error": error }));
}

#[tokio::test]
async fn the_mode_is_shown_and_changed() {
    let mock = mock().await;
    let mode = async || mock.get("/mockserver/mode").await.text;
    assert_eq!(
        mode().await,
        r#"{"mode":"SIMULATE","proxyUnmatchedRequests":false}"#
    );
    let set = mock.put("mode?mode=capture", "").await;
    assert_eq!(
        set.text,
        r#"{"mode":"CAPTURE","proxyUnmatchedRequests":true}"#
    );
    assert_eq!(mode().await, set.text);
    let unknown = mock.put("mode?mode=foo", "").await;
    assert_eq!(unknown.status, 400);
    assert_eq!(
        unknown.text,
        "unknown mode 'foo' (expected one of SIMULATE, SPY, CAPTURE)"
    );
    let missing = mock.put("mode", "").await;
    assert_eq!(
        missing.text,
        "mode is required (one of SIMULATE, SPY, CAPTURE)"
    );
}

#[tokio::test]
async fn a_resource_answers_before_expectations_and_is_recorded() {
    let mock = mock().await;
    mock.expect(json!({"httpRequest": {"path": "/users"}, "httpResponse": {"body": "mocked"}}));
    let made = mock
        .put(
            "crud",
            r#"{"basePath":"/users","initialData":[{"id":5,"n":"a"}]}"#,
        )
        .await;
    assert_eq!(made.status, 201);
    assert_eq!(
        json_of(&made.text),
        json!({"basePath": "/users", "idField": "id", "idStrategy": "AUTO_INCREMENT", "itemCount": 1})
    );
    assert_eq!(
        mock.send("POST", "/users", r#"{"n":"b"}"#).await.text,
        r#"{"n":"b","id":6}"#
    );
    assert_eq!(mock.get("/users/6").await.text, r#"{"n":"b","id":6}"#);
    assert_eq!(mock.send("DELETE", "/users", "").await.text, "mocked");
    let verified = mock
        .put("verify", r#"{"httpResponse":{"statusCode":201}}"#)
        .await;
    assert_eq!(verified.status, 202, "{}", verified.text);
    mock.put("reset", "").await;
    assert_eq!(mock.get("/users").await.status, 404);
}

#[test_case("", "failed to register CRUD resource: argument \"content\" is null")]
#[test_case("{}", "basePath is required")]
#[test_case(
    r#"{"basePath":"y"}"#,
    "failed to register CRUD resource: basePath must start with /"
)]
#[test_case(
    r#"{"basePath":"/"}"#,
    "failed to register CRUD resource: basePath must not be empty"
)]
#[tokio::test]
async fn a_malformed_resource_is_refused(body: &'static str, text: &'static str) {
    let mock = mock().await;
    let answer = mock.put("crud", body).await;
    assert_eq!((answer.status, &*answer.text), (400, text));
}

#[tokio::test]
async fn operations_act_on_the_scope_that_the_request_names() {
    let mock = mock().await;
    let put = async |operation: &str, body: &str, scope: &str| {
        let url = format!("{}/mockserver/{operation}", mock.server.url());
        let request = mock.client.put(url).header("x-styk-scope", scope);
        let answer = request
            .body(body.to_owned())
            .send()
            .await
            .expect("an answer");
        answer.text().await.expect("text")
    };
    put("scenario/door", r#"{"state":"open"}"#, "a").await;
    put("crud", r#"{"basePath":"/users"}"#, "a").await;
    assert_eq!(mock.get("/users").await.status, 404);
    let state = json_of(&mock.get("/mockserver/scenario/door").await.text);
    assert_eq!(state["currentState"], "Started");
    mock.get("/common").await;
    let explained = json_of(&put("explainUnmatched", "", "a").await);
    assert_eq!(explained["unmatchedRequestCount"], 0);
    put("reset", "", "a").await;
    let requests = mock.retrieve("requests", "").await;
    assert_eq!(requests.as_array().map(Vec::len), Some(2), "{requests}");
}

#[tokio::test]
async fn metrics_are_shown_when_they_are_asked_for() {
    let silent = mock().await;
    assert_eq!(silent.get("/mockserver/metrics").await.status, 404);
    assert_eq!(silent.retrieve("metrics", "").await, serde_json::json!({}));
    let mut settings = styk_mock::Settings::default();
    settings.metrics_enabled = true;
    let mock =
        crate::support::mock_from(styk_mock::MockServer::builder("payment").settings(settings))
            .await;
    mock.expect_get("/x", "one");
    mock.get("/x").await;
    mock.get("/nothing").await;
    let text = mock.get("/mockserver/metrics").await;
    assert_eq!(
        text.content_type.as_deref(),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    for line in [
        "response_expectations_matched_count 1.0",
        "expectations_not_matched_count 1.0",
        "response_actions_count 1.0",
    ] {
        assert!(
            text.text.lines().any(|given| given == line),
            "{line} in {}",
            text.text
        );
    }
    let counted = mock.retrieve("metrics", "").await;
    assert_eq!(counted["RESPONSE_EXPECTATIONS_MATCHED_COUNT"], 1);
    mock.put("reset", "").await;
    assert_eq!(
        mock.retrieve("metrics", "").await["EXPECTATIONS_NOT_MATCHED_COUNT"],
        0
    );
}

#[tokio::test]
async fn the_answers_of_5_15_are_given_when_they_are_asked_for() {
    let mut settings = styk_mock::Settings::default();
    settings.compat = styk_mock::Compat::V5_15;
    let mock =
        crate::support::mock_from(styk_mock::MockServer::builder("payment").settings(settings))
            .await;
    assert!(mock.put("status", "").await.text.contains("\"5.15.0\""));
    mock.expect(serde_json::json!({"httpForward": {"host": "127.0.0.1", "port": 1}}));
    let failed = mock.get("/").await;
    assert_eq!((failed.status, failed.text.as_str()), (404, ""));
    assert_eq!(
        mock.put("verifySequence", r#"{"httpRequests": []}"#)
            .await
            .status,
        202
    );
    let few = r#"{"httpRequest":{"path":"/never"},"maximumNumberOfRequestToReturnInVerificationFailure":1}"#;
    let refused = mock.put("verify", few).await.text;
    assert!(
        refused.contains("but was not found, found 1 other requests"),
        "{refused}"
    );
}
