//! What a fault is told beside its kind.

use std::time::Duration;

use http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;
use styk_core::{Fault, FaultKind};

use super::BadFault;
use crate::kit::Answer;
use crate::kit::webhooks::{check_webhook_fault, time};

/// The parameters of a fault, read; each has the default of its kind.
#[derive(Clone, Debug, Default)]
pub(super) struct Wish {
    pub(super) variant: Option<String>,
    pub(super) delay: Duration,
    pub(super) is_dribbled: bool,
    pub(super) after: Option<Duration>,
    pub(super) status: StatusCode,
    pub(super) code: Option<String>,
    pub(super) field: Option<String>,
    pub(super) patience: Option<Patience>,
}

/// How a `Retry-After` is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    Seconds(u64),
    Date,
    None,
}

const DRIFTS: &[&str] = &[
    "unknown_enum",
    "missing",
    "null",
    "extra",
    "number_as_string",
    "long_id",
    "zoneless_date",
];

/// Whether a fault can be armed at a provider with these operations.
pub(super) fn check(fault: &Fault, operations: &[String]) -> Result<(), BadFault> {
    if fault.times == 0 {
        return Err(BadFault::Never);
    }
    if fault.kind.is_about_webhooks() {
        return check_webhook_fault(fault);
    }
    if let Some(operation) = &fault.on.operation
        && !operations.contains(operation)
    {
        return Err(BadFault::NoOperation {
            operation: operation.clone(),
            hint: hint(operation, operations),
        });
    }
    wish(fault).map(|_| ())
}

/// The operation that shares most with the one asked for: its words, then its beginning.
fn hint(asked: &str, operations: &[String]) -> String {
    let words = |text: &str| -> Vec<String> {
        let parts = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        parts
            .filter(|part| !part.is_empty())
            .map(str::to_ascii_lowercase)
            .collect()
    };
    let wanted = words(asked);
    let score = |operation: &&String| {
        let shared = words(operation)
            .iter()
            .filter(|word| wanted.contains(word))
            .count();
        let beginning = operation
            .chars()
            .zip(asked.chars())
            .take_while(|(a, b)| a == b)
            .count();
        (shared, beginning, std::cmp::Reverse(operation.len()))
    };
    let best = operations.iter().max_by_key(score);
    best.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

/// Reads the parameters.
pub(super) fn wish(fault: &Fault) -> Result<Wish, BadFault> {
    let known = known(fault.kind);
    for name in fault.params.keys() {
        if !known.contains(&name.as_str()) {
            return Err(bad(
                fault,
                name,
                &match known {
                    [] => "this fault takes no parameters".to_owned(),
                    known => format!("it takes `{}`", known.join("`, `")),
                },
            ));
        }
    }
    let delay = time(fault, "delay", Duration::from_secs(1))?;
    let after = match fault.params.get("after") {
        Some(_) => Some(time(fault, "after", Duration::ZERO)?),
        None => None,
    };
    Ok(Wish {
        variant: word(fault, "variant", variants(fault.kind))?,
        delay,
        is_dribbled: truth(fault, "dribble")?,
        after,
        status: status(fault)?,
        code: text(fault, "code")?,
        field: text(fault, "field")?,
        patience: patience(fault)?,
    })
}

fn known(kind: FaultKind) -> &'static [&'static str] {
    match kind {
        FaultKind::RequestLost | FaultKind::ResponseLost | FaultKind::Malformed => &["variant"],
        FaultKind::EffectLate => &["after"],
        FaultKind::Slow => &["delay", "dribble"],
        FaultKind::ErrorBeforeEffect => &["status", "code", "retry_after"],
        FaultKind::ErrorAfterEffect | FaultKind::Rejected => &["status", "code"],
        FaultKind::Throttled => &["code", "retry_after"],
        FaultKind::RefusedInOk => &["code"],
        FaultKind::SchemaDrift => &["variant", "field"],
        _ => &[],
    }
}

fn variants(kind: FaultKind) -> &'static [&'static str] {
    match kind {
        FaultKind::RequestLost => &["reset", "silence"],
        FaultKind::ResponseLost => &["reset", "silence", "truncated"],
        FaultKind::Malformed => &[
            "html",
            "truncated_json",
            "empty",
            "content_type",
            "oversize",
        ],
        FaultKind::SchemaDrift => DRIFTS,
        _ => &[],
    }
}

