//! What the shop needs of a payment provider.

use std::fmt;
use std::str::FromStr;

use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ClaimedAmount, Event, Hook, Outcome, Refusal, Rejected};
use crate::money::Money;

/// Takes money and gives it back.
pub(crate) trait PaymentGateway: fmt::Debug + Send + Sync {
    /// The name that is stored with payments.
    fn name(&self) -> &'static str;

    /// Whether an open payment can be called off at the provider.
    fn can_cancel(&self) -> bool;

    /// Opens a payment, or charges at once when there is a token. The same charge may be sent again. When it is older
    /// than the provider remembers keys, it is looked up instead, and what the provider does not know never happened.
    fn create<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, Outcome<PaymentReport>>;

    /// What became of a payment; `None` when the provider does not know it (any more, or yet).
    fn get<'a>(&'a self, payment: PaymentRef<'a>) -> BoxFuture<'a, Outcome<Option<PaymentReport>>>;

    /// Calls an open payment off.
    fn cancel<'a>(
        &'a self,
        payment: PaymentRef<'a>,
        key: &'a str,
    ) -> BoxFuture<'a, Outcome<PaymentReport>>;

    /// Tells the provider what the payer's bank answered to a [`Challenge`].
    fn finish_challenge<'a>(
        &'a self,
        _payment: PaymentRef<'a>,
        _answer: &'a str,
        _key: &'a str,
    ) -> BoxFuture<'a, Outcome<PaymentReport>> {
        let refusal = Refusal {
            reason: "not_supported".to_owned(),
            cause: format!("{} asks no banks through us", self.name()),
        };
        Box::pin(std::future::ready(Outcome::Refused(refusal)))
    }

    /// Gives money back. The same order may be sent again; one older than the provider's keys is looked up first.
    fn refund<'a>(&'a self, order: &'a RefundOrder) -> BoxFuture<'a, Outcome<RefundReport>>;

    /// What became of a refund; `None` when the provider cannot tell.
    fn get_refund<'a>(
        &'a self,
        provider_id: &'a str,
    ) -> BoxFuture<'a, Outcome<Option<RefundReport>>>;

    /// Checks and reads what the provider tells us on its own. Where it signs nothing, it is asked whether it is true.
    fn read_webhook<'a>(&'a self, hook: Hook<'a>) -> BoxFuture<'a, Result<Event, Rejected>>;

    /// What the provider wants to hear when an event was taken; `None`: any answer will do.
    fn acknowledgement(&self) -> Option<Value> {
        None
    }

    /// The provider's words for our answer to [`super::Happening::Question`].
    fn admission(&self, _admission: Admission) -> Value {
        Value::Null
    }
}

/// A payment that the provider has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PaymentRef<'a> {
    /// Our id, for providers that are asked by it.
    pub(crate) ours: &'a str,
    pub(crate) provider_id: &'a str,
}

/// One payment to be made. What is sent of it is the same in every try.
#[derive(Clone, Debug)]
pub(crate) struct Charge {
    pub(crate) payment_id: String,
    pub(crate) order_id: String,
    pub(crate) amount: Money,
    pub(crate) description: String,
    pub(crate) method: String,
    /// What the buyer's browser got for the card; none when the buyer pays on the provider's page.
    pub(crate) token: Option<String>,
    /// Where the buyer's request came from.
    pub(crate) ip: Option<String>,
    pub(crate) return_url: String,
    pub(crate) key: String,
    pub(crate) first_sent: Timestamp,
    /// How long ago that was; keys do not live for ever.
    pub(crate) age: Duration,
}

/// The payer's bank wants to be asked, and it is our page that sends the browser there (3-D Secure with `PaReq`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Challenge {
    /// The bank's page, which takes a form.
    pub(crate) acs_url: String,
    pub(crate) pa_req: String,
    /// Comes back with the bank's answer.
    pub(crate) md: String,
}

/// What a shop says when it is asked whether a payment may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    GoOn,
    /// We have no such payment.
    Unknown,
    WrongAmount,
    /// The order was given up.
    TooLate,
    /// The order is paid, or this attempt is over.
    NotWanted,
}

/// What a provider says about a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PaymentReport {
    pub(crate) provider_id: Option<String>,
    pub(crate) word: PaymentWord,
    pub(crate) amount: ClaimedAmount,
    /// Where the buyer goes on with the payment.
    pub(crate) confirmation_url: Option<String>,
    /// What our own page does when the buyer goes on there.
    pub(crate) challenge: Option<Challenge>,
}

impl PaymentReport {
    /// A report that says nothing but this.
    pub(crate) fn bare(word: PaymentWord) -> Self {
        Self {
            provider_id: None,
            word,
            amount: ClaimedAmount::default(),
            confirmation_url: None,
            challenge: None,
        }
    }
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

/// Money to be given back. What is sent of it is the same in every try.
#[derive(Clone, Debug)]
pub(crate) struct RefundOrder {
    pub(crate) refund_id: String,
    pub(crate) order_id: String,
    /// Our id of the payment.
    pub(crate) payment_id: String,
    /// The provider's id of the payment.
    pub(crate) payment_provider_id: String,
    pub(crate) amount: Money,
    pub(crate) reason: Option<String>,
    pub(crate) key: String,
    pub(crate) first_sent: Timestamp,
    /// How long ago that was; keys do not live for ever.
    pub(crate) age: Duration,
}

impl RefundOrder {
    /// The payment that the money comes from.
    pub(crate) fn payment(&self) -> PaymentRef<'_> {
        PaymentRef {
            ours: &self.payment_id,
            provider_id: &self.payment_provider_id,
        }
    }
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
