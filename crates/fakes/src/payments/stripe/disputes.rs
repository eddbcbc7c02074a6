//! Disputes.

use serde::{Serialize, Serializer};

use super::cards;
use super::charges::Charge;
use super::object::{Id, Object};
use super::routes::Endpoint;
use super::turn::Turn;
use crate::kit::Routes;

/// Disputes.
#[derive(Clone, Debug)]
pub(super) struct Dispute {
    pub(super) id: Id,
    pub(super) created: i64,
}

impl Object for Dispute {
    fn id(&self) -> &Id {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }
}

impl Serialize for Dispute {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    routes
}

/// Has the bank dispute a charge a little later, as its test card says.
pub(super) fn after_charge(turn: &mut Turn<'_>, charge: &Charge, dispute: cards::Dispute) {
    let _ = (turn, charge, dispute);
}
