//! Authorities and certificates of the user's own.

use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{DnType, IsCa};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use test_case::test_case;

use super::{
    Client, Kind, authority, issued_by, made_by_openssl, named, peer_chain, shake, signed, written,
};
use crate::tls::{
    AuthoritySource, ClientCertificates, Identity, PemFiles, Tls, TlsError, TlsSettings, pem,
};

/// The key in the older form of its kind, which lies inside PKCS#8.
fn older(key: &[u8], kind: Kind) -> String {
    let (start, label) = match kind {
        Kind::Rsa => (26, "RSA PRIVATE KEY"),
        _ => (29, "EC PRIVATE KEY"),
    };
    let inner = CertificateDer::from(key[start..].to_vec());
    assert_eq!(inner.first(), Some(&0x30), "a sequence");
    pem::encode(&inner).replace("CERTIFICATE", label)
}

#[test_case(Kind::Rsa, false; "RSA in PKCS 8")]
#[test_case(Kind::Rsa, true; "RSA in PKCS 1")]
#[test_case(Kind::P256, false; "P-256 in PKCS 8")]
#[test_case(Kind::P256, true; "P-256 in SEC 1")]
#[test_case(Kind::P384, false; "P-384 in PKCS 8")]
#[test_case(Kind::Ed25519, false; "Ed25519")]
#[tokio::test]
async fn an_authority_of_the_users_own_signs(kind: Kind, is_old: bool) {
    let folder = tempfile::tempdir().unwrap();
    let files = authority(folder.path(), "ours", kind);
    if is_old {
        let key = PrivateKeyDer::from_pem_file(&files.key).unwrap();
        std::fs::write(&files.key, older(key.secret_der(), kind)).unwrap();
    }
    let pem = std::fs::read_to_string(&files.certificate).unwrap();
    let tls = Tls::new(issued_by(AuthoritySource::Given(files))).unwrap();
    assert_eq!(tls.authority_pem().unwrap(), pem);
    for version in rustls::ALL_VERSIONS {
        let client = Client {
            version: Some(version),
            ..Client::default()
        };
        let (connected, _) = shake(&tls, None, client.trusting(&pem), "shop.test").await;
        assert!(connected.is_ok(), "{version:?}: {connected:?}");
    }
}

#[test]
fn a_key_of_another_authority_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let files = PemFiles {
        key: authority(folder.path(), "theirs", Kind::P256).key,
        ..authority(folder.path(), "ours", Kind::P256)
    };
    let error = Tls::new(issued_by(AuthoritySource::Given(files.clone()))).unwrap_err();
    assert!(matches!(error, TlsError::Mismatch { .. }), "{error}");
    let identity = Identity::Given {
        files,
        issuer: None,
    };
    let error = Tls::new(TlsSettings {
        identity,
        ..TlsSettings::default()
    });
    let error = error.unwrap_err();
    assert!(matches!(error, TlsError::Mismatch { .. }), "{error}");
}

#[test_case("twice", "two DC"; "a subject that cannot be repeated")]
#[test_case("several", "two DC"; "several values in one part")]
fn an_authority_that_cannot_be_named_as_issuer_is_told(name: &str, expected: &str) {
    let files = PemFiles {
        certificate: made_by_openssl(&format!("{name}.pem")),
        key: made_by_openssl(&format!("{name}.key")),
    };
    let error = Tls::new(issued_by(AuthoritySource::Given(files))).unwrap_err();
    assert!(error.to_string().contains(expected), "{error}");
}

#[test]
fn a_certificate_that_may_not_sign_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut params = named(&[(DnType::CommonName, "a")]);
    params.is_ca = IsCa::ExplicitNoCa;
    let key = Kind::P256.key();
    let certificate = params.self_signed(&key).unwrap();
    let files = written(folder.path(), "ours", &certificate.pem(), &key);
    let error = Tls::new(issued_by(AuthoritySource::Given(files)))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("may not sign") && error.contains("ours.pem"),
        "{error}"
    );
}

#[test_case("", "private key"; "an empty key file")]
#[test_case("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "private key"; "a key of nonsense")]
#[test_case("-----BEGIN PRIVATE KEY-----\n*\n-----END PRIVATE KEY-----\n", "private key"; "no base64")]
fn a_file_without_a_key_is_told(content: &str, expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    let files = authority(folder.path(), "ours", Kind::P256);
    std::fs::write(&files.key, content).unwrap();
    let error = Tls::new(issued_by(AuthoritySource::Given(files)))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains(expected) && error.contains("ours.key"),
        "{error}"
    );
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let settings = TlsSettings {
        client_certificates: ClientCertificates::Required {
            trust: Some(PathBuf::from("nowhere/clients.pem")),
        },
        ..TlsSettings::default()
    };
    let error = Tls::new(settings).unwrap_err();
    assert!(matches!(error, TlsError::Read { .. }), "{error}");
}

#[tokio::test]
async fn a_certificate_of_the_users_own_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let ours = authority(folder.path(), "ours", Kind::Rsa);
    let pem = std::fs::read_to_string(&ours.certificate).unwrap();
    let identity = Identity::Given {
        files: signed(folder.path(), "shop.test", "ours"),
        issuer: Some(ours.certificate),
    };
    let tls = Tls::new(TlsSettings {
        identity,
        ..TlsSettings::default()
    });
    let tls = tls.unwrap();
    let client = Client::default().trusting(&pem);
    let (connected, _) = shake(&tls, None, Arc::clone(&client), "shop.test").await;
    assert_eq!(peer_chain(connected.unwrap().get_ref().1).len(), 2);
    assert!(shake(&tls, None, client, "other.test").await.0.is_err());
    assert_eq!(tls.authority_pem().unwrap(), pem);
}
