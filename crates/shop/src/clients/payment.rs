//! What the shop needs of a payment provider.

use std::fmt;
use std::str::FromStr;

use futures_util::future::BoxFuture;

use super::{ClaimedAmount, Event, Hook, Outcome, Rejected};
use crate::money::Money;

/// Takes money and gives it back.
pub(crate) trait PaymentGateway: fmt::Debug + Send + Sync {
    /// The name that is stored with payments.
    fn name(&self) -> &'static str;

    /// Whether an open payment can be called off at the provider.
    fn can_cancel(&self) -> bool;

    /// Opens a payment, or charges at once when there is a token. The same charge may be sent again.
    fn create<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, Outcome<PaymentReport>>;

    /// What became of a payment; `None` when the provider does not know it (any more, or yet).
    fn get<'a>(&'a self, provider_id: &'a str) -> BoxFuture<'a, Outcome<Option<PaymentReport>>>;

    /// Calls an open payment off.
    fn cancel<'a>(
        &'a self,
        provider_id: &'a str,
        key: &'a str,
    ) -> BoxFuture<'a, Outcome<PaymentReport>>;

    /// Gives money back. The same order may be sent again.
    fn refund<'a>(&'a self, order: &'a RefundOrder) -> BoxFuture<'a, Outcome<RefundReport>>;

    /// What became of a refund; `None` when the provider cannot tell.
    fn get_refund<'a>(
        &'a self,
        provider_id: &'a str,
    ) -> BoxFuture<'a, Outcome<Option<RefundReport>>>;

    /// Checks and reads what the provider tells us on its own.
    fn parse_webhook(&self, hook: &Hook<'_>) -> Result<Event, Rejected>;
}

/// One payment to be made. All of it is the same in every try.
#[derive(Clone, Debug)]
pub(crate) struct Charge {
    pub(crate) payment_id: String,
    pub(crate) order_id: String,
    pub(crate) amount: Money,
    pub(crate) description: String,
    pub(crate) method: String,
    /// What the buyer's browser got for the card; none when the buyer pays on the provider's page.
    pub(crate) token: Option<String>,
    pub(crate) return_url: String,
    pub(crate) key: String,
}

/// What a provider says about a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PaymentReport {
    pub(crate) provider_id: Option<String>,
    pub(crate) word: PaymentWord,
    pub(crate) amount: ClaimedAmount,
    pub(crate) confirmation_url: Option<String>,
}

/// The state of a payment, in the provider's view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PaymentWord {
    Pending,
    Succeeded,
    Failed(Decline),
    Cancelled,
}

/// Why money was not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decline {
    CardDeclined,
    InsufficientFunds,
    ExpiredCard,
    Fraud,
    Other,
}

impl Decline {
    const ALL: [Self; 5] = [
        Self::CardDeclined,
        Self::InsufficientFunds,
        Self::ExpiredCard,
        Self::Fraud,
        Self::Other,
    ];

    /// The word on the wire and in the database.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::CardDeclined => "card_declined",
            Self::InsufficientFunds => "insufficient_funds",
            Self::ExpiredCard => "expired_card",
            Self::Fraud => "fraud",
            Self::Other => "other",
        }
    }
}

impl FromStr for Decline {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|decline| decline.as_str() == word)
            .ok_or(())
    }
}

/// Money to be given back. All of it is the same in every try.
#[derive(Clone, Debug)]
pub(crate) struct RefundOrder {
    pub(crate) refund_id: String,
    /// The provider's id of the payment.
    pub(crate) payment_provider_id: String,
    pub(crate) amount: Money,
    pub(crate) reason: Option<String>,
    pub(crate) key: String,
}

/// What a provider says about a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RefundReport {
    pub(crate) provider_id: Option<String>,
    pub(crate) word: RefundWord,
    pub(crate) amount: ClaimedAmount,
}

/// The state of a refund, in the provider's view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RefundWord {
    Pending,
    Succeeded,
    /// With the provider's reason, for the log and the row.
    Failed(String),
}
