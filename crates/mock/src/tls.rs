//! TLS: who the server is to its clients, which clients it lets in, and whom it trusts when it forwards.
//!
//! Nothing is made at the start. The authority, its key and the first certificate come into being with the first
//! handshake; only files that the user names are read at once, so that a wrong path is told at once.
//! The cryptography is always `ring`, handed in: the default of the process is neither read nor set.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::server::ResolvesServerCert;
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, ServerConfig, SupportedProtocolVersion};
use styk_core::Clock;

mod authority;
mod clients;
mod configured;
mod error;
mod forward;
mod key;
mod leaf;
mod name;
mod peer;
mod pem;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use authority::AuthoritySource;
pub(crate) use clients::ClientCertificates;
pub(crate) use error::TlsError;
pub(crate) use forward::{ForwardTls, Trust};
pub(crate) use leaf::Issued;
pub(crate) use peer::peer_certificates;
pub(crate) use pem::PemFiles;
pub(crate) use store::AuthorityStore;

use authority::Authority;
use leaf::Leafs;

/// What the user may choose about TLS.
#[derive(Clone, Debug)]
pub(crate) struct TlsSettings {
    /// The certificate the server shows.
    pub(crate) identity: Identity,
    /// What is asked of clients.
    pub(crate) client_certificates: ClientCertificates,
    /// The client side, when requests are forwarded.
    pub(crate) forward: ForwardTls,
    /// The versions of the protocol that are spoken.
    pub(crate) versions: Vec<TlsVersion>,
    /// Whether HTTP/2 is offered beside HTTP/1.1.
    pub(crate) offers_http2: bool,
    /// Dates certificates. Clients check them by their own clocks, so it should be the machine's.
    pub(crate) clock: Clock,
}

impl Default for TlsSettings {
    fn default() -> Self {
        Self {
            identity: Identity::Issued(Issued::default()),
            client_certificates: ClientCertificates::Welcome,
            forward: ForwardTls::default(),
            versions: vec![TlsVersion::V1_2, TlsVersion::V1_3],
            offers_http2: true,
            clock: Clock::system(),
        }
    }
}

/// The certificate the server shows.
#[derive(Clone, Debug)]
pub(crate) enum Identity {
    /// Made on the fly by an authority, for the names clients ask for.
    Issued(Issued),
    /// One certificate of the user's own.
    Given {
        /// The certificate, with its chain if any, and its key.
        files: PemFiles,
        /// The certificate of its authority; sent after the chain.
        issuer: Option<PathBuf>,
    },
}

/// A version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TlsVersion {
    /// TLS 1.2.
    V1_2,
    /// TLS 1.3.
    V1_3,
}

impl TlsVersion {
    /// The version by the name that Java gives it. Older versions than 1.2 are not spoken.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name.trim() {
            "TLSv1.2" => Some(Self::V1_2),
            "TLSv1.3" => Some(Self::V1_3),
            _ => None,
        }
    }

    fn protocol(self) -> &'static SupportedProtocolVersion {
        match self {
            Self::V1_2 => &rustls::version::TLS12,
            Self::V1_3 => &rustls::version::TLS13,
        }
    }
}

/// The TLS of one server. Shared by its connections.
#[derive(Debug)]
pub(crate) struct Tls {
    settings: TlsSettings,
    provider: Lazy<CryptoProvider>,
    /// Known from the start when the user gave it.
    authority: Lazy<Authority>,
    given: Option<Arc<rustls::sign::CertifiedKey>>,
    client_roots: clients::Roots,
    forward: forward::Material,
    server: Lazy<ServerSide>,
    client: Lazy<ClientConfig>,
}

#[derive(Debug)]
struct ServerSide {
    config: Arc<ServerConfig>,
    /// Absent when the user gave the certificate.
    leafs: Option<Arc<Leafs>>,
}

impl Tls {
    /// Takes the settings, and reads the files they name.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, or does not hold what it should.
    pub(crate) fn new(settings: TlsSettings) -> Result<Self, TlsError> {
        let mut authority = Lazy::empty();
        let mut given = None;
        match &settings.identity {
            Identity::Issued(Issued {
                authority: AuthoritySource::Given(files),
                ..
            }) => {
                authority = Lazy::of(Authority::read(files)?);
            }
            Identity::Issued(_) => {}
            Identity::Given { files, issuer } => {
                given = Some(Arc::new(files.certified_key(issuer.as_deref())?));
            }
        }
        Ok(Self {
            client_roots: settings.client_certificates.read()?,
            forward: settings.forward.read()?,
            provider: Lazy::empty(),
            authority,
            given,
            server: Lazy::empty(),
            client: Lazy::empty(),
            settings,
        })
    }

    /// Makes at once what else the first handshake would make.
    ///
    /// # Errors
    ///
    /// The authority or the certificate cannot be made or read, or the library refuses the settings.
    pub(crate) fn prepare(&self) -> Result<(), TlsError> {
        let side = self.server.get_or_make(|| self.server_side())?;
        if let Some(leafs) = &side.leafs {
            leafs.shown()?;
        }
        Ok(())
    }

