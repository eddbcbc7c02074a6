//! How webhooks go wrong on command.

use std::time::Duration;

use serde_json::Value;
use styk_core::{Fault, FaultKind};

use super::Twist;
use crate::kit::BadFault;

/// A fault of a webhook, its parameters read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mishap {
    /// Never delivered.
    Lost,
    /// Delivered at this try at the earliest.
    LostUntil(u32),
    /// Again after a while.
    Duplicated(Duration),
    /// Twice at once.
    DuplicatedAtOnce,
    /// After a while.
    Late(Duration),
    /// After the one that follows it.
    Reordered,
    /// The one before it comes again.
    Regressed,
    /// Before the answer.
    Early,
    /// A falsified one comes first.
    False(Twist),
    /// Again, signed so long ago.
    Replayed(Duration),
    /// In unusual bytes.
    Reencoded,
}

impl Mishap {
    /// Reads a fault.
    ///
    /// # Errors
    ///
    /// When a parameter is not known, or is not what it must be.
    pub(super) fn read(fault: &Fault) -> Result<Self, BadFault> {
        const SOON: Duration = Duration::from_secs(1);
        const LATE: Duration = Duration::from_secs(60);
        const LONG_AGO: Duration = Duration::from_secs(3600);
        let known: &[&str] = match fault.kind {
            FaultKind::WebhookLostUntil => &["try"],
            FaultKind::WebhookDuplicated | FaultKind::WebhookLate => &["delay"],
            FaultKind::WebhookForged => &["variant"],
            FaultKind::WebhookReplayed => &["age"],
            _ => &[],
        };
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
        Ok(match fault.kind {
            FaultKind::WebhookLost => Self::Lost,
            FaultKind::WebhookLostUntil => Self::LostUntil(number(fault, "try", 2)?),
            FaultKind::WebhookDuplicated => Self::Duplicated(time(fault, "delay", SOON)?),
            FaultKind::WebhookDuplicatedAtOnce => Self::DuplicatedAtOnce,
            FaultKind::WebhookLate => Self::Late(time(fault, "delay", LATE)?),
            FaultKind::WebhookReordered => Self::Reordered,
            FaultKind::WebhookRegressed => Self::Regressed,
            FaultKind::WebhookEarly => Self::Early,
            FaultKind::WebhookForged => match fault.params.get("variant").map(Value::as_str) {
                None | Some(Some("wrong")) => Self::False(Twist::WrongSignature),
                Some(Some("missing")) => Self::False(Twist::NoSignature),
                Some(_) => return Err(bad(fault, "variant", "is `wrong` or `missing`")),
            },
            FaultKind::WebhookReplayed => Self::Replayed(time(fault, "age", LONG_AGO)?),
            FaultKind::WebhookForeign => Self::False(Twist::Foreign),
            FaultKind::WebhookAmountChanged => Self::False(Twist::AmountChanged),
            FaultKind::WebhookUnknownType => Self::False(Twist::UnknownType),
            FaultKind::WebhookReencoded => Self::Reencoded,
            other => return Err(bad(fault, other.word(), "breaks calls, not webhooks")),
        })
    }
}

/// Whether a fault of a webhook can be armed.
pub(crate) fn check_webhook_fault(fault: &Fault) -> Result<(), BadFault> {
    Mishap::read(fault).map(|_| ())
}

fn bad(fault: &Fault, parameter: &str, problem: &str) -> BadFault {
    BadFault::Parameter {
        kind: fault.kind,
        parameter: parameter.to_owned(),
        problem: problem.to_owned(),
    }
}

fn number(fault: &Fault, name: &str, default: u32) -> Result<u32, BadFault> {
    let Some(value) = fault.params.get(name) else {
        return Ok(default);
    };
    let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
    let number = number.filter(|number| *number >= 1);
    number.ok_or_else(|| bad(fault, name, "is a whole number, 1 or more"))
}

/// A time as milliseconds, or as text with a unit.
pub(crate) fn time(fault: &Fault, name: &str, default: Duration) -> Result<Duration, BadFault> {
    const LONGEST: Duration = Duration::from_secs(30 * 86_400);
    let read = match fault.params.get(name) {
        None => return Ok(default),
        Some(Value::Number(number)) => number.as_u64().map(Duration::from_millis),
        Some(Value::String(text)) => with_unit(text),
        Some(_) => None,
    };
    read.filter(|time| *time <= LONGEST).ok_or_else(|| {
        bad(
            fault,
            name,
            "is a time of at most 30 days: milliseconds, or text such as `250ms`, `10s`, `5m`",
        )
    })
}

fn with_unit(text: &str) -> Option<Duration> {
    let text = text.trim();
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let number: u64 = number.parse().ok()?;
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_secs(number.checked_mul(60)?)),
        "h" => Some(Duration::from_secs(number.checked_mul(3600)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> Result<Mishap, String> {
        let fault: Fault = serde_json::from_value(value).expect("a fault");
        Mishap::read(&fault).map_err(|error| error.to_string())
    }

    #[test]
    fn times_are_read_with_and_without_a_unit() {
        for (value, seconds) in [(json!(2000), 2), (json!("5m"), 300), (json!("10s"), 10)] {
            let fault = json!({"kind": "webhook_late", "params": {"delay": value}});
            assert_eq!(read(fault), Ok(Mishap::Late(Duration::from_secs(seconds))));
        }
    }

    #[test]
    fn wrong_parameters_are_told() {
        let told = read(json!({"kind": "webhook_lost", "params": {"dealy": 1}}));
        assert!(told.expect_err("refused").contains("takes no parameters"));
        let told = read(json!({"kind": "webhook_late", "params": {"delay": "soon"}}));
        assert!(told.expect_err("refused").contains("250ms"));
        let told = read(json!({"kind": "webhook_forged", "params": {"variant": "both"}}));
        assert!(told.expect_err("refused").contains("`wrong` or `missing`"));
    }
}
