//! Other servers answer: forwards, overrides, and requests that a mock sends of its own accord.

use std::time::Duration;

use serde_json::json;
use test_case::test_case;

use crate::support::{Mock, mock};

/// A server to forward to, whose every answer is `pong`.
async fn upstream() -> Mock {
    let upstream = mock().await;
    upstream.expect(json!({"httpResponse": {
        "statusCode": 203, "reasonPhrase": "Fine", "headers": {"X-Up": ["a", "b"]}, "body": "pong",
    }}));
    upstream
}

#[tokio::test]
async fn a_request_is_forwarded_with_its_target_as_host() {
    let (upstream, mock) = (upstream().await, mock().await);
    mock.expect(json!({
        "httpRequest": {"path": "/f.*"},
        "httpForward": {"host": "127.0.0.1", "port": upstream.server.port()},
    }));
    let request = "POST /f1?a=1%202&b=x+y HTTP/1.1\r\nHost: shop\r\nX-Foo: 1\r\nCookie: a=b\r\n\
                   Connection: close\r\nContent-Length: 2\r\n\r\nhi";
    let answer = mock.raw(request).await;
    assert!(
        answer.starts_with("HTTP/1.1 203 Fine\r\nX-Up: a\r\nX-Up: b\r\n"),
        "{answer}"
    );
    assert!(answer.ends_with("\r\n\r\npong"), "{answer}");
    let seen = &upstream.retrieve("requests", "").await[0];
    assert_eq!(seen["path"], "/f1");
    assert_eq!(
        seen["queryStringParameters"],
        json!({"a": ["1 2"], "b": ["x y"]})
    );
    assert_eq!(
        seen["headers"]["host"],
        json!([format!("127.0.0.1:{}", upstream.server.port())])
    );
    assert_eq!(seen["headers"]["X-Foo"], json!(["1"]));
    assert_eq!(seen["cookies"], json!({"a": "b"}));
    assert_eq!(seen["body"], "hi");
}