    /// The configuration for a connection that comes in.
    ///
    /// `host` is the name or address that the certificate has to hold beside the one the client indicates: the target
    /// of a `CONNECT` or of SOCKS, or the address the client dialled.
    ///
    /// # Errors
    ///
    /// The authority cannot be made or read, or the library refuses the settings.
    pub(crate) fn server_config(&self, host: Option<&str>) -> Result<Arc<ServerConfig>, TlsError> {
        let side = self.server.get_or_make(|| self.server_side())?;
        if let (Some(leafs), Some(host)) = (&side.leafs, host) {
            leafs.cover(host);
        }
        Ok(Arc::clone(&side.config))
    }

    /// The configuration for a connection to a target of a forward.
    ///
    /// # Errors
    ///
    /// The library refuses the settings.
    pub(crate) fn client_config(&self) -> Result<Arc<ClientConfig>, TlsError> {
        self.client.get_or_make(|| {
            let provider = self.provider()?;
            self.forward.config(provider, &self.versions())
        })
    }

    /// The certificate that clients have to trust, as PEM, for users to download.
    ///
    /// # Errors
    ///
    /// The authority cannot be made or read.
    pub(crate) fn authority_pem(&self) -> Result<String, TlsError> {
        match &self.given {
            Some(given) => Ok(given.cert.last().map(pem::encode).unwrap_or_default()),
            None => Ok(pem::encode(self.authority()?.certificate())),
        }
    }

    /// The file of that certificate, where there is one.
    pub(crate) fn authority_path(&self) -> Option<PathBuf> {
        match &self.settings.identity {
            Identity::Issued(Issued {
                authority: AuthoritySource::Stored(store),
                ..
            }) => Some(store.public_file()),
            Identity::Issued(Issued {
                authority: AuthoritySource::Given(files),
                ..
            }) => Some(files.certificate.clone()),
            Identity::Issued(_) => None,
            Identity::Given { files, issuer } => {
                Some(issuer.as_ref().unwrap_or(&files.certificate).clone())
            }
        }
    }

    /// Whether plain HTTP is refused, because every client has to show a certificate.
    pub(crate) fn requires_client_certificate(&self) -> bool {
        matches!(
            self.settings.client_certificates,
            ClientCertificates::Required { .. }
        )
    }

    fn provider(&self) -> Result<Arc<CryptoProvider>, TlsError> {
        self.provider
            .get_or_make(|| Ok(rustls::crypto::ring::default_provider()))
    }

    fn authority(&self) -> Result<Arc<Authority>, TlsError> {
        let now = self.settings.clock.now();
        self.authority
            .get_or_make(|| match &self.settings.identity {
                Identity::Issued(issued) => issued.authority.open(now),
                // Only reached for the trust in clients, when nobody said whom to trust.
                Identity::Given { .. } => AuthoritySource::InMemory.open(now),
            })
    }

    fn versions(&self) -> Vec<&'static SupportedProtocolVersion> {
        let versions = self.settings.versions.iter();
        versions.map(|version| version.protocol()).collect()
    }

    fn server_side(&self) -> Result<ServerSide, TlsError> {
        let provider = self.provider()?;
        let mut leafs = None;
        let resolver: Arc<dyn ResolvesServerCert> = match (&self.settings.identity, &self.given) {
            (_, Some(given)) => Arc::new(SingleCertAndKey::from((**given).clone())),
            (Identity::Issued(issued), None) => {
                let clock = self.settings.clock.clone();
                let made = Arc::new(Leafs::new(self.authority()?, issued, clock));
                leafs = Some(Arc::clone(&made));
                made
            }
            (Identity::Given { .. }, None) => return Err(TlsError::NoIdentity),
        };
        let verifier = self
            .client_roots
            .verifier(&provider, || self.authority_or_issuer())?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&self.versions())?
            .with_client_cert_verifier(verifier)
            .with_cert_resolver(resolver);
        if self.settings.offers_http2 {
            config.alpn_protocols.push(b"h2".to_vec());
        }
        config.alpn_protocols.push(b"http/1.1".to_vec());
        Ok(ServerSide {
            config: Arc::new(config),
            leafs,
        })
    }

    /// Whom clients' certificates are checked against when the user named nobody.
    fn authority_or_issuer(&self) -> Result<CertificateDer<'static>, TlsError> {
        match self.given.as_ref().and_then(|given| given.cert.last()) {
            Some(issuer) => Ok(issuer.clone()),
            None => Ok(self.authority()?.certificate().clone()),
        }
    }
}

/// A value that is made at its first use; when that fails, the next use tries again.
#[derive(Debug)]
struct Lazy<T>(Mutex<Option<Arc<T>>>);

impl<T> Lazy<T> {
    fn empty() -> Self {
        Self(Mutex::new(None))
    }

    fn of(value: T) -> Self {
        Self(Mutex::new(Some(Arc::new(value))))
    }

    fn get_or_make(&self, make: impl FnOnce() -> Result<T, TlsError>) -> Result<Arc<T>, TlsError> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = &*slot {
            return Ok(Arc::clone(value));
        }
        let made = Arc::new(make()?);
        *slot = Some(Arc::clone(&made));
        Ok(made)
    }
}
