//! What can be set. Every value has a default that works alone; `env` reads them from the environment.

mod env;
mod payment;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry_sdk::trace::SdkTracerProvider;
use url::Url;

pub use self::env::ConfigError;
pub use self::payment::PaymentProvider;
use crate::clock::{Clock, SystemClock};

/// How strict the shop is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// As a shop on the internet.
    Production,
    /// As tests want it: what needs staff is open to every user, statistics are open, password hashing is
    /// cheap, and the shop can be emptied.
    Integration,
}

/// Which parts of the shop this process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The HTTP API.
    pub api: bool,
    /// The runner of queued tasks.
    pub worker: bool,
    /// The schedule.
    pub beat: bool,
}

impl Run {
    /// Everything in one process.
    pub const ALL: Self = Self {
        api: true,
        worker: true,
        beat: true,
    };
}

/// One of the three outside services.
#[derive(Clone, PartialEq, Eq)]
pub struct Service {
    /// Base address, `http://localhost:1080`.
    pub url: Url,
    /// Whether it may be called at all.
    pub enabled: bool,
    /// The secret its webhooks are signed with; without one they are refused.
    pub webhook_secret: Option<String>,
}

/// The configuration of one shop. [`Config::default`] works alone; [`Config::from_env`] reads the environment.
#[derive(Clone)]
pub struct Config {
    /// `sqlite://shop.db`, `sqlite::memory:` (private, gone with the shop) or `postgresql://user:password@host/db`.
    pub database_url: String,
    /// Our own address in links and return URLs; without one, the address the shop listens on.
    pub app_url: Option<Url>,
    /// Where to listen, `127.0.0.1:8000`; port 0 takes a free one. A process without the API takes a free port of that
    /// host, for its health checks.
    pub bind: String,
    /// How strict the shop is.
    pub profile: Profile,
    /// The generic payment service; `enabled` counts whoever the provider is.
    pub payment_service: Service,
    /// Who takes payments and refunds.
    pub payment_provider: PaymentProvider,
    /// Quotes and registers parcels.
    pub shipping_service: Service,
    /// Sends messages.
    pub email_service: Service,
    /// Refuse an answer of the payment service whose amount is not ours (else it is logged). Webhooks are always strict.
    pub payment_strict_amount: bool,
    /// Limit for connecting to an outside service.
    pub connect_timeout: Duration,
    /// Limit for one call of an outside service.
    pub provider_timeout: Duration,
    /// How often one call is tried, at least once.
    pub provider_attempts: u32,
    /// How long a request waits for its own messages to be handed over after its commit.
    pub inline_dispatch: Duration,
    /// How long order processing waits for the final answer to a payment.
    pub payment_wait: Duration,
    /// How long an unpaid order keeps its stock.
    pub reservation_ttl: Duration,
    /// Multiplies all waits and schedules; above zero.
    pub time_scale: f64,
    /// Tasks run side by side.
    pub worker_concurrency: usize,
    /// The parts this process runs.
    pub run: Run,
    /// Opens `POST /api/testing/reset/` in the integration profile.
    pub test_reset_token: Option<String>,
    /// Where spans go; without one nothing is recorded, but trace context is still passed on.
    pub telemetry: Option<SdkTracerProvider>,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Makes ids and tokens repeatable, and guessable: for tests with a fresh database only.
    pub seed: Option<u64>,
}

/// Without the secret.
impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("url", &self.url.origin().ascii_serialization())
            .field("enabled", &self.enabled)
            .finish_non_exhaustive()
    }
}

/// Without what may hold secrets.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("bind", &self.bind)
            .field("profile", &self.profile)
            .field("run", &self.run)
            .finish_non_exhaustive()
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database_url: "sqlite://shop.db".to_owned(),
            app_url: None,
            bind: "127.0.0.1:8000".to_owned(),
            profile: Profile::Production,
            payment_service: local_service(1080),
            payment_provider: PaymentProvider::Generic,
            shipping_service: local_service(1081),
            email_service: local_service(1082),
            payment_strict_amount: true,
            connect_timeout: Duration::from_secs(1),
            provider_timeout: Duration::from_secs(5),
            provider_attempts: 3,
            inline_dispatch: Duration::from_millis(1_500),
            payment_wait: Duration::from_secs(15),
            reservation_ttl: Duration::from_secs(1_800),
            time_scale: 1.0,
            worker_concurrency: 2,
            run: Run::ALL,
            test_reset_token: None,
            telemetry: None,
            clock: Arc::new(SystemClock),
            seed: None,
        }
    }
}

impl Config {
    /// Reads the variables of the environment; `get` gives a variable's value. Unset and empty is the default.
    ///
    /// # Errors
    ///
    /// A value that is not understood, or that asks for something this version does not have. The error names the
    /// variable, what came and what is expected.
    pub fn from_env(get: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        env::read(&get)
    }

    /// A wait of the schedule or of a retry, by the time scale.
    pub(crate) fn scaled(&self, wait: Duration) -> Duration {
        wait.mul_f64(self.time_scale)
    }
}

fn local_service(port: u16) -> Service {
    let mut url = Url::parse("http://localhost").expect("this text is an address");
    url.set_port(Some(port))
        .expect("an http address has a port");
    Service {
        url,
        enabled: true,
        webhook_secret: None,
    }
}
