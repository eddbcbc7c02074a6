//! Expectations: which requests are answered, with what, and how often.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::draft::{Draft, time};
use super::webhook::target;
use super::{Count, RecordedRequest, RequestPattern, Response, Webhook};
use crate::action::{Action, Closure};
use crate::error::ExpectationError;
use crate::expectation::ExpectationSpec;
use crate::json::{Json, Object};
use crate::openapi::Sources;
use crate::registration;

/// Which requests are answered, with what, and how often. Comes from [`RequestPattern::respond`] and its siblings;
/// [`MockServer::expect`](crate::MockServer::expect) mounts it.
///
/// Of several expectations that match a request, the one with the highest priority answers, and among equals the
/// oldest that has uses left. So a sequence that stays at its end is two expectations:
///
/// ```
/// use serde_json::json;
/// use styk_mock::{get, json, status};
///
/// let recovering = [
///     get("/rates").respond(status(503)).times(2),
///     get("/rates").respond(json(json!({"EUR": "1.08"}))),
/// ];
/// ```
#[derive(Clone, Debug)]
#[must_use = "an expectation answers once it is mounted: `server.expect(..)`"]
pub struct Expectation {
    request: RequestPattern,
    draft: Draft,
    closure: Option<Closure>,
    expected: Option<Count>,
}

/// What [`MockServer::expect`](crate::MockServer::expect) mounts: one [`Expectation`], several, or MockServer's JSON.
#[derive(Clone, Debug)]
pub struct Expectations(Form);

#[derive(Clone)]
enum Form {
    Json(Json),
    Built(Vec<Expectation>),
}

/// Expectations that were read: all there is to mount.
pub(super) struct Read {
    pub(super) specs: Vec<ExpectationSpec>,
    /// How often each of them is to be used, for those that say so.
    pub(super) expected: Vec<Option<Count>>,
}

impl Expectation {
    pub(super) fn responding(request: RequestPattern, response: Response) -> Self {
        let mut expectation = Self::of(request);
        match response.written() {
            Ok((name, json)) => expectation.draft.set(name, json),
            Err(problem) => expectation.draft.complain(problem),
        }
        expectation
    }

    pub(super) fn responding_in_turn(
        request: RequestPattern,
        responses: impl IntoIterator<Item = Response>,
    ) -> Self {
        let mut expectation = Self::of(request);
        for response in responses {
            match response.written() {
                Ok(("httpResponse", json)) => expectation.draft.push("httpResponses", json),
                Ok(_broken) => expectation.draft.complain(
                    "one of several responses in turn cannot break the connection: give it an expectation of its own",
                ),
                Err(problem) => expectation.draft.complain(problem),
            }
        }
        expectation
    }

