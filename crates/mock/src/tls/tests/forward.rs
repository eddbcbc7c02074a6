//! The client side.

use super::{EC, authority, forwarding, issued_by, shake, signed};
use crate::tls::{AuthoritySource, AuthorityStore, ClientCertificates, Tls, TlsSettings, Trust};

#[tokio::test]
async fn a_forward_trusts_whom_it_is_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let target = Tls::new(issued_by(AuthoritySource::Stored(AuthorityStore {
        folder: folder.path().to_owned(),
    })));
    let target = target.unwrap();
    let theirs = folder.path().join("theirs.pem");
    std::fs::write(&theirs, target.authority_pem().unwrap()).unwrap();
    let other = authority(folder.path(), "other", EC).certificate;
    for (trust, expected) in [
        (Trust::Any, true),
        (Trust::WebRoots, false),
        (Trust::Custom(theirs), true),
        (Trust::Custom(other), false),
    ] {
        let client = forwarding(trust.clone(), None).client_config().unwrap();
        let (connected, _) = shake(&target, None, client, "target.test").await;
        assert_eq!(connected.is_ok(), expected, "{trust:?}");
        if let Ok(connected) = connected {
            assert_eq!(
                connected.get_ref().1.alpn_protocol(),
                Some(&b"http/1.1"[..])
            );
        }
    }
}

#[tokio::test]
async fn a_forward_shows_its_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let ours = authority(folder.path(), "ours", EC);
    let identity = signed(folder.path(), "forwarder", "ours");
    let settings = TlsSettings {
        client_certificates: ClientCertificates::Required {
            trust: Some(ours.certificate),
        },
        ..TlsSettings::default()
    };
    let target = Tls::new(settings).unwrap();
    let with = forwarding(Trust::Any, Some(identity)).client_config();
    let without = forwarding(Trust::Any, None).client_config();
    assert!(
        shake(&target, None, with.unwrap(), "t.test")
            .await
            .1
            .is_ok()
    );
    assert!(
        shake(&target, None, without.unwrap(), "t.test")
            .await
            .1
            .is_err()
    );
}
