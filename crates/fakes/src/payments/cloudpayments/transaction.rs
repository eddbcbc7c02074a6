//! Transactions: payments, refunds and payouts, as they are kept.

use jiff::Timestamp;
use serde::Serialize;
use styk_core::Money;

use super::cards::Card;

/// One operation with money.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Transaction {
    pub(super) id: i64,
    pub(super) kind: Kind,
    pub(super) status: Status,
    /// Why it ended so: 0, or the number of a decline.
    pub(super) reason: u16,
    pub(super) money: Money,
    /// Of a payment: how much of it was given back.
    pub(super) refunded: i64,
    pub(super) is_disputed: bool,
    /// Authorised first, confirmed later.
    pub(super) is_two_stage: bool,
    #[serde(skip)]
    pub(super) wants_token: bool,
    pub(super) source: Source,
    /// Called so for the view: a member `card` would be masked whole.
    #[serde(rename = "card_shown")]
    pub(super) card: Option<Box<Card>>,
    pub(super) token: Option<Box<str>>,
    pub(super) created: Timestamp,
    pub(super) authorized: Option<Timestamp>,
    pub(super) confirmed: Option<Timestamp>,
    /// Of a refund: its payment.
    pub(super) original: Option<i64>,
    pub(super) subscription: Option<Box<str>>,
    pub(super) details: Box<Details>,
}

/// What the shop says about an operation.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Details {
    pub(super) invoice: Option<Box<str>>,
    pub(super) account: Option<Box<str>>,
    pub(super) email: Option<Box<str>>,
    pub(super) description: Option<Box<str>>,
    /// JSON as text.
    pub(super) data: Option<Box<str>>,
    pub(super) name: Option<Box<str>>,
    pub(super) ip: Option<Box<str>>,
    pub(super) culture: Option<Box<str>>,
    /// The shop's order, as the rules find it.
    pub(super) order: Option<Box<str>>,
}

/// What kind of operation; its number is `Type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) enum Kind {
    Payment,
    Refund,
    Payout,
}

/// How it came to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) enum Source {
    /// A cryptogram.
    Packet,
    /// A saved card.
    Token,
    /// The page of an order.
    Page(Box<str>),
    /// Money going out.
    Out,
}

/// Its state (CloudPayments API, Reference books). 1 and 4 are not in the examples there: they fill the gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) enum Status {
    /// The shop is being asked whether it may go on; nobody sees it yet.
    Checking,
    AwaitingAuthentication,
    Authorized,
    Completed,
    Cancelled,
    Declined,
}

impl Status {
    pub(super) fn number(self) -> u8 {
        self as u8
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Checking => "Checking",
            Self::AwaitingAuthentication => "AwaitingAuthentication",
            Self::Authorized => "Authorized",
            Self::Completed => "Completed",
            Self::Cancelled => "Cancelled",
            Self::Declined => "Declined",
        }
    }
}

impl Transaction {
    /// A new one, about to be checked.
    pub(super) fn new(kind: Kind, money: Money, source: Source, details: Details) -> Self {
        Self {
            id: 0,
            kind,
            status: Status::Checking,
            reason: 0,
            money,
            refunded: 0,
            is_disputed: false,
            is_two_stage: false,
            wants_token: false,
            source,
            card: None,
            token: None,
            created: Timestamp::UNIX_EPOCH,
            authorized: None,
            confirmed: None,
            original: None,
            subscription: None,
            details: Box::new(details),
        }
    }

    pub(super) fn is_russian(&self) -> bool {
        let culture = self.details.culture.as_deref();
        culture.is_none_or(|culture| culture.to_ascii_lowercase().starts_with("ru"))
    }

    /// What may still be given back, in minor units.
    pub(super) fn refundable(&self) -> i64 {
        self.money.minor - self.refunded
    }

    pub(super) fn account(&self) -> Option<&str> {
        self.details.account.as_deref()
    }
}

/// `1234.5` as the API writes it: a JSON number.
pub(super) fn number(money: Money) -> f64 {
    money.decimal().parse().unwrap_or(0.0)
}
