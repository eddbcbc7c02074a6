//! Questions about what was received.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::ground::Ground;
use super::{Count, RecordedRequest, RequestPattern};
use crate::error::ExpectationError;
use crate::json::Json;

/// Why a verification did not hold.
///
/// `Debug` prints the same report as `Display`, so that a test that ends with `?` or `unwrap` shows it line by line.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum VerificationError {
    /// The requests did not come as often as wanted, or not in this order.
    #[error("{report}")]
    Unmet {
        /// What was wanted, what came, and how the closest request differs.
        report: String,
    },
    /// The journal has dropped requests that could change the answer: neither yes nor no would be true.
    #[error("{report}")]
    Incomplete {
        /// What is known.
        report: String,
    },
    /// The question itself is wrong.
    #[error(transparent)]
    Invalid(#[from] ExpectationError),
}

impl fmt::Debug for VerificationError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A question that the count completes: `server.verify(post("/payments")).once()?`.
///
/// Each gives the requests that match, for a closer look.
#[derive(Clone, Debug)]
#[must_use = "ask how often: `.once()`, `.times(2)`, `.never()`"]
pub struct Verification {
    ground: Ground,
    wanted: Wanted,
}

/// A [`Verification`] that waits; see [`Verification::within`].
#[derive(Clone, Debug)]
#[must_use = "ask how often: `.once().await`, `.times(2).await`, `.never().await`"]
pub struct PatientVerification {
    verification: Verification,
    limit: Duration,
}

/// What is looked for.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    Request(Box<RequestPattern>),
    /// Requests that this expectation answered.
    AnsweredBy(String),
}

/// The result of a verification of many requests.
type Calls = Result<Vec<RecordedRequest>, VerificationError>;

impl Verification {
    pub(super) fn new(ground: Ground, wanted: Wanted) -> Self {
        Self { ground, wanted }
    }

    /// It was received exactly once; the request.
    ///
    /// # Errors
    ///
    /// When it was not, with a report.
    pub fn once(self) -> Result<RecordedRequest, VerificationError> {
        only(self.count(1)?)
    }

    /// It was received exactly so many times.
    ///
    /// # Errors
    ///
    /// When it was not, with a report.
    pub fn times(self, times: u64) -> Calls {
        self.count(times)
    }

    /// It was received so many times or more.
    ///
    /// # Errors
    ///
    /// When it was not, with a report.
    pub fn at_least(self, times: u64) -> Calls {
        self.count(times..)
    }

    /// It was received so many times or fewer.
    ///
    /// # Errors
    ///
    /// When it was not, with a report.
    pub fn at_most(self, times: u64) -> Calls {
        self.count(..=times)
    }

    /// It was received so many times, both ends included.
    ///
    /// # Errors
    ///
    /// When it was not, with a report.
    pub fn between(self, times: RangeInclusive<u64>) -> Calls {
        self.count(times)
    }

    /// It was not received.
    ///
    /// # Errors
    ///
    /// When it was, with a report.
    pub fn never(self) -> Result<(), VerificationError> {
        self.count(0).map(drop)
    }

    /// It was received as often as this says: a number or any range.
    ///
    /// # Errors
    ///
    /// When it was not, with a report.
    pub fn count(self, count: impl Into<Count>) -> Calls {
        self.check(count.into())?;
        self.matching()
    }

    /// Waits for requests that are still to come, at most so long.
    ///
    /// Questions with a lower bound are answered as soon as they hold; [`PatientVerification::never`] and
    /// [`PatientVerification::at_most`] watch all the time. More than wanted is an error at once.
    ///
    /// ```
    /// # async fn example(server: styk_mock::MockServer) -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use styk_mock::post;
    ///
    /// let mail = server.verify(post("/mails")).within(Duration::from_secs(5)).once().await?;
    /// assert!(mail.text().contains("Your order"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn within(self, limit: Duration) -> PatientVerification {
        PatientVerification {
            verification: self,
            limit,
        }
    }

    fn check(&self, count: Count) -> Result<(), VerificationError> {
        let wanted = match &self.wanted {
            Wanted::Request(pattern) => ("httpRequest", written(pattern)?),
            Wanted::AnsweredBy(id) => ("expectationId", Json::object([("id", Json::text(id))])),
        };
        let body = Json::object([wanted, ("times", count.written())]);
        self.ground.ask("verify", &body)
    }

    fn matching(&self) -> Calls {
        match &self.wanted {
            Wanted::Request(pattern) => Ok(self.ground.received(pattern)?),
            Wanted::AnsweredBy(id) => Ok(self.ground.answered_by(id)),
        }
    }
}

