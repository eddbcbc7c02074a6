//! A mock server as a value: start it, mount expectations, stop it.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use styk_core::{Clock, Journal, Seed};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::callbacks::Callbacks;
use crate::clock::ServerClock;
use crate::counters::Counters;
use crate::error::StartError;
use crate::every_answer::EveryAnswer;
use crate::mode::{CurrentMode, Mode};
use crate::proxy_setup::ProxySetup;
use crate::scope::{Parts, Scope, Scopes};
use crate::settings::{Compat, Settings, SettingsError};
use crate::tls::{Tls, TlsError, TlsSettings};
use crate::upstream::Upstream;

mod answering;
mod binary;
mod client;
mod connection;
mod files;
mod http2;
mod listen;
mod pace;

pub(crate) use client::{BoxedStream, Duplex};

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
    ports: Vec<u16>,
    authority_folder: Option<PathBuf>,
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
    _stops_when_dropped: DropGuard,
}

/// What all connections of a server share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) scopes: Scopes,
    /// For records, delays and waits.
    pub(crate) clock: Clock,
    /// The time of day that clients may stop and move.
    pub(crate) time: ServerClock,
    pub(crate) mode: CurrentMode,
    pub(crate) limits: Limits,
    settings: RwLock<Arc<Settings>>,
    every_answer: RwLock<Option<Arc<EveryAnswer>>>,
    /// Whether some path answers liveness probes; every request asks.
    answers_liveness: AtomicBool,
    pub(crate) callbacks: Callbacks,
    pub(crate) counters: Counters,
    pub(crate) upstream: Upstream,
    /// Places for requests that mocks send of their own accord.
    pub(crate) side_places: Arc<Semaphore>,
    pub(crate) tls: Arc<Tls>,
    /// Tells its own forwarded requests when they come back.
    pub(crate) forwarder: String,
    host: String,
    ports: Mutex<Vec<u16>>,
    /// The tasks that listen, one a port.
    listening: TaskTracker,
    /// Places for open connections.
    places: Arc<Semaphore>,
    /// Chance for delays, choices among responses and templates.
    random: Mutex<StdRng>,
    /// Ends the accept loop and all connections.
    pub(crate) stop: CancellationToken,
    /// A client has asked the server to stop: its connection does so once the answer is out.
    pub(crate) stop_requested: AtomicBool,
}

impl MockServerBuilder {
    /// The port to listen on; 0, the default, is any free one.
    #[must_use]
    pub fn port(self, port: u16) -> Self {
        self.ports([port])
    }

    /// The ports to listen on, at least one; all of them are the same server.
    #[must_use]
    pub fn ports(mut self, ports: impl IntoIterator<Item = u16>) -> Self {
        self.ports = ports.into_iter().collect();
        self
    }

    /// The folder that keeps the server's own certificate authority, so that clients have to trust it only once. Without
    /// it, the authority lives as long as the server.
    #[must_use]
    pub fn authority_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.authority_folder = Some(folder.into());
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

    /// Binds the sockets and starts to answer, on the current runtime.
    ///
    /// # Errors
    ///
    /// When an address cannot be bound, or the settings of TLS cannot be used.
    pub async fn start(self) -> Result<MockServer, StartError> {
        let mut listeners = Vec::new();
        for port in &self.ports {
            let bound = bind(&self.host, *port).await;
            listeners.push(bound.map_err(|source| StartError::Bind {
                name: self.name.clone(),
                host: self.host.clone(),
                port: *port,
                source,
            })?);
        }
        let Some(&(_, address)) = listeners.first() else {
            return Err(StartError::NoPort { name: self.name });
        };
        let name = self.name.clone();
        let shared = Arc::new(self.shared().map_err(|error| StartError::Tls {
            name,
            reason: error.to_string(),
        })?);
        shared.begin().await?;
        for (listener, address) in listeners {
            shared.accept(listener, address.port());
        }
        Ok(MockServer {
            address,
            _stops_when_dropped: shared.stop.clone().drop_guard(),
            shared,
        })
    }

    fn shared(self) -> Result<Shared, TlsError> {
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let settings = self.settings;
        let tls = TlsSettings::of(&settings, self.authority_folder.as_deref())?;
        let tls = Arc::new(Tls::new(tls)?);
        if settings.proactively_initialise_tls {
            tls.prepare()?;
        }
        let forwarder =
            uuid::Builder::from_random_bytes(self.seed.derive("forwarder").rng().random());
        let places = self.limits.connections_max.min(Semaphore::MAX_PERMITS);
        let time = ServerClock::new(self.clock.clone());
        Ok(Shared {
            scopes: Scopes::new(Parts {
                server: self.name,
                journal: self.journal,
                clock: time.clone(),
                seed: self.seed,
                expectations_max: self.limits.expectations_max,
            }),
            clock: self.clock,
            time,
            mode: CurrentMode::new(mode_of(&settings)),
            answers_liveness: AtomicBool::new(!settings.liveness_http_get_path.is_empty()),
            counters: Counters::default(),
            callbacks: Callbacks::new(size(settings.max_web_socket_expectations)),
            upstream: Upstream {
                connect_timeout: self.limits.upstream_connect_timeout,
                answer_timeout: self.limits.upstream_timeout,
                body_bytes_max: size(settings.max_response_body_size),
                tls: Arc::clone(&tls),
            },
            tls,
            forwarder: format!("MockServer_{}", forwarder.into_uuid()),
            side_places: Arc::new(Semaphore::new(SIDE_ACTIONS_MAX)),
            limits: self.limits,
            every_answer: RwLock::new(EveryAnswer::of(&settings)),
            settings: RwLock::new(Arc::new(settings)),
            host: self.host,
            ports: Mutex::default(),
            listening: TaskTracker::new(),
            places: Arc::new(Semaphore::new(places)),
            random: Mutex::new(self.seed.derive("chance").rng()),
            stop: CancellationToken::new(),
            stop_requested: AtomicBool::new(false),
        })
    }
}

