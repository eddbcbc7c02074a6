//! What a database can answer instead of rows. Conflicts are not among it: `ON CONFLICT` and the number of rows tell.

/// A failed statement, or a row that is not what the schema promises.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DbError {
    #[error("database: {0}")]
    Sqlx(#[from] sqlx::Error),
    #[error("database: column {column} holds {value:?}, expected {expected}")]
    Corrupt {
        column: String,
        value: String,
        expected: &'static str,
    },
}

impl DbError {
    /// Whether the same transaction may succeed when it is run again.
    pub(crate) fn is_retryable(&self) -> bool {
        match self {
            Self::Sqlx(sqlx::Error::Database(error)) => error.code().is_some_and(|code| {
                // PostgreSQL: serialisation failure, deadlock; SQLite: busy, with its extended forms.
                matches!(&*code, "40001" | "40P01" | "5" | "261" | "517")
            }),
            Self::Sqlx(_) | Self::Corrupt { .. } => false,
        }
    }
}
