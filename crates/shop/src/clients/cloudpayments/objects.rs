//! What CloudPayments answers, and what it means for us.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::super::{
    Challenge, ClaimedAmount, Decline, PaymentReport, PaymentWord, RefundOrder, RefundReport,
    RefundWord, Trouble,
};
use super::ORDER;
use super::requests::TransactionOnly;

/// The type of a transaction that gives money back.
const REFUND_TYPE: i64 = 1;

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
