//! The generic services: a payment, a shipping and an e-mail service with a plain JSON interface, as test stands
//! and mock servers imitate them.
//!
//! Their answers often have no Content-Type, so bodies are read as JSON whatever it says. Any 2xx is success; only
//! the fields we need must be there.

mod mail;
mod payments;
mod shipping;
mod signature;

pub(super) use self::mail::Mail;
pub(super) use self::payments::Payments;
pub(super) use self::shipping::Shipping;

use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::caller::Answer;
use super::{Outcome, Refusal, Trouble};

/// The ways in which an error body names its reason: `failure_code`, `reason`, `error.code`, or `error` itself.
#[derive(Debug, Default, Deserialize)]
struct Reason {
    #[serde(default)]
    failure_code: Option<Value>,
    #[serde(default)]
    reason: Option<Value>,
    #[serde(default)]
    error: Option<Value>,
}

impl Reason {
    /// The provider's word, if there is any.
    fn word(&self) -> Option<&str> {
        let in_error = self
            .error
            .as_ref()
            .and_then(|error| error.get("code").unwrap_or(error).as_str());
        let at_top = [&self.failure_code, &self.reason]
            .into_iter()
            .flatten()
            .find_map(Value::as_str);
        at_top.or(in_error).filter(|word| !word.is_empty())
    }

    /// The provider's word, if it is a code; free text never goes to clients.
    fn code(&self) -> String {
        let is_code = |word: &String| {
            word.len() <= 64
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        self.word()
            .map(normal)
            .filter(is_code)
            .unwrap_or_else(|| "refused".to_owned())
    }
}

/// Whether the service refused in its own words: a status that says so, and a body that says why. A bare 404 of a
/// mock without expectations, an overload or a crash is no refusal.
fn refusal(answer: &Answer) -> Option<Reason> {
    let refusing = [
        StatusCode::BAD_REQUEST,
        StatusCode::PAYMENT_REQUIRED,
        StatusCode::FORBIDDEN,
        StatusCode::UNPROCESSABLE_ENTITY,
    ];
    let body: Value = serde_json::from_slice(&answer.body)
        .ok()
        .filter(Value::is_object)?;
    let reason: Reason = serde_json::from_value(body).ok()?;
    let says_why = reason.error.is_some() || reason.word().is_some();
    (refusing.contains(&answer.status) && says_why).then_some(reason)
}

/// Reads a success with `read`; `refuse` puts a refusal into our words.
fn judge<T>(
    answer: Result<Answer, Trouble>,
    read: impl FnOnce(&Answer) -> Result<T, Trouble>,
    refuse: impl FnOnce(&Reason) -> String,
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
    match refusal(&answer) {
        Some(reason) => Outcome::Refused(Refusal {
            reason: refuse(&reason),
            cause: answer.to_string(),
        }),
        None => Outcome::Unknown(answer.trouble()),
    }
}

/// Like [`judge`] for questions, where "there is none" (404) or "I cannot tell" (405) is an answer.
fn judge_question<T>(
    answer: Result<Answer, Trouble>,
    read: impl FnOnce(&Answer) -> Result<T, Trouble>,
) -> Outcome<Option<T>> {
    match answer {
        Ok(answer)
            if matches!(
                answer.status,
                StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
            ) =>
        {
            Outcome::Done(None)
        }
        // A refused question tells nothing about the object.
        Ok(answer) if !answer.status.is_success() => Outcome::Unknown(answer.trouble()),
        answer => judge(answer, read, |_| String::new()).map(Some),
    }
}

/// A status word as we compare it.
fn normal(word: &str) -> String {
    word.trim().to_ascii_lowercase().replace(['-', ' '], "_")
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn answer(status: u16, body: &'static str) -> Answer {
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            body: Bytes::from_static(body.as_bytes()),
            wait: None,
        }
    }

    #[test]
    fn a_refusal_needs_the_status_and_the_word() {
        let word = |status, body| {
            refusal(&answer(status, body)).map(|reason| reason.word().map(str::to_owned))
        };
        assert_eq!(
            word(402, r#"{"error": {"code": "expired_card"}}"#),
            Some(Some("expired_card".to_owned()))
        );
        assert_eq!(
            word(402, r#"{"reason": "fraud"}"#),
            Some(Some("fraud".to_owned()))
        );
        assert_eq!(
            word(400, r#"{"error": "bad amount"}"#),
            Some(Some("bad amount".to_owned()))
        );
        assert_eq!(word(422, r#"{"error": {"message": "no"}}"#), Some(None));
        for (status, body) in [
            (404, ""),
            (404, r#"{"error": "x"}"#),
            (500, r#"{"error": "x"}"#),
            (402, "declined"),
            (402, "{}"),
            (409, r#"{"error": "x"}"#),
        ] {
            assert_eq!(word(status, body), None, "{status} {body}");
        }
    }
}
