//! The server as a proxy, and other proxies on its own way.

use serde_json::json;
use styk_mock::{HostPort, MockServer, Secret, Settings};
use test_case::test_case;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Mock, exchange, mock, mock_from, mock_set, read_until};

/// A server that others are forwarded to; every answer is `pong`.
async fn upstream() -> Mock {
    let upstream = mock().await;
    upstream.expect(json!({"httpResponse": {"headers": {"X-Up": ["1"]}, "body": "pong"}}));
    upstream
}

fn get(host: &str) -> String {
    format!("GET /x?a=1 HTTP/1.1\r\nHost: {host}\r\nX-Foo: 1\r\nConnection: close\r\n\r\n")
}

fn address(mock: &Mock) -> String {
    format!("127.0.0.1:{}", mock.server.port())
}

fn proxying(settings: &mut Settings) {
    settings.attempt_to_proxy_if_no_matching_expectation = true;
}

async fn count(mock: &Mock) -> usize {
    let requests = mock.retrieve("requests", "").await;
    requests.as_array().expect("a list").len()
}

#[tokio::test]
async fn nothing_is_forwarded_unless_asked_for() {
    let (upstream, mock) = (upstream().await, mock().await);
    let answer = mock.raw(&get(&address(&upstream))).await;
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    assert_eq!(count(&upstream).await, 0);
}

#[tokio::test]
async fn what_matches_nothing_goes_to_its_host_when_asked_for() {
    let (upstream, mock) = (upstream().await, mock_set(proxying).await);
    let answer = mock.raw(&get(&address(&upstream))).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\nX-Up: 1\r\n") && answer.ends_with("pong"),
        "{answer}"
    );
    let seen = &upstream.retrieve("requests", "").await[0];
    assert_eq!(seen["headers"]["X-Foo"], json!(["1"]));
    let by = seen["headers"]["x-forwarded-by"][0]
        .as_str()
        .expect("a header");
    assert!(by.starts_with("MockServer_"), "{by}");
    let exchanges = mock.server.journal().exchanges();
    assert_eq!(
        exchanges[0].attribute("forwarded_to"),
        Some(&*address(&upstream))
    );
}

#[tokio::test]
async fn what_matches_nothing_goes_to_the_remote() {
    let upstream = upstream().await;
    let mock = mock_set(|settings| {
        settings.proxy_remote_host = "127.0.0.1".to_owned();
        settings.proxy_remote_port = Some(u64::from(upstream.server.port()));
    })
    .await;
    mock.expect_get("/mine", "mine");
    assert!(mock.raw(&get("shop.test")).await.ends_with("pong"));
    assert_eq!(mock.get("/mine").await.text, "mine");
    assert_eq!(count(&upstream).await, 1);
}

