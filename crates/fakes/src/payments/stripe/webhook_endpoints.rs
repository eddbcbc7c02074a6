//! Webhook endpoints: where events go.

use std::time::Duration;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::object::{Id, Object};
use super::routes::Endpoint;
use super::{DEFAULT_KEY, Stripe};
use crate::kit::{ActionError, Routes, Subscription, Variable};

/// A webhook endpoint.
#[derive(Clone, Debug)]
pub(super) struct WebhookEndpoint {
    pub(super) id: Id,
    pub(super) created: i64,
}

impl Object for WebhookEndpoint {
    fn id(&self) -> &Id {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }
}

impl Serialize for WebhookEndpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    routes
}

/// The variables that bring a shop here.
pub(super) fn variables(stripe: &Stripe) -> Vec<Variable> {
    let _ = (stripe, DEFAULT_KEY);
    Vec::new()
}

/// Has events sent to an address.
pub(super) fn subscribe(
    stripe: &Stripe,
    subscription: &Subscription,
) -> Result<Value, ActionError> {
    let _ = (stripe, subscription);
    Ok(Value::Null)
}

/// All endpoints, for people.
pub(super) fn subscriptions(stripe: &Stripe) -> Vec<Value> {
    let _ = stripe;
    Vec::new()
}

/// The pauses between the tries of a delivery.
pub(super) fn pauses() -> Vec<Duration> {
    Vec::new()
}
