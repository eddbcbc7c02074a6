//! `App`: everything a handler or a task needs, handed down as one cheap clone.

use std::ops::{ControlFlow, Deref};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Notify;
use url::Url;

use crate::auth::Passwords;
use crate::clients::Clients;
use crate::config::{Config, Profile};
use crate::db::{Db, DbError, Tx};
use crate::error::ApiError;
use crate::group::Group;
use crate::health::Liveness;
use crate::outbox;
use crate::random::Random;
use crate::telemetry::Telemetry;

/// How often a transaction is run when it loses against another one.
const ATTEMPTS: u32 = 3;

/// One running shop, seen from inside.
#[derive(Clone, Debug)]
pub(crate) struct App(Arc<Parts>);

/// What an [`App`] consists of.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) config: Config,
    /// Our own address, for links and return URLs.
    pub(crate) app_url: Url,
    pub(crate) db: Db,
    pub(crate) random: Random,
    pub(crate) telemetry: Telemetry,
    pub(crate) passwords: Passwords,
    /// The outside world.
    pub(crate) clients: Clients,
    pub(crate) liveness: Liveness,
    /// Wakes the worker when there is something new to do.
    pub(crate) wake: Notify,
    /// Everything that runs beside the requests.
    pub(crate) group: Group,
}

impl App {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.config.clock.now()
    }

    /// A new id, a UUIDv7.
    pub(crate) fn id(&self) -> String {
        self.random.id(self.now())
    }

    pub(crate) fn is_integration(&self) -> bool {
        self.config.profile == Profile::Integration
    }

    /// Ends a transaction of [`transact!`]: commits when its work went well, and then hands over the messages it
    /// wrote. `Continue` means that it lost against another transaction and is to be run again.
    pub(crate) async fn end<T>(
        &self,
        tx: Tx,
        result: Result<T, ApiError>,
        attempt: u32,
    ) -> ControlFlow<Result<T, ApiError>> {
        let committed = match result {
            Ok(value) => tx
                .commit()
                .await
                .map(|outbox| (value, outbox))
                .map_err(ApiError::from),
            Err(error) => {
                drop(tx);
                Err(error)
            }
        };
        match committed {
            Ok((value, outbox)) => {
                if !outbox.is_empty() {
                    outbox::hand_over(self, outbox).await;
                }
                ControlFlow::Break(Ok(value))
            }
            Err(error)
                if attempt < ATTEMPTS && error.database().is_some_and(DbError::is_retryable) =>
            {
                ControlFlow::Continue(())
            }
            Err(error) => ControlFlow::Break(Err(error)),
        }
    }
}

/// Runs an expression of type `Result<T, ApiError>` in a transaction, commits it when that is `Ok`, and then hands over
/// the messages it wrote; `transact!(app, tx => orders::lock(tx, &id).await)`. The expression is run again, at most
/// twice, when the database says that it lost against another transaction, so it must have no effect outside the
/// database. (A macro, because futures of async closures that borrow are not known to be `Send`.)
macro_rules! transact {
    ($app:expr, $tx:ident => $work:expr) => {{
        let app: &$crate::app::App = &$app;
        let mut attempt = 1;
        loop {
            let mut transaction = match app.db.begin().await {
                Ok(transaction) => transaction,
                Err(error) => break Err($crate::error::ApiError::from(error)),
            };
            let result: Result<_, $crate::error::ApiError> = async {
                let $tx = &mut transaction;
                $work
            }
            .await;
            match app.end(transaction, result, attempt).await {
                std::ops::ControlFlow::Break(result) => break result,
                std::ops::ControlFlow::Continue(()) => attempt += 1,
            }
        }
    }};
}
pub(crate) use transact;

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
