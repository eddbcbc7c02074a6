//! The generic payment service: `/api/v1/payments`, `/api/v1/refunds`.

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::super::caller::{Answer, Call, Caller};
use super::super::{
    Charge, ClaimedAmount, Decline, Event, Happening, Hook, Outcome, PaymentGateway, PaymentRef,
    PaymentReport, PaymentWord, RefundOrder, RefundReport, RefundWord, Refusal, Rejected, Trouble,
};
use super::{Reason, judge, judge_question, normal, signature};
use crate::money::{Currency, Money};

const PAYMENTS: &str = "api/v1/payments";
const REFUNDS: &str = "api/v1/refunds";

#[derive(Debug)]
pub(in crate::clients) struct Payments(Caller);

impl Payments {
    pub(in crate::clients) fn new(caller: Caller) -> Self {
        Self(caller)
    }
}

#[derive(Serialize)]
struct NewPayment<'a> {
    amount: Money,
    currency: Currency,
    description: &'a str,
    payment_method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_token: Option<&'a str>,
    return_url: &'a str,
    metadata: PaymentIds<'a>,
}

#[derive(Serialize)]
struct PaymentIds<'a> {
    order_id: &'a str,
    payment_id: &'a str,
}

#[derive(Serialize)]
struct NewRefund<'a> {
    payment_id: &'a str,
    amount: Money,
    currency: Currency,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    metadata: RefundIds<'a>,
}

#[derive(Serialize)]
struct RefundIds<'a> {
    refund_id: &'a str,
}

/// A payment or refund as the service shows it, in answers and in events.
#[derive(Debug, Deserialize)]
struct Shown {
    #[serde(default)]
    id: Option<String>,
    status: String,
    #[serde(default)]
    confirmation_url: Option<String>,
    #[serde(default)]
    amount: Option<Box<RawValue>>,
    #[serde(default)]
    currency: Option<String>,
    #[serde(flatten)]
    reason: Reason,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Debug, Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    payment_id: Option<String>,
    #[serde(default)]
    refund_id: Option<String>,
}

impl Shown {
    fn amount(&self) -> ClaimedAmount {
        ClaimedAmount::new(self.amount.as_deref(), self.currency.clone())
    }

    fn payment(self) -> Result<PaymentReport, Trouble> {
        let word = match normal(&self.status).as_str() {
            "pending" => PaymentWord::Pending,
            "succeeded" => PaymentWord::Succeeded,
            "failed" => PaymentWord::Failed(decline(&self.reason)),
            "canceled" | "cancelled" => PaymentWord::Cancelled,
            _ => {
                return Err(Trouble::BadAnswer(format!(
                    "a payment with status {:?}",
                    self.status
                )));
            }
        };
        let amount = self.amount();
        Ok(PaymentReport {
            provider_id: self.id,
            word,
            amount,
            confirmation_url: self.confirmation_url,
            challenge: None,
        })
    }

    fn refund(self) -> Result<RefundReport, Trouble> {
        let word = match normal(&self.status).as_str() {
            "pending" => RefundWord::Pending,
            "succeeded" => RefundWord::Succeeded,
            "failed" | "canceled" | "cancelled" => {
                RefundWord::Failed(self.reason.word().unwrap_or("failed").to_owned())
            }
            _ => {
                return Err(Trouble::BadAnswer(format!(
                    "a refund with status {:?}",
                    self.status
                )));
            }
        };
        Ok(RefundReport {
            word,
            amount: self.amount(),
            provider_id: self.id,
        })
    }
}

/// The provider's reason in one of our five words.
fn decline(reason: &Reason) -> Decline {
    let Some(word) = reason.word().map(normal) else {
        return Decline::Other;
    };
    match word.as_str() {
        "insufficient_funds" | "not_enough_money" => Decline::InsufficientFunds,
        "expired_card" | "card_expired" => Decline::ExpiredCard,
        "fraud" | "fraudulent" | "fraud_suspected" | "suspected_fraud" => Decline::Fraud,
        "card_declined" | "declined" | "do_not_honor" => Decline::CardDeclined,
        _ => Decline::Other,
    }
}

/// An answer that creates something must name it: without its id nothing could be matched later.
fn named<T>(report: T, id: impl Fn(&T) -> Option<&String>, answer: &Answer) -> Result<T, Trouble> {
    match id(&report) {
        Some(id) if !id.is_empty() => Ok(report),
        _ => Err(Trouble::BadAnswer(format!("no id in {answer}"))),
    }
}

impl Payments {
    async fn create(&self, charge: &Charge) -> Outcome<PaymentReport> {
        let body = NewPayment {
            amount: charge.amount,
            currency: charge.amount.currency,
            description: &charge.description,
            payment_method: &charge.method,
            payment_token: charge.token.as_deref(),
            return_url: &charge.return_url,
            metadata: PaymentIds {
                order_id: &charge.order_id,
                payment_id: &charge.payment_id,
            },
        };
        let answer = self.post(PAYMENTS, &body, &charge.key).await;
        let read = |answer: &Answer| {
            named(
                answer.json::<Shown>()?.payment()?,
                |report| report.provider_id.as_ref(),
                answer,
            )
        };
        judge(answer, read, |reason| decline(reason).as_str().to_owned())
    }

