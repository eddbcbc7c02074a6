//! The words of the language, in one table.
//!
//! Each word has its kind and its sentence. The loader takes the keys it allows and its suggestions from here, the
//! JSON Schema and the reference page are written from here.

mod reference;
mod schema;
mod table;

pub use reference::reference;
pub use schema::json_schema;
pub(crate) use table::{
    EXPECTATION, FIXTURE, HTTP_LONG, MODIFIERS, MULTIPART_FILE, PARALLEL, PATTERN, POLL, REPLY,
    RESULT_MODIFIERS, SCENARIO, SESSION, SKIP, VERBS,
};

/// One key of a mapping.
#[derive(Debug)]
pub(crate) struct Word {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) is_required: bool,
    pub(crate) doc: &'static str,
}

impl Word {
    pub(crate) const fn new(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self {
            name,
            kind,
            is_required: false,
            doc,
        }
    }

    pub(crate) const fn required(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self {
            name,
            kind,
            is_required: true,
            doc,
        }
    }
}

/// One verb.
#[derive(Debug)]
pub(crate) struct VerbWord {
    pub(crate) name: &'static str,
    /// What stands behind the verb itself.
    pub(crate) subject: Kind,
    pub(crate) doc: &'static str,
    pub(crate) arguments: &'static [Word],
    /// Which of [`RESULT_MODIFIERS`] it takes.
    pub(crate) results: &'static [&'static str],
    /// One step, as it stands in a list.
    pub(crate) example: &'static str,
    /// Whether this version can play it.
    pub(crate) is_supported: bool,
}

impl VerbWord {
    /// The verb of a name.
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        VERBS.iter().find(|verb| verb.name == name)
    }

    /// Its own keys: arguments, and the modifiers of a result that it takes.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'static str> {
        let arguments = self.arguments.iter().map(|word| word.name);
        arguments.chain(self.results.iter().copied())
    }
}

/// What a value may be. The schema and the reference page know how to say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Any value, with `$name` and `${…}` in it.
    Value,
    /// A mapping of names of the shop (headers, fields) to values.
    Values,
    /// A mapping of names of the scenario to values.
    Variables,
    /// Text taken as it is.
    Text,
    /// Text with `${…}` in it.
    Template,
    /// A name of letters, digits and `_`.
    Name,
    /// A name, or a list of names.
    Names,
    /// An identity: letters, digits, `_ - . / :`.
    Slug,
    /// A list of texts.
    Texts,
    /// A list of edges.
    Edges,
    /// `250ms`, `10s`, `1m30s`.
    Duration,
    /// `true` or `false`.
    Bool,
    /// A whole number between two bounds.
    Count(u32, u32),
    /// A factor, 1 or more.
    Factor,
    /// A day, `2026-12-31`.
    Day,
    /// A list of steps.
    Steps,
    /// An expectation.
    Expectation,
    /// A mapping of names to sources.
    Captures,
    /// A matcher.
    Matcher,
    /// A status, a class or a list of them, or a matcher.
    Status,
    /// A time, or a mapping of bounds.
    TimeBounds,
    /// A mapping of parts of an exchange to matchers.
    Conditions,
    /// A list, or one name with a list.
    Each,
    /// A limit, or a mapping of [`POLL`].
    Poll,
    /// A text, or a mapping of [`SKIP`].
    Skip,
    /// A list of rows, or the name of a CSV file.
    Table,
    /// A list of fixtures.
    Uses,
    /// `METHOD /path`, or a mapping of [`HTTP_LONG`].
    Request,
    /// `GET`, `POST`, …
    Method,
    /// A mapping of [`SESSION`], or `cookies`.
    Session,
    /// A mapping of field names to values or [`MULTIPART_FILE`]s.
    Parts,
    /// A mapping of [`PATTERN`].
    Pattern,
    /// What a mock's request body must be.
    MockBody,
    /// A mapping of [`REPLY`].
    Reply,
    /// `call`, `webhook` or `queue_idle`.
    WaitSubject,
    /// The name of a fault.
    Fault,
    /// A mock, an edge or `no_duplicate_calls`.
    VerifySubject,
    /// A mapping of [`PARALLEL`].
    Parallel,
    /// `scenario`, `worker` or `run`.
    Scope,
    /// Nothing in this version; anything is read over.
    Later,
}

impl Kind {
    /// How the reference page and messages call it.
    pub(crate) fn describe(self) -> String {
        let text = match self {
            Self::Value => "any value",
            Self::Values | Self::Variables => "a mapping of names to values",
            Self::Text => "text",
            Self::Template => "text, with `${…}` in it",
            Self::Name => "a name",
            Self::Names => "a name, or a list of names",
            Self::Slug => "an identity: letters, digits and `_ - . / :`",
            Self::Texts => "a list of texts",
            Self::Edges => "a list of edges, `from → to`",
            Self::Duration => "a duration: `250ms`, `10s`, `1m30s`",
            Self::Bool => "`true` or `false`",
            Self::Count(min, max) => return format!("a whole number from {min} to {max}"),
            Self::Factor => "a number, 1 or more",
            Self::Day => "a day: `2026-12-31`",
            Self::Steps => "a list of steps",
            Self::Expectation => "a status, or a mapping of checks",
            Self::Captures => "a mapping of names to sources",
            Self::Matcher => "a value, or a mapping of operators",
            Self::Status => "`201`, `2xx`, `[200, 409]`, or a mapping of operators",
            Self::TimeBounds => "a duration (at most), or a mapping of `lt`, `lte`, `gt`, `gte`",
            Self::Conditions => "a mapping of parts of the call to matchers",
            Self::Each => "a list, or `{name: list}`",
            Self::Poll => "a duration, or a mapping",
            Self::Skip => "the reason, or a mapping",
            Self::Table => "a list of mappings, or the name of a CSV file",
            Self::Uses => "a list of fixtures: `buyer`, or `{buyer: {role: admin}, as: alice}`",
            Self::Request => "`METHOD /path`, or a mapping",
            Self::Method => "`GET`, `POST`, …",
            Self::Session => "a mapping, or `cookies`",
            Self::Parts => "a mapping of fields to values, or to files",
            Self::Pattern | Self::Reply | Self::Parallel => "a mapping",
            Self::MockBody => {
                "text (equal), a mapping (matched partially), or `{exact | matches | contains: …}`"
            }
            Self::WaitSubject => "`call`, `webhook` or `queue_idle`",
            Self::Fault => "the name of a fault, such as `response_lost`",
            Self::VerifySubject => "a mock, an edge `from → to`, or `no_duplicate_calls`",
            Self::Scope => "`scenario`, `worker` or `run`",
            Self::Later => "not in this version",
        };
        text.to_owned()
    }
}
