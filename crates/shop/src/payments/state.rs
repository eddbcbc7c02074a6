//! The state machines of payments and refunds.

use std::str::FromStr;

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Written down, not sent.
    Created,
    /// A request is on its way, or its sender died.
    Sending,
    /// The provider has it and waits for the buyer or the bank.
    Pending,
    /// No usable answer came: it may have happened or not.
    Unknown,
    Succeeded,
    Failed,
    Cancelled,
    PartiallyRefunded,
    Refunded,
}

impl State {
    const ALL: [Self; 9] = [
        Self::Created,
        Self::Sending,
        Self::Pending,
        Self::Unknown,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
        Self::PartiallyRefunded,
        Self::Refunded,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Sending => "sending",
            Self::Pending => "pending",
            Self::Unknown => "unknown",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::PartiallyRefunded => "partially_refunded",
            Self::Refunded => "refunded",
        }
    }

    /// Whether the provider may still decide.
    pub(crate) fn is_open(self) -> bool {
        matches!(
            self,
            Self::Created | Self::Sending | Self::Pending | Self::Unknown
        )
    }

    /// Whether the money was taken (and perhaps given back since).
    pub(crate) fn is_captured(self) -> bool {
        matches!(
            self,
            Self::Succeeded | Self::PartiallyRefunded | Self::Refunded
        )
    }

    /// The word for clients: they need not know how far a request got.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Created | Self::Sending | Self::Pending | Self::Unknown => "pending",
            Self::Succeeded | Self::PartiallyRefunded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Refunded => "refunded",
        }
    }
}

impl FromStr for State {
    type Err = UnknownState;

    fn from_str(word: &str) -> Result<Self, UnknownState> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or(UnknownState)
    }
}

/// Where a refund stands; the words mean what they mean for payments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefundState {
    Created,
    Sending,
    Pending,
    Unknown,
    Succeeded,
    Failed,
}

impl RefundState {
    const ALL: [Self; 6] = [
        Self::Created,
        Self::Sending,
        Self::Pending,
        Self::Unknown,
        Self::Succeeded,
        Self::Failed,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Sending => "sending",
            Self::Pending => "pending",
            Self::Unknown => "unknown",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

impl FromStr for RefundState {
    type Err = UnknownState;

    fn from_str(word: &str) -> Result<Self, UnknownState> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or(UnknownState)
    }
}

/// The word is no state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnknownState;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back_as_its_state() {
        for state in State::ALL {
            assert_eq!(state.as_str().parse::<State>().unwrap(), state);
        }
        for state in RefundState::ALL {
            assert_eq!(state.as_str().parse::<RefundState>().unwrap(), state);
        }
    }

    #[test]
    fn a_state_is_open_or_captured_or_neither_but_never_both() {
        assert!(
            State::ALL
                .iter()
                .all(|state| !(state.is_open() && state.is_captured()))
        );
        assert!(
            State::ALL
                .iter()
                .filter(|state| state.is_open())
                .all(|state| state.word() == "pending")
        );
    }
}
