//! The database of one test, and a way to look into it beside the shop.

use sqlx::postgres::PgConnectOptions;
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
        match self.look() {
            Look::Sqlite(options) => {
                let mut conn = options.connect().await.expect("a second connection");
                conn.fetch_one(query(sql)).await.expect("one row").get(0)
            }
            Look::Postgres(options) => {
                let mut conn = options.connect().await.expect("a second connection");
                conn.fetch_one(query(sql)).await.expect("one row").get(0)
            }
        }
    }

    /// The first column of all rows, which is text.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        match self.look() {
            Look::Sqlite(options) => {
                let mut conn = options.connect().await.expect("a second connection");
                let rows = conn.fetch_all(query(sql)).await.expect("rows");
                rows.iter().map(|row| row.get(0)).collect()
            }
            Look::Postgres(options) => {
                let mut conn = options.connect().await.expect("a second connection");
                let rows = conn.fetch_all(query(sql)).await.expect("rows");
                rows.iter().map(|row| row.get(0)).collect()
            }
        }
    }

    /// Runs statements.
    pub(crate) async fn run(&self, sql: &str) {
        let script = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match self.look() {
            Look::Sqlite(options) => {
                let mut conn = options.connect().await.expect("a second connection");
                conn.execute(script).await.expect("good statements");
            }
            Look::Postgres(options) => {
                let mut conn = options.connect().await.expect("a second connection");
                conn.execute(script).await.expect("good statements");
            }
        }
    }

    fn look(&self) -> Look {
        match self {
            Self::Sqlite(_) => {
                let options: SqliteConnectOptions = self.url().parse().expect("our own address");
                Look::Sqlite(options.disable_statement_logging())
            }
            Self::Postgres(name) => Look::Postgres(Cluster::get().options(name)),
        }
    }
}

/// How to look into a database beside the shop.
enum Look {
    Sqlite(SqliteConnectOptions),
    Postgres(PgConnectOptions),
}

fn query<DB: sqlx::Database>(sql: &str) -> sqlx::query::Query<'static, DB, DB::Arguments> {
    sqlx::query(AssertSqlSafe(sql.to_owned()))
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Self::Postgres(name) = self {
            Cluster::get().drop_later(name);
        }
    }
}
