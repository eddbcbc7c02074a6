//! Early fraud warnings.

use serde::{Serialize, Serializer};

use super::object::{Id, Object};
use super::routes::Endpoint;
use crate::kit::Routes;

/// Early fraud warnings.
#[derive(Clone, Debug)]
pub(super) struct EarlyFraudWarning {
    pub(super) id: Id,
    pub(super) created: i64,
}

impl Object for EarlyFraudWarning {
    fn id(&self) -> &Id {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }
}

impl Serialize for EarlyFraudWarning {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    routes
}
