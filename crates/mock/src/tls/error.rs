//! What can go wrong with TLS before a handshake.

use std::io;
use std::path::{Path, PathBuf};

/// Why TLS is not to be had with these settings.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// A file of the user's cannot be read.
    #[error("cannot read {what} from `{}`: {source}", path.display())]
    Read {
        /// What the file should hold.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A file does not hold what it should.
    #[error("`{}` holds no usable {what}: {reason}", path.display())]
    Content {
        /// What the file should hold.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Certificate and key do not belong together.
    #[error(
        "the key in `{}` cannot sign for the certificate in `{}`: {reason}; give the key that was made with this \
         certificate",
        key.display(), certificate.display()
    )]
    Mismatch {
        /// The file with the certificate.
        certificate: PathBuf,
        /// The file with the key.
        key: PathBuf,
        /// What the check says.
        reason: String,
    },
    /// The folder of the own authority cannot be used.
    #[error(
        "cannot keep the certificate authority in `{}`: {source}; choose a folder that can be written to",
        path.display()
    )]
    Store {
        /// The folder or file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// One setting needs another.
    #[error("`{given}` is set, but `{missing}` is not: set both, or neither")]
    Missing {
        /// The setting that is there.
        given: &'static str,
        /// The one that is not.
        missing: &'static str,
    },
    /// No version of TLS is left.
    #[error("`tlsProtocols` names no version that is spoken (TLSv1.2, TLSv1.3): {0}")]
    NoVersion(String),
    /// A certificate could not be made.
    #[error("cannot make a certificate: {0}")]
    Issue(#[from] rcgen::Error),
    /// The library refuses the settings.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
    /// The library refuses to check clients with these certificates.
    #[error("clients cannot be checked with the certificates given: {0}")]
    ClientRoots(#[from] rustls::server::VerifierBuilderError),
    /// The user's own certificate was not read; a fault of the program.
    #[error("the server has no certificate to show")]
    NoIdentity,
}

impl TlsError {
    /// `path` does not hold the `what` it should.
    pub(super) fn content(what: &'static str, path: &Path, reason: impl ToString) -> Self {
        Self::Content {
            what,
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}
