//! HTTP/2, by prior knowledge and over TLS, with the same answers.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::json;
use styk_mock::Limits;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::support::{Mock, mock, mock_set, mock_with};

type Client = SendRequest<Full<Bytes>>;

async fn client_over(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Client {
    let (client, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .expect("HTTP/2");
    tokio::spawn(connection);
    client
}

async fn client(mock: &Mock) -> Client {
    client_over(mock.connect().await).await
}

async fn send(
    client: &mut Client,
    method: &str,
    uri: &str,
    body: &str,
) -> Result<Response<Incoming>, hyper::Error> {
    client.ready().await?;
    let request = Request::builder().method(method).uri(uri);
    let body = Full::new(Bytes::copy_from_slice(body.as_bytes()));
    client
        .send_request(request.body(body).expect("a request"))
        .await
}

async fn text(answer: Response<Incoming>) -> String {
    let body = answer.into_body().collect().await.expect("a body");
    String::from_utf8(body.to_bytes().to_vec()).expect("text")
}

#[tokio::test]
async fn a_request_is_answered_and_recorded() {
    let mock = mock().await;
    mock.expect(json!({
        "httpRequest": {"path": "/x", "protocol": "HTTP_2"},
        "httpResponse": {
            "statusCode": 201, "headers": {"X-Up": ["1"], "Connection": ["close"]}, "body": "hi",
            "trailers": {"x-sum": ["7"]},
        },
    }));
    let mut client = client(&mock).await;
    let answer = send(&mut client, "POST", "http://shop.test:99/x?a=1", "abc").await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.status(), 201);
    assert_eq!(answer.headers()["x-up"], "1");
    assert!(!answer.headers().contains_key("connection"));
    let body = answer.into_body().collect().await.expect("a body");
    assert_eq!(body.trailers().expect("trailers")["x-sum"], "7");
    assert_eq!(body.to_bytes(), "hi");
    let seen = &mock.retrieve("requests", "").await[0];
    assert_eq!(seen["protocol"], "HTTP_2");
    assert_eq!(seen["path"], "/x");
    assert_eq!(seen["queryStringParameters"], json!({"a": ["1"]}));
    assert_eq!(seen["headers"]["host"], json!(["shop.test:99"]));
    assert_eq!(seen["headers"]["x-http2-scheme"], json!(["http"]));
    assert_eq!(seen["body"], "abc");
}

#[tokio::test]
async fn it_is_spoken_over_tls_too() {
    let mock = mock().await;
    mock.expect(json!({"httpRequest": {"secure": true}, "httpResponse": {"body": "secret"}}));
    let tls = mock.tls_client().speaking(&["h2"]);
    let stream = tls.over(mock.connect().await, "localhost").await;
    let mut client = client_over(stream.expect("a handshake")).await;
    let answer = send(&mut client, "GET", "https://localhost/", "").await;
    assert_eq!(text(answer.expect("an answer")).await, "secret");
    let control = send(
        &mut client,
        "PUT",
        "https://localhost/mockserver/verify",
        r#"{"httpRequest": {"secure": true}}"#,
    );
    assert_eq!(control.await.expect("an answer").status(), 202);
}

#[tokio::test]
async fn requests_run_side_by_side_over_one_connection() {
    let mock = mock().await;
    mock.expect(json!({"httpRequest": {"path": "/slow"}, "httpResponse": {
        "delay": {"timeUnit": "HOURS", "value": 1},
    }}));
    mock.expect_get("/fast", "fast");
    let mut client = client(&mock).await;
    let mut other = client.clone();
    let slow =
        tokio::spawn(async move { send(&mut other, "GET", "http://a/slow", "").await.is_ok() });
    for _ in 0..200 {
        let answer = send(&mut client, "GET", "http://a/fast", "").await;
        assert_eq!(text(answer.expect("an answer")).await, "fast");
    }
    assert!(!slow.is_finished());
}

#[tokio::test]
async fn a_body_over_the_limit_is_413() {
    let limits = Limits {
        body_bytes_max: 10,
        ..Limits::default()
    };
    let mock = mock_with(limits).await;
    let mut client = client(&mock).await;
    let answer = send(&mut client, "POST", "http://a/", "eleven byte").await;
    assert_eq!(answer.expect("an answer").status(), 413);
}

#[tokio::test]
async fn an_error_on_purpose_resets_the_stream_alone() {
    let mock = mock().await;
    mock.expect(
        json!({"httpRequest": {"path": "/broken"}, "httpError": {"responseBytes": "AAAA"}}),
    );
    mock.expect_get("/x", "one");
    let mut client = client(&mock).await;
    assert!(
        send(&mut client, "GET", "http://a/broken", "")
            .await
            .is_err()
    );
    let answer = send(&mut client, "GET", "http://a/x", "").await;
    assert_eq!(text(answer.expect("an answer")).await, "one");
}

#[tokio::test]
async fn a_head_has_the_length_but_no_body() {
    let mock = mock().await;
    mock.expect(json!({"httpResponse": {"body": "hello"}}));
    let mut client = client(&mock).await;
    let answer = send(&mut client, "HEAD", "http://a/", "")
        .await
        .expect("an answer");
    assert_eq!(answer.headers()["content-length"], "5");
    assert_eq!(text(answer).await, "");
}

#[tokio::test]
async fn an_idle_connection_ends() {
    let limits = Limits {
        idle_timeout: Duration::from_millis(100),
        ..Limits::default()
    };
    let mock = mock_with(limits).await;
    mock.expect_get("/x", "one");
    let mut client = client(&mock).await;
    let answer = send(&mut client, "GET", "http://a/x", "").await;
    assert_eq!(text(answer.expect("an answer")).await, "one");
    let ended = async {
        while client.ready().await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let ended = tokio::time::timeout(Duration::from_secs(20), ended).await;
    ended.expect("the server ends the connection");
}

#[tokio::test]
async fn it_can_be_switched_off() {
    let mock = mock_set(|settings| settings.http2_enabled = false).await;
    let answer = mock.raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    assert!(answer.starts_with("unknown message format"), "{answer}");
    let tls = mock.tls_client().speaking(&["h2", "http/1.1"]);
    let stream = tls
        .over(mock.connect().await, "localhost")
        .await
        .expect("a handshake");
    assert_eq!(
        stream.get_ref().1.alpn_protocol(),
        Some(b"http/1.1".as_slice())
    );
}

#[tokio::test]
async fn a_stop_ends_open_connections() {
    let mock = mock().await;
    mock.expect_get("/x", "one");
    let mut client = client(&mock).await;
    let answer = send(&mut client, "GET", "http://a/x", "").await;
    assert_eq!(text(answer.expect("an answer")).await, "one");
    mock.server.stop().await;
    assert!(send(&mut client, "GET", "http://a/x", "").await.is_err());
}

#[tokio::test]
async fn events_are_streamed() {
    let mock = mock().await;
    mock.expect(json!({
        "httpRequest": { "path": "/events" },
        "httpSseResponse": { "events": [
            { "data": "a" },
            { "data": "b", "delay": { "timeUnit": "MILLISECONDS", "value": 20 } }
        ]}
    }));
    let mut client = client(&mock).await;
    let answer = send(&mut client, "GET", "http://a.test/events", "").await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    assert!(!answer.headers().contains_key("content-length"));
    assert_eq!(text(answer).await, "data: a\n\ndata: b\n\n");
    let exchanges = mock.server.journal().exchanges();
    while exchanges[0].outcome().is_none() {
        tokio::task::yield_now().await;
    }
    let outcome = exchanges[0].outcome();
    assert_eq!(outcome, Some(&styk_core::Outcome::Answered));
}
