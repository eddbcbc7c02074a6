//! A mock server as a value: start it, mount expectations, stop it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use styk_core::{Clock, Journal, Seed};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::callbacks::Callbacks;
use crate::error::{ExpectationError, StartError};
use crate::json::Json;
use crate::registration;
use crate::scope::{Parts, Scope, Scopes};
use crate::settings::{Settings, SettingsError};
use crate::upstream::Upstream;

mod connection;
mod listen;
mod pace;

pub(crate) use connection::Duplex;

/// Requests that mocks send of their own accord, at once.
const SIDE_ACTIONS_MAX: usize = 1_000;

/// What a server allows its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest request body, in bytes; beyond it the answer is 413.
    pub body_bytes_max: usize,
    /// The longest a client may take to send the head of a request.
    pub head_timeout: Duration,
    /// The longest a client may take to send a body; beyond it the answer is 408.
    pub body_timeout: Duration,
    /// The longest a connection may stay open without a request.
    pub idle_timeout: Duration,
    /// The largest number of open connections; more wait to be accepted.
    pub connections_max: usize,
    /// The largest number of expectations; registering more is an error.
    pub expectations_max: usize,
    /// The longest a connected client may take for an object callback.
    pub callback_timeout: Duration,
    /// The longest it may take to connect to another server.
    pub upstream_connect_timeout: Duration,
    /// The longest another server may take to answer.
    pub upstream_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes_max: 10 << 20,
            head_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(120),
            connections_max: 10_000,
            expectations_max: 15_000,
            callback_timeout: Duration::from_secs(20),
            upstream_connect_timeout: Duration::from_secs(20),
            upstream_timeout: Duration::from_secs(20),
        }
    }
}

/// What a server is made of before it listens. Comes from [`MockServer::builder`].
#[derive(Clone, Debug)]
pub struct MockServerBuilder {
    name: String,
    host: String,
    port: u16,
    journal: Journal,
    clock: Clock,
    seed: Seed,
    limits: Limits,
    settings: Settings,
}

/// A running mock server. Dropping it stops it; [`MockServer::stop`] also waits until it has.
#[derive(Debug)]
pub struct MockServer {
    shared: Arc<Shared>,
    address: SocketAddr,
    listening: Mutex<Option<JoinHandle<()>>>,
    _stops_when_dropped: DropGuard,
}

/// What all connections of a server share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) scopes: Scopes,
    pub(crate) clock: Clock,
    pub(crate) limits: Limits,
    settings: RwLock<Arc<Settings>>,
    pub(crate) callbacks: Callbacks,
    pub(crate) upstream: Upstream,
    /// Places for requests that mocks send of their own accord.
    pub(crate) side_places: Arc<Semaphore>,
    pub(crate) port: u16,
    /// Chance for delays, choices among responses and templates.
    random: Mutex<StdRng>,
    /// Ends the accept loop and all connections.
    pub(crate) stop: CancellationToken,
    /// A client has asked the server to stop: its connection does so once the answer is out.
    pub(crate) stop_requested: CancellationToken,
}

impl MockServerBuilder {
    /// The port to listen on; 0, the default, is any free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The host or address to listen on. By default only this machine can connect.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = host.into();
        self
    }

    /// The journal that records the exchanges. Without it the server has one of its own.
    #[must_use]
    pub fn journal(mut self, journal: Journal) -> Self {
        self.journal = journal;
        self
    }

    /// The clock that delays and times to live run on.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The seed of the ids that expectations without one are given.
    #[must_use]
    pub fn seed(mut self, seed: Seed) -> Self {
        self.seed = seed;
        self
    }

    /// What clients are allowed.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What can be set about it. The limits that are among the settings take their values from them.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        let size = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        self.limits.body_bytes_max = size(settings.max_request_body_size);
        self.limits.expectations_max = size(settings.max_expectations);
        self.limits.callback_timeout = Duration::from_millis(settings.max_future_timeout_in_millis);
        self.limits.upstream_timeout = Duration::from_millis(settings.max_socket_timeout_in_millis);
        self.limits.upstream_connect_timeout =
            Duration::from_millis(settings.socket_connection_timeout_in_millis);
        self.settings = settings;
        self
    }

    /// Binds the socket and starts to answer, on the current runtime.
    ///
    /// # Errors
    ///
    /// When the address cannot be bound.
    pub async fn start(self) -> Result<MockServer, StartError> {
        let refused = |source| StartError::Bind {
            name: self.name.clone(),
            host: self.host.clone(),
            port: self.port,
            source,
        };
        let listener = TcpListener::bind((self.host.as_str(), self.port))
            .await
            .map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let shared = Arc::new(Shared {
            scopes: Scopes::new(Parts {
                server: self.name,
                journal: self.journal,
                clock: self.clock.clone(),
                seed: self.seed,
                expectations_max: self.limits.expectations_max,
            }),
            clock: self.clock,
            callbacks: Callbacks::new(
                usize::try_from(self.settings.max_web_socket_expectations).unwrap_or(usize::MAX),
            ),
            upstream: Upstream {
                connect_timeout: self.limits.upstream_connect_timeout,
                answer_timeout: self.limits.upstream_timeout,
                body_bytes_max: usize::try_from(self.settings.max_response_body_size)
                    .unwrap_or(usize::MAX),
            },
            side_places: Arc::new(Semaphore::new(SIDE_ACTIONS_MAX)),
            limits: self.limits,
            settings: RwLock::new(Arc::new(self.settings)),
            port: address.port(),
            random: Mutex::new(self.seed.derive("chance").rng()),
            stop: CancellationToken::new(),
            stop_requested: CancellationToken::new(),
        });
        let listening = tokio::spawn(listen::accept(listener, Arc::clone(&shared)));
        Ok(MockServer {
            address,
            listening: Mutex::new(Some(listening)),
            _stops_when_dropped: shared.stop.clone().drop_guard(),
            shared,
        })
    }
}

