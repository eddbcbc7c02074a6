//! Rows with typed getters by column name.

use std::str::FromStr;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use sqlx::postgres::{PgRow, Postgres};
use sqlx::sqlite::{Sqlite, SqliteRow};
use sqlx::{Decode, Row as _, Type};

use super::DbError;
use crate::money::{Currency, Money};

/// One row of an answer.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Row").finish_non_exhaustive()
    }
}

/// A type both databases can give: `i64`, `String`, `bool`, `Vec<u8>`, and `Option`s of them.
pub(crate) trait Column:
    Sized + for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}

impl<T> Column for T where
    T: Sized
        + for<'r> Decode<'r, Sqlite>
        + Type<Sqlite>
        + for<'r> Decode<'r, Postgres>
        + Type<Postgres>
{
}

impl Row {
    pub(crate) fn get<T: Column>(&self, column: &str) -> Result<T, DbError> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    pub(crate) fn text(&self, column: &str) -> Result<String, DbError> {
        self.get(column)
    }

    pub(crate) fn int(&self, column: &str) -> Result<i64, DbError> {
        self.get(column)
    }

    pub(crate) fn bool(&self, column: &str) -> Result<bool, DbError> {
        self.get(column)
    }

    pub(crate) fn time(&self, column: &str) -> Result<Timestamp, DbError> {
        to_time(column, self.get(column)?)
    }

    pub(crate) fn time_opt(&self, column: &str) -> Result<Option<Timestamp>, DbError> {
        self.get::<Option<i64>>(column)?
            .map(|micros| to_time(column, micros))
            .transpose()
    }

    /// The amount in `column`, in the currency of the row's column `currency`.
    pub(crate) fn money(&self, column: &str) -> Result<Money, DbError> {
        Ok(Money::new(
            self.get(column)?,
            self.parsed("currency", "a currency")?,
        ))
    }

    pub(crate) fn currency(&self) -> Result<Currency, DbError> {
        self.parsed("currency", "a currency")
    }

    /// A word of one of our enums.
    pub(crate) fn parsed<T: FromStr>(
        &self,
        column: &str,
        expected: &'static str,
    ) -> Result<T, DbError> {
        let text: String = self.get(column)?;
        text.parse().map_err(|_| DbError::Corrupt {
            column: column.to_owned(),
            value: text,
            expected,
        })
    }

    pub(crate) fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, DbError> {
        let text: String = self.get(column)?;
        serde_json::from_str(&text).map_err(|_| DbError::Corrupt {
            column: column.to_owned(),
            value: text,
            expected: "JSON of the right shape",
        })
    }
}

fn to_time(column: &str, micros: i64) -> Result<Timestamp, DbError> {
    Timestamp::from_microsecond(micros).map_err(|_| DbError::Corrupt {
        column: column.to_owned(),
        value: micros.to_string(),
        expected: "microseconds since 1970",
    })
}
