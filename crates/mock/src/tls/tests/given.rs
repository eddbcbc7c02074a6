//! Authorities and certificates of the user's own.

use std::path::PathBuf;
use std::sync::Arc;

use test_case::test_case;

use super::{Client, EC, RSA, authority, files, issued_by, openssl, peer_chain, shake, signed};
use crate::tls::{
    AuthoritySource, ClientCertificates, Identity, PemFiles, Tls, TlsError, TlsSettings,
};

#[test_case(RSA, ""; "RSA in PKCS 8")]
#[test_case(RSA, "rsa -traditional"; "RSA in PKCS 1")]
#[test_case(EC, ""; "P-256 in PKCS 8")]
#[test_case(EC, "ec"; "P-256 in SEC 1")]
#[test_case("-newkey ec -pkeyopt ec_paramgen_curve:P-384", ""; "P-384 in PKCS 8")]
#[test_case("-newkey ed25519", ""; "Ed25519")]
#[tokio::test]
async fn an_authority_of_the_users_own_signs(kind: &str, rewrite: &str) {
    let folder = tempfile::tempdir().unwrap();
    let files = authority(folder.path(), "ours", kind);
    if !rewrite.is_empty() {
        openssl(
            folder.path(),
            &format!("{rewrite} -in ours.key -out ours.key"),
        );
        let key = std::fs::read_to_string(&files.key).unwrap();
        assert!(!key.contains("-----BEGIN PRIVATE KEY-----"), "rewritten");
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
        key: authority(folder.path(), "theirs", EC).key,
        ..authority(folder.path(), "ours", EC)
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

#[test_case("/DC=test/DC=acme", "TRUE", "two DC"; "a subject that cannot be repeated")]
#[test_case("/CN=a+OU=b", "TRUE", "two DC"; "several values in one part")]
#[test_case("/CN=a", "FALSE", "may not sign"; "no authority")]
fn a_certificate_that_cannot_sign_is_told(subject: &str, may_sign: &str, expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    let options = format!(
        "req -x509 {EC} -nodes -multivalue-rdn -subj {subject} -addext basicConstraints=CA:{may_sign} \
         -keyout ours.key -out ours.pem"
    );
    openssl(folder.path(), &options);
    let files = files(folder.path(), "ours");
    let error = Tls::new(issued_by(AuthoritySource::Given(files)))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains(expected) && error.contains("ours.pem"),
        "{error}"
    );
}

#[test_case("", "private key"; "an empty key file")]
#[test_case("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "private key"; "a key of nonsense")]
#[test_case("-----BEGIN PRIVATE KEY-----\n*\n-----END PRIVATE KEY-----\n", "private key"; "no base64")]
fn a_file_without_a_key_is_told(content: &str, expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    let files = authority(folder.path(), "ours", EC);
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
    let ours = authority(folder.path(), "ours", RSA);
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