impl MockServer {
    /// A server to be started, under the name that the journal and the matrix know it by.
    #[must_use]
    pub fn builder(name: impl Into<String>) -> MockServerBuilder {
        MockServerBuilder {
            name: name.into(),
            host: "127.0.0.1".to_owned(),
            port: 0,
            journal: Journal::default(),
            clock: Clock::system(),
            seed: Seed::from_entropy(),
            limits: Limits::default(),
            settings: Settings::default(),
        }
    }

    /// The server's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.shared.scopes.common().recorder.name()
    }

    /// The journal that records its exchanges.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        self.shared.scopes.common().recorder.journal()
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Where clients on this machine reach it, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        let ip = self.address.ip();
        if ip.is_unspecified() {
            format!("http://127.0.0.1:{}", self.port())
        } else {
            format!("http://{}", self.address)
        }
    }

    /// The line that tells waiting tools the server is ready.
    #[must_use]
    pub fn start_line(&self) -> String {
        format!("started on port: {}", self.port())
    }

    /// Mounts one expectation or an array of them, in MockServer's JSON; the ids, in their order.
    ///
    /// # Errors
    ///
    /// What the control plane would answer; then nothing was mounted.
    pub fn expect(&self, expectation: &serde_json::Value) -> Result<Vec<String>, ExpectationError> {
        let specs = registration::read(&Json::from(expectation))?;
        let mounted = self.shared.scopes.common().store.register(specs)?;
        Ok(mounted
            .iter()
            .map(|expectation| expectation.id.to_string())
            .collect())
    }

    /// Removes an expectation; `false` when there is none with this id.
    pub fn remove(&self, id: &str) -> bool {
        self.shared.scopes.common().store.remove(id)
    }

    /// Removes all expectations and clears the record.
    pub fn reset(&self) {
        self.shared.reset(self.shared.scopes.common());
    }

    /// Stops listening and closes all connections. Answers that are under way are not finished.
    pub async fn stop(&self) {
        self.shared.stop.cancel();
        let listening = self
            .listening
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(listening) = listening {
            // The accept loop neither panics nor is aborted; there is nothing to learn from its end.
            let _ended = listening.await;
        }
    }

    /// What its connections share, for fuzz targets that go past the sockets.
    #[cfg(feature = "fuzzing")]
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Waits until the server has been stopped, by [`MockServer::stop`] or by a client.
    pub async fn stopped(&self) {
        self.shared.stop.cancelled().await;
    }
}

impl Shared {
    /// Lends the generator of chance.
    pub(crate) fn with_random<T>(&self, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        draw(&mut self.random.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is set at the moment.
    pub(crate) fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes what is set, by the body of `PUT /mockserver/configuration`.
    pub(crate) fn change_settings(&self, body: &str) -> Result<Arc<Settings>, SettingsError> {
        let mut settings = self
            .settings
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let change = settings.change_by(body)?;
        for warning in &change.warnings {
            tracing::warn!(%warning, "a change of the settings");
        }
        *settings = Arc::new(change.settings);
        Ok(Arc::clone(&settings))
    }

    /// An id that no other has.
    pub(crate) fn random_id(&self) -> String {
        let bytes = self.with_random(|random| random.random());
        uuid::Builder::from_random_bytes(bytes)
            .into_uuid()
            .to_string()
    }

    /// The ports it listens on.
    pub(crate) fn ports(&self) -> Vec<u16> {
        vec![self.port]
    }

    /// Forgets everything of a scope; for the common ground, everything of everybody.
    pub(crate) fn reset(&self, scope: &Scope) {
        if let Some(name) = &scope.name {
            self.scopes.close(name);
            return;
        }
        self.scopes.close_all();
        scope.store.remove_all();
        scope.store.scenarios.reset();
        scope.recorder.clear_all();
        self.callbacks.reset();
    }
}
