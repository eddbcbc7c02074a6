//! What we send to CloudPayments, what we read, and what it means for us.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::super::{
    Challenge, Charge, ClaimedAmount, Decline, PaymentReport, PaymentWord, RefundOrder,
    RefundReport, RefundWord, Trouble,
};
use super::ORDER;
use crate::money::{Currency, Money};

/// Marks, in `JsonData`, payments on a page: a declined card there is not the end, because the page takes another.
pub(super) const PAGE: &str = "page";
/// The type of a transaction that gives money back.
const REFUND_TYPE: i64 = 1;

/// A cryptogram that is charged at once.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NewCharge<'a> {
    amount: Money,
    currency: Currency,
    ip_address: &'a str,
    card_cryptogram_packet: &'a str,
    invoice_id: &'a str,
    description: &'a str,
    json_data: Facts<'a>,
}

impl<'a> NewCharge<'a> {
    pub(super) fn of(charge: &'a Charge, cryptogram: &'a str) -> Self {
        /// For buyers of whom we do not know where they are.
        const NOWHERE: &str = "127.0.0.1";
        Self {
            amount: charge.amount,
            currency: charge.amount.currency,
            ip_address: charge.ip.as_deref().unwrap_or(NOWHERE),
            card_cryptogram_packet: cryptogram,
            invoice_id: &charge.payment_id,
            description: &charge.description,
            json_data: Facts::of(charge, None),
        }
    }
}

/// An order with a page on which the buyer pays.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NewOrder<'a> {
    amount: Money,
    currency: Currency,
    description: &'a str,
    require_confirmation: bool,
    send_email: bool,
    invoice_id: &'a str,
    success_redirect_url: &'a str,
    fail_redirect_url: &'a str,
    json_data: Facts<'a>,
}

impl<'a> NewOrder<'a> {
    pub(super) fn of(charge: &'a Charge) -> Self {
        Self {
            amount: charge.amount,
            currency: charge.amount.currency,
            description: &charge.description,
            require_confirmation: false,
            send_email: false,
            invoice_id: &charge.payment_id,
            success_redirect_url: &charge.return_url,
            fail_redirect_url: &charge.return_url,
            json_data: Facts::of(charge, Some(PAGE)),
        }
    }
}

/// What comes back to us with everything about a payment.
#[derive(Serialize)]
struct Facts<'a> {
    order_id: &'a str,
    payment_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    flow: Option<&'static str>,
}

impl<'a> Facts<'a> {
    fn of(charge: &'a Charge, flow: Option<&'static str>) -> Self {
        Self {
            order_id: &charge.order_id,
            payment_id: &charge.payment_id,
            flow,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NewRefund<'a> {
    transaction_id: i64,
    amount: Money,
    json_data: RefundFacts<'a>,
}

#[derive(Serialize)]
struct RefundFacts<'a> {
    order_id: &'a str,
    refund_id: &'a str,
}

impl<'a> NewRefund<'a> {
    pub(super) fn of(payment: TransactionOnly, order: &'a RefundOrder) -> Self {
        Self {
            transaction_id: payment.transaction_id,
            amount: order.amount,
            json_data: RefundFacts {
                order_id: &order.order_id,
                refund_id: &order.refund_id,
            },
        }
    }
}

/// The number of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TransactionOnly {
    transaction_id: i64,
}

impl TransactionOnly {
    pub(super) fn of(provider_id: &str) -> Result<Self, Trouble> {
        let number = provider_id.parse();
        number
            .map(|transaction_id| Self { transaction_id })
            .map_err(|_| Trouble::BadAnswer(format!("{provider_id:?} is no transaction")))
    }
}

/// What the payer's bank said.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tell3ds<'a> {
    transaction_id: i64,
    pa_res: &'a str,
}

