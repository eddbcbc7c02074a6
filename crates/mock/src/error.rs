//! What can go wrong, for library users and in the words of the control plane.

use std::{fmt, io};

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be bound.
    #[error(
        "mock server `{name}` cannot listen on {host}:{port}: {source}; choose a free port, or 0 for any"
    )]
    Bind {
        /// The server's name.
        name: String,
        /// The host that was asked for.
        host: String,
        /// The port that was asked for.
        port: u16,
        /// The cause.
        source: io::Error,
    },
    /// There is no port to listen on.
    #[error("mock server `{name}` was given no port to listen on; 0 is any free one")]
    NoPort {
        /// The server's name.
        name: String,
    },
    /// What the initialization files say was not taken, and the settings make that an error.
    #[error("mock server `{name}` cannot begin with its initialization files: {reason}")]
    Initialization {
        /// The server's name.
        name: String,
        /// The cause.
        reason: String,
    },
    /// TLS cannot be set up as the settings ask.
    #[error("mock server `{name}` cannot set up TLS: {reason}")]
    Tls {
        /// The server's name.
        name: String,
        /// The cause.
        reason: String,
    },
}

/// Why an expectation was not registered. The text is what the control plane answers.
///
/// `Debug` prints the same text as `Display`, so that a test that ends with `?` or `unwrap` shows it line by line.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpectationError {
    /// The text is no JSON, or holds no expectation.
    #[error("{0}")]
    Malformed(String),
    /// An expectation violates the schema; the text lists every violation.
    #[error("{0}")]
    Invalid(String),
    /// MockServer can do this, this version cannot.
    #[error("not in this version of styk: {}; docs/mockserver-compatibility.md says what is there", .features.join(", "))]
    NotBuilt {
        /// The names of the features.
        features: Vec<String>,
    },
    /// There are as many expectations as the server takes.
    #[error("the server holds {limit} expectations, its limit: clear some, or raise the limit")]
    TooMany {
        /// The limit.
        limit: usize,
    },
}

impl fmt::Debug for ExpectationError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
