//! What came of a call to the outside, and how often it is tried.

use std::fmt;
use std::time::Duration;

use crate::app::App;
use crate::error::{ApiError, Code};

/// Between two tries of one call: 100 ms, 200 ms, 400 ms, … with jitter.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// What a client is told to wait when a service is away.
const RETRY_AFTER_S: u32 = 5;

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome<T> {
    /// It happened, or the question was answered.
    Done(T),
    /// The provider said no in its own words: nothing happened.
    Refused(Refusal),
    /// It may have happened or not. Only the provider can tell, when it is asked again with the same key.
    Unknown(Trouble),
}

impl<T> Outcome<T> {
    pub(crate) fn map<U>(self, with: impl FnOnce(T) -> U) -> Outcome<U> {
        match self {
            Self::Done(value) => Outcome::Done(with(value)),
            Self::Refused(refusal) => Outcome::Refused(refusal),
            Self::Unknown(trouble) => Outcome::Unknown(trouble),
        }
    }
}

/// A provider's no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// In our words, fit for clients.
    pub(crate) reason: String,
    /// In the provider's words, for the log.
    pub(crate) cause: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused as {}: {}", self.reason, self.cause)
    }
}

/// Why an outcome is unknown. The text is for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("the service cannot be reached: {0}")]
    Unavailable(String),
    #[error("the service did not answer in time: {0}")]
    Timeout(String),
    #[error("the service gave an answer we cannot use: {0}")]
    BadAnswer(String),
    /// It asks for patience, with `Retry-After`.
    #[error("the service asks us to wait {} s: {cause}", wait.as_secs())]
    Busy { cause: String, wait: Duration },
}

impl Trouble {
    /// How long the service wants to be left alone; nothing when it did not say.
    pub(crate) fn wait(&self) -> Duration {
        match self {
            Self::Busy { wait, .. } => *wait,
            Self::Unavailable(_) | Self::Timeout(_) | Self::BadAnswer(_) => Duration::ZERO,
        }
    }

    /// For calls without effect: the client may simply ask again.
    pub(crate) fn into_api_error(self, service: &str) -> ApiError {
        match &self {
            Self::Unavailable(_) => ApiError::new(
                Code::ProviderUnavailable,
                format!("The {service} service is not available. Please try again."),
            )
            .retry_after(RETRY_AFTER_S),
            Self::Busy { wait, .. } => ApiError::new(
                Code::ProviderUnavailable,
                format!("The {service} service is busy. Please try again."),
            )
            .retry_after(u32::try_from(wait.as_secs()).unwrap_or(u32::MAX)),
            Self::Timeout(_) => ApiError::new(
                Code::ProviderTimeout,
                format!("The {service} service did not answer in time. Please try again."),
            ),
            Self::BadAnswer(_) => ApiError::new(
                Code::ProviderError,
                format!("The {service} service gave an answer that we cannot use."),
            ),
        }
        .because(self)
    }
}

/// The error for a service that is switched off.
pub(crate) fn switched_off(service: &str) -> ApiError {
    Trouble::Unavailable("switched off in the configuration".to_owned()).into_api_error(service)
}

/// Tries a call until its outcome is known, at most as often as `PROVIDER_ATTEMPTS` says. The call must be the same
/// each time: same key, same body. A service that asks for more patience than a request has is left alone.
pub(crate) async fn until_known<T, F>(app: &App, call: impl Fn() -> F) -> Outcome<T>
where
    F: Future<Output = Outcome<T>>,
{
    let mut pause = FIRST_PAUSE;
    for _ in 1..app.config.provider_attempts {
        let trouble = match call().await {
            Outcome::Unknown(trouble) if trouble.wait() <= LONGEST_PAUSE => trouble,
            known_or_busy => return known_or_busy,
        };
        tracing::info!(%trouble, "trying again");
        let jittered = app
            .config
            .scaled(pause.mul_f64(0.5 + app.random.fraction()));
        app.config.clock.sleep(jittered.max(trouble.wait())).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    call().await
}