impl<'a> Tell3ds<'a> {
    pub(super) fn of(provider_id: &str, pa_res: &'a str) -> Result<Self, Trouble> {
        let TransactionOnly { transaction_id } = TransactionOnly::of(provider_id)?;
        Ok(Self {
            transaction_id,
            pa_res,
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Find<'a> {
    pub(super) invoice_id: &'a str,
}

/// An order (CloudPayments, API: creating an order).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Order {
    id: String,
    url: String,
    #[serde(default)]
    amount: Option<Box<RawValue>>,
    #[serde(default)]
    currency: Option<String>,
}

impl Order {
    pub(super) fn report(self) -> PaymentReport {
        PaymentReport {
            provider_id: Some(format!("{ORDER}{}", self.id)),
            amount: ClaimedAmount::new(self.amount.as_deref(), self.currency),
            confirmation_url: Some(self.url),
            ..PaymentReport::bare(PaymentWord::Pending)
        }
    }
}

/// A transaction, or what is needed to ask the payer's bank (CloudPayments, API: the transaction model).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Transaction {
    transaction_id: i64,
    #[serde(default)]
    amount: Option<Box<RawValue>>,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    reason_code: Option<i64>,
    #[serde(default)]
    json_data: Option<Value>,
    #[serde(default, rename = "Type")]
    kind: Option<i64>,
    #[serde(default)]
    original_transaction_id: Option<i64>,
    #[serde(default)]
    acs_url: Option<String>,
    #[serde(default)]
    pa_req: Option<String>,
}

/// Whose refund an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Ours,
    Another,
    /// It does not say.
    Nothing,
}

impl Transaction {
    pub(super) fn report(self) -> Result<PaymentReport, Trouble> {
        let challenge = match (&self.acs_url, &self.pa_req) {
            (Some(acs_url), Some(pa_req)) => Some(Challenge {
                acs_url: acs_url.clone(),
                pa_req: pa_req.clone(),
                md: self.transaction_id.to_string(),
            }),
            _ => None,
        };
        let word = match &challenge {
            Some(_) => PaymentWord::Pending,
            None => self.word()?,
        };
        Ok(PaymentReport {
            provider_id: Some(self.transaction_id.to_string()),
            amount: ClaimedAmount::new(self.amount.as_deref(), self.currency),
            challenge,
            ..PaymentReport::bare(word)
        })
    }

    fn word(&self) -> Result<PaymentWord, Trouble> {
        match self.status.as_deref() {
            Some("Completed") => Ok(PaymentWord::Succeeded),
            Some("Authorized" | "AwaitingAuthentication") => Ok(PaymentWord::Pending),
            Some("Cancelled") => Ok(PaymentWord::Cancelled),
            Some("Declined") => Ok(PaymentWord::Failed(decline(
                self.reason_code.unwrap_or_default(),
            ))),
            other => Err(Trouble::BadAnswer(format!(
                "a transaction with status {other:?}"
            ))),
        }
    }

    /// What the answer to a refund says: the number of the new transaction, and that it is done.
    pub(super) fn made_refund(self) -> Result<RefundReport, Trouble> {
        match self.status {
            None => Ok(RefundReport {
                provider_id: Some(self.transaction_id.to_string()),
                word: RefundWord::Succeeded,
                amount: ClaimedAmount::default(),
            }),
            Some(_) => self.refund(),
        }
    }

    /// A transaction that gives money back.
    pub(super) fn refund(self) -> Result<RefundReport, Trouble> {
        let word = match self.status.as_deref() {
            Some("Completed") => RefundWord::Succeeded,
            Some("Authorized" | "AwaitingAuthentication") => RefundWord::Pending,
            Some("Declined" | "Cancelled") => {
                RefundWord::Failed(format!("reason {}", self.reason_code.unwrap_or_default()))
            }
            other => {
                return Err(Trouble::BadAnswer(format!(
                    "a refund with status {other:?}"
                )));
            }
        };
        Ok(RefundReport {
            provider_id: Some(self.transaction_id.to_string()),
            word,
            amount: ClaimedAmount::new(self.amount.as_deref(), self.currency),
        })
    }

    pub(super) fn is_refund_of(&self, payment: TransactionOnly) -> bool {
        self.kind == Some(REFUND_TYPE)
            && self.original_transaction_id == Some(payment.transaction_id)
    }

