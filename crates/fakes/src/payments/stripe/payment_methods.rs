//! Payment methods: cards, and one method that takes its time.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::cards::TestCard;
use super::contact::BillingDetails;
use super::metadata::Metadata;
use super::object::{Id, Object};
use super::routes::Endpoint;
use super::shelf::term;
use crate::kit::Routes;

/// A payment method.
#[derive(Clone, Debug)]
pub(super) struct PaymentMethod {
    pub(super) id: Id,
    pub(super) created: i64,
    pub(super) customer: Option<Id>,
    pub(super) details: Details,
    pub(super) billing: Option<Arc<BillingDetails>>,
    pub(super) metadata: Metadata,
    pub(super) allow_redisplay: &'static str,
    /// It was used without being attached, so it cannot be used again.
    pub(super) is_spent: bool,
    /// A payer has agreed to later charges of it.
    pub(super) is_set_up: bool,
}

/// What pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Details {
    /// A card.
    Card(Card),
    /// A direct debit (`sepa_debit`): charges of it are processing for a while.
    Debit(Debit),
}

/// A card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Card {
    pub(super) test: &'static TestCard,
    pub(super) exp_month: u8,
    pub(super) exp_year: u16,
    pub(super) has_cvc: bool,
}

/// An account for direct debit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Debit {
    /// The IBAN.
    pub(super) iban: &'static str,
    /// Whether it has the money.
    pub(super) pays: bool,
}

impl Object for PaymentMethod {
    fn id(&self) -> &Id {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn terms(&self, file: &mut dyn FnMut(u64)) {
        if let Some(customer) = &self.customer {
            file(term("customer", customer));
        }
    }

    fn metadata(&self) -> Option<&Metadata> {
        Some(&self.metadata)
    }
}

impl Serialize for PaymentMethod {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    routes
}
