//! YooKassa's objects: what we send, what we read, and what it means for us.

use serde::{Deserialize, Serialize};

use super::super::{
    Charge, ClaimedAmount, Decline, PaymentReport, PaymentWord, RefundOrder, RefundReport,
    RefundWord, Trouble,
};
use crate::money::Money;

/// The beginning of a token that is the number of a test card: `card:5555555555554444`, or with what is printed on it,
/// `card:5555555555554444:12/2030:123`.
const RAW_CARD: &str = "card:";
const ANY_EXPIRY: &str = "12/2039";
const ANY_CODE: &str = "123";

/// Money as text, `{"value": "2.00", "currency": "RUB"}`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Amount {
    value: String,
    currency: String,
}

impl Amount {
    pub(super) fn of(money: Money) -> Self {
        Self {
            value: money.to_string(),
            currency: money.currency.code().to_owned(),
        }
    }

    fn claimed(amount: Option<Self>) -> ClaimedAmount {
        amount.map_or_else(ClaimedAmount::default, |amount| {
            ClaimedAmount::decimal(Some(amount.value), Some(amount.currency))
        })
    }
}

#[derive(Serialize)]
pub(super) struct NewPayment<'a> {
    amount: Amount,
    capture: bool,
    description: &'a str,
    metadata: PaymentIds<'a>,
    confirmation: Redirect<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_method_data: Option<BankCard<'a>>,
}

#[derive(Serialize)]
struct PaymentIds<'a> {
    order_id: &'a str,
    payment_id: &'a str,
}

#[derive(Serialize)]
struct Redirect<'a> {
    r#type: &'static str,
    return_url: &'a str,
}

#[derive(Serialize)]
struct BankCard<'a> {
    r#type: &'static str,
    card: Card<'a>,
}

#[derive(Serialize)]
struct Card<'a> {
    number: &'a str,
    expiry_month: &'a str,
    expiry_year: &'a str,
    csc: &'a str,
}

impl<'a> NewPayment<'a> {
    pub(super) fn of(charge: &'a Charge, raw_cards: bool) -> Self {
        let token = charge.token.as_deref();
        let card = token
            .filter(|_| raw_cards)
            .and_then(|token| token.strip_prefix(RAW_CARD))
            .map(BankCard::read);
        Self {
            amount: Amount::of(charge.amount),
            capture: true,
            description: &charge.description,
            metadata: PaymentIds {
                order_id: &charge.order_id,
                payment_id: &charge.payment_id,
            },
            confirmation: Redirect {
                r#type: "redirect",
                return_url: &charge.return_url,
            },
            payment_token: token.filter(|_| card.is_none()),
            payment_method_data: card,
        }
    }
}

impl<'a> BankCard<'a> {
    /// `5555555555554444`, with `:12/2030` and `:123` if it matters.
    fn read(text: &'a str) -> Self {
        let mut parts = text.split(':');
        let number = parts.next().unwrap_or_default();
        let expiry = parts.next().unwrap_or(ANY_EXPIRY);
        let (expiry_month, expiry_year) = expiry.split_once('/').unwrap_or((expiry, ""));
        Self {
            r#type: "bank_card",
            card: Card {
                number,
                expiry_month,
                expiry_year,
                csc: parts.next().unwrap_or(ANY_CODE),
            },
        }
    }
}

#[derive(Serialize)]
pub(super) struct NewRefund<'a> {
    payment_id: &'a str,
    amount: Amount,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    metadata: RefundIds<'a>,
}

#[derive(Serialize)]
struct RefundIds<'a> {
    order_id: &'a str,
    refund_id: &'a str,
}

impl<'a> NewRefund<'a> {
    pub(super) fn of(order: &'a RefundOrder) -> Self {
        /// Longer descriptions are not taken.
        const DESCRIPTION_CHARS_MAX: usize = 250;
        let reason = order.reason.as_deref();
        Self {
            payment_id: &order.payment_provider_id,
            amount: Amount::of(order.amount),
            description: reason.map(|text| text.chars().take(DESCRIPTION_CHARS_MAX).collect()),
            metadata: RefundIds {
                order_id: &order.order_id,
                refund_id: &order.refund_id,
            },
        }
    }
}

/// Part of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    #[serde(default)]
    pub(super) next_cursor: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    payment_id: Option<String>,
    #[serde(default)]
    refund_id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Cancellation {
    reason: String,
}

/// A payment (YooKassa API, The Payment object).
#[derive(Debug, Deserialize)]
pub(super) struct Payment {
    id: String,
    pub(super) status: String,
    #[serde(default)]
    amount: Option<Amount>,
    #[serde(default)]
    confirmation: Option<Confirmation>,
    #[serde(default)]
    cancellation_details: Option<Cancellation>,
    #[serde(default)]
    metadata: Option<Metadata>,
}

#[derive(Debug, Deserialize)]
struct Confirmation {
    #[serde(default)]
    confirmation_url: Option<String>,
}

impl Payment {
    /// Our id of the payment.
    pub(super) fn ours(&self) -> Option<String> {
        self.metadata.as_ref()?.payment_id.clone()
    }

    pub(super) fn is(&self, payment_id: &str) -> bool {
        let ours = self
            .metadata
            .as_ref()
            .and_then(|data| data.payment_id.as_deref());
        ours == Some(payment_id)
    }

