//! One account: everything that came of one secret key.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Serialize, Serializer};
use styk_core::{Currency, Seed};

use super::object::{Id, Objects, show};
use super::reply::Kept;
use crate::kit::{Ids, KeysOf};

/// Stripe forgets idempotency keys when they are a day old (Stripe API, Idempotent requests).
const KEY_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The state of one account.
#[derive(Clone, Debug)]
pub(super) struct Account {
    /// The secret key that opened it.
    pub(super) credential: Arc<str>,
    /// Its id, `acct_…`; tells no secret.
    pub(super) label: String,
    /// All objects.
    pub(super) objects: Objects,
    /// The idempotency keys.
    pub(super) keys: KeysOf<Kept>,
    /// The money, by currency.
    pub(super) balance: BTreeMap<Currency, Funds>,
    /// How many of its movements have become available.
    pub(super) matured: usize,
    ids: Ids,
    request_ids: Ids,
}

/// The money of one currency, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Funds {
    /// Can be paid out.
    pub(super) available: i64,
    /// On its way.
    pub(super) pending: i64,
}

impl Account {
    /// An empty account. `seed` is the fake's.
    pub(super) fn new(seed: Seed, credential: &str, label: String) -> Self {
        Self {
            credential: credential.into(),
            label,
            objects: Objects::default(),
            keys: KeysOf::new(KEY_LIFETIME),
            balance: BTreeMap::new(),
            matured: 0,
            ids: Ids::new(seed, credential),
            request_ids: Ids::new(seed.derive("requests"), credential),
        }
    }

    /// A new id with this prefix, 24 characters in all: ten thousand payments have eighty thousand ids.
    pub(super) fn new_id(&mut self, prefix: &str) -> Id {
        let length = 24_usize.saturating_sub(prefix.len()).max(14);
        self.ids.alphanumeric(prefix, length).into()
    }

    /// A new secret with this prefix: the second half of a client secret, a signing secret.
    pub(super) fn new_secret(&mut self, prefix: &str, length: usize) -> Box<str> {
        self.ids.alphanumeric(prefix, length).into()
    }

    /// The id of a request. Requests draw from a source of their own: a repeated call changes no later object's id.
    pub(super) fn new_request_id(&mut self) -> Box<str> {
        self.request_ids.alphanumeric("req_", 14).into()
    }
}

impl Serialize for Account {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        show!(serializer; "objects": self.objects, "balance": self.balance)
    }
}
