//! The client side.

use super::{Kind, authority, forwarding, issued_by, shake, signed};
use crate::tls::{
    AuthoritySource, AuthorityStore, ClientCertificates, ForwardTls, Identity, Tls, TlsSettings,
    Trust,
};

#[tokio::test]
async fn a_forward_trusts_whom_it_is_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let target = Tls::new(issued_by(AuthoritySource::Stored(AuthorityStore {
        folder: folder.path().to_owned(),
    })));
    let target = target.unwrap();
    let theirs = folder.path().join("theirs.pem");
    std::fs::write(&theirs, target.authority_pem().unwrap()).unwrap();
    let other = authority(folder.path(), "other", Kind::P256).certificate;
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
    let ours = authority(folder.path(), "ours", Kind::P256);
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

#[tokio::test]
async fn a_forward_may_pass_over_names() {
    let folder = tempfile::tempdir().unwrap();
    authority(folder.path(), "ours", Kind::P256);
    let ours = folder.path().join("ours.pem");
    let target = Tls::new(TlsSettings {
        identity: Identity::Given {
            files: signed(folder.path(), "shop.test", "ours"),
            issuer: None,
        },
        ..TlsSettings::default()
    });
    let target = target.unwrap();
    let stranger = authority(folder.path(), "stranger", Kind::P256).certificate;
    for (verifies_names, trusted, expected) in [
        (true, &ours, false),
        (false, &ours, true),
        (false, &stranger, false),
    ] {
        let settings = TlsSettings {
            forward: ForwardTls {
                trust: Trust::Custom(trusted.clone()),
                verifies_names,
                identity: None,
            },
            ..TlsSettings::default()
        };
        let client = Tls::new(settings).unwrap().client_config().unwrap();
        let (connected, _) = shake(&target, None, client, "other.test").await;
        assert_eq!(connected.is_ok(), expected, "{verifies_names} {trusted:?}");
    }
}
