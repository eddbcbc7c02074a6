//! The events of the log.

use crate::json::Json;

/// What happened. Requests, responses and expectations are in MockServer's JSON.
#[derive(Clone, Debug)]
pub(crate) enum What {
    Created {
        expectation: Json,
    },
    Updated {
        expectation: Json,
    },
    Removed {
        expectation: Json,
    },
    Received {
        request: Json,
    },
    Matched {
        request: Json,
        expectation: Json,
    },
    /// `action` is what was configured: a response, a template, a callback.
    Responded {
        request: Json,
        response: Json,
        action: Json,
        expectation_id: String,
    },
    /// The connection was broken or raw bytes were sent; `error` is the `httpError`.
    BrokenOff {
        request: Json,
        error: Json,
        expectation_id: String,
    },
    /// `sent` is the request that went out. `by` is the configured action and the id of its expectation; a plain proxy
    /// has none.
    Forwarded {
        request: Json,
        sent: Json,
        response: Json,
        by: Option<(Json, String)>,
    },
    ForwardFailed {
        request: Json,
        reason: String,
        response: Json,
    },
    NoMatch {
        request: Json,
        response: Json,
    },
    /// `verification` is the whole object, its `times` spelled out.
    Verifying {
        verification: Json,
    },
    VerifyingSequence {
        verification: Json,
    },
    /// `times` in words: `at least once`.
    Verified {
        request: Json,
        times: String,
    },
    NotVerified {
        request: Json,
        times: String,
        found: Vec<Json>,
    },
    SequenceVerified {
        requests: Vec<Json>,
    },
    SequenceNotVerified {
        requests: Vec<Json>,
        found: Vec<Json>,
    },
    LogCleared {
        filter: Option<Json>,
    },
    ExpectationsCleared {
        by: Subject,
    },
    Reset,
    Retrieved {
        what: Retrieved,
        filter: Option<Json>,
    },
    /// A control request was refused.
    Refused {
        request: Json,
        reason: String,
    },
}

/// Which expectations an operation was about.
#[derive(Clone, Debug)]
pub(crate) enum Subject {
    Id(String),
    Matcher(Json),
}

/// What a retrieval was about; `format` as in the parameter.
#[derive(Clone, Debug)]
pub(crate) enum Retrieved {
    Logs,
    Requests { format: &'static str },
    RequestResponses { format: &'static str },
    RecordedExpectations { format: &'static str },
    ActiveExpectations { format: &'static str, count: usize },
}

impl What {
    /// The type of the event in entries.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Created { .. } => "CREATED_EXPECTATION",
            Self::Updated { .. } => "UPDATED_EXPECTATION",
            Self::Removed { .. } => "REMOVED_EXPECTATION",
            Self::Received { .. } => "RECEIVED_REQUEST",
            Self::Matched { .. } => "EXPECTATION_MATCHED",
            Self::Responded { .. } | Self::BrokenOff { .. } => "EXPECTATION_RESPONSE",
            Self::Forwarded { .. } => "FORWARDED_REQUEST",
            Self::ForwardFailed { .. } | Self::NoMatch { .. } => "NO_MATCH_RESPONSE",
            Self::Verifying { .. } | Self::VerifyingSequence { .. } => "VERIFICATION",
            Self::Verified { .. } | Self::SequenceVerified { .. } => "VERIFICATION_PASSED",
            Self::NotVerified { .. } | Self::SequenceNotVerified { .. } => "VERIFICATION_FAILED",
            Self::LogCleared { .. } | Self::ExpectationsCleared { .. } | Self::Reset => "CLEARED",
            Self::Retrieved { .. } => "RETRIEVED",
            Self::Refused { .. } => "ERROR",
        }
    }
}
