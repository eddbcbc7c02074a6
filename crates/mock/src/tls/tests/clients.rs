//! Which clients are let in, and what is recorded of them.

use test_case::test_case;

use super::{Client, Kind, authority, files, fresh, issued_by, peer_chain, shake, signed};
use crate::tls::{AuthoritySource, ClientCertificates, Tls, TlsSettings, peer_certificates};

#[test_case(Some("known"), true; "a known client")]
#[test_case(Some("unknown"), false; "an unknown client")]
#[test_case(None, false; "a client without a certificate")]
#[tokio::test]
async fn mutual_tls_lets_known_clients_in_only(client: Option<&str>, is_let_in: bool) {
    let folder = tempfile::tempdir().unwrap();
    let ours = authority(folder.path(), "ours", Kind::P256);
    authority(folder.path(), "theirs", Kind::P256);
    signed(folder.path(), "known", "ours");
    signed(folder.path(), "unknown", "theirs");
    let settings = TlsSettings {
        client_certificates: ClientCertificates::Required {
            trust: Some(ours.certificate),
        },
        ..TlsSettings::default()
    };
    let tls = Tls::new(settings).unwrap();
    assert!(tls.requires_client_certificate());
    for version in rustls::ALL_VERSIONS {
        let client = Client {
            version: Some(version),
            identity: client.map(|name| files(folder.path(), name)),
            ..Client::default()
        };
        let client = client.trusting(&tls.authority_pem().unwrap());
        let (connected, accepted) = shake(&tls, None, client, "localhost").await;
        assert_eq!(accepted.is_ok(), is_let_in, "{version:?}: {accepted:?}");
        assert_eq!(connected.is_ok(), is_let_in, "{version:?}");
        if let Ok(accepted) = accepted {
            assert_eq!(peer_chain(accepted.get_ref().1).len(), 1);
        }
    }
}

#[tokio::test]
async fn a_certificate_signed_by_the_servers_own_authority_is_enough() {
    let folder = tempfile::tempdir().unwrap();
    let ours = authority(folder.path(), "ours", Kind::Rsa);
    let identity = signed(folder.path(), "client", "ours");
    let settings = TlsSettings {
        client_certificates: ClientCertificates::Required { trust: None },
        ..issued_by(AuthoritySource::Given(ours))
    };
    let tls = Tls::new(settings).unwrap();
    let pem = tls.authority_pem().unwrap();
    let known = Client {
        identity: Some(identity),
        ..Client::default()
    };
    let (_, accepted) = shake(&tls, None, known.trusting(&pem), "localhost").await;
    assert!(accepted.is_ok());
    let (_, accepted) = shake(&tls, None, Client::default().trusting(&pem), "localhost").await;
    assert!(accepted.is_err());
}

#[tokio::test]
async fn whoever_shows_a_certificate_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    authority(folder.path(), "theirs", Kind::P256);
    let client = Client {
        identity: Some(signed(folder.path(), "anybody", "theirs")),
        ..Client::default()
    };
    let tls = fresh();
    let pem = tls.authority_pem().unwrap();
    let (_, accepted) = shake(&tls, None, client.trusting(&pem), "localhost").await;
    let shown = peer_certificates(accepted.unwrap().get_ref().1);
    assert_eq!(shown[0].subject, "CN=anybody,O=Acme");
    assert_eq!(shown[0].issuer, "CN=theirs,O=Acme,C=UK");
    let (_, accepted) = shake(&tls, None, Client::default().trusting(&pem), "localhost").await;
    assert!(peer_certificates(accepted.unwrap().get_ref().1).is_empty());
}