#[tokio::test]
async fn an_override_changes_both_ways() {
    let (upstream, mock) = (upstream().await, mock().await);
    mock.expect(json!({
        "httpRequest": {"path": "/shop/order"},
        "httpOverrideForwardedRequest": {
            "requestOverride": {
                "socketAddress": {"host": "127.0.0.1", "port": upstream.server.port()}, "body": "changed",
            },
            "requestModifier": {
                "path": {"regex": "^/(.+)/(.+)$", "substitution": "/p/$1/x/$2"},
                "queryStringParameters": {"add": {"n": ["1"]}, "replace": {"q": ["2"], "absent": ["3"]}, "remove": ["z"]},
                "headers": {"add": {"X-Add": ["1"]}, "replace": {"X-Foo": ["2"]}, "remove": ["X-Gone"]},
            },
            "responseOverride": {"statusCode": 299},
            "responseModifier": {"headers": {"replace": {"X-Up": ["z"]}, "add": {"X-Added": ["1"]}}},
        },
    }));
    let request = "GET /shop/order?q=1&z=3 HTTP/1.1\r\nHost: shop\r\nX-Foo: 1\r\nX-Gone: 1\r\nConnection: close\r\n\r\n";
    let answer = mock.raw(request).await;
    assert!(
        answer.starts_with("HTTP/1.1 299 Fine\r\nX-Up: z\r\nX-Added: 1\r\n"),
        "{answer}"
    );
    let seen = &upstream.retrieve("requests", "").await[0];
    assert_eq!(
        (&seen["path"], &seen["body"]),
        (&json!("/p/shop/x/order"), &json!("changed"))
    );
    assert_eq!(
        seen["queryStringParameters"],
        json!({"n": ["1"], "q": ["2"]})
    );
    assert_eq!(
        (&seen["headers"]["X-Foo"], &seen["headers"]["X-Gone"]),
        (&json!(["2"]), &json!(null))
    );
    assert_eq!(seen["headers"]["X-Add"], json!(["1"]));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_502_with_the_reason() {
    let mock = mock().await;
    mock.expect(json!({"httpForward": {"host": "127.0.0.1", "port": 1}}));
    let answer = mock.get("/").await;
    assert_eq!(answer.status, 502);
    assert!(
        answer.text.contains("cannot connect to http://127.0.0.1:1"),
        "{}",
        answer.text
    );
    assert_eq!(
        mock.put("verify", r#"{"httpRequest":{"path":"/"}}"#)
            .await
            .status,
        202
    );
}

#[tokio::test]
async fn a_server_does_not_forward_to_itself() {
    let mock = mock().await;
    mock.expect(json!({"httpOverrideForwardedRequest": {"requestOverride": {}}}));
    let answer = mock.get("/").await;
    assert_eq!(answer.status, 500);
    assert!(
        answer.text.contains("forwarded to this server itself"),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn a_webhook_follows_the_answer_and_counts_in_no_verification_here() {
    let (shop, mock) = (upstream().await, mock().await);
    mock.expect(json!({
        "httpResponse": {"body": "accepted"},
        "afterActions": [{
            "httpRequest": {
                "method": "POST", "path": "/webhooks/payment", "body": {"status": "paid"},
                "socketAddress": {"host": "127.0.0.1", "port": shop.server.port()},
            },
            "delay": {"timeUnit": "MILLISECONDS", "value": 5},
        }],
    }));
    assert_eq!(mock.get("/pay").await.text, "accepted");
    let journal = shop.server.journal().clone();
    let came = journal
        .wait_for(Duration::from_secs(10), |journal| journal.exchanges().pop())
        .await;
    let webhook = came.expect("the webhook comes");
    assert_eq!(webhook.operation(), "POST /webhooks/payment");
    let times = r#"{"httpRequest":{},"times":{"atLeast":1,"atMost":1}}"#;
    assert_eq!(mock.put("verify", times).await.status, 202);
}

#[tokio::test]
async fn an_action_before_the_answer_can_make_it_fail() {
    let mock = mock().await;
    mock.expect(json!({
        "httpResponse": {},
        "beforeActions": {"httpRequest": {"socketAddress": {"host": "127.0.0.1", "port": 1}}, "failurePolicy": "FAIL_FAST"},
    }));
    assert_eq!(mock.get("/").await.status, 502);
}

#[test_case(json!({"jsonPatch": [{"op": "add", "path": "/b/-", "value": 2}]}), r#"{"a":1.50,"b":[1,2]}"#; "a patch")]
#[test_case(json!({"jsonPatch": [{"op": "remove", "path": "/nope"}]}), r#"{"a": 1.50, "b": [1]}"#; "a patch that does not fit")]
#[test_case(json!({"jsonMergePatch": {"a": null}}), r#"{"b":[1]}"#; "a merge patch")]
#[test_case(json!({"condition": {"statusCodeRange": "4XX"}, "jsonMergePatch": {"a": null}}), r#"{"a": 1.50, "b": [1]}"#; "a condition that does not hold")]
#[test_case(json!({"modifiers": [{"condition": {"statusCode": 200}, "jsonMergePatch": {"b": 0}}]}), r#"{"a":1.50,"b":0}"#; "a list")]
#[tokio::test]
async fn a_forwarded_answer_can_be_changed(modifier: serde_json::Value, expected: &str) {
    let (upstream, mock) = (mock().await, mock().await);
    upstream.expect(
        json!({"httpResponse": {"body": {"type": "JSON", "json": "{\"a\": 1.50, \"b\": [1]}"}}}),
    );
    let address = json!({"host": "127.0.0.1", "port": upstream.server.port()});
    mock.expect(json!({"httpOverrideForwardedRequest": {
        "requestOverride": {"socketAddress": address}, "responseModifier": modifier,
    }}));
    assert_eq!(mock.get("/").await.text, expected);
}
