//! What a client sees of the server: its certificate, the versions and the protocols.

use std::time::Duration;

use rustls::{ProtocolVersion, SupportedProtocolVersion};
use styk_core::Clock;
use test_case::test_case;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use super::{Client, forwarding, fresh, is_trusted, peer_chain, shake};
use crate::tls::{
    AuthoritySource, AuthorityStore, Identity, Issued, Tls, TlsSettings, TlsVersion, Trust,
};

#[test_case("localhost")]
#[test_case("127.0.0.1")]
#[test_case("::1")]
#[test_case("payment.example.com"; "whatever name a client indicates")]
#[tokio::test]
async fn a_client_that_trusts_the_authority_is_content(name: &str) {
    assert!(is_trusted(&fresh(), None, name).await);
}

#[tokio::test]
async fn a_client_that_does_not_trust_the_authority_refuses() {
    let client = Client::default().trusting(&fresh().authority_pem().unwrap());
    let (connected, accepted) = shake(&fresh(), None, client, "localhost").await;
    let error = connected.unwrap_err().to_string();
    assert!(error.contains("UnknownIssuer"), "{error}");
    assert!(accepted.is_err());
}

#[tokio::test]
async fn an_address_is_in_the_certificate_once_it_is_named() {
    let tls = fresh();
    assert!(!is_trusted(&tls, None, "10.1.2.3").await);
    assert!(is_trusted(&tls, Some("10.1.2.3"), "10.1.2.3").await);
    assert!(is_trusted(&tls, None, "10.1.2.3").await, "it stays");
}

#[tokio::test]
async fn configured_names_are_in_the_certificate() {
    let issued = Issued {
        alternative_names: vec![
            "10.9.9.9".to_owned(),
            "*.shop.test".to_owned(),
            "no host".to_owned(),
        ],
        follows_names: false,
        ..Issued::default()
    };
    let tls = Tls::new(TlsSettings {
        identity: Identity::Issued(issued),
        ..TlsSettings::default()
    });
    let tls = tls.unwrap();
    assert!(is_trusted(&tls, None, "10.9.9.9").await);
    assert!(is_trusted(&tls, None, "a.shop.test").await);
    assert!(!is_trusted(&tls, Some("10.1.1.1"), "10.1.1.1").await);
    assert!(!is_trusted(&tls, None, "other.test").await);
}

#[tokio::test]
async fn the_certificate_does_not_grow_without_bound() {
    let tls = fresh();
    for number in 0..200 {
        tls.server_config(Some(&format!("host-{number}.test")))
            .unwrap();
    }
    let client = Client::default().trusting(&tls.authority_pem().unwrap());
    let (connected, _) = shake(&tls, None, client, "localhost").await;
    let leaf = peer_chain(connected.unwrap().get_ref().1)[0].clone();
    let has = |name: &[u8]| leaf.windows(name.len()).any(|window| window == name);
    assert!(has(b"host-199.test") && has(b"host-136.test"));
    assert!(!has(b"host-135.test") && !has(b"host-0.test"));
    assert!(is_trusted(&tls, None, "host-0.test").await, "asked again");
}

