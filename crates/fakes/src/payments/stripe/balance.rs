//! The shop's money at Stripe, and every movement of it.

use serde::{Serialize, Serializer};
use styk_core::{Currency, Money};

use super::object::{Id, Object};
use super::routes::Endpoint;
use super::shelf::term;
use super::turn::Turn;
use crate::kit::Routes;

/// A movement of money.
#[derive(Clone, Debug)]
pub(super) struct BalanceTransaction {
    pub(super) id: Id,
    pub(super) created: i64,
    pub(super) available_on: i64,
    pub(super) amount: i64,
    pub(super) fee: i64,
    pub(super) currency: Currency,
    pub(super) kind: &'static str,
    pub(super) source: Id,
    pub(super) is_available: bool,
}

impl Object for BalanceTransaction {
    fn id(&self) -> &Id {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn terms(&self, file: &mut dyn FnMut(u64)) {
        file(term("source", &self.source));
    }
}

impl Serialize for BalanceTransaction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    routes
}

/// A movement to be written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Transfer<'a> {
    /// How much; negative when it leaves the shop.
    pub(super) amount: Money,
    /// What Stripe takes for it.
    pub(super) fee: i64,
    /// `charge`, `refund`, `adjustment`, `refund_failure`, …
    pub(super) kind: &'static str,
    /// The charge, refund or dispute.
    pub(super) source: &'a Id,
    /// Whether the money is available at once.
    pub(super) is_available: bool,
}

/// Writes a movement and changes the balance; gives the movement's id.
pub(super) fn transfer(turn: &mut Turn<'_>, transfer: Transfer<'_>) -> Id {
    let _ = transfer;
    turn.account.new_id("txn_")
}
