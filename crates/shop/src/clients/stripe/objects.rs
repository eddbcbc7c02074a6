//! Stripe's objects, as far as we read them, and what they mean for us.

use serde::Deserialize;

use super::super::{
    ClaimedAmount, Decline, PaymentReport, PaymentWord, RefundReport, RefundWord, Trouble,
};

/// Marks, in the metadata, PaymentIntents of the page: a declined card there is not the end, because the page asks
/// for another.
pub(super) const PAGE: &str = "page";

/// The answer to a list or a search.
#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    pub(super) data: Vec<T>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Metadata {
    #[serde(default)]
    payment_id: Option<String>,
    #[serde(default)]
    refund_id: Option<String>,
    #[serde(default)]
    flow: Option<String>,
}

/// A PaymentIntent (Stripe API, The PaymentIntent object).
#[derive(Debug, Deserialize)]
pub(super) struct Intent {
    id: String,
    status: String,
    #[serde(default)]
    amount: Option<i64>,
    #[serde(default)]
    amount_received: Option<i64>,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    metadata: Option<Metadata>,
    #[serde(default)]
    next_action: Option<NextAction>,
    #[serde(default)]
    last_payment_error: Option<CardError>,
}

#[derive(Debug, Deserialize)]
struct NextAction {
    #[serde(default)]
    redirect_to_url: Option<Redirect>,
}

#[derive(Debug, Deserialize)]
struct Redirect {
    url: String,
}

/// Why a card was not charged.
#[derive(Debug, Default, Deserialize)]
pub(super) struct CardError {
    #[serde(default)]
    pub(super) code: Option<String>,
    #[serde(default)]
    pub(super) decline_code: Option<String>,
}

impl CardError {
    /// The reason in one of our five words. The finer word is the decline code, where there is one.
    pub(super) fn decline(&self) -> Decline {
        let word = self.decline_code.as_deref().or(self.code.as_deref());
        match word.unwrap_or_default() {
            "insufficient_funds" => Decline::InsufficientFunds,
            "expired_card" => Decline::ExpiredCard,
            "fraudulent" | "stolen_card" | "lost_card" | "pickup_card" | "merchant_blacklist" => {
                Decline::Fraud
            }
            "" | "processing_error" | "try_again_later" | "issuer_not_available" => Decline::Other,
            _ => Decline::CardDeclined,
        }
    }
}

impl Intent {
    /// Our id of the payment.
    pub(super) fn ours(&self) -> Option<String> {
        self.metadata.as_ref()?.payment_id.clone()
    }

    pub(super) fn is_of_page(&self) -> bool {
        let flow = self.metadata.as_ref().and_then(|data| data.flow.as_deref());
        flow == Some(PAGE)
    }

    pub(super) fn is_paid(&self) -> bool {
        self.status == "succeeded"
    }

    pub(super) fn report(self) -> Result<PaymentReport, Trouble> {
        let word = self.word()?;
        let received = self.amount_received.filter(|_| self.is_paid());
        Ok(PaymentReport {
            amount: ClaimedAmount::minor(received.or(self.amount), self.currency),
            provider_id: Some(self.id),
            word,
            confirmation_url: self
                .next_action
                .and_then(|action| action.redirect_to_url)
                .map(|redirect| redirect.url),
            challenge: None,
        })
    }

    fn word(&self) -> Result<PaymentWord, Trouble> {
        match self.status.as_str() {
            "succeeded" => Ok(PaymentWord::Succeeded),
            "canceled" => Ok(PaymentWord::Cancelled),
            "requires_payment_method" => Ok(match &self.last_payment_error {
                Some(error) if !self.is_of_page() => PaymentWord::Failed(error.decline()),
                _ => PaymentWord::Pending,
            }),
            "processing"
            | "requires_action"
            | "requires_confirmation"
            | "requires_capture"
            | "requires_reauthorization" => Ok(PaymentWord::Pending),
            other => Err(Trouble::BadAnswer(format!(
                "a PaymentIntent with status {other:?}"
            ))),
        }
    }
}

/// A Checkout session (Stripe API, The Checkout Session object).
#[derive(Debug, Deserialize)]
pub(super) struct Session {
    id: String,
    #[serde(default)]
    status: Option<String>,
    payment_status: String,
    #[serde(default)]
    amount_total: Option<i64>,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    pub(super) payment_intent: Option<String>,
    #[serde(default)]
    metadata: Option<Metadata>,
}

impl Session {
    /// Our id of the payment.
    pub(super) fn ours(&self) -> Option<String> {
        self.metadata.as_ref()?.payment_id.clone()
    }

