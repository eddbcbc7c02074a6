//! What tasks there are.

use std::str::FromStr;

use crate::telemetry::Scope;

/// What a task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Takes an order from its payment to its registered parcel.
    ProcessOrder,
    /// Compares stock with its history.
    InventorySync,
    /// Sends one message about an order.
    SendNotification,
}

impl Kind {
    const ALL: [Self; 3] = [
        Self::ProcessOrder,
        Self::InventorySync,
        Self::SendNotification,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::ProcessOrder => "process_order",
            Self::InventorySync => "inventory_sync",
            Self::SendNotification => "send_notification",
        }
    }

    /// The module whose work it is.
    pub(crate) fn scope(self) -> Scope {
        match self {
            Self::ProcessOrder => Scope::Orders,
            Self::InventorySync => Scope::Inventory,
            Self::SendNotification => Scope::Notifications,
        }
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Self, UnknownKind> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or(UnknownKind)
    }
}

/// The word names no kind of task.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnknownKind;
