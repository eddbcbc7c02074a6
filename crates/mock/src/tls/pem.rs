//! PEM files: certificates and private keys in the forms that openssl and Java write.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::TlsError;

/// More than any chain of certificates takes.
const FILE_MAX: u64 = 1 << 20;
const LINE: usize = 64;

/// A certificate (chain) and its private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PemFiles {
    /// The file with the certificate, and its chain after it.
    pub(crate) certificate: PathBuf,
    /// The file with the key: PKCS#8, PKCS#1 or SEC1.
    pub(crate) key: PathBuf,
}

impl PemFiles {
    /// Certificate and key, ready to be shown; `issuer` is sent after the chain when it is not in it.
    pub(super) fn certified_key(&self, issuer: Option<&Path>) -> Result<CertifiedKey, TlsError> {
        let mut chain = certificates(&self.certificate)?;
        if let Some(issuer) = issuer {
            for certificate in certificates(issuer)? {
                if !chain.contains(&certificate) {
                    chain.push(certificate);
                }
            }
        }
        let key = private_key(&self.key)?;
        let key = rustls::crypto::ring::sign::any_supported_type(&key)
            .map_err(|error| TlsError::content("private key", &self.key, error))?;
        let certified = CertifiedKey::new(chain, key);
        match certified.keys_match() {
            Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => {
                Ok(certified)
            }
            Err(error) => Err(self.mismatch(error)),
        }
    }

    pub(super) fn mismatch(&self, reason: impl ToString) -> TlsError {
        TlsError::Mismatch {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            reason: reason.to_string(),
        }
    }
}

/// All certificates of a file; at least one.
pub(super) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = read("a certificate", path)?;
    certificates_in(&text, path)
}

/// All certificates of a text that came from `path`; at least one.
pub(super) fn certificates_in(
    text: &[u8],
    path: &Path,
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    const WHAT: &str = "certificate";
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
    let found = found.map_err(|error| TlsError::content(WHAT, path, error))?;
    if found.is_empty() {
        let reason = "there is no section `-----BEGIN CERTIFICATE-----`";
        return Err(TlsError::content(WHAT, path, reason));
    }
    Ok(found)
}

/// The first private key of a file.
pub(super) fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let text = read("a private key", path)?;
    private_key_in(&text, path)
}

/// The first private key of a text that came from `path`.
pub(super) fn private_key_in(text: &[u8], path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(text).map_err(|error| {
        let reason = format!("{error}; an unencrypted PKCS#8, PKCS#1 or SEC1 key is needed");
        TlsError::content("private key", path, reason)
    })
}

/// A certificate as PEM.
pub(super) fn encode(certificate: &CertificateDer<'_>) -> String {
    let text = STANDARD.encode(certificate);
    let mut pem = String::with_capacity(text.len() + text.len() / LINE + 60);
    pem.push_str("-----BEGIN CERTIFICATE-----\n");
    for start in (0..text.len()).step_by(LINE) {
        pem.push_str(&text[start..text.len().min(start + LINE)]);
        pem.push('\n');
    }
    pem.push_str("-----END CERTIFICATE-----\n");
    pem
}

/// The bytes of a file, within reason.
pub(super) fn read(what: &'static str, path: &Path) -> Result<Vec<u8>, TlsError> {
    let failed = |source| TlsError::Read {
        what,
        path: path.to_owned(),
        source,
    };
    let mut text = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(FILE_MAX + 1)
        .read_to_end(&mut text)
        .map_err(failed)?;
    if text.len() as u64 > FILE_MAX {
        let kind = io::ErrorKind::FileTooLarge;
        return Err(failed(io::Error::new(kind, "it is larger than 1 MiB")));
    }
    Ok(text)
}
