//! The database of one test, and a way to look into it beside the shop.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _, Row as _};
use tempfile::TempDir;

use super::postgres::Cluster;

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

/// A fresh database; it goes away with the value.
pub(crate) enum Database {
    Sqlite(TempDir),
    Postgres(String),
}

impl Database {
    pub(crate) async fn fresh(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => {
                Self::Sqlite(tempfile::tempdir().expect("a folder for the database"))
            }
            Backend::Postgres => Self::Postgres(Cluster::get().create().await),
        }
    }

    /// The `DATABASE_URL` of the shop.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite://{}/shop.db", folder.path().display()),
            Self::Postgres(name) => Cluster::get().url(name),
        }
    }

    /// The first column of the only row, which is a number.
    pub(crate) async fn int(&self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(_) => self
                .sqlite()
                .connect()
                .await
                .unwrap()
                .fetch_one(sqlx::query(sql))
                .await
                .unwrap()
                .get(0),
            Self::Postgres(name) => {
                let mut conn = Cluster::get().options(name).connect().await.unwrap();
                conn.fetch_one(sqlx::query(sql)).await.unwrap().get(0)
            }
        }
    }

    /// The first column of all rows, which is text.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(_) => {
                let rows = self
                    .sqlite()
                    .connect()
                    .await
                    .unwrap()
                    .fetch_all(sqlx::query(sql))
                    .await
                    .unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
            Self::Postgres(name) => {
                let mut conn = Cluster::get().options(name).connect().await.unwrap();
                let rows = conn.fetch_all(sqlx::query(sql)).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
        }
    }

    /// Runs statements.
    pub(crate) async fn run(&self, sql: &str) {
        let script = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match self {
            Self::Sqlite(_) => drop(
                self.sqlite()
                    .connect()
                    .await
                    .unwrap()
                    .execute(script)
                    .await
                    .unwrap(),
            ),
            Self::Postgres(name) => {
                let mut conn = Cluster::get().options(name).connect().await.unwrap();
                conn.execute(script).await.unwrap();
            }
        }
    }

    fn sqlite(&self) -> SqliteConnectOptions {
        self.url()
            .parse::<SqliteConnectOptions>()
            .expect("our own address")
            .disable_statement_logging()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Self::Postgres(name) = self {
            Cluster::get().drop_later(name);
        }
    }
}
