//! One connection, in a transaction or not, and the four ways to run a statement on it.

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnection, Postgres};
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteConnection};
use sqlx::{Arguments, Executor, Transaction};

use super::{DbError, Row, Value};

/// Which SQL is spoken, for the few statements that cannot be common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// A connection that is ours until it is dropped.
pub(crate) struct Conn(pub(super) Inner);

pub(super) enum Inner {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
    SqliteTx(Transaction<'static, Sqlite>),
    PostgresTx(Transaction<'static, Postgres>),
}

/// A statement goes to the driver that is there.
enum Driver<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

impl Conn {
    pub(crate) fn dialect(&self) -> Dialect {
        match &self.0 {
            Inner::Sqlite(_) | Inner::SqliteTx(_) => Dialect::Sqlite,
            Inner::Postgres(_) | Inner::PostgresTx(_) => Dialect::Postgres,
        }
    }

    /// Runs a statement and tells how many rows it changed.
    pub(crate) async fn execute(
        &mut self,
        sql: &'static str,
        args: Vec<Value>,
    ) -> Result<u64, DbError> {
        Ok(match self.driver() {
            Driver::Sqlite(conn) => conn
                .execute(sqlx::query_with(sql, sqlite_args(args)?))
                .await?
                .rows_affected(),
            Driver::Postgres(conn) => conn
                .execute(sqlx::query_with(sql, postgres_args(args)?))
                .await?
                .rows_affected(),
        })
    }

    /// All rows of the answer.
    pub(crate) async fn all(
        &mut self,
        sql: &'static str,
        args: Vec<Value>,
    ) -> Result<Vec<Row>, DbError> {
        Ok(match self.driver() {
            Driver::Sqlite(conn) => {
                let rows = conn
                    .fetch_all(sqlx::query_with(sql, sqlite_args(args)?))
                    .await?;
                rows.into_iter().map(Row::Sqlite).collect()
            }
            Driver::Postgres(conn) => {
                let rows = conn
                    .fetch_all(sqlx::query_with(sql, postgres_args(args)?))
                    .await?;
                rows.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// The first row, if there is one. The statement always runs to its end.
    pub(crate) async fn optional(
        &mut self,
        sql: &'static str,
        args: Vec<Value>,
    ) -> Result<Option<Row>, DbError> {
        Ok(self.all(sql, args).await?.into_iter().next())
    }

    /// The first row; that there is none is an error.
    pub(crate) async fn one(
        &mut self,
        sql: &'static str,
        args: Vec<Value>,
    ) -> Result<Row, DbError> {
        self.optional(sql, args)
            .await?
            .ok_or(DbError::Sqlx(sqlx::Error::RowNotFound))
    }

    /// Several statements in one text, without parameters.
    pub(super) async fn script(&mut self, sql: &'static str) -> Result<(), DbError> {
        let script = sqlx::raw_sql(sql);
        match self.driver() {
            Driver::Sqlite(conn) => {
                conn.execute(script).await?;
            }
            Driver::Postgres(conn) => {
                conn.execute(script).await?;
            }
        }
        Ok(())
    }

    fn driver(&mut self) -> Driver<'_> {
        match &mut self.0 {
            Inner::Sqlite(conn) => Driver::Sqlite(conn),
            Inner::SqliteTx(tx) => Driver::Sqlite(tx),
            Inner::Postgres(conn) => Driver::Postgres(conn),
            Inner::PostgresTx(tx) => Driver::Postgres(tx),
        }
    }
}

impl std::fmt::Debug for Conn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Conn").field(&self.dialect()).finish()
    }
}

fn sqlite_args(values: Vec<Value>) -> Result<SqliteArguments, DbError> {
    let mut args = SqliteArguments::default();
    for value in values {
        add(&mut args, value)?;
    }
    Ok(args)
}

fn postgres_args(values: Vec<Value>) -> Result<PgArguments, DbError> {
    let mut args = PgArguments::default();
    for value in values {
        add(&mut args, value)?;
    }
    Ok(args)
}

fn add<A>(args: &mut A, value: Value) -> Result<(), DbError>
where
    A: Arguments,
    for<'q> Option<i64>: sqlx::Encode<'q, A::Database> + sqlx::Type<A::Database>,
    for<'q> Option<String>: sqlx::Encode<'q, A::Database> + sqlx::Type<A::Database>,
    for<'q> Option<bool>: sqlx::Encode<'q, A::Database> + sqlx::Type<A::Database>,
    for<'q> Option<Vec<u8>>: sqlx::Encode<'q, A::Database> + sqlx::Type<A::Database>,
{
    match value {
        Value::Int(value) => args.add(value),
        Value::Text(value) => args.add(value),
        Value::Bool(value) => args.add(value),
        Value::Bytes(value) => args.add(value),
    }
    .map_err(|error| DbError::Sqlx(sqlx::Error::Encode(error)))
}
