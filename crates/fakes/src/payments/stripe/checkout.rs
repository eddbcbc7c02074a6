//! Checkout sessions.

use serde::{Serialize, Serializer};

use super::object::{Id, Object};
use super::routes::Endpoint;
use crate::kit::Routes;

/// Checkout sessions.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) id: Id,
    pub(super) created: i64,
}

impl Object for Session {
    fn id(&self) -> &Id {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }
}

impl Serialize for Session {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    routes
}
