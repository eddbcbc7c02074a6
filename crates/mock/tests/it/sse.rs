//! Streams of server-sent events.

use serde_json::json;
use styk_core::Outcome;
use test_case::test_case;
use tokio::io::AsyncWriteExt;

use crate::support::{Mock, mock, read_until};

fn last_outcome(mock: &Mock) -> Option<Outcome> {
    let exchanges = mock.server.journal().exchanges();
    exchanges.last()?.outcome().cloned()
}

#[tokio::test]
async fn events_come_in_chunks_and_the_connection_goes_on() {
    let mock = mock().await;
    mock.expect(json!({
        "httpRequest": { "path": "/events" },
        "httpSseResponse": {
            "headers": { "X-A": ["1"] },
            "events": [
                { "data": "a\nb" },
                { "id": "7", "event": "upd", "data": "x", "retry": 30, "delay": { "timeUnit": "MILLISECONDS", "value": 20 } }
            ]
        }
    }));
    mock.expect_get("/after", "next");
    let mut stream = mock.connect().await;
    let requests = "GET /events HTTP/1.1\r\nhost: a\r\n\r\nGET /after HTTP/1.1\r\nhost: a\r\n\r\n";
    stream.write_all(requests.as_bytes()).await.expect("sent");
    let answer = read_until(&mut stream, "next").await;
    let (streamed, _) = answer.split_once("0\r\n\r\n").expect("an end");
    assert_eq!(
        streamed,
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\nX-A: 1\r\n\
         connection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n\
         11\r\ndata: a\ndata: b\n\n\r\n24\r\nid: 7\nevent: upd\nretry: 30\ndata: x\n\n\r\n"
    );
    let exchanges = mock.server.journal().exchanges();
    assert_eq!(exchanges[0].outcome(), Some(&Outcome::Answered));
    let response = exchanges[0].response().expect("a response");
    assert_eq!(
        response.body,
        "data: a\ndata: b\n\nid: 7\nevent: upd\nretry: 30\ndata: x\n\n"
    );
}

#[tokio::test]
async fn the_connection_ends_with_the_stream_when_that_was_asked_for() {
    let mock = mock().await;
    mock.expect(json!({
        "httpRequest": { "path": "/events" },
        "httpSseResponse": {
            "statusCode": 201, "closeConnection": true, "templateType": "MUSTACHE",
            "headers": { "Content-Type": ["text/plain"], "cache-control": ["x"] },
            "events": [{ "event": "{{ no template }}", "data": "hi {{ request.path }}" }]
        }
    }));
    let answer = mock.raw("GET /events HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert_eq!(
        answer,
        "HTTP/1.1 201 Created\r\nContent-Type: text/plain\r\ncache-control: x\r\nconnection: close\r\n\
         transfer-encoding: chunked\r\n\r\n2b\r\nevent: {{ no template }}\ndata: hi /events\n\n\r\n0\r\n\r\n"
    );
    let head = mock.raw("HEAD /events HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(head.ends_with("chunked\r\n\r\n"), "{head}");
}

#[tokio::test]
async fn a_client_that_goes_early_ends_the_stream() {
    let mock = mock().await;
    mock.expect(json!({
        "httpRequest": { "path": "/events" },
        "httpSseResponse": { "events": [
            { "data": "first" },
            { "data": "never", "delay": { "timeUnit": "HOURS", "value": 1 } }
        ]}
    }));
    let mut stream = mock.connect().await;
    stream
        .write_all(b"GET /events HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .expect("sent");
    read_until(&mut stream, "first").await;
    assert_eq!(last_outcome(&mock), None);
    drop(stream);
    while last_outcome(&mock).is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!(last_outcome(&mock), Some(Outcome::Dropped));
}

#[test_case(json!({"events": [{"x": 1}]}), "$.httpSseResponse.events[0].x: is not defined in the schema"; "an unknown field")]
#[test_case(json!({"events": {}}), "$.httpSseResponse.events: object found, array expected"; "events as an object")]
#[test_case(json!({"events": [{"retry": "a"}]}), "$.httpSseResponse.events[0].retry: string found, integer expected"; "retry as a text")]
#[tokio::test]
async fn what_is_no_stream_of_events_is_400(response: serde_json::Value, expected: &str) {
    let mock = mock().await;
    let expectation = json!({ "httpRequest": { "path": "/x" }, "httpSseResponse": response });
    let answer = mock.put("expectation", expectation.to_string()).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains(expected), "{}", answer.text);
}
