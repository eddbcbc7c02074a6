//! Real handshakes, in memory; keys of every form are made by openssl while the tests run.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion};
use styk_core::Clock;
use test_case::test_case;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio_rustls::client::TlsStream as ClientStream;
use tokio_rustls::server::TlsStream as ServerStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::{
    AuthoritySource, AuthorityStore, ClientCertificates, ForwardTls, Identity, Issued, PemFiles,
    Tls, TlsError, TlsSettings, TlsVersion, Trust, peer_chain,
};

type Shaken = (
    std::io::Result<ClientStream<DuplexStream>>,
    std::io::Result<ServerStream<DuplexStream>>,
);

/// Lets a client and the server shake hands and exchange a word; a refusal of TLS 1.3 may only show then.
async fn shake(tls: &Tls, host: Option<&str>, client: Arc<ClientConfig>, name: &str) -> Shaken {
    let (near, far) = tokio::io::duplex(64 * 1024);
    let acceptor = TlsAcceptor::from(tls.server_config(host).unwrap());
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let connect = async {
        let mut stream = TlsConnector::from(client).connect(name, near).await?;
        stream.write_all(b"ping").await?;
        stream.flush().await?;
        let mut word = [0; 4];
        stream.read_exact(&mut word).await?;
        Ok(stream)
    };
    let accept = async {
        let mut stream = acceptor.accept(far).await?;
        let mut word = [0; 4];
        stream.read_exact(&mut word).await?;
        stream.write_all(b"pong").await?;
        stream.flush().await?;
        Ok(stream)
    };
    tokio::join!(connect, accept)
}

/// What a client is set up with.
#[derive(Clone, Default)]
struct Client {
    alpn: Vec<&'static str>,
    version: Option<&'static SupportedProtocolVersion>,
    identity: Option<PemFiles>,
}

impl Client {
    fn trusting(&self, pem: &str) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            roots.add(certificate.unwrap()).unwrap();
        }
        let versions = match self.version {
            Some(version) => vec![version],
            None => rustls::ALL_VERSIONS.to_vec(),
        };
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(ring)
            .with_protocol_versions(&versions)
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match &self.identity {
            Some(files) => {
                let chain = CertificateDer::pem_file_iter(&files.certificate).unwrap();
                let key = PrivateKeyDer::from_pem_file(&files.key).unwrap();
                let chain = chain.collect::<Result<_, _>>().unwrap();
                builder.with_client_auth_cert(chain, key).unwrap()
            }
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = self
            .alpn
            .iter()
            .map(|one| one.as_bytes().to_vec())
            .collect();
        Arc::new(config)
    }
}

