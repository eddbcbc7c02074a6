//! One terminal: everything behind one Public ID.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::Serialize;
use styk_core::{Money, Seed};

use super::cards::Card;
use super::notifications::Settings;
use super::orders::Order;
use super::subscriptions::Subscription;
use super::transaction::{Status, Transaction};
use crate::kit::{Ids, Keys};

/// A processed result is kept for an hour (CloudPayments API, Idempotency).
const KEY_LIFETIME: Duration = Duration::from_secs(3600);

/// The state of a terminal.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Terminal {
    pub(super) public_id: Arc<str>,
    #[serde(skip)]
    pub(super) secret: Arc<str>,
    #[serde(skip)]
    pub(super) ids: Ids,
    #[serde(skip)]
    pub(super) keys: Keys,
    /// The number of the first transaction; the others follow one by one.
    #[serde(skip)]
    first: i64,
    transactions: Vec<Transaction>,
    #[serde(skip)]
    by_invoice: HashMap<Box<str>, Vec<i64>>,
    #[serde(rename = "saved")]
    pub(super) tokens: IndexMap<Box<str>, SavedCard>,
    #[serde(skip)]
    by_card: HashMap<SavedCard, Box<str>>,
    pub(super) subscriptions: IndexMap<Box<str>, Subscription>,
    pub(super) orders: IndexMap<Box<str>, Order>,
    pub(super) chargebacks: Vec<Chargeback>,
    pub(super) settings: Settings,
    /// The next payment is declined with this code, whatever the card.
    pub(super) decline_next: Option<u16>,
}

/// A card that can be charged again.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub(super) struct SavedCard {
    pub(super) account: Box<str>,
    pub(super) details: Card,
}

/// A payer's bank took money back.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Chargeback {
    pub(super) id: i64,
    pub(super) transaction: i64,
    pub(super) money: Money,
    pub(super) at: Timestamp,
}

impl Terminal {
    pub(super) fn new(seed: Seed, public_id: &str, secret: &str) -> Self {
        let mut ids = Ids::new(seed, public_id);
        let first = 1_000_000_000 + i64::try_from(ids.below(8_000)).unwrap_or(0) * 1_000_000;
        Self {
            public_id: public_id.into(),
            secret: secret.into(),
            ids,
            keys: Keys::new(KEY_LIFETIME),
            first,
            transactions: Vec::new(),
            by_invoice: HashMap::new(),
            tokens: IndexMap::new(),
            by_card: HashMap::new(),
            subscriptions: IndexMap::new(),
            orders: IndexMap::new(),
            chargebacks: Vec::new(),
            settings: Settings::default(),
            decline_next: None,
        }
    }

    /// Writes a new transaction down and gives its number: the one after the last.
    pub(super) fn register(&mut self, mut transaction: Transaction, now: Timestamp) -> i64 {
        let id = self.first + i64::try_from(self.transactions.len()).unwrap_or(0);
        let latest = self.transactions.last().map(|last| last.created);
        transaction.id = id;
        // Lists rely on it that times do not run backwards.
        transaction.created = latest.map_or(now, |latest| latest.max(now));
        if let Some(invoice) = &transaction.details.invoice {
            let ids = self.by_invoice.entry(invoice.clone()).or_default();
            ids.push(id);
        }
        self.transactions.push(transaction);
        id
    }

    fn place(&self, id: i64) -> Option<usize> {
        usize::try_from(id.checked_sub(self.first)?).ok()
    }

    /// A transaction by its number, also one that is being checked.
    pub(super) fn any(&self, id: i64) -> Option<&Transaction> {
        self.transactions.get(self.place(id)?)
    }

    /// A transaction that can be seen.
    pub(super) fn get(&self, id: i64) -> Option<&Transaction> {
        self.any(id)
            .filter(|transaction| transaction.status != Status::Checking)
    }

    pub(super) fn get_mut(&mut self, id: i64) -> Option<&mut Transaction> {
        let place = self.place(id)?;
        self.transactions.get_mut(place)
    }

    /// The transactions of an invoice, latest first.
    pub(super) fn of_invoice(&self, invoice: &str) -> impl Iterator<Item = &Transaction> {
        let ids = self.by_invoice.get(invoice).into_iter().flatten().rev();
        ids.filter_map(|id| self.get(*id))
    }

    /// The newest payment of one of the shop's orders; refunds do not count.
    pub(super) fn newest_of(&self, order: &str) -> Option<i64> {
        let mut newest_first = self.transactions.iter().rev();
        let found = newest_first.find(|transaction| {
            transaction.original.is_none() && transaction.details.order.as_deref() == Some(order)
        });
        found.map(|transaction| transaction.id)
    }

    /// The transactions registered from a time to before another, oldest first.
    pub(super) fn between(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Iterator<Item = &Transaction> {
        let all = &self.transactions;
        let begin = all.partition_point(|transaction| transaction.created < from);
        let end = all.partition_point(|transaction| transaction.created < to);
        let found = all.get(begin..end.max(begin)).unwrap_or_default().iter();
        found.filter(|transaction| transaction.status != Status::Checking)
    }

    /// The token of a card for an account of the shop: the same card has the same one.
    pub(super) fn save_card(&mut self, account: &str, card: &Card) -> Box<str> {
        let saved = SavedCard {
            account: account.into(),
            details: card.clone(),
        };
        if let Some(token) = self.by_card.get(&saved) {
            return token.clone();
        }
        let token: Box<str> = self.ids.hex("tk_", 29).into();
        self.by_card.insert(saved.clone(), token.clone());
        self.tokens.insert(token.clone(), saved);
        token
    }
}
