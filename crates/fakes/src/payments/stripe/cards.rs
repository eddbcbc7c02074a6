//! The published test cards (Testing), by number and by token: one table.

use super::error::StripeError;

/// A test card.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TestCard {
    /// Its number.
    pub(super) number: &'static str,
    /// Its names without `pm_card_` and `tok_`, the usual first.
    pub(super) names: &'static [&'static str],
    pub(super) brand: Brand,
    pub(super) funding: &'static str,
    pub(super) country: &'static str,
    /// What comes of it.
    pub(super) does: Does,
}

/// A card network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Brand {
    Visa,
    Mastercard,
    Amex,
    Discover,
    Diners,
    Jcb,
    Unionpay,
}

/// What comes of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    /// It pays.
    Pay,
    /// It is declined, and cannot be attached either.
    Decline(&'static Decline),
    /// It can be attached, and is declined when it is charged.
    DeclineCharge(&'static Decline),
    /// Stripe itself blocks it.
    Block,
    /// It pays, and its risk is said to be so.
    Risk(&'static str),
    /// It pays, and one of its checks fails.
    Check(Checks),
    /// It pays, and is disputed afterwards.
    Dispute(Dispute),
    /// It pays; its refunds are pending for a while.
    PendingRefund,
    /// It pays; its refunds fail after a while.
    FailingRefund,
    /// It pays, and the money is available at once.
    BypassPending,
    /// It wants the payer to authenticate.
    Authenticate(Authenticate),
}

/// Why a bank says no.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decline {
    pub(super) code: &'static str,
    pub(super) decline_code: Option<&'static str>,
    pub(super) message: &'static str,
}

/// Which checks fail; `fail`, `pass` or `unavailable` each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Checks {
    pub(super) cvc: &'static str,
    pub(super) line1: &'static str,
    pub(super) postal_code: &'static str,
    pub(super) risk: &'static str,
}

/// What comes after a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dispute {
    /// A dispute with this reason.
    Reason(&'static str),
    /// A question of the bank, before a dispute.
    Inquiry,
    /// A warning that the payment may be fraudulent.
    Warning,
    /// More than one dispute.
    Multiple,
}

/// When the payer has to authenticate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Authenticate {
    /// When nothing is set up.
    pub(super) when: When,
    /// What comes after passing.
    pub(super) then: Option<&'static Decline>,
}

/// When the payer has to authenticate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// Whenever it is charged.
    Always,
    /// On session always; off session only until it was set up.
    UntilSetUp,
    /// On session always; off session never.
    OnSession,
    /// Never; it could.
    Never,
    /// Always, but asking fails and the card is declined.
    LookupFails,
}

/// An error as a card's refusal, by its code or decline code: for failures on command.
pub(super) fn refusal(code: &str) -> StripeError {
    let _ = code;
    StripeError::card("card_declined", "Your card was declined.")
}
