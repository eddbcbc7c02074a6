//! Products.

use serde::{Serialize, Serializer};

use super::object::{Id, Object};
use super::routes::Endpoint;
use crate::kit::Routes;

/// Products.
#[derive(Clone, Debug)]
pub(super) struct Product {
    pub(super) id: Id,
    pub(super) created: i64,
}

impl Object for Product {
    fn id(&self) -> &Id {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }
}

impl Serialize for Product {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    routes
}
