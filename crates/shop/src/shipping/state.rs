//! The states of a parcel, and which of them is further on.

use std::str::FromStr;

use crate::clients::ShipmentWord;

/// Where a parcel stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShipmentState {
    Created,
    /// The request is on its way, or its sender died.
    Sending,
    /// No usable answer came: the carrier may know the parcel or not.
    Unknown,
    /// The carrier expects it.
    Registered,
    InTransit,
    Delivered,
    Returned,
    Lost,
    Cancelled,
    /// The carrier refused it.
    Failed,
}

impl ShipmentState {
    const ALL: [Self; 10] = [
        Self::Created,
        Self::Sending,
        Self::Unknown,
        Self::Registered,
        Self::InTransit,
        Self::Delivered,
        Self::Returned,
        Self::Lost,
        Self::Cancelled,
        Self::Failed,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Sending => "sending",
            Self::Unknown => "unknown",
            Self::Registered => "registered",
            Self::InTransit => "in_transit",
            Self::Delivered => "delivered",
            Self::Returned => "returned",
            Self::Lost => "lost",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    /// The word for clients: until the carrier knows the parcel, it is pending.
    pub(crate) fn word(self) -> &'static str {
        if self.is_open() {
            "pending"
        } else {
            self.as_str()
        }
    }

    /// Whether the carrier has not confirmed the parcel yet.
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::Created | Self::Sending | Self::Unknown)
    }

    fn rank(self) -> u8 {
        match self {
            Self::Created | Self::Sending | Self::Unknown => 0,
            Self::Registered => 1,
            Self::InTransit => 2,
            Self::Delivered | Self::Returned | Self::Lost | Self::Cancelled | Self::Failed => 3,
        }
    }

    /// Whether a parcel may go from here to `to`. A parcel on its way cannot be called off or refused any more.
    pub(crate) fn allows(self, to: Self) -> bool {
        match to {
            Self::Cancelled => self.rank() <= Self::Registered.rank(),
            Self::Failed => self.is_open(),
            _ => to.rank() > self.rank(),
        }
    }

    /// The state a carrier's word means. A word we do not know says at least that the carrier knows the parcel.
    pub(crate) fn of(word: Option<ShipmentWord>) -> Self {
        match word {
            None | Some(ShipmentWord::Registered) => Self::Registered,
            Some(ShipmentWord::InTransit) => Self::InTransit,
            Some(ShipmentWord::Delivered) => Self::Delivered,
            Some(ShipmentWord::Returned) => Self::Returned,
            Some(ShipmentWord::Lost) => Self::Lost,
            Some(ShipmentWord::Cancelled) => Self::Cancelled,
        }
    }
}

impl FromStr for ShipmentState {
    type Err = UnknownState;

    fn from_str(word: &str) -> Result<Self, UnknownState> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or(UnknownState)
    }
}

/// The word is no state of a parcel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnknownState;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parcel_only_moves_forward() {
        assert!(ShipmentState::Unknown.allows(ShipmentState::Registered));
        assert!(ShipmentState::Registered.allows(ShipmentState::Delivered));
        assert!(!ShipmentState::InTransit.allows(ShipmentState::Registered));
        assert!(!ShipmentState::InTransit.allows(ShipmentState::Cancelled));
        assert!(!ShipmentState::Delivered.allows(ShipmentState::InTransit));
        assert!(!ShipmentState::Delivered.allows(ShipmentState::Lost));
        assert!(!ShipmentState::Registered.allows(ShipmentState::Failed));
    }

    #[test]
    fn every_word_is_read_back_as_its_state() {
        for state in ShipmentState::ALL {
            assert_eq!(state.as_str().parse::<ShipmentState>().unwrap(), state);
        }
    }
}