fn status(fault: &Fault) -> Result<StatusCode, BadFault> {
    let (default, allowed): (u16, &[u64]) = match fault.kind {
        FaultKind::ErrorBeforeEffect => (503, &[500, 502, 503]),
        FaultKind::ErrorAfterEffect => (500, &[500, 502, 503, 504]),
        FaultKind::Rejected => (402, &[400, 401, 402, 403, 404, 409, 422]),
        _ => (500, &[]),
    };
    let chosen = match fault.params.get("status") {
        None => default,
        Some(value) => {
            let number = value.as_u64().filter(|status| allowed.contains(status));
            let number = number.and_then(|status| u16::try_from(status).ok());
            number.ok_or_else(|| {
                let allowed: Vec<_> = allowed.iter().map(u64::to_string).collect();
                bad(
                    fault,
                    "status",
                    &format!("is one of {}", allowed.join(", ")),
                )
            })?
        }
    };
    Ok(StatusCode::from_u16(chosen).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
}

fn patience(fault: &Fault) -> Result<Option<Patience>, BadFault> {
    const TOLD: &str = "is a number of seconds, `date` or `none`";
    match fault.params.get("retry_after") {
        None => Ok((fault.kind == FaultKind::Throttled).then_some(Patience::Seconds(1))),
        Some(Value::String(word)) if word == "date" => Ok(Some(Patience::Date)),
        Some(Value::String(word)) if word == "none" => Ok(Some(Patience::None)),
        Some(value) => match value.as_u64() {
            Some(seconds) => Ok(Some(Patience::Seconds(seconds))),
            None => Err(bad(fault, "retry_after", TOLD)),
        },
    }
}

fn word(fault: &Fault, name: &str, allowed: &[&str]) -> Result<Option<String>, BadFault> {
    match text(fault, name)? {
        Some(word) if !allowed.contains(&word.as_str()) => {
            let problem = format!("is one of `{}`", allowed.join("`, `"));
            Err(bad(fault, name, &problem))
        }
        found => Ok(found),
    }
}

fn text(fault: &Fault, name: &str) -> Result<Option<String>, BadFault> {
    match fault.params.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(bad(fault, name, "is text")),
    }
}

fn truth(fault: &Fault, name: &str) -> Result<bool, BadFault> {
    match fault.params.get(name) {
        None => Ok(false),
        Some(Value::Bool(truth)) => Ok(*truth),
        Some(_) => Err(bad(fault, name, "is `true` or `false`")),
    }
}

fn bad(fault: &Fault, parameter: &str, problem: &str) -> BadFault {
    BadFault::Parameter {
        kind: fault.kind,
        parameter: parameter.to_owned(),
        problem: problem.to_owned(),
    }
}

impl Wish {
    /// The answer with the `Retry-After` that was asked for (RFC 9110, section 10.2.3).
    pub(super) fn with_patience(&self, answer: Answer, now: Timestamp) -> Answer {
        const DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";
        match self.patience {
            Some(Patience::Seconds(seconds)) => answer.with("retry-after", &seconds.to_string()),
            Some(Patience::Date) => {
                let soon = now.checked_add(Duration::from_secs(1)).unwrap_or(now);
                answer.with("retry-after", &soon.strftime(DATE).to_string())
            }
            Some(Patience::None) | None => answer,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(fault: Value) -> String {
        let fault: Fault = serde_json::from_value(fault).expect("a fault");
        let operations = ["POST /v1/refunds".to_owned(), "POST /v1/charges".to_owned()];
        check(&fault, &operations).map_or_else(|error| error.to_string(), |()| "armed".to_owned())
    }

    #[test]
    fn faults_are_checked_before_they_are_armed() {
        assert_eq!(
            told(json!({"kind": "slow", "params": {"delay": "250ms"}})),
            "armed"
        );
        let unknown = json!({"kind": "slow", "on": {"operation": "POST /refunds"}});
        assert_eq!(
            told(unknown),
            "there is no operation `POST /refunds`; did you mean `POST /v1/refunds`?"
        );
        let near = told(json!({"kind": "slow", "on": {"operation": "POST /v1/refund"}}));
        assert!(near.ends_with("`POST /v1/refunds`?"), "{near}");
        let status = told(json!({"kind": "rejected", "params": {"status": 500}}));
        assert!(
            status.ends_with("is one of 400, 401, 402, 403, 404, 409, 422"),
            "{status}"
        );
        let variant = told(json!({"kind": "malformed", "params": {"variant": "pdf"}}));
        assert!(variant.contains("`truncated_json`"), "{variant}");
        assert!(told(json!({"kind": "not_sent", "params": {"a": 1}})).contains("no parameters"));
        assert!(told(json!({"kind": "slow", "times": 0})).contains("at least 1"));
    }
}