#[tokio::test]
async fn the_certificate_carries_the_names_of_the_original() {
    let tls = fresh();
    let client = Client::default().trusting(&tls.authority_pem().unwrap());
    let (connected, _) = shake(&tls, None, client, "foo.example.com").await;
    let leaf = peer_chain(connected.unwrap().get_ref().1)[0].clone();
    let (_, leaf) = X509Certificate::from_der(&leaf).unwrap();
    assert_eq!(
        leaf.subject().to_string(),
        "CN=localhost, O=MockServer, L=London, ST=England, C=UK"
    );
    let names = leaf.subject_alternative_name().unwrap().unwrap();
    assert_eq!(
        names.value.general_names,
        [
            GeneralName::DNSName("localhost"),
            GeneralName::IPAddress(&[127, 0, 0, 1]),
            GeneralName::IPAddress(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            GeneralName::DNSName("foo.example.com"),
        ]
    );
    let uses = leaf.extended_key_usage().unwrap().unwrap().value;
    assert!(uses.server_auth && uses.client_auth);
}

#[tokio::test]
async fn the_certificate_is_good_for_397_days_and_renewed_before() {
    let clock = Clock::manual("2020-01-01T12:00:00Z".parse().unwrap());
    let tls = Tls::new(TlsSettings {
        clock: clock.clone(),
        ..TlsSettings::default()
    });
    let tls = tls.unwrap();
    let mut dates = Vec::new();
    for _ in 0..3 {
        // A client of before would resume its session, and be shown nothing.
        let any = forwarding(Trust::Any, None).client_config().unwrap();
        let (connected, _) = shake(&tls, None, any, "localhost").await;
        let leaf = peer_chain(connected.unwrap().get_ref().1)[0].clone();
        let (_, leaf) = X509Certificate::from_der(&leaf).unwrap();
        let validity = leaf.validity();
        dates.push((
            validity.not_before.timestamp(),
            validity.not_after.timestamp(),
        ));
        clock.advance(Duration::from_secs(100 * 24 * 3600));
    }
    let seconds = |day: &str| {
        let midnight: jiff::Timestamp = format!("{day}T00:00:00Z").parse().unwrap();
        midnight.as_second()
    };
    let first = (seconds("2019-12-27"), seconds("2021-01-27"));
    let renewed = (seconds("2020-07-14"), seconds("2021-08-15"));
    assert_eq!(dates, [first, first, renewed]);
}

#[test_case(&rustls::version::TLS12, ProtocolVersion::TLSv1_2; "tls 1.2")]
#[test_case(&rustls::version::TLS13, ProtocolVersion::TLSv1_3; "tls 1.3")]
#[tokio::test]
async fn both_versions_are_spoken(
    version: &'static SupportedProtocolVersion,
    expected: ProtocolVersion,
) {
    let tls = fresh();
    let client = Client {
        version: Some(version),
        ..Client::default()
    };
    let client = client.trusting(&tls.authority_pem().unwrap());
    let (connected, _) = shake(&tls, None, client, "localhost").await;
    let connected = connected.unwrap();
    assert_eq!(connected.get_ref().1.protocol_version(), Some(expected));
}

#[tokio::test]
async fn a_version_left_out_is_not_spoken() {
    let settings = TlsSettings {
        versions: vec![TlsVersion::V1_2],
        ..TlsSettings::default()
    };
    let tls = Tls::new(settings).unwrap();
    let client = Client {
        version: Some(&rustls::version::TLS13),
        ..Client::default()
    };
    let client = client.trusting(&tls.authority_pem().unwrap());
    assert!(shake(&tls, None, client, "localhost").await.0.is_err());
}

#[test_case(&["h2", "http/1.1"], true, Some("h2"))]
#[test_case(&["http/1.1"], true, Some("http/1.1"))]
#[test_case(&["h2", "http/1.1"], false, Some("http/1.1"); "without HTTP 2")]
#[test_case(&[], true, None; "nothing asked")]
#[tokio::test]
async fn the_protocol_is_agreed(asked: &[&'static str], http2: bool, expected: Option<&str>) {
    let settings = TlsSettings {
        offers_http2: http2,
        ..TlsSettings::default()
    };
    let tls = Tls::new(settings).unwrap();
    let client = Client {
        alpn: asked.to_vec(),
        ..Client::default()
    };
    let client = client.trusting(&tls.authority_pem().unwrap());
    let (_, accepted) = shake(&tls, None, client, "localhost").await;
    let accepted = accepted.unwrap();
    let agreed = accepted.get_ref().1.alpn_protocol();
    assert_eq!(agreed, expected.map(str::as_bytes));
}

#[tokio::test]
async fn nothing_is_made_before_the_first_handshake() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("styk");
    let store = AuthorityStore {
        folder: folder.clone(),
    };
    let settings = TlsSettings {
        identity: Identity::Issued(Issued {
            authority: AuthoritySource::Stored(store),
            ..Issued::default()
        }),
        ..TlsSettings::default()
    };
    let tls = Tls::new(settings.clone()).unwrap();
    assert!(!folder.exists());
    assert!(is_trusted(&tls, None, "localhost").await);
    let again = Tls::new(settings).unwrap();
    let pem = again.authority_pem().unwrap();
    assert_eq!(pem, tls.authority_pem().unwrap());
    let public = folder.join("CertificateAuthorityCertificate.pem");
    assert_eq!(std::fs::read_to_string(public).unwrap(), pem);
}

#[test]
fn no_text_about_it_holds_a_key() {
    let tls = fresh();
    tls.server_config(None).unwrap();
    let text = format!("{tls:?}").to_ascii_lowercase();
    assert!(!text.contains("private key"), "{text}");
}

#[test]
fn the_default_of_the_process_is_left_alone() {
    let tls = fresh();
    tls.server_config(Some("a.test")).unwrap();
    tls.client_config().unwrap();
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}
