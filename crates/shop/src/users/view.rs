//! An account as the API takes and shows it.

use jiff::Timestamp;
use serde::Serialize;

use crate::db::{DbError, Row};
use crate::http::Fields;

/// What an account is opened with.
#[derive(Clone, Debug)]
pub(crate) struct NewUser {
    pub(super) email: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) phone: Option<String>,
}

impl NewUser {
    /// Takes the account's fields from a body; errors stay in `body`.
    pub(crate) fn read(body: &mut Fields) -> Self {
        let email = body.text("email", 3..=254).to_lowercase();
        if !email.is_empty() && !is_address(&email) {
            body.reject("email", "must be an e-mail address");
        }
        Self {
            email,
            first_name: body.text("first_name", 1..=100),
            last_name: body.text("last_name", 1..=100),
            phone: body.optional_text("phone", 32),
        }
    }
}

/// Something before and after one @, no blanks: the mail that is sent there is the real check.
fn is_address(text: &str) -> bool {
    let parts = text.split_once('@');
    let clean = !text
        .chars()
        .any(|letter| letter.is_whitespace() || letter.is_control());
    clean
        && parts
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
}

/// An account as its owner sees it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct UserView {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) email_verified: bool,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) phone: Option<String>,
    pub(crate) role: String,
    pub(crate) created_at: Timestamp,
}

impl UserView {
    pub(super) fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.text("id")?,
            email: row.text("email")?,
            email_verified: row.get::<Option<i64>>("email_verified_at")?.is_some(),
            first_name: row.text("first_name")?,
            last_name: row.text("last_name")?,
            phone: row.get("phone")?,
            role: row.text("role")?,
            created_at: row.time("created_at")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_something_on_both_sides_of_one_at_sign() {
        for good in ["a@b", "anna@example.com", "имя@пример.рф"] {
            assert!(is_address(good), "{good}");
        }
        for bad in ["anna", "@b", "a@", "a@b@c", "a b@c", "a@b\n"] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
