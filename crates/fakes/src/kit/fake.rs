//! A fake that stands: from a kind of provider to an address.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value};
use styk_core::{Clock, Fault, Journal, Ledger, Seed};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::control::Control;
use super::faults::Faults;
use super::record::Recorder;
use super::server::Server;
use super::{
    ActionError, BadFault, Delivery, Ground, OrderRules, Outbox, Pauses, Provider, ProviderKind,
    State, Subscription, Timers, Variable,
};

/// How long an orderly end may take.
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// What a fake is started with.
#[derive(Clone, Debug)]
pub struct FakeOptions {
    /// Where it listens; port 0 takes a free one.
    pub bind: SocketAddr,
    /// Its time.
    pub clock: Clock,
    /// Its chance.
    pub seed: Seed,
    /// Where its calls are recorded.
    pub journal: Journal,
    /// Where its effects are written.
    pub ledger: Ledger,
    /// The shop's name on the edges of the matrix.
    pub caller: String,
    /// How the shop's order is found.
    pub orders: OrderRules,
    /// The pauses between the tries of a webhook.
    pub pauses: Pauses,
}

impl Default for FakeOptions {
    fn default() -> Self {
        Self {
            bind: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            clock: Clock::system(),
            seed: Seed::new(0),
            journal: Journal::default(),
            ledger: Ledger::default(),
            caller: "shop".to_owned(),
            orders: OrderRules::default(),
            pauses: Pauses::default(),
        }
    }
}

/// Why a fake does not stand.
#[derive(Debug, thiserror::Error)]
pub enum FakeError {
    /// The address is taken, or is not this machine's.
    #[error("the fake `{name}` cannot listen on {bind}: {cause}")]
    Bind {
        /// The provider.
        name: &'static str,
        /// The address asked for.
        bind: SocketAddr,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The client for webhooks cannot be made.
    #[error("the fake `{name}` cannot send webhooks: {cause}")]
    Client {
        /// The provider.
        name: &'static str,
        /// What the library says.
        cause: String,
    },
}

/// One provider on a port. [`Fake::stop`] ends it; dropping it ends it as well.
pub struct Fake {
    kind: ProviderKind,
    url: Url,
    server: Arc<Server>,
    ledger: Ledger,
    journal: Journal,
    stop: CancellationToken,
    running: Mutex<Option<JoinHandle<()>>>,
}

impl Fake {
    /// Starts a fake of `kind`. It answers when this returns.
    ///
    /// # Errors
    ///
    /// When the address cannot be taken.
    pub async fn start(kind: ProviderKind, options: FakeOptions) -> Result<Self, FakeError> {
        let name = kind.name;
        let bind = |cause| FakeError::Bind {
            name,
            bind: options.bind,
            cause,
        };
        let listener = TcpListener::bind(options.bind).await.map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        let url = base_url(address).map_err(|cause| bind(std::io::Error::other(cause)))?;
        let stop = CancellationToken::new();
        let timers = Timers::new(options.clock.clone(), stop.clone());
        let recorder = Recorder::new(options.journal.clone(), &options.caller, name);
        let faults = Faults::default();
        let webhooks = Outbox::new(
            options.clock.clone(),
            recorder.clone(),
            timers.clone(),
            faults.clone(),
            options.pauses.clone(),
        )
        .map_err(|cause| FakeError::Client { name, cause })?;
        let ground = Ground {
            provider: name,
            base: url.clone(),
            clock: options.clock.clone(),
            seed: options.seed.derive(name),
            journal: options.journal.clone(),
            ledger: options.ledger.clone(),
            webhooks: webhooks.clone(),
            timers: timers.clone(),
            orders: options.orders,
        };
        let provider = (kind.build)(ground);
        webhooks.set_real_pauses(provider.webhook_pauses());
        let server = Arc::new(Server {
            provider,
            control: Control::new(kind, options.ledger.clone(), url.clone()),
            faults,
            recorder,
            webhooks,
            clock: options.clock,
            timers,
        });
        let running = tokio::spawn(Arc::clone(&server).run(listener, stop.clone()));
        Ok(Self {
            kind,
            url,
            server,
            ledger: options.ledger,
            journal: options.journal,
            stop,
            running: Mutex::new(Some(running)),
        })
    }

    /// The provider's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.kind.name
    }

    /// The area it belongs to.
    #[must_use]
    pub fn area(&self) -> &'static str {
        self.kind.area
    }

    /// Its address; the provider's paths begin behind it.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// What truly happened; shared with all fakes of the stage.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The journal its calls are in.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The variables that bring a shop here.
    #[must_use]
    pub fn variables(&self) -> Vec<Variable> {
        self.provider().variables()
    }

    /// Has webhooks sent to an address.
    ///
    /// # Errors
    ///
    /// A sentence for the person who configured it.
    pub fn subscribe(&self, subscription: &Subscription) -> Result<Value, ActionError> {
        self.provider().subscribe(subscription)
    }

    /// Makes something happen, as a payer or a bank would.
    ///
    /// # Errors
    ///
    /// A sentence for the person who asked.
    pub async fn act(&self, action: &str, with: &Map<String, Value>) -> Result<Value, ActionError> {
        self.server.act(action, with).await
    }

    /// Arms a fault; gives the number to ask for it by.
    ///
    /// # Errors
    ///
    /// When the provider cannot break that way, or the fault names an operation that it does not have.
    pub fn arm(&self, fault: Fault) -> Result<u64, BadFault> {
        self.server.arm(fault)
    }

    /// The armed faults, with how often each has fired.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.server.faults
    }

    /// The webhooks on their way, and those that arrived.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.server.webhooks.deliveries()
    }

    /// The outbox of its webhooks.
    #[must_use]
    pub fn webhooks(&self) -> &Outbox {
        &self.server.webhooks
    }

    /// The state of all accounts.
    #[must_use]
    pub fn state(&self) -> &dyn State {
        self.provider().state()
    }

    /// Ends it: no new calls, open connections are cut, webhooks under way are given up.
    pub async fn stop(self) {
        self.end().await;
    }

    /// As [`Fake::stop`], for whoever shares it; to end it again does nothing.
    pub async fn end(&self) {
        self.stop.cancel();
        let running = {
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            running.take()
        };
        if let Some(running) = running
            && tokio::time::timeout(STOP_LIMIT, running).await.is_err()
        {
            tracing::warn!(fake = self.kind.name, "did not end within {STOP_LIMIT:?}");
        }
    }

    fn provider(&self) -> &dyn Provider {
        &*self.server.provider
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl fmt::Debug for Fake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Fake")
            .field("kind", &self.kind)
            .field("url", &self.url.as_str())
            .finish_non_exhaustive()
    }
}

/// The address callers use: a wildcard address is reached over the loopback.
fn base_url(address: SocketAddr) -> Result<Url, url::ParseError> {
    let host = match address.ip() {
        ip if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        ip => ip,
    };
    Url::parse(&format!(
        "http://{}/",
        SocketAddr::new(host, address.port())
    ))
}
