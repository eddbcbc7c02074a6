//! Starting and stopping a shop.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Notify;
use url::Url;

use crate::app::{App, Parts};
use crate::auth::Passwords;
use crate::clients::{ClientError, Clients};
use crate::config::Config;
use crate::db::{Db, OpenError};
use crate::group::Group;
use crate::health::Liveness;
use crate::http;
use crate::random::Random;
use crate::telemetry::Telemetry;
use crate::{beat, worker};

/// How long requests and tasks under way get to finish when the shop is stopped.
const STOP_GRACE: Duration = Duration::from_secs(5);

/// How long the database gets to close its connections.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);

/// The reference shop. Start as many as you like; they share nothing but what their configuration names.
#[derive(Clone, Copy, Debug)]
pub struct Shop;

/// Why a shop could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The address to listen on.
    #[error(
        "cannot listen on BIND={bind}: {reason}; is another program using the port? BIND=127.0.0.1:0 takes a free one"
    )]
    Bind {
        /// What was asked for.
        bind: String,
        /// What the system said.
        reason: std::io::Error,
    },
    /// The operating system's source of randomness.
    #[error("the operating system gives no random numbers: {0}")]
    Random(String),
    /// The client for outside services.
    #[error("{0}")]
    Client(String),
}

impl Shop {
    /// Opens the database, brings its schema up to date, and starts what `config.run` names. When this returns, the
    /// shop answers requests.
    ///
    /// # Errors
    ///
    /// The database cannot be opened or migrated, or the address cannot be listened on.
    pub async fn start(config: Config) -> Result<RunningShop, StartError> {
        let random =
            Random::new(config.seed).map_err(|error| StartError::Random(error.to_string()))?;
        let refused = |reason| StartError::Bind {
            bind: config.bind.clone(),
            reason,
        };
        let listener = TcpListener::bind(listen_on(&config))
            .await
            .map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let db = Db::open(&config.database_url, config.clock.now()).await?;
        let group = Group::default();
        let telemetry = Telemetry::new(config.telemetry.as_ref());
        let clients = Clients::new(&config, &telemetry).map_err(client_failed)?;
        let app = App::new(Parts {
            app_url: config.app_url.clone().unwrap_or_else(|| base_url(address)),
            telemetry,
            clients,
            passwords: Passwords::new(config.profile),
            liveness: Liveness::new(config.run),
            wake: Notify::new(),
            group: group.clone(),
            random,
            db: db.clone(),
            config,
        });
        let router = http::router(&app);
        group.spawn(http::serve(listener, app.clone(), router));
        if app.config.run.worker {
            group.spawn(worker::run(app.clone()));
        }
        if app.config.run.beat {
            group.spawn(beat::run(app));
        }
        Ok(RunningShop { address, db, group })
    }
}

/// A shop at work. It ends with [`RunningShop::stop`], or at once when it is dropped.
#[derive(Debug)]
pub struct RunningShop {
    address: SocketAddr,
    db: Db,
    group: Group,
}

impl RunningShop {
    /// Where the shop listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address for clients, `http://127.0.0.1:49152`, without a final slash.
    #[must_use]
    pub fn base_url(&self) -> String {
        base_url(self.address)
            .as_str()
            .trim_end_matches('/')
            .to_owned()
    }

    /// Takes nothing new, lets requests and tasks under way finish (at most 5 s), and closes the database.
    pub async fn stop(self) {
        self.group.stop(STOP_GRACE).await;
        if tokio::time::timeout(CLOSE_LIMIT, self.db.close())
            .await
            .is_err()
        {
            tracing::warn!("the database did not close in time");
        }
    }
}

impl Drop for RunningShop {
    fn drop(&mut self) {
        self.group.kill();
    }
}

fn client_failed(error: ClientError) -> StartError {
    StartError::Client(error.to_string())
}

/// A process without the API answers its health checks only, on a free port of the same host, so that it never takes the
/// port of the API.
fn listen_on(config: &Config) -> String {
    match config.bind.rsplit_once(':') {
        Some((host, _)) if !config.run.api => format!("{host}:0"),
        _ => config.bind.clone(),
    }
}

/// The address clients on this machine reach us at.
fn base_url(address: SocketAddr) -> Url {
    let host = match address.ip() {
        ip if ip.is_unspecified() => "127.0.0.1".to_owned(),
        std::net::IpAddr::V4(ip) => ip.to_string(),
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
    };
    Url::parse(&format!("http://{host}:{}", address.port()))
        .expect("a socket address makes an address")
}
