//! Judging a value by a matcher.

mod lists;
mod scalars;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use serde_json::Value;
use styk_core::Diagnostic;

use super::compare::same;
use super::matcher::{Kind, Matcher};
use super::operator::{Check, Operator};
use super::shape::kind_of;
use super::verdict::Trail;
use super::{Mismatch, Scope, shown};
use crate::Span;

type Judged = Result<(), Diagnostic>;

/// One value under judgement.
struct Subject<'a> {
    value: &'a Value,
    scope: &'a Scope,
    trail: &'a Trail<'a>,
}

impl Matcher {
    /// Adds to `out` whatever does not hold.
    pub(super) fn judge(
        &self,
        actual: Option<&Value>,
        scope: &Scope,
        trail: &Trail<'_>,
        is_exact: bool,
        out: &mut Vec<Mismatch>,
    ) -> Judged {
        let Some(value) = actual else {
            if self.accepts_absence() != Some(true) {
                let expected = self.described(scope, trail.is_hidden())?;
                out.push(mismatch(
                    trail,
                    &self.span,
                    expected,
                    "it is missing".to_owned(),
                ));
            }
            return Ok(());
        };
        let subject = Subject {
            value,
            scope,
            trail,
        };
        match &self.kind {
            Kind::Value(template) => {
                let expected = template.resolve(scope)?;
                if !same(&expected, value, is_exact) {
                    let wanted = format!("to be {}", shown(&expected, trail.is_hidden()));
                    out.push(subject.mismatch(&self.span, wanted));
                }
                Ok(())
            }
            Kind::List(items) => subject.judge_list(items, &self.span, is_exact, out),
            Kind::Object(members) => subject.judge_object(members, &self.span, is_exact, out),
            Kind::Operators(operators) => {
                for operator in operators {
                    subject.judge_operator(operator, out)?;
                }
                Ok(())
            }
        }
    }

    /// Whether a missing value is right: `Some(true)` for `exists: false`; `None` when the matcher says nothing
    /// about it, which asks for a value.
    fn accepts_absence(&self) -> Option<bool> {
        let Kind::Operators(operators) = &self.kind else {
            return None;
        };
        let mut verdict = None;
        for operator in operators {
            match &operator.check {
                Check::Exists(wanted) => verdict = Some(!wanted),
                Check::Not(inner) => verdict = inner.accepts_absence().map(|accepts| !accepts),
                Check::All(inner) => {
                    verdict = inner
                        .iter()
                        .map(Self::accepts_absence)
                        .reduce(|a, b| a.and_then(|a| b.map(|b| a && b)))
                        .flatten();
                }
                Check::OneOf(inner) => {
                    let any = inner.iter().any(|m| m.accepts_absence() == Some(true));
                    verdict = any.then_some(true);
                }
                _ => return None,
            }
            if verdict != Some(true) {
                return verdict;
            }
        }
        verdict
    }

    /// What is asked for, in words: the values where they are plain, else the matcher as it is written.
    fn described(&self, scope: &Scope, hidden: bool) -> Result<String, Diagnostic> {
        match &self.kind {
            Kind::Value(template) => Ok(format!(
                "to be {}",
                shown(&*template.resolve(scope)?, hidden)
            )),
            Kind::Operators(operators) => match operators.as_slice() {
                [operator] if matches!(operator.check, Check::Exists(true)) => {
                    Ok("to exist".to_owned())
                }
                _ => Ok(format!("to be {}", self.written())),
            },
            Kind::List(_) | Kind::Object(_) => Ok(format!("to be {}", self.written())),
        }
    }

    /// The matcher's own text on one line.
    fn written(&self) -> String {
        let words: Vec<&str> = self.span.text().split_whitespace().collect();
        super::show::shorten(&words.join(" "), 120)
    }

    fn negated_words(&self) -> String {
        match &self.kind {
            Kind::Operators(_) => format!("to match {}", self.written()),
            _ => format!("to be {}", self.written()),
        }
    }

    fn holds(&self, value: &Value, subject: &Subject<'_>) -> Result<bool, Diagnostic> {
        let mut out = Vec::new();
        self.judge(Some(value), subject.scope, subject.trail, false, &mut out)?;
        Ok(out.is_empty())
    }
}

fn mismatch(trail: &Trail<'_>, span: &Span, expected: String, actual: String) -> Mismatch {
    Mismatch {
        path: trail.text(),
        expected,
        actual,
        span: span.clone(),
    }
}

