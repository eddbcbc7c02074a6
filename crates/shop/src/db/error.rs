//! What a database can answer instead of rows.

use sqlx::error::DatabaseError;

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
    /// Whether a unique index stopped the statement: `is_unique("products_sku")`.
    pub(crate) fn is_unique(&self, index: &str) -> bool {
        match self {
            Self::Sqlx(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                violated_index(error.as_ref()) == index
            }
            Self::Sqlx(_) | Self::Corrupt { .. } => false,
        }
    }

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

/// PostgreSQL names the index; SQLite lists the columns, which our indexes are named after.
fn violated_index(error: &dyn DatabaseError) -> String {
    match error.constraint() {
        Some(index) => index.to_owned(),
        None => index_of_columns(error.message()),
    }
}

/// `UNIQUE constraint failed: cart_items.cart_id, cart_items.product_id` → `cart_items_cart_id_product_id`.
fn index_of_columns(message: &str) -> String {
    let columns = message.rsplit(": ").next().unwrap_or_default();
    let mut index = String::new();
    for (position, column) in columns.split(", ").enumerate() {
        let (table, name) = column.split_once('.').unwrap_or(("", column));
        if position == 0 {
            index.push_str(table);
        }
        index.push('_');
        index.push_str(name);
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_sqlite_reports_become_the_name_of_our_index() {
        assert_eq!(
            index_of_columns("UNIQUE constraint failed: users.email"),
            "users_email"
        );
        assert_eq!(
            index_of_columns("UNIQUE constraint failed: cart_items.cart_id, cart_items.product_id"),
            "cart_items_cart_id_product_id"
        );
    }
}
