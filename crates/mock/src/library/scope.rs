//! A test's own corner of a server.

use std::sync::Arc;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::ground::Ground;
use super::verification::{Wanted, check_expected, verify_sequence};
use super::{Expectations, RecordedRequest, RequestPattern, Verification, VerificationError};
use crate::error::ExpectationError;
use crate::scope::{BAGGAGE_ENTRY, SCOPE_HEADER};

/// A test's own corner of a server: expectations, records and scenario states of its own, so that tests that run at
/// once share one server without meeting. Comes from [`MockServer::scope`](crate::MockServer::scope).
///
/// Requests belong to a scope by the header `X-Styk-Scope`, or by the entry `styk.scope` of W3C baggage, which a traced
/// system under test hands on by itself. What is mounted without a scope answers them too, after the scope's own.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use styk_mock::{MockServer, get, text};
///
/// let server = MockServer::start().await?;
/// let test = server.scope("test-1");
/// test.expect(get("/greeting").respond(text("hello, test 1")))?;
///
/// let (name, value) = test.header();
/// let client = reqwest::Client::new();
/// let greeting = client.get(test.url_of("/greeting")).header(name, value).send().await?;
/// assert_eq!(greeting.text().await?, "hello, test 1");
///
/// test.verify(get("/greeting")).once()?;
/// server.verify(get("/greeting")).never()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct MockScope {
    ground: Ground,
    url: String,
    name: Arc<str>,
}

impl MockScope {
    pub(super) fn new(ground: Ground, url: String, name: Arc<str>) -> Self {
        Self { ground, url, name }
    }

    /// The name of the scope.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The header, name and value, by which requests belong to the scope.
    #[must_use]
    pub fn header(&self) -> (&'static str, &str) {
        (SCOPE_HEADER, &self.name)
    }

    /// The same as an entry of W3C baggage, for systems that hand the trace of a request on: the value of a `baggage`
    /// header, or a part of one.
    #[must_use]
    pub fn baggage(&self) -> String {
        let name = utf8_percent_encode(&self.name, NON_ALPHANUMERIC);
        format!("{BAGGAGE_ENTRY}={name}")
    }

    /// Where clients reach the server, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The URL of a path on the server.
    #[must_use]
    pub fn url_of(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// As [`MockServer::expect`](crate::MockServer::expect).
    ///
    /// # Errors
    ///
    /// What the control plane would answer; then nothing was mounted.
    pub fn expect(
        &self,
        expectations: impl Into<Expectations>,
    ) -> Result<Vec<String>, ExpectationError> {
        self.ground.expect(expectations.into())
    }

    /// Removes an expectation of the scope; `false` when there is none with this id.
    pub fn remove(&self, id: &str) -> bool {
        self.ground.remove(id)
    }

    /// Forgets all that the scope has, and no more.
    pub fn reset(&self) {
        self.ground.reset();
    }

    /// As [`MockServer::requests`](crate::MockServer::requests), of this scope.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.ground.requests()
    }

    /// As [`MockServer::received`](crate::MockServer::received), of this scope.
    ///
    /// # Errors
    ///
    /// When the pattern is not valid.
    pub fn received(
        &self,
        pattern: &RequestPattern,
    ) -> Result<Vec<RecordedRequest>, ExpectationError> {
        self.ground.received(pattern)
    }

    /// As [`MockServer::verify`](crate::MockServer::verify), of this scope.
    pub fn verify(&self, pattern: RequestPattern) -> Verification {
        let wanted = Wanted::Request(Box::new(pattern));
        Verification::new(self.ground.clone(), wanted)
    }

    /// As [`MockServer::verify_expectation`](crate::MockServer::verify_expectation), of this scope.
    pub fn verify_expectation(&self, id: &str) -> Verification {
        Verification::new(self.ground.clone(), Wanted::AnsweredBy(id.to_owned()))
    }

    /// As [`MockServer::verify_sequence`](crate::MockServer::verify_sequence), of this scope.
    ///
    /// # Errors
    ///
    /// When they did not come in this order, with a report.
    pub fn verify_sequence(
        &self,
        sequence: impl IntoIterator<Item = RequestPattern>,
    ) -> Result<(), VerificationError> {
        verify_sequence(&self.ground, sequence)
    }

    /// As [`MockServer::check_expected`](crate::MockServer::check_expected), of this scope.
    ///
    /// # Errors
    ///
    /// When one was not used as often, with a report on each.
    pub fn check_expected(&self) -> Result<(), VerificationError> {
        check_expected(&self.ground)
    }

    /// As [`MockServer::assert_expected`](crate::MockServer::assert_expected), of this scope.
    ///
    /// # Panics
    ///
    /// When one was not used as often, with a report on each.
    #[track_caller]
    pub fn assert_expected(&self) {
        super::server::assert_held(self.check_expected());
    }

    /// The state of a scenario of this scope; `Started` at first.
    #[must_use]
    pub fn scenario_state(&self, name: &str) -> String {
        self.ground.scenario_state(name)
    }

    /// Sets the state of a scenario of this scope.
    ///
    /// # Errors
    ///
    /// When the server has too many scopes open.
    pub fn set_scenario_state(&self, name: &str, state: &str) -> Result<(), ExpectationError> {
        self.ground.set_scenario_state(name, state)
    }
}
