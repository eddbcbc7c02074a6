//! Which clients are let in.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme};

use super::{TlsError, pem};

/// What is asked of clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ClientCertificates {
    /// Whoever has a certificate may show it, and it is recorded; it lets nobody in or out.
    Welcome,
    /// Nobody gets in without a certificate that an authority vouches for (mutual TLS).
    Required {
        /// The authorities; without it, the one that signs the server's own certificate.
        trust: Option<PathBuf>,
    },
}

impl ClientCertificates {
    pub(super) fn read(&self) -> Result<Roots, TlsError> {
        match self {
            Self::Welcome => Ok(Roots::Welcome),
            Self::Required { trust: None } => Ok(Roots::Own),
            Self::Required { trust: Some(path) } => Ok(Roots::Named(root_store(path)?)),
        }
    }
}

/// Reads authorities to trust.
pub(super) fn root_store(path: &std::path::Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in pem::certificates(path)? {
        roots
            .add(certificate)
            .map_err(|error| TlsError::content("certificate of an authority", path, error))?;
    }
    Ok(roots)
}

/// The same, read.
#[derive(Debug)]
pub(super) enum Roots {
    Welcome,
    Own,
    Named(RootCertStore),
}

impl Roots {
    pub(super) fn verifier(
        &self,
        provider: &Arc<CryptoProvider>,
        own: impl FnOnce() -> Result<CertificateDer<'static>, TlsError>,
    ) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
        let roots = match self {
            Self::Welcome => return Ok(Arc::new(AnyClient(Arc::clone(provider)))),
            Self::Own => {
                let mut roots = RootCertStore::empty();
                roots.add(own()?)?;
                roots
            }
            Self::Named(roots) => roots.clone(),
        };
        let provider = Arc::clone(provider);
        Ok(WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build()?)
    }
}

/// Lets everybody in, and only makes sure that who shows a certificate has its key: matchers rely on it.
#[derive(Debug)]
struct AnyClient(Arc<CryptoProvider>);

impl ClientCertVerifier for AnyClient {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            cert,
            dss,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            cert,
            dss,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
