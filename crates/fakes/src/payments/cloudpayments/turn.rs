//! A turn: one terminal, for one operation alone.

use jiff::Timestamp;
use styk_core::{Money, Movement};

use super::CloudPayments;
use super::terminal::Terminal;
use super::transaction::{Details, Transaction};
use crate::kit::{Call, Movements};

/// What an operation works with while it holds its terminal's lock.
pub(super) struct Turn<'a> {
    pub(super) fake: &'a CloudPayments,
    pub(super) terminal: &'a mut Terminal,
    /// The call it comes from; none for what happens by itself.
    pub(super) call: Option<&'a Call>,
}

impl Turn<'_> {
    pub(super) fn now(&self) -> Timestamp {
        self.fake.ground.clock.now()
    }

    /// Writes a movement of money into the ledger.
    pub(super) fn book(
        &self,
        movement: Movement,
        amount: Money,
        payment: i64,
        act: Option<i64>,
        order: Option<&str>,
    ) {
        self.fake.ground.book_money(&Movements {
            account: &self.terminal.public_id,
            movement,
            amount,
            payment: &payment.to_string(),
            act: act.map(|act| act.to_string()).as_deref(),
            order,
            call: self.call,
        });
    }

    /// The same, of a transaction as a whole.
    pub(super) fn book_whole(&self, movement: Movement, transaction: &Transaction) {
        let order = transaction.details.order.as_deref();
        self.book(movement, transaction.money, transaction.id, None, order);
    }

    /// Tells the record what the call is about.
    pub(super) fn note(&self, object: &str, order: Option<&str>) {
        if let Some(call) = self.call {
            call.note(|notes| {
                notes.object = Some(object.to_owned());
                notes.order = order.map(str::to_owned);
            });
        }
    }

    pub(super) fn note_transaction(&self, transaction: &Transaction) {
        self.note(
            &transaction.id.to_string(),
            transaction.details.order.as_deref(),
        );
    }

    /// The shop's order of what it says: named in `JsonData` or the description, otherwise the invoice.
    pub(super) fn order_of(&self, details: &Details) -> Option<Box<str>> {
        let data = details.data.as_deref().and_then(members);
        let named = |name: &str| {
            let data = data.as_ref()?;
            data.iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
        };
        let found = self
            .fake
            .ground
            .orders
            .find(named, details.description.as_deref());
        found.map(Into::into).or_else(|| details.invoice.clone())
    }
}

/// The plain members of a JSON object, as text.
fn members(data: &str) -> Option<Vec<(String, String)>> {
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(data).ok()?;
    let plain = object.into_iter().filter_map(|(name, value)| match value {
        serde_json::Value::String(text) => Some((name, text)),
        serde_json::Value::Number(number) => Some((name, number.to_string())),
        _ => None,
    });
    Some(plain.collect())
}