#[tokio::test]
async fn an_absolute_target_is_matched_by_its_path_and_forwarded_as_it_says() {
    let (upstream, mock) = (upstream().await, mock_set(proxying).await);
    mock.expect_get("/mine", "mine");
    let ask = |path: &str| {
        let host = address(&upstream);
        format!("GET http://{host}{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
    };
    assert!(mock.raw(&ask("/mine")).await.ends_with("mine"));
    assert!(mock.raw(&ask("/other")).await.ends_with("pong"));
    assert_eq!(upstream.retrieve("requests", "").await[0]["path"], "/other");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_502() {
    let mock = mock_set(proxying).await;
    let gone = {
        let gone = upstream().await;
        let address = address(&gone);
        gone.server.stop().await;
        address
    };
    let answer = mock.raw(&get(&gone)).await;
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
}

#[test_case("127.0.0.1"; "by the address that was dialled")]
#[test_case("localhost"; "by name")]
#[test_case("127.0.0.2"; "by an address it does not know as its own")]
#[tokio::test]
async fn a_request_never_goes_round_in_circles(host: &str) {
    let mut settings = Settings::default();
    proxying(&mut settings);
    let everywhere = MockServer::builder("payment")
        .host("0.0.0.0")
        .settings(settings);
    let mock = mock_from(everywhere).await;
    let answer = mock
        .raw(&get(&format!("{host}:{}", mock.server.port())))
        .await;
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
}

#[tokio::test]
async fn the_mode_decides_what_is_forwarded() {
    let (upstream, mock) = (upstream().await, mock().await);
    let request = get(&address(&upstream));
    for (mode, status) in [("SPY", 200), ("SIMULATE", 404), ("capture", 200)] {
        assert_eq!(mock.put(&format!("mode?mode={mode}"), "").await.status, 200);
        let answer = mock.raw(&request).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{mode}: {answer}"
        );
    }
    let on = r#"{"attemptToProxyIfNoMatchingExpectation": true}"#;
    mock.put("mode?mode=SIMULATE", "").await;
    assert_eq!(mock.put("configuration", on).await.status, 200);
    assert!(mock.raw(&request).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn clients_learn_how_to_use_it_as_a_proxy() {
    let folder = tempfile::tempdir().expect("a folder");
    let mock = mock_from(MockServer::builder("payment").authority_folder(folder.path())).await;
    let answer = mock.get("/mockserver/proxyConfiguration").await;
    let json: serde_json::Value = serde_json::from_str(&answer.text).expect("JSON");
    assert_eq!(
        json["caCertificatePem"],
        mock.server.authority_pem().expect("an authority")
    );
    let path = json["caCertificatePath"].as_str().expect("a path");
    assert!(std::path::Path::new(path).exists());
    let unix = json["environmentVariables"]["unix"].as_str().expect("text");
    let proxy = format!(
        "export HTTPS_PROXY=http://localhost:{}\n",
        mock.server.port()
    );
    assert!(unix.starts_with(&proxy) && unix.contains(path), "{unix}");
}

/// A stream to `target` through the server, by `CONNECT`.
async fn tunnel(mock: &Mock, target: &str) -> TcpStream {
    let mut stream = mock.connect().await;
    let connect = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n");
    stream.write_all(connect.as_bytes()).await.expect("sent");
    let answer = read_until(&mut stream, "\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    stream
}

#[tokio::test]
async fn requests_in_a_tunnel_are_matched_like_any_other() {
    let mock = mock().await;
    mock.expect_get("/x", "one");
    let mut plain = tunnel(&mock, "shop.test:80").await;
    assert!(
        exchange(&mut plain, &get("shop.test"))
            .await
            .ends_with("one")
    );
    let stream = tunnel(&mock, "pay.test:443").await;
    let mut tls = mock
        .tls_client()
        .over(stream, "pay.test")
        .await
        .expect("a certificate for pay.test");
    assert!(exchange(&mut tls, &get("pay.test")).await.ends_with("one"));
    let seen = mock.retrieve("requests", "").await;
    assert_eq!(
        seen.as_array().expect("a list").len(),
        2,
        "CONNECT itself is not recorded"
    );
    assert_eq!(seen[1]["secure"], true);
}

#[tokio::test]
async fn a_client_without_sni_gets_a_certificate_for_the_target_of_its_tunnel() {
    let mock = mock().await;
    mock.expect_get("/x", "one");
    let stream = tunnel(&mock, "10.1.2.3:443").await;
    let mut tls = mock
        .tls_client()
        .over(stream, "10.1.2.3")
        .await
        .expect("a certificate");
    assert!(exchange(&mut tls, &get("10.1.2.3")).await.ends_with("one"));
}

#[test_case(false)]
#[test_case(true; "over TLS")]
#[tokio::test]
async fn requests_in_a_tunnel_go_to_its_target(secure: bool) {
    let (upstream, mock) = (upstream().await, mock_set(proxying).await);
    let mut stream = tunnel(&mock, &address(&upstream)).await;
    let answer = if secure {
        let tls = mock.tls_client().over(stream, "127.0.0.1").await;
        exchange(&mut tls.expect("a handshake"), &get("other.test")).await
    } else {
        exchange(&mut stream, &get("other.test")).await
    };
    assert!(answer.ends_with("pong"), "{answer}");
    assert_eq!(upstream.retrieve("requests", "").await[0]["secure"], secure);
}

#[test_case(&[5, 1, 0], &[5, 1, 0, 3, 9, b's', b'h', b'o', b'p', b'.', b't', b'e', b's', b't', 0, 80], &[5, 0]; "version 5")]
#[test_case(&[], b"\x04\x01\x00\x50\x00\x00\x00\x01me\x00shop.test\x00", &[0, 0x5a]; "version 4a")]
#[tokio::test]
async fn a_socks_client_is_served(greeting: &[u8], request: &[u8], answer: &[u8]) {
    let mock = mock().await;
    mock.expect_get("/x", "one");
    let mut stream = mock.connect().await;
    if !greeting.is_empty() {
        stream.write_all(greeting).await.expect("sent");
        let mut chosen = [0; 2];
        stream.read_exact(&mut chosen).await.expect("an answer");
        assert_eq!(chosen, [5, 0]);
    }
    stream.write_all(request).await.expect("sent");
    let mut head = vec![0; if greeting.is_empty() { 8 } else { 10 }];
    stream.read_exact(&mut head).await.expect("an answer");
    assert!(head.starts_with(answer), "{head:?}");
    assert!(
        exchange(&mut stream, &get("shop.test"))
            .await
            .ends_with("one")
    );
}

fn with_password(settings: &mut Settings) {
    proxying(settings);
    settings.proxy_authentication_username = "joe".to_owned();
    settings.proxy_authentication_password = Secret::new("s3cret");
}

const AUTHORIZATION: &str = "Proxy-Authorization: Basic am9lOnMzY3JldA==\r\n";

#[tokio::test]
async fn a_proxy_may_ask_for_a_password() {
    let (upstream, mock) = (upstream().await, mock_set(with_password).await);
    mock.expect_get("/mine", "mine");
    let challenge = "HTTP/1.1 407 Proxy Authentication Required\r\n\
                     proxy-authenticate: Basic realm=\"MockServer HTTP Proxy\", charset=\"UTF-8\"\r\n";
    let refused = mock
        .raw("CONNECT a.test:80 HTTP/1.1\r\nHost: a.test:80\r\nConnection: close\r\n\r\n")
        .await;
    assert!(refused.starts_with(challenge), "{refused}");
    let refused = mock.raw(&get(&address(&upstream))).await;
    assert!(refused.starts_with(challenge), "{refused}");
    assert_eq!(
        mock.get("/mine").await.text,
        "mine",
        "a mock asks for nothing"
    );
    let shown = get(&address(&upstream)).replace("X-Foo: 1\r\n", AUTHORIZATION);
    assert!(mock.raw(&shown).await.ends_with("pong"));
    let seen = &upstream.retrieve("requests", "").await[0];
    assert!(seen["headers"]["Proxy-Authorization"].is_null(), "{seen}");
    let mut stream = mock.connect().await;
    let connect = format!("CONNECT a.test:80 HTTP/1.1\r\nHost: a.test:80\r\n{AUTHORIZATION}\r\n");
    stream.write_all(connect.as_bytes()).await.expect("sent");
    assert!(
        read_until(&mut stream, "\r\n\r\n")
            .await
            .starts_with("HTTP/1.1 200 ")
    );
}

/// Forwards to the upstream at `scheme`, by a proxy that the settings name.
async fn forwarded_by(
    proxy: &Mock,
    upstream: &Mock,
    scheme: &str,
    change: impl FnOnce(&mut Settings, HostPort),
) -> String {
    let mock = mock_set(|settings| {
        let host = "127.0.0.1".to_owned();
        let port = proxy.server.port();
        change(settings, HostPort { host, port });
        settings.forward_proxy_authentication_username = "joe".to_owned();
        settings.forward_proxy_authentication_password = Secret::new("s3cret");
    })
    .await;
    mock.expect(json!({"httpForward": {
        "host": "127.0.0.1", "port": upstream.server.port(), "scheme": scheme,
    }}));
    mock.raw(&get("shop.test")).await
}

#[test_case("HTTP", false; "an HTTP proxy")]
#[test_case("HTTPS", false; "a tunnel of an HTTP proxy")]
#[test_case("HTTP", true; "a SOCKS proxy")]
#[test_case("HTTPS", true; "TLS through a SOCKS proxy")]
#[tokio::test]
async fn forwards_take_the_proxies_of_the_settings(scheme: &str, by_socks: bool) {
    let (upstream, proxy) = (upstream().await, mock_set(with_password).await);
    let answer = forwarded_by(&proxy, &upstream, scheme, |settings, address| {
        if by_socks {
            settings.forward_socks_proxy = Some(address);
        } else if scheme == "HTTP" {
            settings.forward_http_proxy = Some(address);
        } else {
            settings.forward_https_proxy = Some(address);
        }
    })
    .await;
    assert!(answer.ends_with("pong"), "{answer}");
    assert_eq!(count(&proxy).await, 1, "the proxy has seen the request");
    assert_eq!(
        upstream.retrieve("requests", "").await[0]["secure"],
        scheme == "HTTPS"
    );
}

#[tokio::test]
async fn some_hosts_are_reached_without_the_proxy() {
    let (upstream, proxy) = (upstream().await, mock().await);
    let answer = forwarded_by(&proxy, &upstream, "HTTP", |settings, address| {
        settings.forward_http_proxy = Some(address);
        settings.no_proxy_hosts = "localhost,127.0.0.1".to_owned();
    })
    .await;
    assert!(answer.ends_with("pong"), "{answer}");
    assert_eq!(count(&proxy).await, 0);
}

#[tokio::test]
async fn private_networks_can_be_shut() {
    let upstream = upstream().await;
    let mock = mock_set(|settings| {
        proxying(settings);
        settings.forward_proxy_block_private_networks = true;
    })
    .await;
    let answer = mock.raw(&get(&address(&upstream))).await;
    assert!(
        answer.starts_with("HTTP/1.1 502 ") && answer.contains("private network"),
        "{answer}"
    );
    assert_eq!(count(&upstream).await, 0);
}

#[test_case(true, "", "127.0.0.1"; "the target")]
#[test_case(false, "", "shop.test"; "the client's")]
#[test_case(true, "usual.test", "usual.test"; "a usual one")]
#[tokio::test]
async fn the_settings_choose_the_host_that_is_sent(adjusts: bool, usual: &str, expected: &str) {
    let upstream = upstream().await;
    let mock = mock_set(|settings| {
        settings.forward_adjust_host_header = adjusts;
        settings.forward_default_host_header = usual.to_owned();
    })
    .await;
    mock.expect(json!({"httpForward": {"host": "127.0.0.1", "port": upstream.server.port()}}));
    mock.raw(&get("shop.test")).await;
    let seen = &upstream.retrieve("requests", "").await[0];
    let host = seen["headers"]["host"][0].as_str().expect("a host");
    assert_eq!(host.split(':').next(), Some(expected));
}
