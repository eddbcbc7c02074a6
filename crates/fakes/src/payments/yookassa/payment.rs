//! A payment and what it is paid with.

use jiff::Timestamp;
use serde::Serialize;
use styk_core::Money;

/// Where a payment stands (Payment process).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    Pending,
    WaitingForCapture,
    Succeeded,
    Canceled,
}

impl Status {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::WaitingForCapture => "waiting_for_capture",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }

    pub(super) fn named(word: &str) -> Option<Self> {
        [
            Self::Pending,
            Self::WaitingForCapture,
            Self::Succeeded,
            Self::Canceled,
        ]
        .into_iter()
        .find(|status| status.word() == word)
    }
}

/// One payment.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Payment {
    pub(super) id: String,
    pub(super) status: Status,
    /// What was asked for; after a capture, what was captured.
    pub(super) amount: Money,
    /// Given back, in minor units.
    pub(super) refunded: i64,
    pub(super) is_captured_at_once: bool,
    pub(super) description: Option<Box<str>>,
    pub(super) metadata: Vec<(String, String)>,
    pub(super) confirmation: Option<Box<Confirmation>>,
    pub(super) method: Option<Box<Method>>,
    pub(super) saves_method: bool,
    pub(super) created_at: Timestamp,
    pub(super) captured_at: Option<Timestamp>,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) canceled_by: Option<(&'static str, &'static str)>,
    /// Whether 3-D Secure was passed.
    pub(super) is_authenticated: bool,
    pub(super) receipt: Option<&'static str>,
    pub(super) customer: Option<Box<str>>,
    pub(super) invoice: Option<Box<str>>,
    pub(super) order: Option<Box<str>>,
}

/// How the payer confirms.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Confirmation {
    pub(super) kind: ConfirmationKind,
    pub(super) return_url: Option<String>,
    pub(super) enforce: Option<bool>,
    pub(super) address: String,
}

/// Ways to confirm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ConfirmationKind {
    Redirect,
    Embedded,
    Qr,
    MobileApplication,
    External,
}

impl ConfirmationKind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Redirect => "redirect",
            Self::Embedded => "embedded",
            Self::Qr => "qr",
            Self::MobileApplication => "mobile_application",
            Self::External => "external",
        }
    }

    pub(super) fn named(word: &str) -> Option<Self> {
        [
            Self::Redirect,
            Self::Embedded,
            Self::Qr,
            Self::MobileApplication,
            Self::External,
        ]
        .into_iter()
        .find(|kind| kind.word() == word)
    }
}

/// What is paid with.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Method {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) is_saved: bool,
    pub(super) card: Option<Card>,
}

/// A card, without what must not be kept.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Card {
    pub(super) first6: String,
    pub(super) last4: String,
    pub(super) month: String,
    pub(super) year: String,
    pub(super) scheme: &'static str,
}

impl Payment {
    /// What can still be given back.
    pub(super) fn refundable(&self) -> i64 {
        match self.status {
            Status::Succeeded => self.amount.minor - self.refunded,
            Status::Pending | Status::WaitingForCapture | Status::Canceled => 0,
        }
    }

    /// What the shop gets: the amount less the commission of 3.5 %.
    pub(super) fn income(&self) -> Money {
        let commission = self.amount.minor * 35 / 1000;
        Money::new(
            (self.amount.minor - commission).max(1),
            self.amount.currency,
        )
    }
}
