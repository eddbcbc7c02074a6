//! What can go wrong, for library users and in the words of the control plane.

use std::io;

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
}

/// Why an expectation was not registered. The text is what the control plane answers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
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