impl PatientVerification {
    /// It is received exactly once; the request.
    ///
    /// # Errors
    ///
    /// When it is not, with a report.
    pub async fn once(self) -> Result<RecordedRequest, VerificationError> {
        only(self.count(1).await?)
    }

    /// It is received exactly so many times.
    ///
    /// # Errors
    ///
    /// When it is not, with a report.
    pub async fn times(self, times: u64) -> Calls {
        self.count(times).await
    }

    /// It is received so many times or more.
    ///
    /// # Errors
    ///
    /// When it is not, with a report.
    pub async fn at_least(self, times: u64) -> Calls {
        self.count(times..).await
    }

    /// It is received so many times or fewer in all the time.
    ///
    /// # Errors
    ///
    /// When it is not, with a report.
    pub async fn at_most(self, times: u64) -> Calls {
        self.count(..=times).await
    }

    /// It is received so many times, both ends included.
    ///
    /// # Errors
    ///
    /// When it is not, with a report.
    pub async fn between(self, times: RangeInclusive<u64>) -> Calls {
        self.count(times).await
    }

    /// It is not received in all the time.
    ///
    /// # Errors
    ///
    /// When it is, with a report.
    pub async fn never(self) -> Result<(), VerificationError> {
        self.count(0).await.map(drop)
    }

    /// It is received as often as this says: a number or any range.
    ///
    /// # Errors
    ///
    /// When it is not, with a report.
    pub async fn count(self, count: impl Into<Count>) -> Calls {
        let count = count.into();
        let verification = self.verification;
        // The journal announces every request; what is not decided by then is decided at the end.
        let settled = |_: &styk_core::Journal| match verification.matching() {
            Err(error) => Some(Err(error)),
            Ok(calls) => {
                let found = calls.len() as u64;
                let is_settled =
                    count.is_exceeded_by(found) || (count.holds(found) && !count.is_only_a_limit());
                is_settled.then_some(Ok(()))
            }
        };
        let journal = verification.ground.journal();
        if let Some(settled) = journal.wait_for(self.limit, settled).await {
            settled?;
        }
        verification.count(count)
    }
}

/// Checks that requests came in this order; others may lie between.
pub(super) fn verify_sequence(
    ground: &Ground,
    sequence: impl IntoIterator<Item = RequestPattern>,
) -> Result<(), VerificationError> {
    let wanted = sequence.into_iter().map(|pattern| written(&pattern));
    let wanted: Vec<Json> = wanted.collect::<Result<_, _>>()?;
    let body = Json::object([("httpRequests", Json::Array(wanted))]);
    ground.ask("verifySequence", &body)
}

/// Checks everything that expectations were mounted with [`Expectation::expected`](super::Expectation::expected).
pub(super) fn check_expected(ground: &Ground) -> Result<(), VerificationError> {
    let mut reports = Vec::new();
    for (id, count) in ground.promises() {
        let wanted = Wanted::AnsweredBy(id.clone());
        match Verification::new(ground.clone(), wanted).check(count) {
            Ok(()) => {}
            Err(VerificationError::Unmet { report }) => {
                reports.push(format!("expectation `{id}`: {report}"));
            }
            Err(other) => return Err(other),
        }
    }
    if reports.is_empty() {
        Ok(())
    } else {
        let report = reports.join("\n\n");
        Err(VerificationError::Unmet { report })
    }
}

fn written(pattern: &RequestPattern) -> Result<Json, VerificationError> {
    let written = pattern.written();
    written.map_err(|problem| ExpectationError::Invalid(problem).into())
}

/// The one request of a verification that found one.
fn only(calls: Vec<RecordedRequest>) -> Result<RecordedRequest, VerificationError> {
    calls
        .into_iter()
        .next()
        .ok_or_else(|| VerificationError::Incomplete {
            report: "the request was dropped from the journal meanwhile".to_owned(),
        })
}