    pub(super) fn report(self) -> Result<PaymentReport, Trouble> {
        let word = match self.status.as_str() {
            "pending" | "waiting_for_capture" => PaymentWord::Pending,
            "succeeded" => PaymentWord::Succeeded,
            "canceled" => cancelled(self.cancellation_details.as_ref()),
            other => {
                return Err(Trouble::BadAnswer(format!(
                    "a payment with status {other:?}"
                )));
            }
        };
        Ok(PaymentReport {
            provider_id: Some(self.id),
            word,
            amount: Amount::claimed(self.amount),
            confirmation_url: self.confirmation.and_then(|way| way.confirmation_url),
            challenge: None,
        })
    }
}

/// Nobody wanted to pay, or somebody could not.
fn cancelled(details: Option<&Cancellation>) -> PaymentWord {
    let reason = details.map_or("", |details| details.reason.as_str());
    match reason {
        "expired_on_confirmation"
        | "expired_on_capture"
        | "canceled_by_merchant"
        | "deal_expired" => PaymentWord::Cancelled,
        _ => PaymentWord::Failed(decline(reason)),
    }
}

fn decline(reason: &str) -> Decline {
    match reason {
        "insufficient_funds" => Decline::InsufficientFunds,
        "card_expired" => Decline::ExpiredCard,
        "fraud_suspected" => Decline::Fraud,
        "3d_secure_failed"
        | "call_issuer"
        | "country_forbidden"
        | "general_decline"
        | "identification_required"
        | "invalid_card_number"
        | "invalid_csc"
        | "payment_method_limit_exceeded"
        | "payment_method_restricted"
        | "permission_revoked" => Decline::CardDeclined,
        _ => Decline::Other,
    }
}

/// A refund (YooKassa API, The Refund object).
#[derive(Debug, Deserialize)]
pub(super) struct Refund {
    id: String,
    pub(super) status: String,
    #[serde(default)]
    amount: Option<Amount>,
    #[serde(default)]
    cancellation_details: Option<Cancellation>,
    #[serde(default)]
    metadata: Option<Metadata>,
}

impl Refund {
    /// Our id of the refund.
    pub(super) fn ours(&self) -> Option<String> {
        self.metadata.as_ref()?.refund_id.clone()
    }

    pub(super) fn is(&self, refund_id: &str) -> bool {
        let ours = self
            .metadata
            .as_ref()
            .and_then(|data| data.refund_id.as_deref());
        ours == Some(refund_id)
    }

    pub(super) fn report(self) -> Result<RefundReport, Trouble> {
        let reason = self.cancellation_details.map(|details| details.reason);
        let word = match self.status.as_str() {
            "pending" => RefundWord::Pending,
            "succeeded" => RefundWord::Succeeded,
            "canceled" => RefundWord::Failed(reason.unwrap_or_else(|| "canceled".to_owned())),
            other => {
                return Err(Trouble::BadAnswer(format!(
                    "a refund with status {other:?}"
                )));
            }
        };
        Ok(RefundReport {
            provider_id: Some(self.id),
            word,
            amount: Amount::claimed(self.amount),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    #[test_case("pending", "", PaymentWord::Pending)]
    #[test_case("waiting_for_capture", "", PaymentWord::Pending)]
    #[test_case("succeeded", "", PaymentWord::Succeeded)]
    #[test_case(
        "canceled",
        "insufficient_funds",
        PaymentWord::Failed(Decline::InsufficientFunds)
    )]
    #[test_case("canceled", "card_expired", PaymentWord::Failed(Decline::ExpiredCard))]
    #[test_case("canceled", "fraud_suspected", PaymentWord::Failed(Decline::Fraud))]
    #[test_case(
        "canceled",
        "3d_secure_failed",
        PaymentWord::Failed(Decline::CardDeclined)
    )]
    #[test_case("canceled", "internal_timeout", PaymentWord::Failed(Decline::Other))]
    #[test_case("canceled", "something_new", PaymentWord::Failed(Decline::Other))]
    #[test_case("canceled", "expired_on_confirmation", PaymentWord::Cancelled)]
    #[test_case("canceled", "canceled_by_merchant", PaymentWord::Cancelled)]
    fn a_payment_means(status: &str, reason: &str, word: PaymentWord) {
        let body = json!({
            "id": "2d-1", "status": status, "amount": {"value": "2.00", "currency": "RUB"},
            "cancellation_details": {"party": "payment_network", "reason": reason},
        });
        let payment: Payment = serde_json::from_value(body).unwrap();
        assert_eq!(payment.report().unwrap().word, word);
    }

    #[test]
    fn a_status_we_have_never_heard_of_tells_nothing() {
        let payment: Payment =
            serde_json::from_value(json!({"id": "1", "status": "frozen"})).unwrap();
        assert!(payment.report().is_err());
        let refund: Refund =
            serde_json::from_value(json!({"id": "1", "status": "frozen"})).unwrap();
        assert!(refund.report().is_err());
    }

    #[test]
    fn the_number_of_a_test_card_is_enough_and_more_may_be_said() {
        let card = |text| serde_json::to_value(BankCard::read(text)).unwrap()["card"].clone();
        assert_eq!(
            card("5555555555554444"),
            json!({"number": "5555555555554444", "expiry_month": "12", "expiry_year": "2039", "csc": "123"})
        );
        assert_eq!(
            card("5555555555554444:01/2020:999"),
            json!({"number": "5555555555554444", "expiry_month": "01", "expiry_year": "2020", "csc": "999"})
        );
    }
}
