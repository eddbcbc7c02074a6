//! What goes over the wire: statuses, headers and bytes.

use serde_json::{Value, json};
use test_case::test_case;

use crate::support::{mock, read_to_end, read_until};
use tokio::io::AsyncWriteExt;

const CLOSING: &str = "GET /x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

/// The whole answer to one request on a connection of its own.
async fn wire(response: Value) -> String {
    let mock = mock().await;
    mock.expect(json!({"httpResponse": response}));
    mock.raw(CLOSING).await
}

#[test_case(json!({}), "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"; "the default")]
#[test_case(json!({"body": "hé"}), "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 3\r\n\r\nhé"; "text has no content type")]
#[test_case(json!({"statusCode": 418, "reasonPhrase": "Short and Stout"}), "HTTP/1.1 418 Short and Stout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"; "a reason")]
#[test_case(json!({"body": {"a": 1, "b": [1, 2]}}), "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: 31\r\n\r\n{\n  \"a\" : 1,\n  \"b\" : [ 1, 2 ]\n}"; "JSON is pretty")]
#[test_case(json!({"body": {"type": "JSON", "json": "{\"sum\":0.00}"}}), "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: 12\r\n\r\n{\"sum\":0.00}"; "JSON text is sent as it is")]
#[test_case(json!({"body": {"type": "XML", "xml": "<a/>"}}), "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/xml; charset=utf-8\r\ncontent-length: 4\r\n\r\n<a/>"; "XML")]
#[test_case(json!({"body": {"type": "STRING", "string": "a", "contentType": "text/plain; charset=utf-16"}}), "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-16\r\ncontent-length: 4\r\n\r\n\u{fffd}\u{fffd}\0a"; "a charset")]
#[test_case(json!({"body": {"type": "BINARY", "base64Bytes": "aGk=", "contentType": "image/png"}}), "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: image/png\r\ncontent-length: 2\r\n\r\nhi"; "bytes")]
#[test_case(json!({"body": {"a": 1}, "headers": {"content-type": ["text/x"]}}), "HTTP/1.1 200 OK\r\ncontent-type: text/x\r\nconnection: close\r\ncontent-length: 13\r\n\r\n{\n  \"a\" : 1\n}"; "a content type of one's own")]
#[test_case(json!({"headers": {"X-Case": "Kept", "x-low": "é"}}), "HTTP/1.1 200 OK\r\nX-Case: Kept\r\nx-low: \u{fffd}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"; "names keep their case and values are latin 1")]
#[test_case(json!({"statusCode": 299}), "HTTP/1.1 299 Success (299)\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"; "a status without words")]
#[test_case(json!({"body": "hello", "trailers": {"X-T": ["1"]}}), "HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\ntrailer: X-T\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n"; "trailers")]
#[test_case(json!({"body": "hello", "connectionOptions": {"chunkSize": 3}}), "HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"; "chunks")]
#[test_case(json!({"body": "hello", "connectionOptions": {"contentLengthHeaderOverride": 3}}), "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 3\r\n\r\nhello"; "a wrong length on purpose")]
#[test_case(json!({"headers": [{"name": "x-a", "values": ["1", "2"]}], "cookies": {"sid": "7"}}), "HTTP/1.1 200 OK\r\nx-a: 1\r\nx-a: 2\r\nconnection: close\r\ncontent-length: 0\r\nset-cookie: sid=7\r\n\r\n"; "headers and cookies")]
#[tokio::test]
async fn the_answer_on_the_wire(response: Value, expected: &'static str) {
    assert_eq!(wire(response).await, expected);
}

