//! Charges: single tries to move money.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use styk_core::Currency;

use super::contact::{BillingDetails, Shipping};
use super::metadata::Metadata;
use super::object::{Field, Id, Object};
use super::payment_intents::Extra;
use super::payment_methods::PaymentMethod;
use super::routes::Endpoint;
use super::shelf::term;
use crate::kit::Routes;

/// A charge.
#[derive(Clone, Debug)]
pub(super) struct Charge {
    pub(super) id: Id,
    pub(super) created: i64,
    pub(super) amount: i64,
    pub(super) amount_captured: i64,
    pub(super) amount_refunded: i64,
    pub(super) currency: Currency,
    pub(super) status: ChargeStatus,
    pub(super) is_captured: bool,
    /// What was authorised was given back untaken.
    pub(super) is_released: bool,
    pub(super) is_disputed: bool,
    pub(super) is_refunded: bool,
    pub(super) payment_intent: Option<Id>,
    pub(super) customer: Option<Id>,
    /// The payment method as it was.
    pub(super) method: Arc<PaymentMethod>,
    pub(super) balance_transaction: Option<Id>,
    pub(super) failure_balance_transaction: Option<Id>,
    pub(super) description: Option<Arc<str>>,
    pub(super) metadata: Metadata,
    pub(super) receipt_email: Option<Arc<str>>,
    pub(super) shipping: Option<Arc<Shipping>>,
    pub(super) billing: Option<Arc<BillingDetails>>,
    /// Why it failed.
    pub(super) failure: Option<Arc<Failure>>,
    /// Whether the payer authenticated.
    pub(super) is_authenticated: bool,
    /// When an authorisation ends, in Unix seconds.
    pub(super) capture_before: Option<i64>,
    /// Its refunds, oldest first.
    pub(super) refunds: Vec<Id>,
    pub(super) dispute: Option<Id>,
    pub(super) extra: Option<Arc<Extra>>,
    pub(super) fraud_report: Option<&'static str>,
}

/// Where a charge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ChargeStatus {
    Succeeded,
    Pending,
    Failed,
}

/// Why a charge failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) code: &'static str,
    pub(super) decline_code: Option<&'static str>,
    pub(super) message: &'static str,
    /// Stripe blocked it, the bank was not asked.
    pub(super) is_blocked: bool,
}

impl Charge {
    /// What can still be given back.
    pub(super) fn refundable(&self) -> i64 {
        if self.is_captured {
            self.amount_captured - self.amount_refunded
        } else {
            0
        }
    }
}

impl Object for Charge {
    fn id(&self) -> &Id {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn terms(&self, file: &mut dyn FnMut(u64)) {
        if let Some(intent) = &self.payment_intent {
            file(term("payment_intent", intent));
        }
        if let Some(customer) = &self.customer {
            file(term("customer", customer));
        }
        self.metadata.terms(file);
    }

    fn metadata(&self) -> Option<&Metadata> {
        Some(&self.metadata)
    }

    fn field(&self, name: &str) -> Field<'_> {
        match name {
            "amount" => Field::Number(self.amount),
            "created" => Field::Number(self.created),
            "currency" => Field::Currency(self.currency),
            "customer" => Field::text(self.customer.as_deref()),
            "disputed" => Field::Text(if self.is_disputed { "true" } else { "false" }),
            "refunded" => Field::Text(if self.is_refunded { "true" } else { "false" }),
            _ => Field::Unknown,
        }
    }
}

impl Serialize for Charge {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    routes
}
