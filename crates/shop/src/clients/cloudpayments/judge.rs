//! CloudPayments answers 200 for yes and no alike: `{"Model": …, "Success": …, "Message": …}`. `Success` tells about the
//! request, the model's `Status` about the money.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::caller::Answer;
use super::super::{Outcome, PaymentReport, Refusal, Trouble};
use super::objects::Transaction;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<T> {
    success: bool,
    #[serde(default)]
    message: Option<String>,
    #[serde(default = "none")]
    model: Option<T>,
}

fn none<T>() -> Option<T> {
    None
}

/// The envelope of an answer; without one, nothing is known.
fn opened<T: DeserializeOwned>(answer: &Answer) -> Result<Envelope<T>, Trouble> {
    if answer.status.is_success() {
        answer.json()
    } else {
        Err(answer.named_trouble())
    }
}

/// A no in words, about what was asked and not about a transaction.
fn refusal(answer: &Answer, message: Option<&str>) -> Result<Refusal, Trouble> {
    match message {
        Some(text) if !text.is_empty() => Ok(Refusal {
            reason: "other".to_owned(),
            cause: text.to_owned(),
        }),
        _ => Err(Trouble::BadAnswer(answer.to_string())),
    }
}

fn settle<T>(
    answer: Result<Answer, Trouble>,
    read: impl FnOnce(&Answer) -> Result<Outcome<T>, Trouble>,
) -> Outcome<T> {
    match answer.and_then(|answer| read(&answer)) {
        Ok(outcome) => outcome,
        Err(trouble) => Outcome::Unknown(trouble),
    }
}

/// Reads the model of a request that succeeded.
pub(super) fn judge<M: DeserializeOwned, T>(
    answer: Result<Answer, Trouble>,
    read: impl FnOnce(M) -> Result<T, Trouble>,
) -> Outcome<T> {
    settle(answer, |answer| {
        let envelope: Envelope<M> = opened(answer)?;
        match (envelope.success, envelope.model) {
            (true, Some(model)) => read(model).map(Outcome::Done),
            (true, None) => Err(Trouble::BadAnswer(answer.to_string())),
            (false, _) => refusal(answer, envelope.message.as_deref()).map(Outcome::Refused),
        }
    })
}

/// A request whose success has no model.
pub(super) fn judge_done(answer: Result<Answer, Trouble>) -> Outcome<()> {
    settle(answer, |answer| {
        let envelope: Envelope<serde::de::IgnoredAny> = opened(answer)?;
        if envelope.success {
            Ok(Outcome::Done(()))
        } else {
            refusal(answer, envelope.message.as_deref()).map(Outcome::Refused)
        }
    })
}

/// A charge. One that failed has a transaction all the same: declined, or waiting for the payer's bank.
pub(super) fn judge_charge(answer: Result<Answer, Trouble>) -> Outcome<PaymentReport> {
    settle(answer, |answer| {
        let envelope: Envelope<Transaction> = opened(answer)?;
        match envelope.model {
            Some(transaction) => transaction.report().map(Outcome::Done),
            None if envelope.success => Err(Trouble::BadAnswer(answer.to_string())),
            None => refusal(answer, envelope.message.as_deref()).map(Outcome::Refused),
        }
    })
}

/// A question about a transaction. A declined one is told with `Success: false`, one that does not exist in words.
pub(super) fn judge_question<T>(
    answer: Result<Answer, Trouble>,
    read: impl FnOnce(Transaction) -> Result<T, Trouble>,
) -> Outcome<Option<T>> {
    settle(answer, |answer| {
        let envelope: Envelope<Transaction> = opened(answer)?;
        match envelope.model {
            Some(transaction) => read(transaction).map(|found| Outcome::Done(Some(found))),
            None if envelope.success => Err(Trouble::BadAnswer(answer.to_string())),
            None => refusal(answer, envelope.message.as_deref()).map(|_| Outcome::Done(None)),
        }
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::StatusCode;

    use super::super::super::{Decline, PaymentWord};
    use super::*;

    fn answer(status: u16, body: &'static str) -> Result<Answer, Trouble> {
        Ok(Answer {
            status: StatusCode::from_u16(status).unwrap(),
            body: Bytes::from_static(body.as_bytes()),
            wait: None,
        })
    }

    #[test]
    fn the_money_is_where_the_status_says() {
        let word = |body| match judge_charge(answer(200, body)) {
            Outcome::Done(report) => report.word,
            other => panic!("{other:?}"),
        };
        let paid = r#"{"Success": true, "Message": null, "Model": {"TransactionId": 1, "Status": "Completed", "ReasonCode": 0}}"#;
        assert_eq!(word(paid), PaymentWord::Succeeded);
        let declined = r#"{"Success": false, "Message": null, "Model": {"TransactionId": 1, "Status": "Declined", "ReasonCode": 5051}}"#;
        assert_eq!(
            word(declined),
            PaymentWord::Failed(Decline::InsufficientFunds)
        );
        let bank = r#"{"Success": false, "Message": null, "Model": {"TransactionId": 1, "PaReq": "x", "AcsUrl": "http://acs/"}}"#;
        assert_eq!(word(bank), PaymentWord::Pending);
    }

    #[test]
    fn only_words_without_a_transaction_are_a_refusal() {
        let refused = judge_charge(answer(
            200,
            r#"{"Success": false, "Message": "Amount is required", "Model": null}"#,
        ));
        assert!(matches!(refused, Outcome::Refused(_)), "{refused:?}");
        for (status, body) in [
            (200, r#"{"Success": false, "Message": null, "Model": null}"#),
            (200, r#"{"Success": true, "Message": null}"#),
            (
                200,
                r#"{"Success": true, "Model": {"TransactionId": 1, "Status": "Frozen"}}"#,
            ),
            (200, "<html>"),
            (401, ""),
            (429, ""),
            (500, r#"{"Success": false, "Message": "no"}"#),
        ] {
            let outcome = judge_charge(answer(status, body));
            assert!(
                matches!(outcome, Outcome::Unknown(_)),
                "{status} {body}: {outcome:?}"
            );
        }
    }

    #[test]
    fn a_question_about_nothing_is_answered_with_nothing() {
        let ask = |body| judge_question(answer(200, body), Transaction::report);
        assert_eq!(
            ask(r#"{"Success": false, "Message": "Not found"}"#),
            Outcome::Done(None)
        );
        let declined = ask(
            r#"{"Success": false, "Message": null, "Model": {"TransactionId": 1, "Status": "Declined", "ReasonCode": 5051}}"#,
        );
        assert!(matches!(declined, Outcome::Done(Some(_))), "{declined:?}");
    }
}
