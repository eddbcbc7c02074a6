//! What browsers are told, and what else the settings add to answers.

use serde_json::json;
use test_case::test_case;

use crate::support::{Mock, mock, mock_set};

async fn ask(mock: &Mock, method: &str, path: &str, announced: Option<&str>) -> String {
    let announced = announced.map(|method| format!("Access-Control-Request-Method: {method}\r\n"));
    let announced = announced.unwrap_or_default();
    mock.raw(&format!(
        "{method} {path} HTTP/1.1\r\nHost: a\r\nOrigin: http://page.test\r\n{announced}Connection: close\r\n\r\n"
    ))
    .await
}

const ALLOWED: &str = "access-control-allow-origin: http://page.test\r\n";

#[tokio::test]
async fn a_preflight_for_a_mock_is_answered_and_not_recorded() {
    let mock = mock().await;
    let answer = ask(&mock, "OPTIONS", "/x", Some("PUT")).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains(ALLOWED),
        "{answer}"
    );
    assert_eq!(mock.retrieve("requests", "").await, json!([]));
    let plain = ask(&mock, "GET", "/x", None).await;
    assert!(!plain.contains("access-control"), "{plain}");
}

#[tokio::test]
async fn an_expectation_answers_a_preflight_first() {
    let mock = mock().await;
    mock.expect(json!({"httpRequest": {"method": "OPTIONS"}, "httpResponse": {"statusCode": 204}}));
    let answer = ask(&mock, "OPTIONS", "/x", Some("PUT")).await;
    assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
}

#[test_case(false)]
#[test_case(true)]
#[tokio::test]
async fn pages_reach_the_control_plane_only_when_the_settings_say_so(open: bool) {
    let mock = mock_set(|settings| settings.enable_cors_for_api = open).await;
    let preflight = ask(&mock, "OPTIONS", "/mockserver/reset", Some("PUT")).await;
    assert_eq!(preflight.contains(ALLOWED), open, "{preflight}");
    let control = ask(&mock, "PUT", "/mockserver/status", None).await;
    assert_eq!(control.contains(ALLOWED), open, "{control}");
    let data = ask(&mock, "GET", "/x", None).await;
    assert!(!data.contains(ALLOWED), "{data}");
}

#[tokio::test]
async fn all_answers_may_say_it_but_never_over_their_own() {
    let mock = mock_set(|settings| {
        settings.enable_cors_for_all_responses = true;
        settings.default_response_headers = "X-Env=test|X-Own=usual".to_owned();
    })
    .await;
    mock.expect(json!({"httpRequest": {"path": "/x"}, "httpResponse": {
        "headers": {"X-Own": ["mine"], "access-control-max-age": ["9"]}, "body": "one",
    }}));
    let answer = ask(&mock, "GET", "/x", None).await;
    assert!(
        answer.contains(ALLOWED) && answer.contains("X-Env: test\r\n"),
        "{answer}"
    );
    assert_eq!(answer.matches("X-Own").count(), 1, "{answer}");
    assert_eq!(
        answer.matches("access-control-max-age: 9").count(),
        1,
        "{answer}"
    );
    assert!(!answer.contains("access-control-max-age: 0"), "{answer}");
}
