//! A server under test, and clients that speak to it: one that knows HTTP and one that knows bytes.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use styk_mock::{Limits, MockServer, MockServerBuilder, Settings};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// An upper bound for waits that end by themselves.
const DEADLINE: Duration = Duration::from_secs(20);

/// A mock server with a client.
pub(crate) struct Mock {
    pub(crate) server: MockServer,
    pub(crate) client: reqwest::Client,
}

/// The status, content type and text of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) text: String,
}

pub(crate) async fn mock() -> Mock {
    mock_from(MockServer::builder("payment")).await
}

pub(crate) async fn mock_with(limits: Limits) -> Mock {
    mock_from(MockServer::builder("payment").limits(limits)).await
}

/// A server with some settings changed.
pub(crate) async fn mock_set(change: impl FnOnce(&mut Settings)) -> Mock {
    let mut settings = Settings::default();
    change(&mut settings);
    mock_from(MockServer::builder("payment").settings(settings)).await
}

pub(crate) async fn mock_from(builder: MockServerBuilder) -> Mock {
    let server = builder.start().await.expect("the server starts");
    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    Mock { server, client }
}

impl Mock {
    /// Mounts an expectation.
    pub(crate) fn expect(&self, expectation: Value) -> String {
        let ids = self
            .server
            .expect(expectation)
            .expect("a valid expectation");
        ids.into_iter().next().expect("one id")
    }

    /// Mounts one that answers `GET path` with `body`.
    pub(crate) fn expect_get(&self, path: &str, body: &str) -> String {
        self.expect(serde_json::json!({
            "httpRequest": { "method": "GET", "path": path }, "httpResponse": { "body": body }
        }))
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        let url = format!("{}{path}", self.server.url());
        let method = method.parse().expect("a method");
        let sent = self
            .client
            .request(method, url)
            .body(body)
            .send()
            .await
            .expect("an answer");
        let content_type = sent.headers().get("content-type");
        let content_type = content_type.map(|value| value.to_str().expect("text").to_owned());
        Answer {
            status: sent.status().as_u16(),
            content_type,
            text: sent.text().await.expect("a body"),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "").await
    }

    /// A control operation: `put("verify", ...)`.
    pub(crate) async fn put(&self, operation: &str, body: impl Into<reqwest::Body>) -> Answer {
        self.send("PUT", &format!("/mockserver/{operation}"), body)
            .await
    }

    /// What `retrieve` gives, as JSON.
    pub(crate) async fn retrieve(&self, what: &str, filter: &str) -> Value {
        let answer = self
            .put(&format!("retrieve?type={what}"), filter.to_owned())
            .await;
        assert_eq!(answer.status, StatusCode::OK.as_u16(), "{}", answer.text);
        serde_json::from_str(&answer.text).expect("JSON")
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.server.port()))
            .await
            .expect("a connection")
    }

    /// Sends bytes and reads until the server closes the connection.
    pub(crate) async fn raw(&self, request: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(request.as_bytes()).await.expect("sent");
        read_to_end(&mut stream).await
    }
}

pub(crate) async fn read_to_end(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(DEADLINE, stream.read_to_end(&mut bytes)).await;
    read.expect("the server closes in time").expect("readable");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads until `end` has come.
pub(crate) async fn read_until(stream: &mut (impl AsyncRead + Unpin), end: &str) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.contains(end) {
        let read = tokio::time::timeout(DEADLINE, stream.read(&mut buffer)).await;
        let length = read.expect("the bytes come in time").expect("readable");
        assert_ne!(length, 0, "closed after {text:?}");
        text.push_str(&String::from_utf8_lossy(&buffer[..length]));
    }
    text
}

/// Sends bytes over a stream and reads until the server closes it.
pub(crate) async fn exchange(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    request: &str,
) -> String {
    stream.write_all(request.as_bytes()).await.expect("sent");
    read_to_end(stream).await
}

/// A TLS client that trusts the server alone.
pub(crate) struct TlsClient {
    pub(crate) config: ClientConfig,
}

impl Mock {
    pub(crate) fn tls_client(&self) -> TlsClient {
        let pem = self.server.authority_pem().expect("an authority");
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            roots
                .add(certificate.expect("PEM"))
                .expect("a certificate of an authority");
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        TlsClient { config }
    }
}

impl TlsClient {
    pub(crate) fn speaking(mut self, protocols: &[&str]) -> Self {
        self.config.alpn_protocols = protocols
            .iter()
            .map(|name| name.as_bytes().to_vec())
            .collect();
        self
    }

    /// The handshake, over any stream.
    pub(crate) async fn over<S: AsyncRead + AsyncWrite + Unpin>(
        self,
        stream: S,
        name: &str,
    ) -> std::io::Result<TlsStream<S>> {
        let name = ServerName::try_from(name.to_owned()).expect("a name");
        TlsConnector::from(Arc::new(self.config))
            .connect(name, stream)
            .await
    }
}
