//! What truly happened outside: money, parcels and messages, as the fakes know it.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde::Serialize;

use crate::Money;

/// How many entries a ledger keeps. Beyond it nothing is forgotten silently: the ledger counts what it could not take.
const LIMIT: usize = 1_000_000;

/// The append-only book of one outside world. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Arc<Mutex<Book>>);

#[derive(Debug, Default)]
struct Book {
    entries: Vec<Arc<LedgerEntry>>,
    refused: u64,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LedgerEntry {
    /// Its place in the book, from 1; set by the ledger.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Whose book: `stripe`.
    pub provider: String,
    /// Whose account there, as a name that tells no secret.
    pub account: String,
    /// What happened.
    #[serde(flatten)]
    pub effect: Effect,
    /// What it happened to: the provider's id of the payment, parcel or letter.
    pub object: String,
    /// The provider's id of the act itself, where it has one: of the charge, of the refund.
    pub act: Option<String>,
    /// The shop's order, as far as it can be read from what the shop sent.
    pub order: Option<String>,
    /// The idempotency key of the call that did it.
    pub key: Option<String>,
    /// The exchange (its place in the journal) that did it; none for what happened by itself.
    pub exchange: Option<u64>,
}

/// What can happen outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Effect {
    /// Money moved, or was set aside.
    Money {
        /// Which way.
        movement: Movement,
        /// How much; never negative.
        amount: Money,
    },
    /// A parcel changed its state.
    Parcel {
        /// The new state in one word: `created`, `in_transit`, `delivered`, `cancelled`.
        state: String,
    },
    /// A message was taken.
    Message {
        /// The channel: `email` or `sms`.
        channel: String,
        /// The recipient.
        to: String,
    },
}

/// Which way money moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Movement {
    /// Set aside on the payer's card.
    Authorized,
    /// Set aside before, and given back untaken.
    Released,
    /// Taken from the payer.
    Captured,
    /// Given back.
    Refunded,
    /// A refund that came back: the payer did not get it.
    RefundReturned,
    /// Taken back by the payer's bank.
    Disputed,
    /// A dispute that the shop won.
    DisputeWon,
    /// Paid out to somebody.
    PaidOut,
    /// The payer's bank said no: nothing moved.
    Declined,
}

impl Ledger {
    /// Writes an entry and gives its place; its `seq` is set here. `None` when the book is full.
    pub fn write(&self, mut entry: LedgerEntry) -> Option<u64> {
        let mut book = self.book();
        if book.entries.len() >= LIMIT {
            book.refused += 1;
            return None;
        }
        let seq = u64::try_from(book.entries.len()).unwrap_or(u64::MAX) + 1;
        entry.seq = seq;
        book.entries.push(Arc::new(entry));
        Some(seq)
    }

    /// All entries, oldest first.
    #[must_use]
    pub fn entries(&self) -> Vec<Arc<LedgerEntry>> {
        self.book().entries.clone()
    }

    /// The entries after a place.
    #[must_use]
    pub fn after(&self, seq: u64) -> Vec<Arc<LedgerEntry>> {
        let book = self.book();
        let from = usize::try_from(seq).unwrap_or(usize::MAX);
        book.entries.get(from..).unwrap_or_default().to_vec()
    }

    /// How many entries the book could not take. A judgement on a ledger that refused some is no judgement.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.book().refused
    }

    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(order: &str) -> LedgerEntry {
        LedgerEntry {
            seq: 0,
            at: Timestamp::UNIX_EPOCH,
            provider: "stripe".to_owned(),
            account: "sk_test_1".to_owned(),
            effect: Effect::Money {
                movement: Movement::Captured,
                amount: Money::new(199_000, "RUB".parse().expect("a currency")),
            },
            object: "pi_1".to_owned(),
            act: None,
            order: Some(order.to_owned()),
            key: None,
            exchange: None,
        }
    }

    #[test]
    fn entries_keep_their_order_and_number() {
        let ledger = Ledger::default();
        assert_eq!(ledger.write(entry("a")), Some(1));
        assert_eq!(ledger.write(entry("b")), Some(2));
        let orders: Vec<_> = ledger.after(1).iter().map(|e| e.order.clone()).collect();
        assert_eq!(orders, [Some("b".to_owned())]);
        assert!(ledger.after(7).is_empty());
        assert_eq!(ledger.entries().len(), 2);
    }

    #[test]
    fn an_entry_is_flat_json() {
        let json = serde_json::to_value(entry("a")).expect("JSON");
        assert_eq!(json["kind"], "money");
        assert_eq!(json["movement"], "captured");
        assert_eq!(json["amount"]["minor"], 199_000);
    }
}