/// The mode that a server starts in.
fn mode_of(settings: &Settings) -> Mode {
    if settings.attempt_to_proxy_if_no_matching_expectation {
        Mode::Spy
    } else {
        Mode::Simulate
    }
}

/// Binds a socket; also where it is bound, for a port of 0 is any.
async fn bind(host: &str, port: u16) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((host, port)).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

impl MockServer {
    /// A server to be started, under the name that the journal and the matrix know it by.
    #[must_use]
    pub fn builder(name: impl Into<String>) -> MockServerBuilder {
        MockServerBuilder {
            name: name.into(),
            host: "127.0.0.1".to_owned(),
            ports: vec![0],
            authority_folder: None,
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

    /// The address it listens on; of several ports, the first.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The port it listens on; of several, the first.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// All ports it listens on.
    #[must_use]
    pub fn ports(&self) -> Vec<u16> {
        self.shared.ports()
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

    /// The line that tells waiting tools the server is ready; one for each port.
    #[must_use]
    pub fn start_line(&self) -> String {
        let lines = self.ports().into_iter();
        let lines = lines.map(|port| format!("started on port: {port}"));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The certificate that clients have to trust to reach it over TLS, as PEM.
    ///
    /// # Errors
    ///
    /// The authority cannot be made or read.
    pub fn authority_pem(&self) -> Result<String, StartError> {
        let pem = self.shared.tls.authority_pem();
        pem.map_err(|error| StartError::Tls {
            name: self.name().to_owned(),
            reason: error.to_string(),
        })
    }

    /// How clients use it as a proxy, for a person to read.
    ///
    /// # Errors
    ///
    /// The authority cannot be made or read.
    pub fn proxy_setup(&self) -> Result<String, StartError> {
        let setup = ProxySetup::of(&self.shared);
        let text = setup.map(|setup| setup.text());
        text.map_err(|error| StartError::Tls {
            name: self.name().to_owned(),
            reason: error.to_string(),
        })
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Stops listening and closes all connections. Answers under way get as long as `stopDrainMillis` says.
    pub async fn stop(&self) {
        self.shared.stop_requested.store(true, Ordering::Relaxed);
        self.shared.stop.cancel();
        self.shared.listening.close();
        self.shared.listening.wait().await;
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

    /// Whether answers are those of MockServer 5.15 where versions differ.
    pub(crate) fn follows_5_15(&self) -> bool {
        self.settings().compat == Compat::V5_15
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
        if mode_of(&settings) != mode_of(&change.settings) {
            self.mode.set(mode_of(&change.settings));
        }
        *settings = Arc::new(change.settings);
        *self
            .every_answer
            .write()
            .unwrap_or_else(PoisonError::into_inner) = EveryAnswer::of(&settings);
        self.answers_liveness.store(
            !settings.liveness_http_get_path.is_empty(),
            Ordering::Relaxed,
        );
        Ok(Arc::clone(&settings))
    }

    /// Whether `GET` of this path is a liveness probe.
    pub(crate) fn is_liveness(&self, path: &str) -> bool {
        self.answers_liveness.load(Ordering::Relaxed)
            && self.settings().liveness_http_get_path == path
    }

    /// An id that no other has.
    pub(crate) fn random_id(&self) -> String {
        let bytes = self.with_random(|random| random.random());
        uuid::Builder::from_random_bytes(bytes)
            .into_uuid()
            .to_string()
    }

    /// What happens to every answer; mostly nothing.
    pub(crate) fn every_answer(&self) -> Option<Arc<EveryAnswer>> {
        let every_answer = self.every_answer.read();
        every_answer.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The ports it listens on.
    pub(crate) fn ports(&self) -> Vec<u16> {
        self.ports
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The first of these ports.
    pub(crate) fn port(&self) -> u16 {
        let ports = self.ports.lock().unwrap_or_else(PoisonError::into_inner);
        ports.first().copied().unwrap_or_default()
    }

    /// Listens on one more port, or on any free one for 0; the port.
    pub(crate) async fn listen(self: &Arc<Self>, port: u16) -> io::Result<u16> {
        let (listener, address) = bind(&self.host, port).await?;
        self.accept(listener, address.port());
        Ok(address.port())
    }

    fn accept(self: &Arc<Self>, listener: TcpListener, port: u16) {
        let mut ports = self.ports.lock().unwrap_or_else(PoisonError::into_inner);
        ports.push(port);
        self.listening
            .spawn(listen::accept(listener, Arc::clone(self)));
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
        scope.resources.reset();
        scope.oidc.set(None);
        scope.promises.clear();
        self.callbacks.reset();
        self.counters.reset();
    }
}
