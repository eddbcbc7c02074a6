//! Expectations and captures.

use std::time::Duration;

use regex::Regex;

use crate::tree::Span;
use crate::value::{JsonPath, Matcher};

/// `expect` and `abort_if`: all checks must hold, and all are reported.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// Where it stands.
    pub span: Span,
    /// The checks in the order of the file.
    pub checks: Vec<Check>,
}

/// One check of an expectation.
#[derive(Clone, Debug)]
pub struct Check {
    /// Where its key stands; the whole expectation for a bare status.
    pub key: Span,
    /// Where the expected value stands.
    pub span: Span,
    /// What is looked at, and what must hold.
    pub kind: CheckKind,
}

/// What a check looks at, and what must hold.
#[derive(Clone, Debug)]
pub enum CheckKind {
    /// `status`.
    Status(StatusCheck),
    /// `time`: all bounds must hold for the time the answer took.
    Time(Vec<TimeBound>),
    /// `body`: the JSON body as a whole.
    Body(Matcher),
    /// `text`: the body as text.
    Text(Matcher),
    /// `$.a.b`: a part of the JSON body.
    Path {
        /// The path.
        path: JsonPath,
        /// What must hold.
        matcher: Matcher,
    },
    /// `header.<name>`.
    Header {
        /// The name in lower case.
        name: String,
        /// What must hold; a header that is not there is absent.
        matcher: Matcher,
    },
    /// `cookie.<name>`: what the answer sets.
    Cookie {
        /// The name.
        name: String,
        /// What must hold; a cookie that is not set is absent.
        matcher: Matcher,
    },
}

/// What a status must be.
#[derive(Clone, Debug)]
pub enum StatusCheck {
    /// One of these: `201`, `2xx`, `[200, 409]`.
    OneOf(Vec<StatusRange>),
    /// An operator mapping or a value.
    Matches(Matcher),
}

/// A status, or a class of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusRange {
    /// This one.
    Code(u16),
    /// `2xx` is class 2.
    Class(u8),
}

impl StatusRange {
    /// Whether a status belongs to it.
    #[must_use]
    pub fn contains(self, status: u16) -> bool {
        match self {
            Self::Code(code) => status == code,
            Self::Class(class) => status / 100 == u16::from(class),
        }
    }
}

impl std::fmt::Display for StatusRange {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(formatter, "{code}"),
            Self::Class(class) => write!(formatter, "{class}xx"),
        }
    }
}

/// A bound of `time`. `time: 500ms` is [`TimeBound::AtMost`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeBound {
    /// `lt`.
    Below(Duration),
    /// `lte`.
    AtMost(Duration),
    /// `gt`.
    Above(Duration),
    /// `gte`.
    AtLeast(Duration),
}

/// A name with the part of the result it is bound to.
#[derive(Clone, Debug)]
pub struct Capture {
    /// The name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// What it is bound to.
    pub extract: Extract,
}

/// A part of a result.
#[derive(Clone, Debug)]
pub struct Extract {
    /// Where it is described.
    pub span: Span,
    /// Where it comes from.
    pub origin: Origin,
    /// The first group of this expression, or the whole match when it has none.
    pub matches: Option<Regex>,
}

/// Where a capture comes from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// `$.a.b`: a part of the JSON body; for `verify` and `wait: call`, of the list of calls.
    Path(JsonPath),
    /// `header.<name>`, in lower case.
    Header(String),
    /// `cookie.<name>`.
    Cookie(String),
    /// `status`, a number.
    Status,
    /// `time`, in milliseconds.
    Time,
    /// `text`: the body as text.
    Text,
}
