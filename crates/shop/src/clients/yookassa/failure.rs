//! YooKassa's errors: which of them are a no, and which tell nothing (YooKassa API, Response handling). A declined card is
//! no error there, but a payment that is canceled.

use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;

use super::super::caller::Answer;
use super::super::{Outcome, Refusal, Trouble};

/// More patience than this is not granted.
const WAIT_MS_MAX: u64 = 3_600_000;

#[derive(Debug, Default, Deserialize)]
struct Failure {
    #[serde(default)]
    code: String,
    #[serde(default)]
    parameter: Option<String>,
    /// Milliseconds.
    #[serde(default)]
    retry_after: Option<u64>,
}

impl Failure {
    /// Whether the request was refused for what it asks. A key that was used for another request is no such answer: the
    /// other request may have had its effect.
    fn says_no(&self, status: StatusCode) -> bool {
        let about_key = self.parameter.as_deref() == Some("Idempotence-Key");
        match status {
            StatusCode::BAD_REQUEST => self.code == "invalid_request" && !about_key,
            StatusCode::NOT_FOUND => self.code == "not_found",
            _ => false,
        }
    }

    fn trouble(&self, answer: &Answer) -> Trouble {
        match self.retry_after {
            Some(wait) => Trouble::Busy {
                cause: answer.to_string(),
                wait: Duration::from_millis(wait.min(WAIT_MS_MAX)),
            },
            None => answer.named_trouble(),
        }
    }
}

/// Reads a success with `read`. 202 is none: the operation is under way, and the same request asks for its end.
pub(super) fn judge<T>(
    answer: Result<Answer, Trouble>,
    read: impl FnOnce(&Answer) -> Result<T, Trouble>,
) -> Outcome<T> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(trouble) => return Outcome::Unknown(trouble),
    };
    if answer.status.is_success() && answer.status != StatusCode::ACCEPTED {
        return match read(&answer) {
            Ok(value) => Outcome::Done(value),
            Err(trouble) => Outcome::Unknown(trouble),
        };
    }
    let failure: Failure = answer.json().unwrap_or_default();
    if failure.says_no(answer.status) {
        return Outcome::Refused(Refusal {
            reason: "other".to_owned(),
            cause: answer.to_string(),
        });
    }
    Outcome::Unknown(failure.trouble(&answer))
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

    fn outcome(status: u16, body: &'static str) -> Outcome<serde_json::Value> {
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            body: Bytes::from_static(body.as_bytes()),
            wait: None,
        };
        judge(Ok(answer), |answer| answer.json())
    }

    #[test_case(400, r#"{"type": "error", "code": "invalid_request", "parameter": "amount.value"}"# => true)]
    #[test_case(404, r#"{"type": "error", "code": "not_found"}"# => true)]
    #[test_case(400, r#"{"type": "error", "code": "invalid_request", "parameter": "Idempotence-Key"}"# => false; "the other request may have had its effect")]
    #[test_case(400, "Bad Request" => false)]
    #[test_case(404, "" => false)]
    #[test_case(401, r#"{"type": "error", "code": "invalid_credentials"}"# => false)]
    #[test_case(403, r#"{"type": "error", "code": "forbidden"}"# => false)]
    #[test_case(429, r#"{"type": "error", "code": "too_many_requests"}"# => false)]
    #[test_case(500, r#"{"type": "error", "code": "internal_server_error"}"# => false)]
    fn only_an_explicit_no_is_one(status: u16, body: &'static str) -> bool {
        match outcome(status, body) {
            Outcome::Refused(_) => true,
            Outcome::Unknown(_) => false,
            Outcome::Done(value) => panic!("{value}"),
        }
    }

    #[test]
    fn an_operation_under_way_is_asked_about_after_the_pause_it_names() {
        let Outcome::Unknown(trouble) =
            outcome(202, r#"{"type": "processing", "retry_after": 1800}"#)
        else {
            panic!("a clear word");
        };
        assert_eq!(trouble.wait(), Duration::from_millis(1_800));
    }
}
