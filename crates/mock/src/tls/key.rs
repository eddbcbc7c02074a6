//! The key of an authority, in whatever form it was written.

use std::sync::Arc;

use rcgen::{PublicKeyData, SignatureAlgorithm, SubjectPublicKeyInfo};
use rustls::SignatureScheme;
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::SigningKey;

/// Signs certificates. The maker of certificates reads PKCS#8 only, the TLS library all three forms: so that one signs.
#[derive(Debug)]
pub(super) struct AuthorityKey {
    key: Arc<dyn SigningKey>,
    scheme: SignatureScheme,
    algorithm: &'static SignatureAlgorithm,
    public: SubjectPublicKeyInfo,
}

/// How an authority may sign, the usual ones first.
const SCHEMES: &[(SignatureScheme, &SignatureAlgorithm)] = &[
    (
        SignatureScheme::ECDSA_NISTP256_SHA256,
        &rcgen::PKCS_ECDSA_P256_SHA256,
    ),
    (
        SignatureScheme::ECDSA_NISTP384_SHA384,
        &rcgen::PKCS_ECDSA_P384_SHA384,
    ),
    (SignatureScheme::RSA_PKCS1_SHA256, &rcgen::PKCS_RSA_SHA256),
    (SignatureScheme::ED25519, &rcgen::PKCS_ED25519),
];

impl AuthorityKey {
    /// # Errors
    ///
    /// What is wrong with the key.
    pub(super) fn new(key: &PrivateKeyDer<'_>) -> Result<Self, String> {
        let key = rustls::crypto::ring::sign::any_supported_type(key)
            .map_err(|error| error.to_string())?;
        let fitting = |(scheme, _): &&(SignatureScheme, _)| key.choose_scheme(&[*scheme]).is_some();
        let &(scheme, algorithm) = SCHEMES.iter().find(fitting).ok_or_else(|| {
            "its kind is not known: RSA, P-256, P-384 and Ed25519 keys are".to_owned()
        })?;
        let public = key
            .public_key()
            .ok_or_else(|| "it does not tell its public key".to_owned())?;
        let public = SubjectPublicKeyInfo::from_der(&public).map_err(|error| error.to_string())?;
        Ok(Self {
            key,
            scheme,
            algorithm,
            public,
        })
    }
}

impl PublicKeyData for AuthorityKey {
    fn der_bytes(&self) -> &[u8] {
        self.public.der_bytes()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.algorithm
    }
}

impl rcgen::SigningKey for AuthorityKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let signer = self.key.choose_scheme(&[self.scheme]);
        let signer = signer.ok_or(rcgen::Error::RemoteKeyError)?;
        signer
            .sign(message)
            .map_err(|_| rcgen::Error::RemoteKeyError)
    }
}