    async fn refund(&self, order: &RefundOrder) -> Outcome<RefundReport> {
        let body = NewRefund {
            payment_id: &order.payment_provider_id,
            amount: order.amount,
            currency: order.amount.currency,
            reason: order.reason.as_deref(),
            metadata: RefundIds {
                refund_id: &order.refund_id,
            },
        };
        let answer = self.post(REFUNDS, &body, &order.key).await;
        let read = |answer: &Answer| {
            named(
                answer.json::<Shown>()?.refund()?,
                |report| report.provider_id.as_ref(),
                answer,
            )
        };
        judge(answer, read, |reason| reason.code())
    }

    async fn post(
        &self,
        path: &'static str,
        body: &impl Serialize,
        key: &str,
    ) -> Result<Answer, Trouble> {
        self.0.send(Call::post(path, body, key)?).await
    }
}

impl PaymentGateway for Payments {
    fn name(&self) -> &'static str {
        "generic"
    }

    fn can_cancel(&self) -> bool {
        false
    }

    fn create<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, Outcome<PaymentReport>> {
        Box::pin(self.create(charge))
    }

    fn get<'a>(&'a self, payment: PaymentRef<'a>) -> BoxFuture<'a, Outcome<Option<PaymentReport>>> {
        Box::pin(async move {
            let answer = self.0.send(Call::get(PAYMENTS, payment.provider_id)).await;
            judge_question(answer, |answer| answer.json::<Shown>()?.payment())
        })
    }

    fn cancel<'a>(
        &'a self,
        _: PaymentRef<'a>,
        _: &'a str,
    ) -> BoxFuture<'a, Outcome<PaymentReport>> {
        let cause = "the generic payment service cannot cancel".to_owned();
        Box::pin(std::future::ready(Outcome::Refused(Refusal {
            reason: "not_supported".to_owned(),
            cause,
        })))
    }

    fn refund<'a>(&'a self, order: &'a RefundOrder) -> BoxFuture<'a, Outcome<RefundReport>> {
        Box::pin(self.refund(order))
    }

    fn get_refund<'a>(
        &'a self,
        provider_id: &'a str,
    ) -> BoxFuture<'a, Outcome<Option<RefundReport>>> {
        Box::pin(async move {
            let answer = self.0.send(Call::get(REFUNDS, provider_id)).await;
            judge_question(answer, |answer| answer.json::<Shown>()?.refund())
        })
    }

    fn read_webhook<'a>(&'a self, hook: Hook<'a>) -> BoxFuture<'a, Result<Event, Rejected>> {
        Box::pin(std::future::ready(self.parse_webhook(&hook)))
    }
}

impl Payments {
    fn parse_webhook(&self, hook: &Hook<'_>) -> Result<Event, Rejected> {
        let envelope = signature::open::<Shown>(hook, self.0.webhook_secret())?;
        let malformed = |trouble: Trouble| Rejected::Malformed(trouble.to_string());
        let shown = envelope.data;
        let (payment_id, refund_id) = (
            shown.metadata.payment_id.clone(),
            shown.metadata.refund_id.clone(),
        );
        let happening = match envelope.kind.as_str() {
            "payment.succeeded" | "payment.failed" | "payment.canceled" => Happening::Payment {
                ours: payment_id,
                report: shown.payment().map_err(malformed)?,
            },
            "refund.succeeded" | "refund.failed" => Happening::Refund {
                ours: refund_id,
                report: shown.refund().map_err(malformed)?,
            },
            _ => Happening::Other,
        };
        Ok(Event {
            id: envelope.id,
            kind: envelope.kind,
            happening,
        })
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn word(body: &str) -> Result<PaymentWord, Trouble> {
        let shown: Shown = serde_json::from_str(body).unwrap();
        shown.payment().map(|report| report.word)
    }

    #[test_case(
        r#"{"status": "failed", "failure_code": "insufficient_funds"}"#,
        Decline::InsufficientFunds
    )]
    #[test_case(
        r#"{"status": "failed", "reason": "card_expired"}"#,
        Decline::ExpiredCard
    )]
    #[test_case(r#"{"status": "failed", "error": {"code": "fraud"}}"#, Decline::Fraud)]
    #[test_case(
        r#"{"status": "failed", "error": {"code": "card-declined"}}"#,
        Decline::CardDeclined
    )]
    #[test_case(r#"{"status": "failed", "reason": "the moon"}"#, Decline::Other)]
    #[test_case(r#"{"status": "failed"}"#, Decline::Other)]
    fn a_failure_is_put_into_one_of_our_words(body: &str, expected: Decline) {
        assert_eq!(word(body), Ok(PaymentWord::Failed(expected)));
    }

    #[test]
    fn a_status_we_do_not_know_is_no_answer() {
        assert_eq!(
            word(r#"{"status": "succeeded", "paid": true, "id": "p"}"#),
            Ok(PaymentWord::Succeeded)
        );
        assert!(matches!(
            word(r#"{"status": "exploded"}"#),
            Err(Trouble::BadAnswer(_))
        ));
    }

    #[test]
    fn the_amount_is_a_number_with_two_decimals_and_the_token_is_left_out_when_there_is_none() {
        let body = NewPayment {
            amount: Money::new(100_000, Currency::Rub),
            currency: Currency::Rub,
            description: "Order S-1",
            payment_method: "card",
            payment_token: None,
            return_url: "http://shop/",
            metadata: PaymentIds {
                order_id: "o",
                payment_id: "p",
            },
        };
        assert_eq!(
            serde_json::to_string(&body).unwrap(),
            r#"{"amount":1000.00,"currency":"RUB","description":"Order S-1","payment_method":"card","return_url":"http://shop/","metadata":{"order_id":"o","payment_id":"p"}}"#
        );
    }
}