#[tokio::test]
async fn numbers_go_out_as_they_were_written() {
    let mock = mock().await;
    for (body, expected) in [
        (
            r#"{"sum":0.00,"big":10000000000.0,"whole":12345678901234567890}"#,
            "{\n  \"sum\" : 0.00,\n  \"big\" : 10000000000.0,\n  \"whole\" : 12345678901234567890\n}",
        ),
        (
            r#"{"type":"JSON","json":"{\"sum\":0.00}"}"#,
            r#"{"sum":0.00}"#,
        ),
    ] {
        let text = format!(r#"{{"httpResponse":{{"body":{body}}},"id":"1"}}"#);
        assert_eq!(mock.put("expectation", text).await.status, 201);
        assert_eq!(mock.get("/").await.text, expected);
    }
}

#[test_case(json!({"body": {"type": "REGEX", "regex": "a"}}), "{ }"; "a typed matcher")]
#[test_case(json!({"body": {"regex": "a"}}), "{\n  \"regex\" : \"a\"\n}"; "an object without type")]
#[test_case(json!({"body": {"type": "JSON"}}), ""; "JSON without text")]
#[test_case(json!({"body": "a", "statusCode": 205}), ""; "nothing to reset")]
#[test_case(json!({"body": "\u{e4}\u{20ac}", "headers": {"Content-Type": ["text/html; charset=utf-8"]}}), "\u{e4}\u{20ac}"; "a charset")]
#[test_case(json!({"body": "\u{e4}\u{20ac}", "headers": {"Content-Type": ["application/json"]}}), "\u{e4}\u{20ac}"; "JSON")]
#[test_case(json!({"body": "a\u{20ac}", "headers": {"Content-Type": ["text/html"]}}), "a?"; "no charset is latin 1")]
#[tokio::test]
async fn bodies_take_their_form_and_charset(response: Value, expected: &str) {
    let mock = mock().await;
    mock.expect(json!({"httpResponse": response}));
    assert_eq!(mock.get("/").await.text, expected);
}

#[tokio::test]
async fn signs_of_matchers_are_left_out_of_heads() {
    let answer = wire(
        json!({"headers": {"!X-A": ["1"], "?X-B": ["?2"], "X-C": ["!3"]}, "cookies": {"!a": "1"}}),
    )
    .await;
    assert!(!answer.contains("X-A"), "{answer}");
    assert!(answer.contains("\r\nX-B: 2\r\nX-C: 3\r\n"), "{answer}");
    assert!(answer.contains("\r\nset-cookie: a=1\r\n"), "{answer}");
}

#[tokio::test]
async fn a_204_has_no_body() {
    let answer = wire(json!({"statusCode": 204, "body": "gone"})).await;
    assert!(
        answer.starts_with("HTTP/1.1 204 No Content\r\n"),
        "{answer}"
    );
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn a_head_request_gets_the_head_only() {
    let mock = mock().await;
    mock.expect(json!({"httpResponse": {"body": "four"}}));
    let answer = mock
        .raw("HEAD /x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await;
    assert_eq!(
        answer,
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 4\r\n\r\n"
    );
}

#[tokio::test]
async fn no_match_is_404_without_body_or_content_type() {
    let mock = mock().await;
    let answer = mock.raw(CLOSING).await;
    assert_eq!(
        answer,
        "HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    );
}

#[tokio::test]
async fn a_connection_is_kept_and_serves_again() {
    let mock = mock().await;
    mock.expect_get("/x", "one");
    let mut stream = mock.connect().await;
    for _ in 0..3 {
        stream
            .write_all(b"GET /x HTTP/1.1\r\nhost: a\r\n\r\n")
            .await
            .expect("sent");
        let answer = read_until(&mut stream, "one").await;
        assert!(
            answer.contains("\r\nconnection: keep-alive\r\n"),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn an_http_1_0_client_is_answered_and_let_go() {
    let mock = mock().await;
    mock.expect_get("/x", "one");
    let answer = mock.raw("GET /x HTTP/1.0\r\n\r\n").await;
    assert!(
        answer.contains("connection: close\r\n") && answer.ends_with("\r\n\r\none"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_client_that_waits_to_continue_is_told_so() {
    let mock = mock().await;
    mock.expect(json!({"httpRequest": {"body": "data"}, "httpResponse": {"body": "done"}}));
    let mut stream = mock.connect().await;
    let head = "POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 4\r\nconnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("sent");
    read_until(&mut stream, "HTTP/1.1 100 Continue\r\n\r\n").await;
    stream.write_all(b"data").await.expect("sent");
    assert!(read_to_end(&mut stream).await.ends_with("done"));
}

#[tokio::test]
async fn a_client_that_asks_to_continue_and_does_not_wait_is_told_so() {
    let mock = mock().await;
    mock.expect_get("/x", "done");
    let answer = mock
        .raw("GET /x HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi")
        .await;
    let start = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n";
    assert!(answer.starts_with(start), "{answer}");
}

#[tokio::test]
async fn an_error_drops_the_connection_without_a_byte() {
    let mock = mock().await;
    mock.expect(json!({"httpError": {"dropConnection": true}}));
    assert_eq!(mock.raw("GET / HTTP/1.1\r\nhost: a\r\n\r\n").await, "");
}

#[tokio::test]
async fn an_error_writes_its_bytes_and_closes() {
    let mock = mock().await;
    mock.expect(json!({"httpError": {"dropConnection": true, "responseBytes": "bm90IEhUVFA="}}));
    assert_eq!(
        mock.raw("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nhi")
            .await,
        "not HTTP"
    );
}

#[tokio::test]
async fn an_error_that_drops_nothing_leaves_the_connection_open() {
    let mock = mock().await;
    mock.expect(json!({"httpRequest": {"path": "/raw"}, "httpError": {"responseBytes": "cmF3"}}));
    mock.expect_get("/x", "one");
    let mut stream = mock.connect().await;
    stream
        .write_all(b"GET /raw HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .expect("sent");
    assert_eq!(read_until(&mut stream, "raw").await, "raw");
    stream.write_all(CLOSING.as_bytes()).await.expect("sent");
    assert!(read_to_end(&mut stream).await.ends_with("one"));
}
