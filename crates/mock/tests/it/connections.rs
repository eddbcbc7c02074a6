//! Limits, and servers as values: many at once, gone without a trace.

use std::time::Duration;

use serde_json::json;
use styk_core::Outcome;
use styk_mock::{Limits, MockServer, StartError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{mock, mock_with, read_to_end, read_until};

#[tokio::test]
async fn a_body_over_the_limit_is_413_however_it_is_announced() {
    let limits = Limits {
        body_bytes_max: 10,
        ..Limits::default()
    };
    let mock = mock_with(limits).await;
    mock.expect(json!({"httpResponse": {}}));
    assert_eq!(mock.send("POST", "/", "ten bytes!").await.status, 200);
    let declared = mock
        .raw("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 11\r\n\r\n")
        .await;
    assert!(declared.starts_with("HTTP/1.1 413 "), "{declared}");
    let chunked = "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nb\r\neleven byte\r\n0\r\n\r\n";
    let chunked = mock.raw(chunked).await;
    assert!(
        chunked.starts_with("HTTP/1.1 413 ") && chunked.contains("larger than 10 bytes"),
        "{chunked}"
    );
    let control = mock.put("expectation", "{\"httpResponse\":{}}").await;
    assert_eq!(control.status, 413);
    let exchanges = mock.server.journal().exchanges();
    let refused = exchanges.iter().filter(|exchange| {
        matches!(
            exchange.ending().map(|ending| &ending.outcome),
            Some(Outcome::Failed { .. })
        )
    });
    assert_eq!(refused.count(), 2);
    let requests = mock.put("retrieve", "").await.text;
    assert_eq!(
        requests.matches("\"method\"").count(),
        1,
        "refused requests do not count: {requests}"
    );
}

#[tokio::test]
async fn half_a_head_is_cut_off_in_time_and_an_idle_connection_is_not() {
    let limits = Limits {
        head_timeout: Duration::from_millis(100),
        ..Limits::default()
    };
    let mock = mock_with(limits).await;
    mock.expect_get("/x", "one");
    let mut idle = mock.connect().await;
    idle.write_all(b"GET /x HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .expect("sent");
    read_until(&mut idle, "one").await;
    let mut late = mock.connect().await;
    late.write_all(b"GET /x HTTP/1.1\r\nhost")
        .await
        .expect("sent");
    assert_eq!(read_to_end(&mut late).await, "");
    idle.write_all(b"GET /x HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .expect("sent");
    read_until(&mut idle, "one").await;
}

#[tokio::test]
async fn an_idle_connection_ends_at_its_own_limit() {
    let limits = Limits {
        head_timeout: Duration::from_millis(40),
        idle_timeout: Duration::from_millis(100),
        ..Limits::default()
    };
    let mock = mock_with(limits).await;
    let mut idle = mock.connect().await;
    assert_eq!(read_to_end(&mut idle).await, "");
}

#[tokio::test]
async fn a_dribbling_body_is_cut_off_in_time() {
    let limits = Limits {
        body_timeout: Duration::from_millis(50),
        ..Limits::default()
    };
    let mock = mock_with(limits).await;
    let answer = mock
        .raw("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nab")
        .await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[tokio::test]
async fn more_connections_than_allowed_wait_their_turn() {
    let limits = Limits {
        connections_max: 1,
        ..Limits::default()
    };
    let mock = mock_with(limits).await;
    mock.expect_get("/x", "one");
    let mut first = mock.connect().await;
    first
        .write_all(b"GET /x HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .expect("sent");
    read_until(&mut first, "one").await;
    let mut second = mock.connect().await;
    second
        .write_all(b"GET /x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await
        .expect("sent");
    drop(first);
    assert!(read_to_end(&mut second).await.ends_with("one"));
}

#[tokio::test]
async fn bytes_that_are_no_http_get_400() {
    let mock = mock().await;
    let answer = mock.raw("\u{1}\u{2}\u{3} nonsense\r\n\r\n").await;
    assert!(
        answer.starts_with("HTTP/1.1 400 ") || answer.is_empty(),
        "{answer}"
    );
    assert!(mock.server.journal().exchanges().is_empty());
}

#[tokio::test]
async fn a_hundred_servers_live_side_by_side() {
    let mut servers = Vec::new();
    for n in 0..100 {
        let server = MockServer::builder(format!("mock{n}"))
            .start()
            .await
            .expect("starts");
        server
            .expect(json!({"httpResponse": {"body": format!("I am {n}")}}))
            .expect("valid");
        servers.push(server);
    }
    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    for (n, server) in servers.iter().enumerate() {
        let text = client
            .get(server.url())
            .send()
            .await
            .expect("an answer")
            .text()
            .await
            .expect("a body");
        assert_eq!(text, format!("I am {n}"));
        assert_eq!(server.journal().exchanges().len(), 1);
    }
}

#[tokio::test]
async fn a_stopped_server_closes_its_connections_and_frees_its_port() {
    let mock = mock().await;
    let port = mock.server.port();
    mock.expect(json!({"httpResponse": {"delay": {"timeUnit": "HOURS", "value": 1}}}));
    let mut waiting = mock.connect().await;
    waiting
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .expect("sent");
    let journal = mock.server.journal().clone();
    journal
        .wait_for(Duration::from_secs(10), |journal| {
            (journal.last_seq() == 1).then_some(())
        })
        .await;
    mock.server.stop().await;
    let mut rest = Vec::new();
    let _closed_or_reset = waiting.read_to_end(&mut rest).await;
    assert!(rest.is_empty());
    let again = MockServer::builder("payment").port(port).start().await;
    assert_eq!(again.expect("the port is free").port(), port);
}

#[tokio::test]
async fn a_dropped_server_stops() {
    let mock = mock().await;
    let mut open = mock.connect().await;
    drop(mock.server);
    let mut rest = Vec::new();
    let _closed_or_reset = open.read_to_end(&mut rest).await;
    assert!(rest.is_empty());
}

#[tokio::test]
async fn a_port_in_use_is_one_clear_sentence() {
    let mock = mock().await;
    let port = mock.server.port();
    let error = MockServer::builder("shipping")
        .port(port)
        .start()
        .await
        .expect_err("in use");
    assert!(matches!(&error, StartError::Bind { .. }));
    let text = error.to_string();
    assert!(
        text.starts_with(&format!(
            "mock server `shipping` cannot listen on 127.0.0.1:{port}: "
        )),
        "{text}"
    );
    assert!(text.ends_with("choose a free port, or 0 for any"), "{text}");
}
