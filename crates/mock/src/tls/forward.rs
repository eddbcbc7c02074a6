//! The client side: whom to trust, and what to show, when a request is forwarded.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    SupportedProtocolVersion,
};

use super::clients::root_store;
use super::{PemFiles, TlsError};

/// TLS towards the targets of forwards.
#[derive(Clone, Debug)]
pub(crate) struct ForwardTls {
    /// Which servers are trusted.
    pub(crate) trust: Trust,
    /// Whether their certificates have to name the host that was asked for.
    pub(crate) verifies_names: bool,
    /// What is shown to servers that ask for a certificate.
    pub(crate) identity: Option<PemFiles>,
}

/// Which servers are trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Everybody, as the original does: targets of forwards are test systems with certificates of their own making.
    #[default]
    Any,
    /// Whom browsers trust.
    WebRoots,
    /// These authorities only.
    Custom(PathBuf),
}

impl Default for ForwardTls {
    fn default() -> Self {
        Self {
            trust: Trust::default(),
            verifies_names: true,
            identity: None,
        }
    }
}

impl ForwardTls {
    pub(super) fn read(&self) -> Result<Material, TlsError> {
        let roots = match &self.trust {
            Trust::Any => Roots::Any,
            Trust::WebRoots => Roots::Web,
            Trust::Custom(path) => Roots::Named(root_store(path)?),
        };
        let identity = match &self.identity {
            Some(files) => Some(Arc::new(files.certified_key(None)?)),
            None => None,
        };
        Ok(Material {
            roots,
            verifies_names: self.verifies_names,
            identity,
        })
    }
}

/// The same, read.
#[derive(Debug)]
pub(super) struct Material {
    roots: Roots,
    verifies_names: bool,
    identity: Option<Arc<CertifiedKey>>,
}

#[derive(Debug)]
enum Roots {
    Any,
    Web,
    Named(RootCertStore),
}

impl Material {
    pub(super) fn config(
        &self,
        provider: Arc<CryptoProvider>,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Result<ClientConfig, TlsError> {
        let verifier = self.verifier(&provider)?;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let mut config = match &self.identity {
            Some(identity) => {
                let shown = SingleCertAndKey::from((**identity).clone());
                builder.with_client_cert_resolver(Arc::new(shown))
            }
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols.push(b"http/1.1".to_vec());
        Ok(config)
    }
}

impl Material {
    fn verifier(
        &self,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Arc<dyn ServerCertVerifier>, TlsError> {
        let roots = match &self.roots {
            Roots::Any => return Ok(Arc::new(AnyServer(Arc::clone(provider)))),
            Roots::Web => RootCertStore {
                roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
            },
            Roots::Named(roots) => roots.clone(),
        };
        let provider = Arc::clone(provider);
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build()?;
        if self.verifies_names {
            Ok(verifier)
        } else {
            Ok(Arc::new(AnyName(verifier)))
        }
    }
}

/// Trusts those whom the inner one trusts, whatever their names.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified =
            self.0
                .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match verified {
            // The name is looked at last: everything else is in order.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// Trusts everybody. Checking the signature of the handshake would protect nobody, since any key is as good as any
/// other; it would only refuse the old forms of certificates that test systems have.
#[derive(Debug)]
struct AnyServer(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
