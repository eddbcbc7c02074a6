//! TLS: on the same port, with certificates made on the fly, and clients that show theirs.

use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use serde_json::json;
use styk_mock::{Limits, MockServer, Settings};
use tokio::io::AsyncWriteExt;

use crate::support::{
    Mock, TlsClient, exchange, mock, mock_from, mock_set, mock_with, read_to_end,
};

const GET: &str = "GET /x HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn the_port_serves_tls_beside_plain_http() {
    let mock = mock().await;
    mock.expect(
        json!({"httpRequest": {"path": "/x", "secure": true}, "httpResponse": {"body": "secret"}}),
    );
    mock.expect(
        json!({"httpRequest": {"path": "/x", "secure": false}, "httpResponse": {"body": "open"}}),
    );
    let stream = mock.connect().await;
    let mut stream = mock
        .tls_client()
        .over(stream, "shop.test")
        .await
        .expect("a handshake");
    assert!(exchange(&mut stream, GET).await.ends_with("secret"));
    assert!(mock.raw(GET).await.ends_with("open"));
    let seen = mock.retrieve("requests", "").await;
    assert_eq!(
        (&seen[0]["secure"], &seen[1]["secure"]),
        (&json!(true), &json!(false))
    );
}

#[tokio::test]
async fn the_client_chooses_the_version_of_http() {
    let mock = mock().await;
    for (offered, chosen) in [
        (&["h2", "http/1.1"][..], "h2"),
        (&["http/1.1"][..], "http/1.1"),
    ] {
        let client = mock.tls_client().speaking(offered);
        let stream = client.over(mock.connect().await, "localhost").await;
        let stream = stream.expect("a handshake");
        let (_, session) = stream.get_ref();
        assert_eq!(session.alpn_protocol(), Some(chosen.as_bytes()));
    }
}

/// An authority of clients, and a certificate that it signs.
struct Clients {
    authority: String,
    shown: CertifiedKey,
}

fn clients() -> Clients {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).expect("a certificate").pem();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, "till 7");
    let certificate = params.signed_by(&key, &issuer).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let key = rustls::crypto::ring::sign::any_supported_type(&key).expect("a key");
    Clients {
        authority,
        shown: CertifiedKey::new(vec![CertificateDer::from(certificate)], key),
    }
}

fn showing(mut client: TlsClient, clients: &Clients) -> TlsClient {
    let shown = SingleCertAndKey::from(clients.shown.clone());
    client.config.client_auth_cert_resolver = Arc::new(shown);
    client
}

#[tokio::test]
async fn certificates_of_clients_are_recorded() {
    let mock = mock().await;
    let client = showing(mock.tls_client(), &clients());
    let stream = client.over(mock.connect().await, "localhost").await;
    exchange(&mut stream.expect("a handshake"), GET).await;
    let exchanges = mock.server.journal().exchanges();
    let request = exchanges[0].request().expect("a request");
    let shown = &request
        .transport
        .as_ref()
        .expect("a transport")
        .client_certificates;
    assert_eq!(shown.len(), 1);
    assert!(shown[0].subject.contains("CN=till 7"), "{shown:?}");
    let chain = &mock.retrieve("requests", "").await[0]["clientCertificateChain"];
    assert_eq!(chain[0]["subjectDistinguishedName"], shown[0].subject);
    assert_eq!(chain[0]["signatureAlgorithmName"], "SHA256withECDSA");
}

#[tokio::test]
async fn with_mutual_tls_nobody_gets_in_without_a_certificate() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("clients.pem");
    let clients = clients();
    std::fs::write(&path, &clients.authority).expect("written");
    let mock = mock_set(|settings| {
        settings.tls_mutual_authentication_required = true;
        settings.tls_mutual_authentication_certificate_chain = path.display().to_string();
    })
    .await;
    mock.expect_get("/x", "one");
    let client = showing(mock.tls_client(), &clients);
    let stream = client.over(mock.connect().await, "localhost").await;
    let answer = exchange(&mut stream.expect("a handshake"), GET).await;
    assert!(answer.ends_with("one"), "{answer}");
    // The refusal may come with the handshake or after it.
    if let Ok(mut stream) = mock
        .tls_client()
        .over(mock.connect().await, "localhost")
        .await
    {
        let written = stream.write_all(GET.as_bytes()).await;
        let mut answer = Vec::new();
        let read = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut answer).await;
        assert!((written.is_err() || read.is_err()) && answer.is_empty());
    }
    let plain = mock.raw(GET).await;
    let expected = "HTTP/1.1 426 Upgrade Required\r\nUpgrade: TLS/1.2, HTTP/1.1\r\n";
    assert!(plain.starts_with(expected), "{plain}");
    assert_eq!(mock.put("status", "").await.status, 200);
}

#[tokio::test]
async fn half_a_handshake_and_half_a_head_inside_tls_are_cut_off() {
    let limits = Limits {
        head_timeout: Duration::from_millis(200),
        ..Limits::default()
    };
    let mock = mock_with(limits).await;
    let mut late = mock.connect().await;
    late.write_all(&[0x16, 3, 1, 2, 0]).await.expect("sent");
    assert_eq!(read_to_end(&mut late).await, "");
    let stream = mock.connect().await;
    let mut late = mock
        .tls_client()
        .over(stream, "localhost")
        .await
        .expect("a handshake");
    late.write_all(b"GET /x HTTP/1.1\r\nho")
        .await
        .expect("sent");
    late.flush().await.expect("sent");
    let mut rest = Vec::new();
    let _closed_or_cut = tokio::io::AsyncReadExt::read_to_end(&mut late, &mut rest).await;
    assert!(rest.is_empty());
}

#[tokio::test]
async fn an_authority_in_a_folder_stays_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let start = || async {
        mock_from(MockServer::builder("payment").authority_folder(folder.path())).await
    };
    let (first, second): (Mock, Mock) = (start().await, start().await);
    let pem = first.server.authority_pem().expect("an authority");
    assert_eq!(pem, second.server.authority_pem().expect("an authority"));
    let public = folder.path().join("CertificateAuthorityCertificate.pem");
    assert_eq!(std::fs::read_to_string(public).expect("published"), pem);
    let stream = second.connect().await;
    assert!(first.tls_client().over(stream, "localhost").await.is_ok());
}

#[tokio::test]
async fn settings_of_tls_that_cannot_work_stop_the_start() {
    let mut settings = Settings::default();
    settings.private_key_path = "key.pem".to_owned();
    let error = MockServer::builder("payment")
        .settings(settings)
        .start()
        .await;
    assert_eq!(
        error.expect_err("half of a pair").to_string(),
        "mock server `payment` cannot set up TLS: `privateKeyPath` is set, but `x509CertificatePath` is not: set both, or neither"
    );
}
