//! One call to a fake.

use std::sync::{Arc, Mutex, PoisonError};

use http::Method;
use jiff::Timestamp;
use styk_core::{Exchange, Request};

use super::Found;

/// A request on its way through a fake, and what is learnt about it there.
#[derive(Debug)]
pub struct Call {
    /// The operation; none when the provider has nothing there.
    pub found: Option<Found>,
    /// The request.
    pub request: Request,
    /// When it came.
    pub at: Timestamp,
    /// Its record.
    pub exchange: Arc<Exchange>,
    notes: Mutex<Notes>,
}

/// What a provider found out about a call, for its record.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// Whose account it is, as a name that tells no secret.
    pub account: Option<String>,
    /// The provider's id of the object that it is about.
    pub object: Option<String>,
    /// The shop's order.
    pub order: Option<String>,
    /// The idempotency key.
    pub key: Option<String>,
    /// Whether the answer is a stored one.
    pub is_replay: bool,
    /// What the fake does not know: an operation, a parameter, a value.
    pub gaps: Vec<String>,
}

impl Call {
    pub(crate) fn new(
        found: Option<Found>,
        request: Request,
        at: Timestamp,
        exchange: Arc<Exchange>,
    ) -> Self {
        Self {
            found,
            request,
            at,
            exchange,
            notes: Mutex::default(),
        }
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.request.method
    }

    /// The path, as it came.
    #[must_use]
    pub fn path(&self) -> &str {
        self.request.uri.path()
    }

    /// The query, as it came; empty when there is none.
    #[must_use]
    pub fn query(&self) -> &str {
        self.request.uri.query().unwrap_or_default()
    }

    /// The operation's name, or method and path where the provider has none.
    #[must_use]
    pub fn operation(&self) -> String {
        match &self.found {
            Some(found) => found.operation.clone(),
            None => format!("{} {}", self.method(), self.path()),
        }
    }

    /// What stands in the n-th place of the path's template; empty when there is none.
    #[must_use]
    pub fn parameter(&self, place: usize) -> &str {
        self.found
            .as_ref()
            .and_then(|found| found.parameters.get(place))
            .map_or("", String::as_str)
    }

    /// The value of a header as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        self.request
            .headers
            .text(name)
            .map(|text| text.into_owned())
    }

    /// The user and password of HTTP Basic authentication.
    #[must_use]
    pub fn basic(&self) -> Option<(String, String)> {
        use base64::Engine as _;
        let value = self.header("authorization")?;
        let (scheme, code) = value.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(code.trim())
            .ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (user, password) = text.split_once(':')?;
        Some((user.to_owned(), password.to_owned()))
    }

    /// The token of HTTP Bearer authentication.
    #[must_use]
    pub fn bearer(&self) -> Option<String> {
        let value = self.header("authorization")?;
        let (scheme, token) = value.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| token.trim().to_owned())
    }

    /// Notes something down for the record.
    pub fn note(&self, write: impl FnOnce(&mut Notes)) {
        write(&mut self.notes.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Notes down what the fake does not know, so that the user sees what is missing.
    pub fn gap(&self, what: impl Into<String>) {
        self.note(|notes| notes.gaps.push(what.into()));
    }

    /// What was noted down; who takes it is the last to ask.
    pub(crate) fn take_notes(&self) -> Notes {
        std::mem::take(&mut self.notes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What was noted down so far.
    #[must_use]
    pub fn notes(&self) -> Notes {
        self.notes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
