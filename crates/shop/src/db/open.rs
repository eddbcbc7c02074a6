//! Opening the database that `DATABASE_URL` names, and getting connections from it.
//!
//! SQLite gets one connection per process: statements queue up fairly, nothing is ever reported as locked, and a
//! private in-memory database is one database. PostgreSQL gets a pool.

use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection as _};

use super::conn::Inner;
use super::{Conn, DbError, Tx};

/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long SQLite waits for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// To turn a fresh file to write-ahead logging SQLite needs it alone for a moment. It does not wait for that as it does
/// for writers, so whoever starts at the same time tries again, for 5 s at most.
const OPEN_TRIES: u32 = 250;
const OPEN_PAUSE: Duration = Duration::from_millis(20);
const POSTGRES_CONNECTIONS_MAX: u32 = 10;

/// The shop's database.
#[derive(Clone, Debug)]
pub(crate) enum Db {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Why the database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is none we know.
    #[error(
        "DATABASE_URL {url:?} is not understood: expected sqlite://file.db, sqlite::memory: or postgresql://user:password@host/database"
    )]
    Url {
        /// What came, without the password.
        url: String,
    },
    /// Nobody answered, or not with a welcome.
    #[error("cannot open the database {url}: {reason}")]
    Connect {
        /// The address, without the password.
        url: String,
        /// What the driver said.
        reason: String,
    },
    /// The schema could not be brought up to date.
    #[error("cannot migrate the database: {0}")]
    Migrate(String),
    /// The database was used by a later version of the shop.
    #[error(
        "the database has schema version {found}, this shop knows versions up to {known}: use a newer shop"
    )]
    TooNew {
        /// The version in the database.
        found: i64,
        /// The newest version we know.
        known: i64,
    },
}

impl Db {
    /// Connects, and brings the schema up to date.
    pub(crate) async fn open(url: &str, now: Timestamp) -> Result<Self, OpenError> {
        let failed = |error: sqlx::Error| OpenError::Connect {
            url: masked(url),
            reason: error.to_string(),
        };
        let db = if url.starts_with("sqlite:") {
            Self::Sqlite(open_sqlite(url).await.map_err(failed)?)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Self::Postgres(open_postgres(url).await.map_err(failed)?)
        } else {
            return Err(OpenError::Url { url: masked(url) });
        };
        db.migrate(now).await?;
        Ok(db)
    }

    /// A connection without a transaction, for reading and for single statements.
    pub(crate) async fn read(&self) -> Result<Conn, DbError> {
        Ok(Conn(match self {
            Self::Sqlite(pool) => Inner::Sqlite(pool.acquire().await?),
            Self::Postgres(pool) => Inner::Postgres(pool.acquire().await?),
        }))
    }

    /// A transaction that may write. Use `transact!`, which also commits and tries again.
    pub(crate) async fn begin(&self) -> Result<Tx, DbError> {
        Ok(Tx::new(match self {
            // A transaction that reads first and writes later would fail at once when another one wrote meanwhile.
            Self::Sqlite(pool) => Inner::SqliteTx(pool.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Inner::PostgresTx(pool.begin().await?),
        }))
    }

    /// Closes all connections; a private database in memory is gone then.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

async fn open_sqlite(url: &str) -> Result<SqlitePool, sqlx::Error> {
    let in_memory = url == "sqlite::memory:" || url == "sqlite://:memory:";
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging();
    let options = if in_memory {
        // Private and thrown away: nothing to share, nothing to survive a crash.
        options
            .shared_cache(false)
            .journal_mode(SqliteJournalMode::Memory)
            .synchronous(SqliteSynchronous::Off)
    } else {
        options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
    };
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false);
    let mut tries_left = OPEN_TRIES;
    loop {
        match pool.clone().connect_with(options.clone()).await {
            Err(error) if tries_left > 0 && is_busy(&error) => {
                tries_left -= 1;
                tokio::time::sleep(OPEN_PAUSE).await;
            }
            opened => return opened,
        }
    }
}

/// Whether another process has the file to itself right now: SQLITE_BUSY, in any of its extended forms.
fn is_busy(error: &sqlx::Error) -> bool {
    const SQLITE_BUSY: u32 = 5;
    let code = error.as_database_error().and_then(|error| error.code());
    let code = code.and_then(|code| code.parse::<u32>().ok());
    code.is_some_and(|code| code & 0xff == SQLITE_BUSY)
}

async fn open_postgres(url: &str) -> Result<PgPool, sqlx::Error> {
    let options = PgConnectOptions::from_str(url)?
        .application_name("styk-shop")
        .disable_statement_logging();
    // The pool would hide the reason of a failure behind a time-out, so one connection is tried first.
    options.connect().await?.close().await?;
    PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS_MAX)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options)
        .await
}

/// The address without its password.
fn masked(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(mut parsed) if parsed.password().is_some() => {
            if parsed.set_password(Some("***")).is_ok() {
                parsed.to_string()
            } else {
                "(not shown)".to_owned()
            }
        }
        Ok(_) => url.to_owned(),
        // What cannot be parsed may hold a password anywhere.
        Err(_) => url.split(':').next().unwrap_or_default().to_owned() + ":…",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        assert_eq!(
            masked("postgresql://shop:secret@db/shop"),
            "postgresql://shop:***@db/shop"
        );
        assert_eq!(masked("sqlite://shop.db"), "sqlite://shop.db");
        assert!(!masked("postgresql://shop:se cret@db:port/shop").contains("cret"));
    }

    #[tokio::test]
    async fn an_address_of_another_kind_is_refused_with_the_forms_we_know() {
        let error = Db::open("mysql://localhost/shop", Timestamp::UNIX_EPOCH)
            .await
            .unwrap_err();
        assert!(error.to_string().contains("sqlite://file.db"), "{error}");
    }
}
