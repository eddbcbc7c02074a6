//! Real handshakes, in memory; keys of every form are made by openssl while the tests run.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

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

/// Runs openssl in `folder`.
fn openssl(folder: &Path, arguments: &str) -> String {
    let output = Command::new("openssl")
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .stdin(Stdio::null())
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