    pub(super) fn report(self) -> Result<PaymentReport, Trouble> {
        let word = match (self.payment_status.as_str(), self.status.as_deref()) {
            ("paid", _) => PaymentWord::Succeeded,
            ("unpaid", Some("open" | "complete")) => PaymentWord::Pending,
            ("unpaid", Some("expired")) => PaymentWord::Cancelled,
            (payment, session) => {
                return Err(Trouble::BadAnswer(format!(
                    "a session with payment_status {payment:?} and status {session:?}"
                )));
            }
        };
        Ok(PaymentReport {
            provider_id: Some(self.id),
            word,
            amount: ClaimedAmount::minor(self.amount_total, self.currency),
            confirmation_url: self.url,
            challenge: None,
        })
    }
}

/// A refund (Stripe API, The Refund object).
#[derive(Debug, Deserialize)]
pub(super) struct Refund {
    id: String,
    status: String,
    #[serde(default)]
    amount: Option<i64>,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    failure_reason: Option<String>,
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
        let word = match self.status.as_str() {
            "succeeded" => RefundWord::Succeeded,
            "pending" | "requires_action" => RefundWord::Pending,
            "failed" | "canceled" => RefundWord::Failed(self.failure_reason.unwrap_or(self.status)),
            other => {
                return Err(Trouble::BadAnswer(format!(
                    "a refund with status {other:?}"
                )));
            }
        };
        Ok(RefundReport {
            provider_id: Some(self.id),
            word,
            amount: ClaimedAmount::minor(self.amount, self.currency),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use test_case::test_case;

    use super::*;

    fn intent(body: Value) -> Result<PaymentReport, Trouble> {
        let mut whole = json!({"id": "pi_1", "amount": 10_000, "currency": "rub"});
        whole
            .as_object_mut()
            .unwrap()
            .append(&mut body.as_object().unwrap().clone());
        serde_json::from_value::<Intent>(whole).unwrap().report()
    }

    #[test_case(json!({"status": "succeeded"}), PaymentWord::Succeeded)]
    #[test_case(json!({"status": "processing"}), PaymentWord::Pending)]
    #[test_case(json!({"status": "requires_action"}), PaymentWord::Pending)]
    #[test_case(json!({"status": "requires_payment_method"}), PaymentWord::Pending)]
    #[test_case(json!({"status": "canceled"}), PaymentWord::Cancelled)]
    #[test_case(
        json!({"status": "requires_payment_method", "last_payment_error": {"code": "card_declined", "decline_code": "insufficient_funds"}}),
        PaymentWord::Failed(Decline::InsufficientFunds)
    )]
    #[test_case(
        json!({"status": "requires_payment_method", "last_payment_error": {"code": "payment_intent_authentication_failure"}}),
        PaymentWord::Failed(Decline::CardDeclined)
    )]
    #[test_case(
        json!({"status": "requires_payment_method", "last_payment_error": {"code": "card_declined"}, "metadata": {"flow": "page"}}),
        PaymentWord::Pending; "the page asks for another card"
    )]
    fn an_intent_means(body: Value, word: PaymentWord) {
        assert_eq!(intent(body).unwrap().word, word);
    }

    #[test]
    fn a_status_we_have_never_heard_of_tells_nothing() {
        assert!(intent(json!({"status": "settled"})).is_err());
        let session = json!({"id": "cs_1", "status": "open", "payment_status": "maybe"});
        let session: Session = serde_json::from_value(session).unwrap();
        assert!(session.report().is_err());
    }

    #[test]
    fn what_was_received_counts_once_it_is_paid() {
        let report = intent(json!({"status": "succeeded", "amount_received": 9_000})).unwrap();
        assert_eq!(
            report.amount,
            ClaimedAmount::minor(Some(9_000), Some("rub".to_owned()))
        );
        let open = intent(json!({"status": "processing", "amount_received": 0})).unwrap();
        assert_eq!(
            open.amount,
            ClaimedAmount::minor(Some(10_000), Some("rub".to_owned()))
        );
    }

    #[test_case("open", "unpaid", PaymentWord::Pending)]
    #[test_case("complete", "paid", PaymentWord::Succeeded)]
    #[test_case("complete", "unpaid", PaymentWord::Pending)]
    #[test_case("expired", "unpaid", PaymentWord::Cancelled)]
    fn a_session_means(status: &str, payment_status: &str, word: PaymentWord) {
        let body = json!({"id": "cs_1", "status": status, "payment_status": payment_status});
        let session: Session = serde_json::from_value(body).unwrap();
        assert_eq!(session.report().unwrap().word, word);
    }

    #[test_case(Some("card_declined"), Some("generic_decline"), Decline::CardDeclined)]
    #[test_case(Some("card_declined"), Some("fraudulent"), Decline::Fraud)]
    #[test_case(Some("expired_card"), None, Decline::ExpiredCard)]
    #[test_case(Some("incorrect_cvc"), None, Decline::CardDeclined)]
    #[test_case(Some("processing_error"), None, Decline::Other)]
    #[test_case(None, None, Decline::Other)]
    fn a_decline_means(code: Option<&str>, decline_code: Option<&str>, decline: Decline) {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let error = CardError {
            code: owned(code),
            decline_code: owned(decline_code),
        };
        assert_eq!(error.decline(), decline);
    }
}
