//! Who calls (Stripe API, Authentication).

use std::sync::Arc;

use http::Method;

use super::account::Account;
use super::error::StripeError;
use super::{Keyed, Stripe};
use crate::kit::{self, Call};

/// Who calls, and what the key allows.
#[derive(Debug)]
pub(super) struct Caller {
    /// The account.
    pub(super) account: Arc<kit::Account<Account>>,
    /// Whether it is a browser with a publishable key.
    pub(super) is_browser: bool,
}

impl Stripe {
    /// The account of the call's key. Any test key opens an account of its own; live keys are refused, so that none
    /// leaks into a test run.
    pub(super) fn authenticate(&self, call: &Call) -> Result<Caller, StripeError> {
        let given = call.bearer().or_else(|| call.basic().map(|(user, _)| user));
        let key = given.filter(|key| !key.is_empty()).ok_or_else(|| {
            StripeError::unauthorized(
                "You did not provide an API key. Send it as 'Authorization: Bearer YOUR_SECRET_KEY', or as the user name of HTTP Basic authentication.",
            )
        })?;
        let is_secret = ["sk_test_", "rk_test_"]
            .iter()
            .any(|kind| is_key(&key, kind));
        let is_browser = is_key(&key, "pk_test_");
        let account = if is_secret {
            self.account(&key)
        } else if is_browser {
            self.account_of_browser(&key, call)
        } else {
            return Err(StripeError::unauthorized(refusal(&key)));
        };
        let too_many = || {
            StripeError::unauthorized("This fake keeps no more accounts; use fewer different keys.")
        };
        Ok(Caller {
            account: account.ok_or_else(too_many)?,
            is_browser,
        })
    }

    /// A publishable key belongs to the account of the secret key with the same ending. A browser that comes with
    /// another one is brought to the account that has the object it names.
    fn account_of_browser(&self, key: &str, call: &Call) -> Option<Arc<kit::Account<Account>>> {
        let secret = key.replacen("pk_", "sk_", 1);
        if let Some(account) = self.accounts.get(&secret) {
            return Some(account);
        }
        let id = call.parameter(0);
        let all: Vec<Keyed> = self.accounts.all();
        let has_it =
            |account: &Arc<kit::Account<Account>>| account.lock().objects.find(id).is_some();
        let mut owners = all.into_iter().map(|(_, account)| account);
        let owner = owners.find(|account| !id.is_empty() && has_it(account));
        owner.or_else(|| self.account(&secret))
    }
}

/// A key of this kind has something behind its prefix, and nothing that is no letter or digit.
fn is_key(key: &str, prefix: &str) -> bool {
    let rest = key.strip_prefix(prefix).unwrap_or_default();
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    !rest.is_empty() && rest.bytes().all(is_fine)
}

fn refusal(key: &str) -> String {
    if key.contains("_live_") {
        return "Invalid API Key provided: a live key has no place here. Use a test key, sk_test_…"
            .to_owned();
    }
    format!("Invalid API Key provided: {}", masked(key))
}

/// All but the last four characters become stars, as Stripe shows keys.
fn masked(key: &str) -> String {
    let length = key.chars().count();
    let shown = if length > 12 { 4 } else { 0 };
    let star = |(at, letter)| if at + shown >= length { letter } else { '*' };
    key.chars().take(64).enumerate().map(star).collect()
}

/// Whether a browser may make this call: it reads or changes an object whose client secret it knows.
pub(super) fn browser_may(call: &Call, is_public: bool) -> Result<(), StripeError> {
    if is_public {
        return Ok(());
    }
    let what = if call.method() == Method::GET {
        "reads"
    } else {
        "changes"
    };
    Err(StripeError::forbidden(format!(
        "This API call cannot be made with a publishable API key: it {what} what only the shop may see. Use a secret API key."
    )))
}