    /// Whether a refund is the ordered one.
    pub(super) fn names(&self, order: &RefundOrder) -> Told {
        let named = self.json_data.as_ref().and_then(Data::read);
        let amount = ClaimedAmount::new(self.amount.as_deref(), None);
        match named.and_then(|data| data.refund_id) {
            Some(id) if id == order.refund_id => Told::Ours,
            Some(_) => Told::Another,
            None if amount.difference(order.amount).is_some() => Told::Another,
            None => Told::Nothing,
        }
    }
}

/// What we wrote into `JsonData`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Data {
    #[serde(default)]
    pub(super) payment_id: Option<String>,
    #[serde(default)]
    pub(super) refund_id: Option<String>,
    #[serde(default)]
    pub(super) flow: Option<String>,
}

impl Data {
    /// It comes back as the text of a JSON object.
    fn read(json_data: &Value) -> Option<Self> {
        match json_data {
            Value::String(text) => Self::parse(text),
            other => serde_json::from_value(other.clone()).ok(),
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// Why money was not given (CloudPayments, Error codes).
pub(super) fn decline(reason_code: i64) -> Decline {
    match reason_code {
        5051 => Decline::InsufficientFunds,
        5033 | 5054 => Decline::ExpiredCard,
        5034 | 5059 | 5063 | 5300 => Decline::Fraud,
        5001..=5005
        | 5007
        | 5012
        | 5014
        | 5017
        | 5036
        | 5041
        | 5043
        | 5055
        | 5057
        | 5058
        | 5061
        | 5062
        | 5065
        | 5082
        | 5206
        | 5207 => Decline::CardDeclined,
        _ => Decline::Other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    fn transaction(status: &str, reason_code: i64) -> Transaction {
        let body = json!({"TransactionId": 17, "Amount": 10.5, "Currency": "RUB", "Status": status, "ReasonCode": reason_code});
        serde_json::from_value(body).unwrap()
    }

    #[test_case("Completed", 0, PaymentWord::Succeeded)]
    #[test_case("Authorized", 0, PaymentWord::Pending)]
    #[test_case("AwaitingAuthentication", 0, PaymentWord::Pending)]
    #[test_case("Cancelled", 0, PaymentWord::Cancelled)]
    #[test_case("Declined", 5051, PaymentWord::Failed(Decline::InsufficientFunds))]
    #[test_case("Declined", 5054, PaymentWord::Failed(Decline::ExpiredCard))]
    #[test_case("Declined", 5206, PaymentWord::Failed(Decline::CardDeclined))]
    #[test_case("Declined", 5300, PaymentWord::Failed(Decline::Fraud))]
    #[test_case("Declined", 5096, PaymentWord::Failed(Decline::Other))]
    #[test_case("Declined", 9999, PaymentWord::Failed(Decline::Other))]
    fn a_transaction_means(status: &str, reason_code: i64, word: PaymentWord) {
        assert_eq!(
            transaction(status, reason_code).report().unwrap().word,
            word
        );
    }

    #[test]
    fn a_status_we_have_never_heard_of_tells_nothing() {
        assert!(transaction("Frozen", 0).report().is_err());
        assert!(transaction("Frozen", 0).refund().is_err());
    }

    #[test]
    fn a_bank_that_is_to_be_asked_is_no_decline() {
        let body = json!({"TransactionId": 17, "PaReq": "eJ", "AcsUrl": "http://acs.test/"});
        let asked: Transaction = serde_json::from_value(body).unwrap();
        let report = asked.report().unwrap();
        assert_eq!(report.word, PaymentWord::Pending);
        assert_eq!(report.challenge.unwrap().md, "17");
    }

    #[test]
    fn what_we_wrote_comes_back_as_text() {
        let text = json!("{\"refund_id\": \"r-1\"}");
        let object = json!({"refund_id": "r-1"});
        for data in [text, object] {
            assert_eq!(Data::read(&data).unwrap().refund_id.as_deref(), Some("r-1"));
        }
        assert!(Data::read(&json!("free text")).is_none());
    }
}