impl Subject<'_> {
    fn mismatch(&self, span: &Span, expected: String) -> Mismatch {
        let actual = format!("it is {}", shown(self.value, self.trail.is_hidden()));
        mismatch(self.trail, span, expected, actual)
    }

    /// The value is of another type than the operator works on.
    fn wrong_type(&self, span: &Span, expected: String) -> Mismatch {
        let value = shown(self.value, self.trail.is_hidden());
        let actual = match self.value {
            Value::Null => "it is null".to_owned(),
            other => format!("it is {}: {value}", kind_of(other)),
        };
        mismatch(self.trail, span, expected, actual)
    }

    fn judge_list(
        &self,
        items: &[Matcher],
        span: &Span,
        is_exact: bool,
        out: &mut Vec<Mismatch>,
    ) -> Judged {
        let Value::Array(actual) = self.value else {
            out.push(self.wrong_type(span, format!("to be a list of {}", items.len())));
            return Ok(());
        };
        if actual.len() != items.len() {
            let expected = format!("to be a list of {}", items.len());
            let value = shown(self.value, self.trail.is_hidden());
            let actual = format!("it has {}: {value}", actual.len());
            out.push(mismatch(self.trail, span, expected, actual));
            return Ok(());
        }
        for (index, (matcher, value)) in items.iter().zip(actual).enumerate() {
            let trail = self.trail.element(index);
            matcher.judge(Some(value), self.scope, &trail, is_exact, out)?;
        }
        Ok(())
    }

    fn judge_object(
        &self,
        members: &[(String, Matcher)],
        span: &Span,
        is_exact: bool,
        out: &mut Vec<Mismatch>,
    ) -> Judged {
        let Value::Object(actual) = self.value else {
            out.push(self.wrong_type(span, "to be an object".to_owned()));
            return Ok(());
        };
        for (name, matcher) in members {
            let trail = self.trail.member(name);
            matcher.judge(actual.get(name), self.scope, &trail, is_exact, out)?;
        }
        if is_exact {
            let is_extra = |name: &&String| !members.iter().any(|(known, _)| known == *name);
            let extra: Vec<&str> = actual.keys().filter(is_extra).map(String::as_str).collect();
            if !extra.is_empty() {
                let expected = "to have no other members".to_owned();
                let actual = format!("it also has {}", extra.join(", "));
                out.push(mismatch(self.trail, span, expected, actual));
            }
        }
        Ok(())
    }

    fn judge_operator(&self, operator: &Operator, out: &mut Vec<Mismatch>) -> Judged {
        let span = &operator.span;
        match &operator.check {
            Check::Equal(matcher) => {
                matcher.judge(Some(self.value), self.scope, self.trail, false, out)
            }
            Check::Exact(matcher) => {
                matcher.judge(Some(self.value), self.scope, self.trail, true, out)
            }
            Check::All(matchers) => matchers.iter().try_for_each(|matcher| {
                matcher.judge(Some(self.value), self.scope, self.trail, false, out)
            }),
            Check::Each(matcher) => self.judge_each(matcher, span, out),
            Check::Length(matcher) => self.judge_length(matcher, span, out),
            _ => {
                if let Some(expected) = self.failed(operator)? {
                    out.push(expected);
                }
                Ok(())
            }
        }
    }

    /// The operators that give one verdict.
    fn failed(&self, operator: &Operator) -> Result<Option<Mismatch>, Diagnostic> {
        let span = &operator.span;
        match &operator.check {
            Check::In(choice) => self.judge_choice(choice, true, span),
            Check::NotIn(choice) => self.judge_choice(choice, false, span),
            Check::Order(order, bound) => self.judge_order(*order, bound, span),
            Check::Near { value, within } => self.judge_near(value, within, span),
            Check::Before(bound) => self.judge_moment(bound, Ordering::Less, span),
            Check::After(bound) => self.judge_moment(bound, Ordering::Greater, span),
            Check::Contains(matcher) => self.judge_contains(matcher, true, span),
            Check::Excludes(matcher) => self.judge_contains(matcher, false, span),
            Check::StartsWith(part) => {
                self.judge_text(part, "to start with", span, |text, part| {
                    text.starts_with(part)
                })
            }
            Check::EndsWith(part) => {
                self.judge_text(part, "to end with", span, |text, part| text.ends_with(part))
            }
            Check::Matches(pattern) => {
                let text = self.value.as_str().unwrap_or_default();
                let (matches, pattern) = pattern.find_in(text, self.scope)?;
                let expected = format!("to match /{pattern}/");
                Ok(match self.value {
                    Value::String(_) => (!matches).then(|| self.mismatch(span, expected)),
                    _ => Some(self.wrong_type(span, expected)),
                })
            }
            Check::Type(shapes) => Ok(self.judge_type(shapes, span)),
            Check::Exists(wanted) => {
                Ok((!wanted).then(|| self.mismatch(span, "to be absent".to_owned())))
            }
            Check::Empty(wanted) => Ok(self.judge_empty(*wanted, span)),
            Check::Any(matcher) => self.judge_any(matcher, true, span),
            Check::NoneOf(matcher) => self.judge_any(matcher, false, span),
            Check::Unordered(choice) => self.judge_unordered(choice, span),
            Check::NotEqual(matcher) | Check::Not(matcher) => {
                let holds = matcher.holds(self.value, self)?;
                let expected = || format!("not {}", matcher.negated_words());
                Ok(holds.then(|| self.mismatch(span, expected())))
            }
            Check::OneOf(matchers) => self.judge_one_of(matchers, span),
            Check::Equal(_)
            | Check::Exact(_)
            | Check::All(_)
            | Check::Each(_)
            | Check::Length(_)
            | Check::Broken => Ok(None),
        }
    }
}
