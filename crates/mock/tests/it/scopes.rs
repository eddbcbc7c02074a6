//! Scopes keep tests on one server apart; scenario states and response lists keep their place.

use serde_json::json;
use test_case::test_case;

use crate::support::{Mock, mock};

async fn scoped(mock: &Mock, scope: &str, method: &str, path: &str, body: &str) -> (u16, String) {
    let request = mock.client.request(
        method.parse().expect("a method"),
        format!("{}{path}", mock.server.url()),
    );
    let request = request.header("X-Styk-Scope", scope).body(body.to_owned());
    let answer = request.send().await.expect("an answer");
    (
        answer.status().as_u16(),
        answer.text().await.expect("a body"),
    )
}

fn answering(body: &str) -> String {
    json!({"httpRequest": {"path": "/x"}, "httpResponse": {"body": body}}).to_string()
}

#[tokio::test]
async fn scopes_do_not_meet() {
    let mock = mock().await;
    for scope in ["a", "b"] {
        let (status, text) = scoped(
            &mock,
            scope,
            "PUT",
            "/mockserver/expectation",
            &answering(scope),
        )
        .await;
        assert_eq!(status, 201, "{text}");
    }
    assert_eq!(
        scoped(&mock, "a", "GET", "/x", "").await,
        (200, "a".to_owned())
    );
    assert_eq!(
        scoped(&mock, "b", "GET", "/x", "").await,
        (200, "b".to_owned())
    );
    assert_eq!(
        mock.get("/x").await.status,
        404,
        "without a scope nothing is registered"
    );
    let once = r#"{"httpRequest":{"path":"/x"},"times":{"atLeast":1,"atMost":1}}"#;
    for scope in ["a", "b"] {
        assert_eq!(
            scoped(&mock, scope, "PUT", "/mockserver/verify", once)
                .await
                .0,
            202
        );
    }
    assert_eq!(
        scoped(&mock, "a", "PUT", "/mockserver/reset", "").await.0,
        200
    );
    assert_eq!(scoped(&mock, "a", "GET", "/x", "").await.0, 404);
    assert_eq!(scoped(&mock, "b", "GET", "/x", "").await.0, 200);
    assert_eq!(
        scoped(&mock, "a", "PUT", "/mockserver/verify", once)
            .await
            .0,
        202,
        "counted anew"
    );
    assert_eq!(mock.put("reset", "").await.status, 200);
    assert_eq!(
        scoped(&mock, "b", "GET", "/x", "").await.0,
        404,
        "a reset without a scope is everybody's"
    );
}

#[tokio::test]
async fn the_common_ground_answers_after_a_scopes_own() {
    let mock = mock().await;
    mock.expect(
        json!({"httpRequest": {"path": "/.*"}, "httpResponse": {"body": "common"}, "priority": 10}),
    );
    scoped(
        &mock,
        "a",
        "PUT",
        "/mockserver/expectation",
        &answering("own"),
    )
    .await;
    assert_eq!(scoped(&mock, "a", "GET", "/x", "").await.1, "own");
    assert_eq!(scoped(&mock, "a", "GET", "/y", "").await.1, "common");
    let (_, requests) = scoped(&mock, "a", "PUT", "/mockserver/retrieve", "").await;
    assert_eq!(requests.matches("\"method\"").count(), 2);
    assert_eq!(mock.put("retrieve", "").await.text, "[]");
}

#[tokio::test]
async fn a_scenario_moves_from_state_to_state() {
    let mock = mock().await;
    mock.expect(json!([
        {"httpRequest": {"path": "/order"}, "httpResponse": {"body": "new"}, "scenarioName": "s", "scenarioState": "Started", "newScenarioState": "paid"},
        {"httpRequest": {"path": "/order"}, "httpResponse": {"body": "paid"}, "scenarioName": "s", "scenarioState": "paid"},
    ]));
    for expected in ["new", "paid", "paid"] {
        assert_eq!(mock.get("/order").await.text, expected);
    }
    let other = mock.put("reset", "").await;
    assert_eq!(other.status, 200);
}

#[test_case(json!({}), &["1", "2", "3", "1"]; "in turn")]
#[test_case(json!({"responseMode": "SWITCH", "switchAfter": 2}), &["1", "1", "2", "2", "3", "3"]; "switching")]
#[test_case(json!({"responseMode": "WEIGHTED", "responseWeights": [0, 5, 0]}), &["2", "2", "2"]; "weighted")]
#[tokio::test]
async fn several_responses_are_served(mode: serde_json::Value, expected: &[&str]) {
    let mock = mock().await;
    let mut expectation = json!({"httpResponses": [{"body": "1"}, {"body": "2"}, {"body": "3"}]});
    for (name, value) in mode.as_object().expect("an object") {
        expectation[name] = value.clone();
    }
    mock.expect(expectation);
    for body in expected {
        assert_eq!(mock.get("/").await.text, *body);
    }
}

#[tokio::test]
async fn an_answer_recovers_after_so_many_failures_of_each_key() {
    let mock = mock().await;
    mock.expect(json!({"httpResponse": {"body": "fine", "recoverAfter": {"failTimes": 2, "idempotencyHeader": "Idempotency-Key"}}}));
    let mut statuses = Vec::new();
    for key in ["a", "a", "b", "a", "b", "b"] {
        let request = mock
            .client
            .get(mock.server.url())
            .header("idempotency-key", key);
        statuses.push(request.send().await.expect("an answer").status().as_u16());
    }
    assert_eq!(statuses, [503, 503, 503, 200, 503, 200]);
}
