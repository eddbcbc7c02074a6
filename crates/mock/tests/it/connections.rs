//! Limits, and servers as values: many at once, gone without a trace.

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use styk_core::Outcome;
use styk_mock::{Limits, MockServer, StartError};
use test_case::test_case;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{mock, mock_from, mock_set, mock_with, read_to_end, read_until};

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
    let refused = exchanges
        .iter()
        .filter(|exchange| matches!(exchange.outcome(), Some(Outcome::Failed { .. })));
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

#[test_case("\u{1}\u{2}\u{3} nonsense\r\n\r\n"; "bytes of no protocol")]
#[test_case("BREW /pot HTTP/1.1\r\nhost: a\r\n\r\n"; "a method that HTTP does not know")]
#[tokio::test]
async fn bytes_of_no_known_protocol_are_told_so(bytes: &str) {
    let mock = mock().await;
    let answer = mock.raw(bytes).await;
    assert_eq!(
        answer,
        "unknown message format, only HTTP requests are supported for mocking or HTTP & binary requests for \
         proxying, but request is not being proxied and request is not valid HTTP"
    );
    assert!(mock.server.journal().exchanges().is_empty());
}

#[tokio::test]
async fn every_method_may_be_taken_for_http() {
    let mock = mock_set(|settings| settings.assume_all_requests_are_http = true).await;
    mock.expect(json!({"httpRequest": {"method": "BREW"}, "httpResponse": {"body": "tea"}}));
    let answer = mock
        .raw("BREW /pot HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await;
    assert!(answer.ends_with("tea"), "{answer}");
}

#[tokio::test]
async fn a_head_may_come_byte_by_byte() {
    let mock = mock().await;
    mock.expect_get("/x", "one");
    let mut stream = mock.connect().await;
    stream.set_nodelay(true).expect("a socket");
    for byte in b"GET /x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n" {
        stream.write_all(&[*byte]).await.expect("sent");
        tokio::task::yield_now().await;
    }
    assert!(read_to_end(&mut stream).await.ends_with("one"));
}

#[test_case("/", 300, "", 414; "a long line")]
#[test_case("/ HTTP/1.1\r\na: ", 500, "", 431; "long fields")]
#[tokio::test]
async fn a_head_beyond_its_limits_is_refused(start: &str, size: usize, end: &str, status: u16) {
    let mock = mock_set(|settings| {
        settings.max_initial_line_length = 200;
        settings.max_header_size = 400;
    })
    .await;
    let head = format!("GET {start}{}{end}", "x".repeat(size));
    let answer = mock.raw(&head).await;
    assert!(
        answer.starts_with(&format!("HTTP/1.1 {status} ")),
        "{answer}"
    );
}

#[tokio::test]
async fn every_connection_may_end_with_its_first_answer() {
    let mock = mock_set(|settings| settings.always_close_socket_connections = true).await;
    mock.expect_get("/x", "one");
    let answer = mock.raw("GET /x HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
}

#[test_case(true; "within the limit")]
#[test_case(false; "a bomb")]
#[tokio::test]
async fn a_compressed_body_is_matched_and_recorded_as_it_was_before(fits: bool) {
    let mock = mock_set(|settings| settings.max_request_body_size = 1000).await;
    mock.expect(json!({"httpRequest": {"body": "hello"}, "httpResponse": {"body": "understood"}}));
    let body = if fits {
        b"hello".to_vec()
    } else {
        vec![0; 100_000]
    };
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&body).expect("written");
    let body = gzip.finish().expect("compressed");
    let url = format!("{}/x", mock.server.url());
    let sent = mock
        .client
        .post(url)
        .header("Content-Encoding", "gzip")
        .body(body);
    let answer = sent.send().await.expect("an answer");
    if !fits {
        assert_eq!(answer.status(), 413);
        return;
    }
    assert_eq!(answer.text().await.expect("a body"), "understood");
    let seen = &mock.retrieve("requests", "").await[0];
    assert_eq!(seen["headers"]["content-encoding"], json!(["gzip"]));
    assert_eq!(seen["headers"]["content-length"], json!(["5"]));
    assert_eq!(seen["body"], "hello");
}

#[tokio::test]
async fn several_ports_are_one_server() {
    let server = MockServer::builder("payment").ports([0, 0]);
    let mock = mock_from(server).await;
    mock.expect_get("/x", "one");
    let ports = mock.server.ports();
    assert_eq!(
        mock.server.start_line(),
        format!(
            "started on port: {}\nstarted on port: {}",
            ports[0], ports[1]
        )
    );
    for port in &ports {
        let url = format!("http://127.0.0.1:{port}/x");
        let answer = mock.client.get(url).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
    }
    let bound = mock.put("bind", r#"{"ports": [0]}"#).await;
    assert_eq!(bound.status, 200);
    let bound: serde_json::Value = serde_json::from_str(&bound.text).expect("JSON");
    assert_eq!(bound["ports"], json!([mock.server.ports()[2]]));
    let url = format!("http://127.0.0.1:{}/x", bound["ports"][0]);
    let answer = mock.client.get(url).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    assert_eq!(mock.server.journal().exchanges().len(), 3);
    let again = mock
        .put("bind", format!("{{\"ports\": [{}]}}", ports[0]))
        .await;
    assert_eq!(
        (again.status, again.text.as_str()),
        (
            400,
            &*format!("Exception while binding MockServer to port {}", ports[0])
        )
    );
}

#[tokio::test]
async fn a_stop_waits_for_answers_under_way() {
    let mock = mock_set(|settings| settings.stop_drain_millis = 20_000).await;
    mock.expect(json!({"httpResponse": {
        "body": "late", "delay": {"timeUnit": "MILLISECONDS", "value": 200},
    }}));
    let mut idle = mock.connect().await;
    let mut waiting = mock.connect().await;
    waiting
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .expect("sent");
    let journal = mock.server.journal().clone();
    let begun = |journal: &styk_core::Journal| (journal.last_seq() == 1).then_some(());
    journal.wait_for(Duration::from_secs(10), begun).await;
    mock.server.stop().await;
    let answer = read_to_end(&mut waiting).await;
    assert!(
        answer.contains("connection: close") && answer.ends_with("late"),
        "{answer}"
    );
    let mut rest = Vec::new();
    let _closed_or_reset = idle.read_to_end(&mut rest).await;
    assert!(rest.is_empty());
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
