//! Why banks say no.

use super::Decline;

const fn declined(decline_code: &'static str, message: &'static str) -> Decline {
    Decline {
        code: "card_declined",
        decline_code: Some(decline_code),
        message,
    }
}

const fn refused(code: &'static str, message: &'static str) -> Decline {
    Decline {
        code,
        decline_code: None,
        message,
    }
}

const DECLINED: &str = "Your card was declined.";

pub(super) static GENERIC: Decline = declined("generic_decline", DECLINED);
pub(super) static INSUFFICIENT_FUNDS: Decline =
    declined("insufficient_funds", "Your card has insufficient funds.");
pub(super) static LOST_CARD: Decline = declined("lost_card", DECLINED);
pub(super) static STOLEN_CARD: Decline = declined("stolen_card", DECLINED);
pub(super) static FRAUDULENT: Decline = declined("fraudulent", DECLINED);
pub(super) static VELOCITY: Decline = declined(
    "card_velocity_exceeded",
    "Your card was declined for making too many purchases in a short time.",
);
pub(super) static DO_NOT_HONOR: Decline = declined("do_not_honor", DECLINED);
pub(super) static TEST_MODE_LIVE_CARD: Decline = declined(
    "test_mode_live_card",
    "Your card was declined. The request was in test mode, but used a card that is no test card.",
);
pub(super) static AUTHENTICATION_REQUIRED: Decline = Decline {
    code: "authentication_required",
    decline_code: Some("authentication_required"),
    message: "Your card was declined. This transaction requires authentication.",
};
pub(super) static EXPIRED_CARD: Decline = refused("expired_card", "Your card has expired.");
pub(super) static INCORRECT_CVC: Decline =
    refused("incorrect_cvc", "Your card's security code is incorrect.");
pub(super) static INCORRECT_NUMBER: Decline =
    refused("incorrect_number", "Your card number is incorrect.");
pub(super) static INVALID_CVC: Decline =
    refused("invalid_cvc", "Your card's security code is invalid.");
pub(super) static INVALID_MONTH: Decline = refused(
    "invalid_expiry_month",
    "Your card's expiration month is invalid.",
);
pub(super) static INVALID_YEAR: Decline = refused(
    "invalid_expiry_year",
    "Your card's expiration year is invalid.",
);
pub(super) static PROCESSING_ERROR: Decline = refused(
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
);

/// All of them, the usual first.
pub(super) static ALL: &[&Decline] = &[
    &GENERIC,
    &INSUFFICIENT_FUNDS,
    &LOST_CARD,
    &STOLEN_CARD,
    &FRAUDULENT,
    &VELOCITY,
    &DO_NOT_HONOR,
    &TEST_MODE_LIVE_CARD,
    &AUTHENTICATION_REQUIRED,
    &EXPIRED_CARD,
    &INCORRECT_CVC,
    &INCORRECT_NUMBER,
    &INVALID_CVC,
    &INVALID_MONTH,
    &INVALID_YEAR,
    &PROCESSING_ERROR,
];
