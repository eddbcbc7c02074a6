//! What one shop has.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;
use styk_core::Seed;

use super::invoices::Invoice;
use super::methods::SavedMethod;
use super::notify::Hook;
use super::payment::Payment;
use super::payouts::{Deal, Payout};
use super::receipts::Receipt;
use super::refunds::Refund;
use crate::kit::{Accounts, Ids, Keys, State};

/// Idempotence keys are kept that long (Using the API, Idempotence).
const KEY_LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// One shop. Objects lie in the order they were made.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Shop {
    pub(super) id: String,
    /// What it is looked up by.
    #[serde(skip)]
    pub(super) credential: String,
    #[serde(skip)]
    pub(super) secret: Option<String>,
    #[serde(skip)]
    pub(super) ids: Ids,
    #[serde(skip)]
    pub(super) keys: Keys,
    pub(super) payments: IndexMap<String, Payment>,
    pub(super) refunds: IndexMap<String, Refund>,
    pub(super) receipts: IndexMap<String, Receipt>,
    pub(super) methods: IndexMap<String, SavedMethod>,
    pub(super) invoices: IndexMap<String, Invoice>,
    pub(super) payouts: IndexMap<String, Payout>,
    pub(super) deals: IndexMap<String, Deal>,
    pub(super) personal_data: IndexMap<String, Value>,
}

impl Shop {
    pub(super) fn new(seed: Seed, credential: &str, id: &str, secret: Option<&str>) -> Self {
        Self {
            id: id.to_owned(),
            credential: credential.to_owned(),
            secret: secret.map(str::to_owned),
            ids: Ids::new(seed, credential),
            keys: Keys::new(KEY_LIFETIME),
            payments: IndexMap::new(),
            refunds: IndexMap::new(),
            receipts: IndexMap::new(),
            methods: IndexMap::new(),
            invoices: IndexMap::new(),
            payouts: IndexMap::new(),
            deals: IndexMap::new(),
            personal_data: IndexMap::new(),
        }
    }

    /// An id of 36 characters, as payments and refunds have.
    pub(super) fn new_id(&mut self) -> String {
        self.ids.uuid().to_string()
    }
}

/// All shops, and the webhooks of partners, which hear of many.
#[derive(Debug, Default)]
pub(super) struct Books {
    pub(super) accounts: Accounts<Shop>,
    pub(super) hooks: Mutex<Hooks>,
}

/// Webhooks and whose they are.
#[derive(Clone, Debug, Default)]
pub(super) struct Hooks {
    pub(super) all: Vec<Hook>,
    /// The shops of tokens.
    pub(super) bound: BTreeMap<String, String>,
}

impl Books {
    pub(super) fn hooks(&self) -> std::sync::MutexGuard<'_, Hooks> {
        self.hooks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn bound_shop(&self, token: &str) -> Option<String> {
        self.hooks().bound.get(token).cloned()
    }
}

impl State for Books {
    fn view(&self) -> Value {
        self.accounts.view()
    }

    fn clear(&self) {
        self.accounts.clear();
        self.hooks().all.retain(|hook| hook.is_configured);
    }

    fn snapshot(&self) -> Box<dyn Any + Send + Sync> {
        Box::new((self.accounts.snapshot(), self.hooks().clone()))
    }

    fn restore(&self, snapshot: &(dyn Any + Send + Sync)) {
        type Copies = (Box<dyn Any + Send + Sync>, Hooks);
        if let Some((accounts, hooks)) = snapshot.downcast_ref::<Copies>() {
            self.accounts.restore(&**accounts);
            *self.hooks() = hooks.clone();
        }
    }
}
