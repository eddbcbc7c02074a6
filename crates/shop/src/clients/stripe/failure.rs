//! Stripe's errors: which of them are a no, and which tell nothing (Stripe API, Errors).

use http::StatusCode;
use serde::Deserialize;

use super::super::caller::Answer;
use super::super::{Decline, Outcome, PaymentReport, PaymentWord, Refusal, Trouble};
use super::objects::{CardError, Intent};

#[derive(Debug, Deserialize)]
struct Failure {
    error: Detail,
}

#[derive(Debug, Deserialize)]
struct Detail {
    #[serde(rename = "type")]
    kind: String,
    #[serde(flatten)]
    card: CardError,
    #[serde(default)]
    payment_intent: Option<Intent>,
}

impl Detail {
    /// Of an error answer that says no. A key that was used for another request (`idempotency_error`) is no such
    /// answer: the other request may have had its effect.
    fn of(answer: &Answer) -> Option<Self> {
        let detail = answer.json::<Failure>().ok()?.error;
        let says_no = match answer.status {
            StatusCode::PAYMENT_REQUIRED => detail.kind == "card_error",
            StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND => {
                detail.kind == "invalid_request_error"
            }
            _ => false,
        };
        says_no.then_some(detail)
    }

    fn decline(&self) -> Decline {
        match self.kind.as_str() {
            "card_error" => self.card.decline(),
            _ => Decline::Other,
        }
    }
}

/// Reads a success with `read`.
pub(super) fn judge<T>(
    answer: Result<Answer, Trouble>,
    read: impl FnOnce(&Answer) -> Result<T, Trouble>,
) -> Outcome<T> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(trouble) => return Outcome::Unknown(trouble),
    };
    if answer.status.is_success() {
        return match read(&answer) {
            Ok(value) => Outcome::Done(value),
            Err(trouble) => Outcome::Unknown(trouble),
        };
    }
    match Detail::of(&answer) {
        Some(detail) => Outcome::Refused(Refusal {
            reason: detail.decline().as_str().to_owned(),
            cause: answer.to_string(),
        }),
        None => Outcome::Unknown(answer.named_trouble()),
    }
}

/// Like [`judge`] for a charge: a declined card leaves a PaymentIntent behind, whose id is worth keeping.
pub(super) fn judge_charge(answer: Result<Answer, Trouble>) -> Outcome<PaymentReport> {
    let declined = answer.as_ref().ok().and_then(|answer| {
        let detail = Detail::of(answer).filter(|_| !answer.status.is_success())?;
        let decline = detail.decline();
        let report = detail.payment_intent?.report().ok()?;
        Some(PaymentReport {
            word: PaymentWord::Failed(decline),
            ..report
        })
    });
    match declined {
        Some(report) => Outcome::Done(report),
        None => judge(answer, |answer| answer.json::<Intent>()?.report()),
    }
}

/// Like [`judge`] for questions, where "there is none" is an answer and any other no tells nothing about the object.
pub(super) fn judge_question<T>(
    answer: Result<Answer, Trouble>,
    read: impl FnOnce(&Answer) -> Result<T, Trouble>,
) -> Outcome<Option<T>> {
    match answer {
        Ok(answer) if answer.status == StatusCode::NOT_FOUND => Outcome::Done(None),
        Ok(answer) if !answer.status.is_success() => Outcome::Unknown(answer.named_trouble()),
        answer => judge(answer, read).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use test_case::test_case;

    use super::*;

    fn outcome(status: u16, body: &'static str) -> Outcome<PaymentReport> {
        judge_charge(Ok(Answer {
            status: StatusCode::from_u16(status).unwrap(),
            body: Bytes::from_static(body.as_bytes()),
            wait: None,
        }))
    }

    #[test]
    fn a_declined_card_is_a_no_that_keeps_the_id_of_its_intent() {
        let body = r#"{"error": {"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds",
            "payment_intent": {"id": "pi_1", "status": "requires_payment_method", "amount": 100, "currency": "rub"}}}"#;
        let Outcome::Done(report) = outcome(402, body) else {
            panic!("{:?}", outcome(402, body));
        };
        assert_eq!(report.word, PaymentWord::Failed(Decline::InsufficientFunds));
        assert_eq!(report.provider_id.as_deref(), Some("pi_1"));
    }

    #[test_case(402, r#"{"error": {"type": "card_error", "code": "expired_card"}}"# => Some("expired_card".to_owned()))]
    #[test_case(400, r#"{"error": {"type": "invalid_request_error", "code": "amount_too_small"}}"# => Some("other".to_owned()))]
    #[test_case(404, r#"{"error": {"type": "invalid_request_error", "code": "resource_missing"}}"# => Some("other".to_owned()))]
    #[test_case(400, r#"{"error": {"type": "idempotency_error"}}"# => None; "the other request may have had its effect")]
    #[test_case(401, r#"{"error": {"type": "invalid_request_error"}}"# => None)]
    #[test_case(409, r#"{"error": {"type": "idempotency_error", "code": "idempotency_key_in_use"}}"# => None)]
    #[test_case(429, r#"{"error": {"type": "invalid_request_error", "code": "rate_limit"}}"# => None)]
    #[test_case(500, r#"{"error": {"type": "api_error"}}"# => None)]
    #[test_case(402, "Payment Required" => None)]
    #[test_case(200, r#"{"id": "pi_1", "status": "settled"}"# => None)]
    #[test_case(200, "{" => None)]
    fn only_an_explicit_no_is_one(status: u16, body: &'static str) -> Option<String> {
        match outcome(status, body) {
            Outcome::Refused(refusal) => Some(refusal.reason),
            Outcome::Unknown(_) => None,
            Outcome::Done(report) => panic!("{report:?}"),
        }
    }

    #[test]
    fn too_many_requests_are_answered_with_patience() {
        let Outcome::Unknown(trouble) = outcome(429, "{}") else {
            panic!("a clear word");
        };
        assert!(!trouble.wait().is_zero());
    }
}
