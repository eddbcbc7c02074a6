//! Real handshakes, in memory. Certificates that our own maker cannot make were made by openssl and lie beside the tests.

use std::path::Path;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, CommonState, RootCertStore, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio_rustls::client::TlsStream as ClientStream;
use tokio_rustls::server::TlsStream as ServerStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::{AuthoritySource, ForwardTls, Identity, Issued, PemFiles, Tls, TlsSettings, Trust};

mod clients;
mod forward;
mod given;
mod shown;

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

/// The kinds of keys that people have.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Rsa,
    P256,
    P384,
    Ed25519,
}

impl Kind {
    fn key(self) -> KeyPair {
        let algorithm = match self {
            // `ring` makes no keys of this kind.
            Self::Rsa => return KeyPair::from_pem(include_str!("tests/rsa.key")).unwrap(),
            Self::P256 => &rcgen::PKCS_ECDSA_P256_SHA256,
            Self::P384 => &rcgen::PKCS_ECDSA_P384_SHA384,
            Self::Ed25519 => &rcgen::PKCS_ED25519,
        };
        KeyPair::generate_for(algorithm).unwrap()
    }
}

fn named(parts: &[(DnType, &str)]) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    for (kind, value) in parts {
        params.distinguished_name.push(kind.clone(), *value);
    }
    params
}

/// An authority of its own: `<name>.pem` and `<name>.key` (PKCS#8).
fn authority(folder: &Path, name: &str, kind: Kind) -> PemFiles {
    let mut params = named(&[
        (DnType::CountryName, "UK"),
        (DnType::OrganizationName, "Acme"),
        (DnType::CommonName, name),
    ]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = kind.key();
    let certificate = params.self_signed(&key).unwrap();
    written(folder, name, &certificate.pem(), &key)
}

/// A certificate for `name`, signed by an authority.
fn signed(folder: &Path, name: &str, by: &str) -> PemFiles {
    let by = files(folder, by);
    let read = |path| std::fs::read_to_string(path).unwrap();
    let key = KeyPair::from_pem(&read(&by.key)).unwrap();
    let issuer = Issuer::from_ca_cert_pem(&read(&by.certificate), key).unwrap();
    let mut params = named(&[
        (DnType::OrganizationName, "Acme"),
        (DnType::CommonName, name),
    ]);
    params.subject_alt_names = CertificateParams::new(vec![name.to_owned()])
        .unwrap()
        .subject_alt_names;
    let key = Kind::P256.key();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    written(folder, name, &certificate.pem(), &key)
}

fn written(folder: &Path, name: &str, certificate: &str, key: &KeyPair) -> PemFiles {
    let files = files(folder, name);
    std::fs::write(&files.certificate, certificate).unwrap();
    std::fs::write(&files.key, key.serialize_pem()).unwrap();
    files
}

/// A file that lies beside the tests.
fn made_by_openssl(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/tls/tests/peers")
        .join(name)
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

/// What the other side showed.
fn peer_chain(connection: &CommonState) -> Vec<CertificateDer<'static>> {
    let shown = connection.peer_certificates().unwrap_or_default();
    shown.iter().map(|one| one.clone().into_owned()).collect()
}

fn fresh() -> Tls {
    Tls::new(TlsSettings::default()).unwrap()
}

async fn is_trusted(tls: &Tls, host: Option<&str>, name: &str) -> bool {
    let client = Client::default().trusting(&tls.authority_pem().unwrap());
    shake(tls, host, client, name).await.0.is_ok()
}

fn forwarding(trust: Trust, identity: Option<PemFiles>) -> Tls {
    let settings = TlsSettings {
        forward: ForwardTls {
            trust,
            identity,
            ..ForwardTls::default()
        },
        ..TlsSettings::default()
    };
    Tls::new(settings).unwrap()
}
