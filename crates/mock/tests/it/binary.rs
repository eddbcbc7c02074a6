//! Messages that are no HTTP, answered byte for byte.

use serde_json::{Value, json};
use test_case::test_case;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Mock, mock, read_to_end};

const REFUSAL: &str = "unknown message format, only HTTP requests are supported";

fn expect(mock: &Mock, request: Value, response: &str) {
    mock.expect(json!({ "httpRequest": request, "binaryResponse": { "binaryData": response } }));
}

async fn answer(stream: &mut TcpStream, message: &[u8], length: usize) -> Vec<u8> {
    stream.write_all(message).await.expect("sent");
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).await.expect("an answer");
    bytes
}

#[tokio::test]
async fn a_message_is_answered_and_the_next_one_too() {
    let mock = mock().await;
    // 00 01 PING FF, and 00 PONG.
    expect(&mock, json!({ "binaryData": "AAFQSU5H/w==" }), "AFBPTkc=");
    let mut stream = mock.connect().await;
    for _ in 0..2 {
        let bytes = answer(&mut stream, b"\x00\x01PING\xff", 5).await;
        assert_eq!(bytes, b"\x00PONG");
    }
    stream.write_all(b"\x00\x01PI").await.expect("sent");
    let bytes = answer(&mut stream, b"NG\xff", 5).await;
    assert_eq!(bytes, b"\x00PONG", "a message in two parts");
    stream.write_all(b"\x00\x01XX").await.expect("sent");
    let refused = read_to_end(&mut stream).await;
    assert!(refused.starts_with(REFUSAL), "{refused}");
}

#[tokio::test]
async fn matchers_may_be_negated_and_uses_are_counted() {
    let mock = mock().await;
    mock.expect(json!({
        "httpRequest": { "binaryData": "AAFQSU5H/w==" }, "times": { "remainingTimes": 1 },
        "binaryResponse": { "binaryData": "QQ==", "delay": { "timeUnit": "MILLISECONDS", "value": 10 } }
    }));
    expect(&mock, json!({ "binaryData": "AAI=", "not": true }), "Qg==");
    let mut stream = mock.connect().await;
    assert_eq!(answer(&mut stream, b"\x00\x01PING\xff", 1).await, b"A");
    assert_eq!(answer(&mut stream, b"\x00\x01PING\xff", 1).await, b"B");
    stream.write_all(b"\x00\x02").await.expect("sent");
    let refused = read_to_end(&mut stream).await;
    assert!(refused.starts_with(REFUSAL), "{refused}");
}

#[tokio::test]
async fn http_and_binary_messages_do_not_meet() {
    let mock = mock().await;
    expect(&mock, json!({ "binaryData": "", "not": false }), "QQ==");
    assert_eq!(mock.get("/x").await.status, 404);
    mock.expect(
        json!({ "httpRequest": { "path": "/raw" }, "binaryResponse": { "binaryData": "QQ==" } }),
    );
    let answered = mock.get("/raw").await;
    assert_eq!(answered.status, 500);
    assert!(answered.text.contains("binaryData"), "{}", answered.text);
    let mut stream = mock.connect().await;
    assert_eq!(answer(&mut stream, b"\x00anything", 1).await, b"A");
    let active = mock
        .retrieve("active_expectations", "{\"binaryData\":\"\"}")
        .await;
    assert_eq!(active.as_array().map(Vec::len), Some(1), "{active}");
    mock.put("clear", "{\"binaryData\":\"\",\"not\":false}")
        .await;
    let left = mock.retrieve("active_expectations", "").await;
    assert_eq!(left[0]["httpRequest"]["path"], "/raw", "{left}");
}

#[tokio::test]
async fn a_dns_response_answers_no_request_and_says_so() {
    let mock = mock().await;
    let records = json!([{ "name": "host", "type": "A", "value": "10.0.0.1", "ttl": 60 }]);
    mock.expect(
        json!({ "httpRequest": { "path": "/dns" }, "dnsResponse": { "answerRecords": records } }),
    );
    let answered = mock.get("/dns").await;
    assert_eq!(answered.status, 500);
    assert!(answered.text.contains("dnsResponse"), "{}", answered.text);
    let wrong = json!({ "httpRequest": {}, "dnsResponse": { "answerRecords": [{ "type": "B" }] } });
    let refused = mock.put("expectation", wrong.to_string()).await;
    assert_eq!(refused.status, 400);
    let query = json!({ "httpRequest": { "dnsName": "host" }, "dnsResponse": {} });
    assert_eq!(mock.put("expectation", query.to_string()).await.status, 501);
}

#[test_case(json!({ "binaryData": "***" }), "QQ==", "base64"; "a request that is no base64")]
#[test_case(json!({ "binaryData": "QQ==" }), "***", "base64"; "a response that is no base64")]
#[test_case(json!({ "binaryData": "QQ==", "path": "/x" }), "QQ==", "$.httpRequest.path: is not defined"; "a path")]
#[tokio::test]
async fn what_is_no_binary_expectation_is_400(request: Value, response: &str, expected: &str) {
    let mock = mock().await;
    let expectation =
        json!({ "httpRequest": request, "binaryResponse": { "binaryData": response } });
    let answer = mock.put("expectation", expectation.to_string()).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains(expected), "{}", answer.text);
}