/// Runs openssl in `folder`.
fn openssl(folder: &Path, arguments: &str) -> String {
    let output = Command::new("openssl")
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .output()
        .expect("these tests need openssl on the PATH");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {arguments}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

const RSA: &str = "-newkey rsa:2048";
const EC: &str = "-newkey ec -pkeyopt ec_paramgen_curve:P-256";

/// An authority of its own: `<name>.pem` and `<name>.key` (PKCS#8).
fn authority(folder: &Path, name: &str, kind: &str) -> PemFiles {
    let options = format!(
        "req -x509 {kind} -nodes -days 30 -subj /C=UK/O=Acme/CN={name} -keyout {name}.key -out {name}.pem"
    );
    openssl(folder, &options);
    files(folder, name)
}

/// A certificate for `name`, signed by an authority.
fn signed(folder: &Path, name: &str, by: &str) -> PemFiles {
    let request = format!(
        "req -new {EC} -nodes -subj /O=Acme/CN={name} -addext subjectAltName=DNS:{name} \
         -keyout {name}.key -out {name}.csr"
    );
    openssl(folder, &request);
    let sign = format!(
        "x509 -req -in {name}.csr -CA {by}.pem -CAkey {by}.key -CAcreateserial -days 30 \
         -copy_extensions copy -out {name}.pem"
    );
    openssl(folder, &sign);
    files(folder, name)
}

fn files(folder: &Path, name: &str) -> PemFiles {
    PemFiles {
        certificate: folder.join(format!("{name}.pem")),
        key: folder.join(format!("{name}.key")),
    }
}

fn issued_by(authority: AuthoritySource) -> TlsSettings {
    let issued = Issued {
        authority,
        ..Issued::default()
    };
    TlsSettings {
        identity: Identity::Issued(issued),
        ..TlsSettings::default()
    }
}

fn fresh() -> Tls {
    Tls::new(TlsSettings::default()).unwrap()
}

async fn is_trusted(tls: &Tls, host: Option<&str>, name: &str) -> bool {
    let client = Client::default().trusting(&tls.authority_pem().unwrap());
    shake(tls, host, client, name).await.0.is_ok()
}

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
    let folder = tempfile::tempdir().unwrap();
    let leaf = peer_chain(connected.unwrap().get_ref().1)[0].clone();
    std::fs::write(folder.path().join("leaf.pem"), super::pem::encode(&leaf)).unwrap();
    // Versions of openssl differ in their spaces.
    let text = openssl(folder.path(), "x509 -in leaf.pem -noout -text").replace(' ', "");
    for expected in [
        "Subject:CN=localhost,O=MockServer,L=London,ST=England,C=UK",
        "DNS:localhost,IPAddress:127.0.0.1,IPAddress:0:0:0:0:0:0:0:1,DNS:foo.example.com",
        "TLSWebServerAuthentication,TLSWebClientAuthentication",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
}

#[tokio::test]
async fn the_certificate_is_good_for_397_days_and_renewed_before() {
    let clock = Clock::manual("2020-01-01T12:00:00Z".parse().unwrap());
    let tls = Tls::new(TlsSettings {
        clock: clock.clone(),
        ..TlsSettings::default()
    });
    let tls = tls.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut dates = Vec::new();
    for _ in 0..3 {
        // A client of before would resume its session, and be shown nothing.
        let any = forwarding(Trust::Any, None).client_config().unwrap();
        let (connected, _) = shake(&tls, None, any, "localhost").await;
        let leaf = peer_chain(connected.unwrap().get_ref().1)[0].clone();
        std::fs::write(folder.path().join("leaf.pem"), super::pem::encode(&leaf)).unwrap();
        dates.push(openssl(folder.path(), "x509 -in leaf.pem -noout -dates"));
        clock.advance(Duration::from_secs(100 * 24 * 3600));
    }
    let first = "notBefore=Dec 27 00:00:00 2019 GMT\nnotAfter=Feb  1 00:00:00 2021 GMT\n";
    assert_eq!(dates[..2], [first, first]);
    let renewed = "notBefore=Jul 14 00:00:00 2020 GMT\nnotAfter=Aug 20 00:00:00 2021 GMT\n";
    assert_eq!(dates[2], renewed);
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

#[test_case(Some("known"), true; "a known client")]
#[test_case(Some("unknown"), false; "an unknown client")]
#[test_case(None, false; "a client without a certificate")]
#[tokio::test]
async fn mutual_tls_lets_known_clients_in_only(client: Option<&str>, is_let_in: bool) {
    let folder = tempfile::tempdir().unwrap();
    let ours = authority(folder.path(), "ours", EC);
    authority(folder.path(), "theirs", EC);
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
    let ours = authority(folder.path(), "ours", RSA);
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
    authority(folder.path(), "theirs", EC);
    let client = Client {
        identity: Some(signed(folder.path(), "anybody", "theirs")),
        ..Client::default()
    };
    let tls = fresh();
    let pem = tls.authority_pem().unwrap();
    let (_, accepted) = shake(&tls, None, client.trusting(&pem), "localhost").await;
    let shown = peer_chain(accepted.unwrap().get_ref().1);
    let expected = std::fs::read_to_string(folder.path().join("anybody.pem")).unwrap();
    assert_eq!(super::pem::encode(&shown[0]), expected);
    let (_, accepted) = shake(&tls, None, Client::default().trusting(&pem), "localhost").await;
    assert!(peer_chain(accepted.unwrap().get_ref().1).is_empty());
}

fn forwarding(trust: Trust, identity: Option<PemFiles>) -> Tls {
    let settings = TlsSettings {
        forward: ForwardTls { trust, identity },
        ..TlsSettings::default()
    };
    Tls::new(settings).unwrap()
}

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

#[tokio::test]
async fn nothing_is_made_before_the_first_handshake() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("styk");
    let store = AuthorityStore {
        folder: folder.clone(),
    };
    let settings = TlsSettings {
        identity: Identity::Issued(Issued::stored(store)),
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
