//! Object callbacks: a client answers over the websocket, in MockServer's frames.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::support::{Mock, mock};

struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    id: String,
}

impl Client {
    async fn connect(mock: &Mock) -> Self {
        let url = format!(
            "ws://127.0.0.1:{}/_mockserver_callback_websocket",
            mock.server.port()
        );
        let (socket, answer) = connect_async(url).await.expect("a websocket");
        let registered = answer.headers()["x-client-registration-id"]
            .to_str()
            .expect("text")
            .to_owned();
        let mut client = Self {
            socket,
            id: String::new(),
        };
        let (kind, value) = client.next().await;
        assert_eq!(
            kind,
            "org.mockserver.serialization.model.WebSocketClientIdDTO"
        );
        client.id = value["clientId"].as_str().expect("an id").to_owned();
        assert_eq!(client.id, registered);
        client
    }

    async fn next(&mut self) -> (String, Value) {
        loop {
            let message = self
                .socket
                .next()
                .await
                .expect("a frame")
                .expect("readable");
            if let Message::Text(text) = message {
                let frame: Value = serde_json::from_str(&text).expect("JSON");
                let value = frame["value"].as_str().expect("JSON as text");
                let kind = frame["type"].as_str().expect("a type").to_owned();
                return (kind, serde_json::from_str(value).expect("JSON"));
            }
        }
    }

    async fn send(&mut self, kind: &str, value: &Value) {
        let frame = json!({"type": kind, "value": value.to_string()}).to_string();
        self.socket.send(Message::text(frame)).await.expect("sent");
    }
}

const REQUEST: &str = "org.mockserver.model.HttpRequest";
const RESPONSE: &str = "org.mockserver.model.HttpResponse";

fn correlation(request: &Value) -> Value {
    request["headers"]["WebSocketCorrelationId"].clone()
}

#[tokio::test]
async fn a_client_answers_a_request() {
    let mock = mock().await;
    let mut client = Client::connect(&mock).await;
    mock.expect(json!({"httpResponseObjectCallback": {"clientId": client.id}}));
    let answering = async {
        let (kind, request) = client.next().await;
        assert_eq!(
            (kind.as_str(), &request["path"]),
            (REQUEST, &json!("/order"))
        );
        let answer = json!({
            "statusCode": 201, "body": "made by the test", "headers": {"WebSocketCorrelationId": correlation(&request)},
        });
        client.send(RESPONSE, &answer).await;
    };
    let (answer, ()) = tokio::join!(mock.get("/order"), answering);
    assert_eq!(
        (answer.status, answer.text.as_str()),
        (201, "made by the test")
    );
}

#[tokio::test]
async fn a_client_says_what_to_forward_and_sees_the_answer() {
    let (upstream, mock) = (mock().await, mock().await);
    upstream.expect(json!({"httpRequest": {"path": "/changed"}, "httpResponse": {"body": "pong"}}));
    let mut client = Client::connect(&mock).await;
    mock.expect(
        json!({"httpForwardObjectCallback": {"clientId": client.id, "responseCallback": true}}),
    );
    let port = upstream.server.port();
    let answering = async {
        let (_, request) = client.next().await;
        let forward = json!({
            "path": "/changed", "socketAddress": {"host": "127.0.0.1", "port": port},
            "headers": {"WebSocketCorrelationId": correlation(&request)},
        });
        client.send(REQUEST, &forward).await;
        let (kind, both) = client.next().await;
        assert_eq!(kind, "org.mockserver.model.HttpRequestAndHttpResponse");
        assert_eq!(both["httpResponse"]["body"], "pong");
        let answer = json!({
            "body": "seen", "headers": {"WebSocketCorrelationId": correlation(&both["httpRequest"])},
        });
        client.send(RESPONSE, &answer).await;
    };
    let (answer, ()) = tokio::join!(mock.get("/order"), answering);
    assert_eq!(answer.text, "seen");
}

#[tokio::test]
async fn what_goes_wrong_in_a_client_is_told() {
    let mock = mock().await;
    let mut client = Client::connect(&mock).await;
    mock.expect(json!({"httpResponseObjectCallback": {"clientId": client.id}}));
    let answering = async {
        let (_, request) = client.next().await;
        let id = correlation(&request)[0].clone();
        let error = json!({"message": "no such order", "webSocketCorrelationId": id});
        client
            .send(
                "org.mockserver.serialization.model.WebSocketErrorDTO",
                &error,
            )
            .await;
    };
    let (answer, ()) = tokio::join!(mock.get("/order"), answering);
    assert_eq!(
        (answer.status, answer.text.as_str()),
        (500, "no such order")
    );
}

#[tokio::test]
async fn a_client_that_is_gone_is_told_at_once() {
    let mock = mock().await;
    let mut client = Client::connect(&mock).await;
    mock.expect(json!({"httpResponseObjectCallback": {"clientId": client.id}}));
    let leaving = async {
        client.next().await;
        drop(client);
    };
    let (answer, ()) = tokio::join!(mock.get("/order"), leaving);
    assert_eq!(answer.status, 500);
    assert!(answer.text.contains("gone"), "{}", answer.text);
    let unknown = mock.get("/order").await;
    assert!(
        unknown.text.contains("no client with the id"),
        "{}",
        unknown.text
    );
}

#[tokio::test]
async fn a_reset_leaves_the_connections_of_clients_open() {
    let mock = mock().await;
    let mut client = Client::connect(&mock).await;
    let url = format!("{}/mockserver/reset", mock.server.url());
    let answer = reqwest::Client::new().put(url).send().await;
    assert_eq!(answer.expect("an answer").status(), 200);
    client
        .socket
        .send(Message::Ping("still there".into()))
        .await
        .expect("sent");
    let answered = client.socket.next().await.expect("open").expect("readable");
    assert_eq!(answered, Message::Pong("still there".into()));
}
