//! Setup intents: a payment method is kept for later.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::error::StripeError;
use super::metadata::Metadata;
use super::object::{Id, Object};
use super::payment_intents::{Methods, NextAction, PaymentError, Redirects, Status, Usage};
use super::routes::Endpoint;
use super::shelf::term;
use super::turn::Turn;
use crate::kit::Routes;

/// A setup intent.
#[derive(Clone, Debug)]
pub(super) struct SetupIntent {
    pub(super) id: Id,
    /// The second half of its client secret.
    pub(super) secret: Arc<str>,
    pub(super) created: i64,
    pub(super) status: Status,
    pub(super) usage: Usage,
    pub(super) automatic: Option<Redirects>,
    pub(super) methods: Methods,
    pub(super) customer: Option<Id>,
    pub(super) payment_method: Option<Id>,
    pub(super) mandate: Option<Id>,
    pub(super) latest_attempt: Option<Id>,
    pub(super) description: Option<Arc<str>>,
    pub(super) metadata: Metadata,
    pub(super) cancellation_reason: Option<&'static str>,
    pub(super) last_error: Option<Arc<PaymentError>>,
    pub(super) next_action: Option<Arc<NextAction>>,
}

impl Object for SetupIntent {
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

impl Serialize for SetupIntent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    routes
}

/// The payer has passed or failed the authentication that a setup intent waits for.
pub(super) fn authenticate(
    turn: &mut Turn<'_>,
    id: &str,
    has_passed: bool,
) -> Result<Arc<SetupIntent>, StripeError> {
    let _ = (turn, id, has_passed);
    Err(StripeError::invalid("not yet"))
}
