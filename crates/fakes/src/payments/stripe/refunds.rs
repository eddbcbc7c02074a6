//! Refunds (Refund and cancel payments).

use serde::{Serialize, Serializer};
use styk_core::Currency;

use super::error::StripeError;
use super::metadata::Metadata;
use super::object::{Id, Object};
use super::routes::Endpoint;
use super::shelf::term;
use super::turn::Turn;
use crate::kit::Routes;

/// A refund.
#[derive(Clone, Debug)]
pub(super) struct Refund {
    pub(super) id: Id,
    pub(super) created: i64,
    pub(super) amount: i64,
    pub(super) currency: Currency,
    pub(super) charge: Id,
    pub(super) payment_intent: Option<Id>,
    pub(super) status: RefundStatus,
    pub(super) reason: Option<&'static str>,
    pub(super) metadata: Metadata,
    pub(super) balance_transaction: Option<Id>,
    pub(super) failure_balance_transaction: Option<Id>,
    pub(super) failure_reason: Option<&'static str>,
}

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RefundStatus {
    Pending,
    RequiresAction,
    Succeeded,
    Failed,
    Canceled,
}

impl Object for Refund {
    fn id(&self) -> &Id {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn terms(&self, file: &mut dyn FnMut(u64)) {
        file(term("charge", &self.charge));
        if let Some(intent) = &self.payment_intent {
            file(term("payment_intent", intent));
        }
    }

    fn metadata(&self) -> Option<&Metadata> {
        Some(&self.metadata)
    }
}

impl Serialize for Refund {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    routes
}

/// A pending or succeeded refund fails: the money comes back to the shop. For cards whose refunds fail, and for
/// whoever asks for it.
pub(super) fn fail(turn: &mut Turn<'_>, id: &str, reason: &'static str) -> Result<(), StripeError> {
    let _ = (turn, id, reason);
    Err(StripeError::invalid("not yet"))
}
