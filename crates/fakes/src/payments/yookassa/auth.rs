//! Who calls: a shop by HTTP Basic, or a partner by an OAuth token.

use std::sync::Arc;

use subtle::ConstantTimeEq as _;

use super::account::Shop;
use super::error::Problem;
use super::{SHOP_ID, YooKassa};
use crate::kit::{Account, Call};

/// The caller.
#[derive(Clone, Debug)]
pub(super) enum Who {
    /// A shop with its secret key.
    Shop { id: String, secret: String },
    /// A partner's token.
    Token(String),
}

impl Who {
    /// Reads the credentials.
    pub(super) fn of(call: &Call) -> Result<Self, Problem> {
        if let Some(token) = call.bearer().filter(|token| !token.is_empty()) {
            return Ok(Self::Token(token));
        }
        let missing =
            "Specify the shop ID and secret key, or an OAuth token, in the Authorization header";
        let (id, secret) = call.basic().ok_or_else(|| Problem::credentials(missing))?;
        if secret.starts_with("live_") {
            let told = "A live secret key has no place in a test: this is an imitation of YooKassa";
            return Err(Problem::credentials(told));
        }
        if id.is_empty() || secret.is_empty() {
            return Err(Problem::credentials("Error in shopId or secret key"));
        }
        Ok(Self::Shop { id, secret })
    }
}

impl YooKassa {
    /// The shop of the caller; opened when it is seen first. Its secret key is remembered.
    pub(super) fn open(&self, who: &Who) -> Result<Arc<Account<Shop>>, Problem> {
        let (credential, label, id, secret) = match who {
            Who::Shop { id, secret } => (
                id.clone(),
                format!("shop {id}"),
                id.clone(),
                Some(secret.clone()),
            ),
            // A token has a shop of its own until it is bound to one.
            Who::Token(token) => match self.books.bound_shop(token) {
                Some(shop) => (shop.clone(), format!("shop {shop}"), shop, None),
                None => {
                    let end: String = token
                        .chars()
                        .rev()
                        .take(4)
                        .collect::<Vec<_>>()
                        .into_iter()
                        .rev()
                        .collect();
                    (
                        format!("token {token}"),
                        format!("token …{end}"),
                        SHOP_ID.to_owned(),
                        None,
                    )
                }
            },
        };
        let seed = self.ground.seed;
        let make = || Shop::new(seed, &credential, &id, secret.as_deref());
        let account = self.books.accounts.open(&credential, &label, make);
        let account = account.ok_or_else(|| Problem::forbidden("Too many shops"))?;
        if let Some(secret) = secret {
            let mut shop = account.lock();
            // A shop that was opened by a token or by control learns its secret from the first caller.
            let known = shop.secret.get_or_insert_with(|| secret.clone()).clone();
            if !bool::from(known.as_bytes().ct_eq(secret.as_bytes())) {
                return Err(Problem::credentials("Error in shopId or secret key"));
            }
        }
        Ok(account)
    }
}
