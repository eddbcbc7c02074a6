//! Holding an answer against an expectation.

use serde_json::Value;
use styk_core::{Diagnostic, is_secret_header};

use super::answer::Answer;
use super::limit::seconds;
use crate::ast::{Check, CheckKind, Expectation, StatusCheck, TimeBound};
use crate::value::shown;
use crate::{Matcher, Scope, Span};

/// One check that does not hold.
#[derive(Debug)]
pub(super) struct Finding {
    /// What the check looks at: `status`, `$.total`.
    pub(super) subject: String,
    /// The sentence for people.
    pub(super) message: String,
    /// Where the expectation stands.
    pub(super) place: Span,
    /// The plain text that was expected, where it is one: `confirmed`.
    pub(super) plain: Option<String>,
}

/// Everything that does not hold. An empty list means that all is as expected.
pub(super) fn check(
    expectation: &Expectation,
    answer: &Answer,
    scope: &Scope,
) -> Result<Vec<Finding>, Diagnostic> {
    let mut findings = Vec::new();
    for check in &expectation.checks {
        judge(check, answer, scope, &mut findings)?;
    }
    Ok(findings)
}

/// What holds for a request without `expect`: an answer below 400.
pub(super) fn check_default(answer: &Answer, step: &Span) -> Vec<Finding> {
    if answer.status.as_u16() < 400 {
        return Vec::new();
    }
    vec![Finding {
        subject: "status".to_owned(),
        message: format!(
            "expected a status below 400, the shop answered {}",
            answer.status_text()
        ),
        place: step.clone(),
        plain: None,
    }]
}

/// What a check sees, for the digest of a poll: `paid`, `404`, `nothing`.
pub(super) fn seen(check: &Check, answer: &Answer) -> Option<(String, String)> {
    let word = |value: &Value, hidden: bool| match value {
        Value::String(text) if !hidden => crate::value::shorten(text, 40),
        other => crate::value::shorten(&shown(other, hidden), 40),
    };
    match &check.kind {
        CheckKind::Status(_) => Some(("status".to_owned(), answer.status.as_u16().to_string())),
        CheckKind::Path { path, .. } => {
            let value = answer.json().and_then(|json| path.value(json));
            let text = value.map_or_else(
                || "nothing".to_owned(),
                |value| word(&value, path.is_secret()),
            );
            Some((path.text().to_owned(), text))
        }
        CheckKind::Header { name, .. } => {
            let value = answer.header(name);
            let hidden = is_secret_header(name);
            let text = value.map_or_else(|| "nothing".to_owned(), |value| word(&value, hidden));
            Some((format!("header {name}"), text))
        }
        CheckKind::Time(_) | CheckKind::Body(_) | CheckKind::Text(_) | CheckKind::Cookie { .. } => {
            None
        }
    }
}

fn judge(
    check: &Check,
    answer: &Answer,
    scope: &Scope,
    findings: &mut Vec<Finding>,
) -> Result<(), Diagnostic> {
    let mut look = |subject: &str, matcher: &Matcher, actual: Option<&Value>, hidden: bool| {
        let mismatches = matcher.check(actual, scope, hidden)?;
        let plain = matcher.plain_text().map(ToOwned::to_owned);
        findings.extend(mismatches.into_iter().map(|mismatch| Finding {
            message: mismatch.message(subject),
            subject: subject.to_owned(),
            place: mismatch.span,
            plain: plain.clone(),
        }));
        Ok::<(), Diagnostic>(())
    };
    match &check.kind {
        CheckKind::Status(status) => findings.extend(judge_status(check, status, answer, scope)?),
        CheckKind::Time(bounds) => findings.extend(judge_time(check, bounds, answer)),
        CheckKind::Text(matcher) => {
            look("the text", matcher, Some(&answer.text().into()), false)?;
        }
        CheckKind::Header { name, matcher } => {
            let value = answer.header(name);
            let subject = format!("header {name}");
            look(&subject, matcher, value.as_ref(), is_secret_header(name))?;
        }
        CheckKind::Cookie { name, matcher } => {
            let value = answer.cookie(name);
            look(&format!("cookie {name}"), matcher, value.as_ref(), true)?;
        }
        CheckKind::Body(matcher) => match answer.json() {
            Some(json) => look("$", matcher, Some(json), false)?,
            None => findings.push(no_json("the body", answer, matcher.span())),
        },
        CheckKind::Path { path, matcher } => match answer.json() {
            Some(json) => {
                let value = path.value(json);
                look(path.text(), matcher, value.as_deref(), path.is_secret())?;
            }
            None => findings.push(no_json(path.text(), answer, matcher.span())),
        },
    }
    Ok(())
}

fn judge_status(
    check: &Check,
    status: &StatusCheck,
    answer: &Answer,
    scope: &Scope,
) -> Result<Option<Finding>, Diagnostic> {
    let code = answer.status.as_u16();
    let expected = match status {
        StatusCheck::OneOf(ranges) if ranges.iter().any(|range| range.contains(code)) => {
            return Ok(None);
        }
        StatusCheck::OneOf(ranges) => {
            let words: Vec<String> = ranges.iter().map(ToString::to_string).collect();
            format!("status {}", words.join(" or "))
        }
        StatusCheck::Matches(matcher) => {
            let mismatches = matcher.check(Some(&code.into()), scope, false)?;
            let Some(mismatch) = mismatches.into_iter().next() else {
                return Ok(None);
            };
            format!("the status {}", mismatch.expected)
        }
    };
    Ok(Some(Finding {
        subject: "status".to_owned(),
        message: format!(
            "expected {expected}, the shop answered {}",
            answer.status_text()
        ),
        place: check.span.clone(),
        plain: None,
    }))
}

fn judge_time(check: &Check, bounds: &[TimeBound], answer: &Answer) -> Option<Finding> {
    let took = answer.duration;
    let broken = bounds.iter().find_map(|bound| match bound {
        TimeBound::Below(limit) if took >= *limit => Some(("less than", *limit)),
        TimeBound::AtMost(limit) if took > *limit => Some(("at most", *limit)),
        TimeBound::Above(limit) if took <= *limit => Some(("more than", *limit)),
        TimeBound::AtLeast(limit) if took < *limit => Some(("at least", *limit)),
        _ => None,
    });
    broken.map(|(words, limit)| Finding {
        subject: "time".to_owned(),
        message: format!(
            "expected an answer in {words} {}, it took {}",
            seconds(limit),
            seconds(took)
        ),
        place: check.span.clone(),
        plain: None,
    })
}

fn no_json(subject: &str, answer: &Answer, place: &Span) -> Finding {
    let actual = if answer.body.is_empty() {
        "the answer has no body"
    } else {
        "the answer is no JSON"
    };
    Finding {
        subject: subject.to_owned(),
        message: format!(
            "expected {subject} to be {}, {actual}",
            one_line(place.text())
        ),
        place: place.clone(),
        plain: None,
    }
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    crate::value::shorten(&words.join(" "), 120)
}