    pub(super) fn answered_by<F>(
        request: RequestPattern,
        answer: impl Fn(RecordedRequest) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Response> + Send + 'static,
    {
        let mut expectation = Self::of(request);
        expectation.closure = Some(Closure::new(answer));
        // Holds the place of the closure while the rest is read.
        expectation
            .draft
            .set(Closure::PLACE, Json::Object(Object::new()));
        expectation
    }

    pub(super) fn forwarding(request: RequestPattern, url: &str) -> Self {
        let mut expectation = Self::of(request);
        match target(url) {
            Ok((address, uri)) if matches!(uri.path(), "" | "/") => {
                expectation.draft.set("httpForward", address);
            }
            Ok(_) => expectation.draft.complain(format!(
                "forward to `{url}`: path and query come from the request, give scheme, host and port alone"
            )),
            Err(problem) => expectation.draft.complain(format!("forward to {problem}")),
        }
        expectation
    }

    fn of(request: RequestPattern) -> Self {
        Self {
            request,
            draft: Draft::default(),
            closure: None,
            expected: None,
        }
    }

    /// It answers so many requests and then no more, however many come at once. Without it there is no limit.
    pub fn times(mut self, times: u64) -> Self {
        let times = Json::object([("remainingTimes", Json::number(times))]);
        self.draft.set("times", times);
        self
    }

    /// It answers for so long and then no more, by the server's clock.
    pub fn time_to_live(mut self, time_to_live: Duration) -> Self {
        self.draft
            .set("timeToLive", time(time_to_live, "timeToLive"));
        self
    }

    /// Which of several that match answers: the one with the highest priority. Without it, it is 0.
    pub fn priority(mut self, priority: i64) -> Self {
        self.draft.set("priority", Json::number(priority));
        self
    }

    /// The id to know it by. One that is mounted with the same id is replaced and keeps its place.
    pub fn id(mut self, id: &str) -> Self {
        self.draft.set("id", Json::text(id));
        self
    }

    /// It answers only while a scenario is in this state; the first state of every scenario is `Started`.
    ///
    /// ```
    /// use styk_mock::{get, post, status, text};
    ///
    /// let order = [
    ///     post("/orders/7/pay").respond(status(204)).scenario("order", "Started").then_state("paid"),
    ///     get("/orders/7").respond(text("open")).scenario("order", "Started"),
    ///     get("/orders/7").respond(text("paid")).scenario("order", "paid"),
    /// ];
    /// ```
    pub fn scenario(mut self, name: &str, state: &str) -> Self {
        self.draft.set("scenarioName", Json::text(name));
        self.draft.set("scenarioState", Json::text(state));
        self
    }

    /// The state of its scenario once it has answered.
    pub fn then_state(mut self, state: &str) -> Self {
        self.draft.set("newScenarioState", Json::text(state));
        self
    }

    /// A request that the server sends of its own accord once it has answered, such as a provider's webhook.
    pub fn then_send(mut self, webhook: Webhook) -> Self {
        match webhook.written() {
            Ok(json) => self.draft.push("afterActions", json),
            Err(problem) => self.draft.complain(problem),
        }
        self
    }

    /// How often the test means it to be used, checked by
    /// [`MockServer::check_expected`](crate::MockServer::check_expected) and
    /// [`MockServer::assert_expected`](crate::MockServer::assert_expected). It limits nothing; for that there is
    /// [`Expectation::times`].
    ///
    /// ```
    /// use styk_mock::{get, post, status, text};
    ///
    /// let expectations = [
    ///     get("/rates").respond(text("1.08")).expected(1..),
    ///     post("/payments").respond(status(201)).expected(2),
    ///     post("/refunds").respond(status(201)).expected(0),
    /// ];
    /// ```
    pub fn expected(mut self, count: impl Into<Count>) -> Self {
        self.expected = Some(count.into());
        self
    }

    /// Any other field of MockServer's expectation, as its JSON has it.
    pub fn field(mut self, name: &str, value: impl Serialize) -> Self {
        self.draft.set_any(name, &value);
        self
    }

    fn written(&self) -> Result<Json, String> {
        if let Some(problem) = self.draft.problem() {
            return Err(problem.to_owned());
        }
        let request = ("httpRequest".to_owned(), self.request.written()?);
        let fields = self.draft.fields().clone();
        Ok(Json::Object(
            std::iter::once(request).chain(fields).collect(),
        ))
    }
}

impl Expectations {
    /// Reads all of them as the control plane does.
    pub(super) fn read(self) -> Result<Read, ExpectationError> {
        let sources = Sources::default();
        let built = match self.0 {
            Form::Json(json) => {
                let specs = registration::read(&json, &sources)?;
                let expected = vec![None; specs.len()];
                return Ok(Read { specs, expected });
            }
            Form::Built(built) => built,
        };
        let written: Result<Vec<Json>, String> = built.iter().map(Expectation::written).collect();
        let written = written.map_err(ExpectationError::Invalid)?;
        let specs = registration::read(&Json::Array(written), &sources)?;
        let expected = built.iter().map(|built| built.expected).collect();
        let specs = specs
            .into_iter()
            .zip(built)
            .map(|(spec, built)| match built.closure {
                Some(closure) => {
                    spec.answered_by(Action::Closure(closure), Closure::PLACE, Closure::written())
                }
                None => spec,
            });
        Ok(Read {
            specs: specs.collect(),
            expected,
        })
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(json) => formatter.write_str(&crate::json::compact(json)),
            Self::Built(built) => built.fmt(formatter),
        }
    }
}

impl From<&serde_json::Value> for Expectations {
    fn from(json: &serde_json::Value) -> Self {
        Self(Form::Json(Json::from(json)))
    }
}

impl From<serde_json::Value> for Expectations {
    fn from(json: serde_json::Value) -> Self {
        Self::from(&json)
    }
}

impl From<Expectation> for Expectations {
    fn from(expectation: Expectation) -> Self {
        Self::from(vec![expectation])
    }
}

impl From<Vec<Expectation>> for Expectations {
    fn from(expectations: Vec<Expectation>) -> Self {
        Self(Form::Built(expectations))
    }
}

impl<const N: usize> From<[Expectation; N]> for Expectations {
    fn from(expectations: [Expectation; N]) -> Self {
        Self::from(Vec::from(expectations))
    }
}
