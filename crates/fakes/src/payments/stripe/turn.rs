//! One change to an account: whose turn it is has the account for itself.

use std::sync::Arc;
use std::time::Duration;

use styk_core::{Money, Movement};

use super::account::Account;
use super::customers::Customer;
use super::error::StripeError;
use super::metadata::Metadata;
use super::object::Kind;
use super::{Keyed, Stripe};
use crate::kit::{Call, Movements};

/// An account with its lock held, and who is the cause of what happens: a call, or nobody.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    /// The fake.
    pub(super) stripe: &'a Stripe,
    /// The account.
    pub(super) account: &'a mut Account,
    /// The call, when there is one.
    pub(super) call: Option<&'a Call>,
    /// What the account's events say about it.
    pub(super) cause: Option<Arc<Cause>>,
    /// The time, in Unix seconds.
    pub(super) now: i64,
    /// Whether a browser calls, with a publishable key.
    pub(super) is_browser: bool,
}

/// The request that made an event.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub(super) struct Cause {
    /// Its id, `req_…`.
    pub(super) id: Box<str>,
    /// The key it came with.
    pub(super) idempotency_key: Option<Arc<str>>,
}

impl<'a> Turn<'a> {
    /// A turn that no call is the cause of.
    pub(super) fn alone(stripe: &'a Stripe, account: &'a mut Account) -> Self {
        Self {
            stripe,
            account,
            call: None,
            cause: None,
            now: stripe.ground.clock.now().as_second(),
            is_browser: false,
        }
    }

    /// What stands in the n-th place of the call's path.
    pub(super) fn place(&self, place: usize) -> &'a str {
        self.call.map_or("", |call| call.parameter(place))
    }

    /// The customer that a parameter names.
    pub(super) fn customer(&self, id: &str, param: &str) -> Result<Arc<Customer>, StripeError> {
        let customer = self.account.objects.customers.get(id);
        let customer = customer.filter(|customer| !customer.is_deleted).cloned();
        customer.ok_or_else(|| StripeError::no_such(Kind::Customer, id, param))
    }

    /// Has something happen to this account later, by itself.
    pub(super) fn later(&self, delay: Duration, act: impl FnOnce(&mut Turn<'_>) + Send + 'static) {
        let Some(stripe) = self.stripe.me.upgrade() else {
            return;
        };
        let credential = Arc::clone(&self.account.credential);
        let timers = stripe.ground.timers.clone();
        let stripe = Arc::downgrade(&stripe);
        timers.later(delay, move || {
            let Some(stripe) = stripe.upgrade() else {
                return;
            };
            let Some(account) = stripe.accounts.get(&credential) else {
                return;
            };
            act(&mut Turn::alone(&stripe, &mut account.lock()));
        });
    }

    /// The shop's order, from what the shop hung on an object.
    pub(super) fn order(&self, metadata: &Metadata, description: Option<&str>) -> Option<String> {
        let orders = &self.stripe.ground.orders;
        orders.find(|name| metadata.get(name), description)
    }

    /// Tells the record which object and order the call is about.
    pub(super) fn note(&self, object: &str, order: Option<&str>) {
        let Some(call) = self.call else {
            return;
        };
        call.note(|notes| {
            notes.object = Some(object.to_owned());
            if order.is_some() {
                notes.order = order.map(str::to_owned);
            }
        });
    }

    /// Tells the record what the fake does not know.
    pub(super) fn gap(&self, what: impl Into<String>) {
        if let Some(call) = self.call {
            call.gap(what);
        }
    }

    /// Tells the record which parameters were taken without effect.
    pub(super) fn gaps(&self, without_effect: Vec<String>) {
        for name in without_effect {
            self.gap(format!("the parameter {name} has no effect here"));
        }
    }

    /// Writes a movement of money into the ledger.
    pub(super) fn book(&self, movement: Movement, amount: Money, booked: &Booked<'_>) {
        self.stripe.ground.book_money(&Movements {
            account: &self.account.label,
            movement,
            amount,
            payment: booked.payment,
            act: booked.act,
            order: booked.order,
            call: self.call,
        });
    }
}

/// What a movement of money is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Booked<'a> {
    /// The payment intent, or the charge that has none.
    pub(super) payment: &'a str,
    /// The charge or refund.
    pub(super) act: Option<&'a str>,
    /// The shop's order.
    pub(super) order: Option<&'a str>,
}

impl Stripe {
    /// A turn for the account that has something, wherever that is. For pages and actions, which come without a key.
    pub(super) fn turn<T>(
        &self,
        call: Option<&Call>,
        has: impl Fn(&Account) -> bool,
        act: impl FnOnce(&mut Turn<'_>) -> T,
    ) -> Option<T> {
        let accounts: Vec<Keyed> = self.accounts.all();
        for (_, account) in accounts {
            let mut account = account.lock();
            if has(&account) {
                let mut turn = Turn::alone(self, &mut account);
                turn.call = call;
                return Some(act(&mut turn));
            }
        }
        None
    }
}
