//! Judging a value by a matcher.

use std::cmp::Ordering;

use serde_json::{Number, Value};
use styk_core::Diagnostic;

use super::compare::{compare_numbers, same};
use super::matcher::{Kind, Matcher};
use super::operator::{Check, Choice, Operator, Order};
use super::shape::{Shape, kind_of, moment};
use super::verdict::Trail;
use super::{Mismatch, Scope, ValueTemplate, shown};
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
                out.push(mismatch(trail, &self.span, expected, "it is missing".to_owned()));
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
            Kind::Value(template) => {
                Ok(format!("to be {}", shown(&*template.resolve(scope)?, hidden)))
            }
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
            let extra: Vec<&str> = actual
                .keys()
                .filter(is_extra)
                .map(String::as_str)
                .collect();
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
            Check::StartsWith(part) => self.judge_text(part, "to start with", span, |text, part| {
                text.starts_with(part)
            }),
            Check::EndsWith(part) => self.judge_text(part, "to end with", span, |text, part| {
                text.ends_with(part)
            }),
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
            Check::StatusClass(class) => {
                let is_in_class = self.value.as_u64().is_some_and(|n| n / 100 == *class);
                Ok((!is_in_class).then(|| self.mismatch(span, format!("to be {class}xx"))))
            }
            Check::Equal(_)
            | Check::Exact(_)
            | Check::All(_)
            | Check::Each(_)
            | Check::Length(_)
            | Check::Broken => Ok(None),
        }
    }

    fn judge_each(&self, matcher: &Matcher, span: &Span, out: &mut Vec<Mismatch>) -> Judged {
        let Value::Array(items) = self.value else {
            out.push(self.wrong_type(span, "to be a list".to_owned()));
            return Ok(());
        };
        for (index, item) in items.iter().enumerate() {
            let trail = self.trail.element(index);
            matcher.judge(Some(item), self.scope, &trail, false, out)?;
        }
        Ok(())
    }

    fn judge_length(&self, matcher: &Matcher, span: &Span, out: &mut Vec<Mismatch>) -> Judged {
        let Some(length) = length(self.value) else {
            out.push(self.wrong_type(span, "to have a length".to_owned()));
            return Ok(());
        };
        let length = Value::from(length);
        let mut inner = Vec::new();
        matcher.judge(Some(&length), self.scope, &Trail::root(false), false, &mut inner)?;
        let value = shown(self.value, self.trail.is_hidden());
        out.extend(inner.into_iter().map(|found| Mismatch {
            path: self.trail.text(),
            expected: format!("to have a length that is {}", found.expected.trim_start_matches("to be ")),
            actual: format!("its length is {length}: {value}"),
            span: found.span,
        }));
        Ok(())
    }

    fn judge_choice(
        &self,
        choice: &Choice,
        wanted: bool,
        span: &Span,
    ) -> Result<Option<Mismatch>, Diagnostic> {
        let found = match choice {
            Choice::Written(matchers) => {
                let mut found = false;
                for matcher in matchers {
                    found = found || matcher.holds(self.value, self)?;
                }
                found
            }
            Choice::Variable(template) => self
                .list(template)?
                .iter()
                .any(|expected| same(expected, self.value, false)),
        };
        if found == wanted {
            return Ok(None);
        }
        let list = match choice {
            Choice::Written(matchers) => {
                let words: Vec<String> = matchers.iter().map(Matcher::written).collect();
                format!("[{}]", words.join(", "))
            }
            Choice::Variable(template) => shown(&*template.resolve(self.scope)?, false),
        };
        let expected = if wanted { "to be one of" } else { "to be none of" };
        Ok(Some(self.mismatch(span, format!("{expected} {list}"))))
    }

    fn judge_order(
        &self,
        order: Order,
        bound: &ValueTemplate,
        span: &Span,
    ) -> Result<Option<Mismatch>, Diagnostic> {
        let bound = self.number(bound)?;
        let words = match order {
            Order::Greater => "greater than",
            Order::GreaterOrEqual => "at least",
            Order::Less => "less than",
            Order::LessOrEqual => "at most",
        };
        let expected = format!("to be {words} {bound}");
        let Value::Number(actual) = self.value else {
            return Ok(Some(self.wrong_type(span, expected)));
        };
        let compared = compare_numbers(actual, &bound);
        let holds = match order {
            Order::Greater => compared == Some(Ordering::Greater),
            Order::GreaterOrEqual => {
                matches!(compared, Some(Ordering::Greater | Ordering::Equal))
            }
            Order::Less => compared == Some(Ordering::Less),
            Order::LessOrEqual => matches!(compared, Some(Ordering::Less | Ordering::Equal)),
        };
        Ok((!holds).then(|| self.mismatch(span, expected)))
    }

    fn judge_near(
        &self,
        value: &ValueTemplate,
        within: &ValueTemplate,
        span: &Span,
    ) -> Result<Option<Mismatch>, Diagnostic> {
        let (value, within) = (self.number(value)?, self.number(within)?);
        let expected = format!("to be within {within} of {value}");
        let Value::Number(actual) = self.value else {
            return Ok(Some(self.wrong_type(span, expected)));
        };
        let holds = match (actual.as_f64(), value.as_f64(), within.as_f64()) {
            (Some(actual), Some(value), Some(within)) => (actual - value).abs() <= within,
            _ => false,
        };
        Ok((!holds).then(|| self.mismatch(span, expected)))
    }

    fn judge_moment(
        &self,
        bound: &ValueTemplate,
        wanted: Ordering,
        span: &Span,
    ) -> Result<Option<Mismatch>, Diagnostic> {
        let text = bound.render_text(self.scope)?;
        let limit = moment(&text).ok_or_else(|| {
            let message = format!("`{text}` is no time to compare with");
            Diagnostic::error(message).at(bound.span().location())
        })?;
        let word = if wanted == Ordering::Less { "before" } else { "after" };
        let expected = format!("to be {word} {text}");
        let Some(actual) = self.value.as_str().and_then(moment) else {
            return Ok(Some(self.wrong_type(span, format!("{expected} (a time)"))));
        };
        Ok((actual.cmp(&limit) != wanted).then(|| self.mismatch(span, expected)))
    }

    fn judge_contains(
        &self,
        matcher: &Matcher,
        wanted: bool,
        span: &Span,
    ) -> Result<Option<Mismatch>, Diagnostic> {
        let verb = if wanted { "to contain" } else { "not to contain" };
        let expected = |matcher: &Matcher| {
            let words = matcher.described(self.scope, self.trail.is_hidden());
            words.map(|words| format!("{verb} {}", words.trim_start_matches("to be ")))
        };
        let found = match (self.value, &matcher.kind) {
            (Value::String(text), Kind::Value(template)) => {
                let part = template.resolve(self.scope)?;
                match part.as_str() {
                    Some(part) => text.contains(part),
                    None => return Ok(Some(self.wrong_type(span, expected(matcher)?))),
                }
            }
            (Value::Array(items), _) => {
                let mut found = false;
                for item in items {
                    found = found || matcher.holds(item, self)?;
                }
                found
            }
            _ => return Ok(Some(self.wrong_type(span, expected(matcher)?))),
        };
        if found == wanted {
            return Ok(None);
        }
        Ok(Some(self.mismatch(span, expected(matcher)?)))
    }

    fn judge_text(
        &self,
        part: &ValueTemplate,
        verb: &str,
        span: &Span,
        holds: impl Fn(&str, &str) -> bool,
    ) -> Result<Option<Mismatch>, Diagnostic> {
        let part = part.render_text(self.scope)?;
        let expected = format!("{verb} {}", shown(&part.clone().into(), self.trail.is_hidden()));
        Ok(match self.value {
            Value::String(text) => {
                (!holds(text, &part)).then(|| self.mismatch(span, expected))
            }
            _ => Some(self.wrong_type(span, expected)),
        })
    }

    fn judge_type(&self, shapes: &[Shape], span: &Span) -> Option<Mismatch> {
        if shapes.iter().any(|shape| shape.fits(self.value)) {
            return None;
        }
        let names: Vec<&str> = shapes.iter().map(|shape| shape.name()).collect();
        let expected = format!("to be of type {}", names.join(" or "));
        Some(self.wrong_type(span, expected))
    }

    fn judge_empty(&self, wanted: bool, span: &Span) -> Option<Mismatch> {
        let expected = if wanted { "to be empty" } else { "not to be empty" }.to_owned();
        match length(self.value) {
            Some(length) => {
                ((length == 0) != wanted).then(|| self.mismatch(span, expected))
            }
            None => Some(self.wrong_type(span, expected)),
        }
    }

    fn judge_any(
        &self,
        matcher: &Matcher,
        wanted: bool,
        span: &Span,
    ) -> Result<Option<Mismatch>, Diagnostic> {
        let quantity = if wanted { "an element" } else { "no element" };
        let expected = format!("to have {quantity} that matches {}", matcher.written());
        let Value::Array(items) = self.value else {
            return Ok(Some(self.wrong_type(span, expected)));
        };
        let mut found = false;
        for item in items {
            found = found || matcher.holds(item, self)?;
        }
        Ok((found != wanted).then(|| self.mismatch(span, expected)))
    }

    fn judge_one_of(
        &self,
        matchers: &[Matcher],
        span: &Span,
    ) -> Result<Option<Mismatch>, Diagnostic> {
        for matcher in matchers {
            if matcher.holds(self.value, self)? {
                return Ok(None);
            }
        }
        let words: Vec<String> = matchers.iter().map(Matcher::written).collect();
        let expected = format!("to match one of: {}", words.join(", "));
        Ok(Some(self.mismatch(span, expected)))
    }

    fn judge_unordered(
        &self,
        choice: &Choice,
        span: &Span,
    ) -> Result<Option<Mismatch>, Diagnostic> {
        let Value::Array(actual) = self.value else {
            return Ok(Some(self.wrong_type(span, "to be a list".to_owned())));
        };
        // fits[i] lists the elements that the i-th expectation accepts.
        let mut fits: Vec<Vec<usize>> = Vec::new();
        match choice {
            Choice::Written(matchers) => {
                for matcher in matchers {
                    let mut row = Vec::new();
                    for (index, value) in actual.iter().enumerate() {
                        if matcher.holds(value, self)? {
                            row.push(index);
                        }
                    }
                    fits.push(row);
                }
            }
            Choice::Variable(template) => {
                for expected in &self.list(template)? {
                    let accepts = |value: &Value| same(expected, value, false);
                    let row = actual.iter().enumerate().filter(|(_, value)| accepts(value));
                    fits.push(row.map(|(index, _)| index).collect());
                }
            }
        }
        if fits.len() == actual.len() && can_pair(&fits, actual.len()) {
            return Ok(None);
        }
        let wanted = match choice {
            Choice::Written(matchers) => {
                let words: Vec<String> = matchers.iter().map(Matcher::written).collect();
                words.join(", ")
            }
            Choice::Variable(template) => shown(&*template.resolve(self.scope)?, false),
        };
        let expected = format!("to hold, in any order: {wanted}");
        Ok(Some(self.mismatch(span, expected)))
    }

    fn number(&self, template: &ValueTemplate) -> Result<Number, Diagnostic> {
        let value = template.resolve(self.scope)?;
        value.as_number().cloned().ok_or_else(|| {
            let text = shown(&value, false);
            let message = format!("a number is needed here, this is {}: {text}", kind_of(&value));
            Diagnostic::error(message).at(template.span().location())
        })
    }

    fn list(&self, template: &ValueTemplate) -> Result<Vec<Value>, Diagnostic> {
        match template.render(self.scope)? {
            Value::Array(items) => Ok(items),
            other => {
                let text = shown(&other, false);
                let message = format!("a list is needed here, this is {}: {text}", kind_of(&other));
                Err(Diagnostic::error(message).at(template.span().location()))
            }
        }
    }
}

impl Matcher {
    fn negated_words(&self) -> String {
        match &self.kind {
            Kind::Operators(_) => format!("to match {}", self.written()),
            _ => format!("to be {}", self.written()),
        }
    }
}

/// Characters of a text, elements of a list, members of an object.
fn length(value: &Value) -> Option<usize> {
    match value {
        Value::String(text) => Some(text.chars().count()),
        Value::Array(items) => Some(items.len()),
        Value::Object(members) => Some(members.len()),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Whether each expectation can have an element of its own: augmenting paths (Kuhn).
fn can_pair(fits: &[Vec<usize>], elements: usize) -> bool {
    fn place(
        row: usize,
        fits: &[Vec<usize>],
        owner: &mut [Option<usize>],
        tried: &mut [bool],
    ) -> bool {
        for &element in &fits[row] {
            if std::mem::replace(&mut tried[element], true) {
                continue;
            }
            let is_free = match owner[element] {
                None => true,
                Some(other) => place(other, fits, owner, tried),
            };
            if is_free {
                owner[element] = Some(row);
                return true;
            }
        }
        false
    }
    let mut owner = vec![None; elements];
    (0..fits.len()).all(|row| place(row, fits, &mut owner, &mut vec![false; elements]))
}
