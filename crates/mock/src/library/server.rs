//! What a Rust test does with a server.

use std::sync::Arc;

use super::ground::Ground;
use super::verification::{Wanted, check_expected, verify_sequence};
use super::{
    Expectations, MockScope, RecordedRequest, RequestPattern, Verification, VerificationError,
};
use crate::error::{ExpectationError, StartError};
use crate::server::MockServer;

impl MockServer {
    /// Starts a server on a free port of this machine. [`MockServer::builder`] sets more.
    ///
    /// # Errors
    ///
    /// When no port can be bound.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder("mock").start().await
    }

    /// The URL of a path on this server: `server.url_of("/api/orders/7")`.
    #[must_use]
    pub fn url_of(&self, path: &str) -> String {
        format!("{}{path}", self.url())
    }

    /// Mounts one expectation, several, or MockServer's JSON; the ids, in their order.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use styk_mock::{MockServer, get, post, status, text};
    ///
    /// let server = MockServer::start().await?;
    /// server.expect(get("/greeting").respond(text("hello")))?;
    /// server.expect([
    ///     post("/orders").respond(status(503)).times(1),
    ///     post("/orders").respond(status(201)),
    /// ])?;
    /// let ids = server.expect(serde_json::json!({
    ///     "id": "health", "httpRequest": { "path": "/health" }, "httpResponse": { "statusCode": 204 }
    /// }))?;
    /// assert_eq!(ids, ["health"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// What the control plane would answer; then nothing was mounted.
    pub fn expect(
        &self,
        expectations: impl Into<Expectations>,
    ) -> Result<Vec<String>, ExpectationError> {
        self.ground().expect(expectations.into())
    }

    /// Removes an expectation; `false` when there is none with this id.
    pub fn remove(&self, id: &str) -> bool {
        self.ground().remove(id)
    }

    /// Removes all expectations and clears the record, those of all scopes too.
    pub fn reset(&self) {
        self.ground().reset();
    }

    /// A test's own corner of this server; see [`MockScope`]. An empty name is the common ground.
    #[must_use]
    pub fn scope(&self, name: &str) -> MockScope {
        let name: Arc<str> = Arc::from(name);
        let ground = Ground {
            scope: Some(Arc::clone(&name)),
            ..self.ground()
        };
        MockScope::new(ground, self.url(), name)
    }

    /// All requests received since the start or the last reset, answered or not, oldest first. Those of scopes are
    /// theirs. What the journal had to drop is missing; a verification says so.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.ground().requests()
    }

    /// The requests received that match, oldest first.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use styk_mock::{MockServer, any_request, post, status};
    /// # let server = MockServer::start().await?;
    /// # server.expect(post("/payments").respond(status(201)))?;
    /// # let client = reqwest::Client::new();
    /// # client.post(server.url_of("/payments")).body(r#"{"amount": 1999}"#).send().await?;
    /// for payment in server.received(&post("/payments"))? {
    ///     let body: serde_json::Value = payment.json()?;
    ///     assert_eq!(body["amount"], 1999);
    /// }
    /// # assert_eq!(server.received(&any_request())?.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the pattern is not valid.
    pub fn received(
        &self,
        pattern: &RequestPattern,
    ) -> Result<Vec<RecordedRequest>, ExpectationError> {
        self.ground().received(pattern)
    }

    /// How often such requests were received, answered or not.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use styk_mock::{MockServer, get, post};
    ///
    /// let server = MockServer::start().await?;
    /// server.verify(get("/orders")).never()?;
    ///
    /// # let client = reqwest::Client::new();
    /// client.post(server.url_of("/payments")).body("1999").send().await?;
    /// let payment = server.verify(post("/payments")).once()?;
    /// assert_eq!(payment.text(), "1999");
    ///
    /// let error = server.verify(post("/payments").body("2000")).once().unwrap_err();
    /// assert!(error.to_string().starts_with("Request not found exactly once"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn verify(&self, pattern: RequestPattern) -> Verification {
        Verification::new(self.ground(), Wanted::Request(Box::new(pattern)))
    }

    /// How often the expectation with this id answered.
    pub fn verify_expectation(&self, id: &str) -> Verification {
        Verification::new(self.ground(), Wanted::AnsweredBy(id.to_owned()))
    }

    /// Checks that requests were received in this order; others may lie between.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use styk_mock::{MockServer, post};
    /// # let server = MockServer::start().await?;
    /// # let client = reqwest::Client::new();
    /// # for path in ["/stock/reserve", "/log", "/payments"] {
    /// #     client.post(server.url_of(path)).send().await?;
    /// # }
    /// server.verify_sequence([post("/stock/reserve"), post("/payments")])?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When they did not come in this order, with a report.
    pub fn verify_sequence(
        &self,
        sequence: impl IntoIterator<Item = RequestPattern>,
    ) -> Result<(), VerificationError> {
        verify_sequence(&self.ground(), sequence)
    }

    /// Checks every expectation that was mounted with
    /// [`Expectation::expected`](crate::Expectation::expected) since the last reset.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use styk_mock::{MockServer, get, text};
    ///
    /// let server = MockServer::start().await?;
    /// server.expect(get("/rates").respond(text("1.08")).expected(1..))?;
    /// assert!(server.check_expected().is_err());
    /// # reqwest::get(server.url_of("/rates")).await?;
    /// # server.check_expected()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When one was not used as often, with a report on each.
    pub fn check_expected(&self) -> Result<(), VerificationError> {
        check_expected(&self.ground())
    }

    /// As [`MockServer::check_expected`], for the end of a test. Nothing is checked when the server is dropped: a
    /// test says itself where it ends.
    ///
    /// # Panics
    ///
    /// When one was not used as often, with a report on each.
    #[track_caller]
    pub fn assert_expected(&self) {
        assert_held(self.check_expected());
    }

    /// The state of a scenario; `Started` at first.
    #[must_use]
    pub fn scenario_state(&self, name: &str) -> String {
        self.ground().scenario_state(name)
    }

    /// Sets the state of a scenario.
    ///
    /// # Errors
    ///
    /// Never for the common ground; a scope can be one too many.
    pub fn set_scenario_state(&self, name: &str, state: &str) -> Result<(), ExpectationError> {
        self.ground().set_scenario_state(name, state)
    }

    fn ground(&self) -> Ground {
        Ground {
            shared: Arc::clone(self.shared()),
            scope: None,
        }
    }
}

#[track_caller]
pub(super) fn assert_held(result: Result<(), VerificationError>) {
    if let Err(error) = result {
        panic!("{error}");
    }
}
