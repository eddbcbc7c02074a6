//! The schema, brought up to date at start: numbered texts, applied in order, all in one transaction.

use jiff::Timestamp;

use super::{Db, DbError, Dialect, OpenError, Tx, args};

/// Version and text of every migration; texts that were released never change.
const MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("../../migrations/0001_schema.sql")),
    (2, include_str!("../../migrations/0002_challenge.sql")),
];

/// Any number, as long as all shops on one PostgreSQL use the same.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7305010)";

impl Db {
    pub(super) async fn migrate(&self, now: Timestamp) -> Result<(), OpenError> {
        let applied = async {
            let mut tx = self.begin().await?;
            let found = apply(&mut tx, now).await?;
            tx.commit().await?;
            Ok(found)
        };
        match applied
            .await
            .map_err(|error: DbError| OpenError::Migrate(error.to_string()))?
        {
            found if found > newest() => Err(OpenError::TooNew {
                found,
                known: newest(),
            }),
            _ => Ok(()),
        }
    }
}

fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |(version, _)| *version)
}

/// Applies what is missing and gives the version the database had before, or has now.
async fn apply(tx: &mut Tx, now: Timestamp) -> Result<i64, DbError> {
    if tx.dialect() == Dialect::Postgres {
        // Two processes that start at once must not both create the tables.
        tx.all(LOCK, args![]).await?;
    }
    tx.execute(
        "CREATE TABLE IF NOT EXISTS schema_versions (version BIGINT PRIMARY KEY, applied_at BIGINT NOT NULL)",
        args![],
    )
    .await?;
    let row = tx
        .one(
            "SELECT COALESCE(MAX(version), 0) AS version FROM schema_versions",
            args![],
        )
        .await?;
    let found = row.int("version")?;
    for (version, text) in MIGRATIONS.iter().filter(|(version, _)| *version > found) {
        tx.script(text).await?;
        tx.execute(
            "INSERT INTO schema_versions (version, applied_at) VALUES ($1, $2)",
            args![*version, now],
        )
        .await?;
    }
    Ok(found)
}
