//! Tokens: the older way to hand over a card.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::object::{Id, Object};
use super::payment_methods::PaymentMethod;
use super::routes::Endpoint;
use crate::kit::Routes;

/// A token.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) id: Id,
    pub(super) created: i64,
    pub(super) is_used: bool,
    pub(super) card: Arc<PaymentMethod>,
}

impl Object for Token {
    fn id(&self) -> &Id {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }
}

impl Serialize for Token {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    routes
}
