//! Websockets that expectations play.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use styk_core::Outcome;
use test_case::test_case;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Response;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::support::{Mock, mock};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn connect(mock: &Mock, path: &str, subprotocol: Option<&str>) -> (Socket, Response) {
    let url = format!("ws://127.0.0.1:{}{path}", mock.server.port());
    let mut request = url.into_client_request().expect("a request");
    if let Some(name) = subprotocol {
        let value = name.parse().expect("a value");
        request
            .headers_mut()
            .insert("sec-websocket-protocol", value);
    }
    connect_async(request).await.expect("a websocket")
}

async fn next(socket: &mut Socket) -> Message {
    socket.next().await.expect("a frame").expect("readable")
}

fn outcome(mock: &Mock) -> Option<(Outcome, Vec<u8>)> {
    let exchanges = mock.server.journal().exchanges();
    let exchange = exchanges.last()?;
    let body = exchange.response().map(|response| response.body.to_vec());
    Some((exchange.outcome()?.clone(), body.unwrap_or_default()))
}

async fn ended(mock: &Mock) -> (Outcome, Vec<u8>) {
    loop {
        if let Some(ending) = outcome(mock) {
            return ending;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn its_messages_come_in_order_and_it_closes() {
    let mock = mock().await;
    mock.expect(json!({
        "httpRequest": { "path": "/ws" },
        "httpWebSocketResponse": {
            "subprotocol": "shop.v1",
            "messages": [
                { "text": "hi" },
                { "binary": "AP8=", "delay": { "timeUnit": "MILLISECONDS", "value": 20 } },
                {},
                { "text": "bye" }
            ],
            "closeConnection": true
        }
    }));
    let (mut socket, answer) = connect(&mock, "/ws", Some("shop.v1")).await;
    assert_eq!(answer.headers()["sec-websocket-protocol"], "shop.v1");
    assert_eq!(next(&mut socket).await, Message::text("hi"));
    assert_eq!(next(&mut socket).await, Message::binary(vec![0, 255]));
    assert_eq!(next(&mut socket).await, Message::text("bye"));
    let Message::Close(Some(close)) = next(&mut socket).await else {
        panic!("a close frame")
    };
    assert_eq!(
        (u16::from(close.code), close.reason.as_str()),
        (1000, "Bye")
    );
    assert!(socket.next().await.is_none());
    assert_eq!(
        ended(&mock).await,
        (Outcome::Answered, b"hi\n\x00\xff\nbye\n".to_vec())
    );
}

#[tokio::test]
async fn the_first_rule_that_matches_replies() {
    let mock = mock().await;
    mock.expect(json!({
        "httpRequest": { "path": "/ws" },
        "httpWebSocketResponse": { "messages": [{ "text": "hello" }], "matchers": [
            { "frameType": "TEXT", "textMatcher": "ping.*", "responses": [
                { "text": "pong" }, { "text": "pong2", "delay": { "timeUnit": "MILLISECONDS", "value": 10 } }
            ]},
            { "textMatcher": "!no", "responses": [{ "text": "not-no" }] },
            { "frameType": "BINARY", "responses": [{ "text": "bin" }] },
            { "frameType": "PING", "responses": [{ "text": "pinged" }] },
            { "frameType": "ANY", "responses": [{ "text": "any" }] }
        ]}
    }));
    let (mut socket, _) = connect(&mock, "/ws", None).await;
    assert_eq!(next(&mut socket).await, Message::text("hello"));
    let exchanges = [
        (
            Message::text("pingX"),
            vec![Message::text("pong"), Message::text("pong2")],
        ),
        (Message::text("no"), vec![Message::text("any")]),
        (Message::text("zz"), vec![Message::text("not-no")]),
        (Message::binary(vec![1]), vec![Message::text("bin")]),
        (
            Message::Ping("pp".into()),
            vec![Message::Pong("pp".into()), Message::text("pinged")],
        ),
        (Message::Pong("qq".into()), vec![Message::text("any")]),
    ];
    for (sent, replies) in exchanges {
        socket.send(sent.clone()).await.expect("sent");
        for reply in replies {
            assert_eq!(next(&mut socket).await, reply, "to {sent:?}");
        }
    }
    socket.close(None).await.expect("closed");
    while socket.next().await.is_some() {}
    assert_eq!(ended(&mock).await.0, Outcome::Answered);
}

#[tokio::test]
async fn it_stays_open_when_that_was_asked_for() {
    let mock = mock().await;
    mock.expect(json!({
        "httpRequest": { "path": "/ws" },
        "httpWebSocketResponse": { "messages": [{ "text": "hi" }], "closeConnection": false }
    }));
    let (mut socket, answer) = connect(&mock, "/ws", None).await;
    assert!(!answer.headers().contains_key("sec-websocket-protocol"));
    assert_eq!(next(&mut socket).await, Message::text("hi"));
    socket.send(Message::Ping("a".into())).await.expect("sent");
    assert_eq!(next(&mut socket).await, Message::Pong("a".into()));
    assert_eq!(outcome(&mock), None);
    drop(socket);
    assert_eq!(ended(&mock).await.0, Outcome::Dropped);
}

#[test_case("", "HTTP/1.1 426 "; "no upgrade")]
#[test_case("upgrade: websocket\r\nsec-websocket-key: a\r\nsec-websocket-version: 12\r\n", "sec-websocket-version: 13\r\n"; "another version")]
#[test_case("upgrade: websocket\r\nsec-websocket-version: 13\r\n", "HTTP/1.1 400 "; "no key")]
#[tokio::test]
async fn what_is_no_handshake_is_told_so(fields: &str, expected: &str) {
    let mock = mock().await;
    mock.expect(json!({ "httpRequest": { "path": "/ws" }, "httpWebSocketResponse": {} }));
    let request = format!("GET /ws HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{fields}\r\n");
    let answer = mock.raw(&request).await;
    assert!(answer.contains(expected), "{answer}");
}

#[test_case(json!({"matchers": [{"frameType": "text"}]}), 400, "enumeration [\"TEXT\", \"BINARY\", \"PING\", \"PONG\", \"ANY\"]"; "no kind of frame")]
#[test_case(json!({"messages": [{"binary": "***"}]}), 400, "base64"; "no base64")]
#[test_case(json!({"templateType": "VELOCITY"}), 501, "templateType"; "templates")]
#[tokio::test]
async fn what_is_no_websocket_is_refused(response: Value, status: u16, expected: &str) {
    let mock = mock().await;
    let expectation = json!({ "httpRequest": { "path": "/x" }, "httpWebSocketResponse": response });
    let answer = mock.put("expectation", expectation.to_string()).await;
    assert_eq!(answer.status, status);
    assert!(answer.text.contains(expected), "{}", answer.text);
}
