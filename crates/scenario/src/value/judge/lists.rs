//! Judging lists and lengths, and choices among several matchers.

use serde_json::Value;
use styk_core::Diagnostic;

use super::{Judged, Subject};
use crate::Span;
use crate::value::compare::same;
use crate::value::matcher::{Kind, Matcher};
use crate::value::operator::Choice;
use crate::value::shape::kind_of;
use crate::value::verdict::Trail;
use crate::value::{Mismatch, ValueTemplate, shown};

impl Subject<'_> {
    pub(super) fn judge_each(
        &self,
        matcher: &Matcher,
        span: &Span,
        out: &mut Vec<Mismatch>,
    ) -> Judged {
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

    pub(super) fn judge_length(
        &self,
        matcher: &Matcher,
        span: &Span,
        out: &mut Vec<Mismatch>,
    ) -> Judged {
        let Some(length) = length(self.value) else {
            out.push(self.wrong_type(span, "to have a length".to_owned()));
            return Ok(());
        };
        let length = Value::from(length);
        let mut inner = Vec::new();
        matcher.judge(
            Some(&length),
            self.scope,
            &Trail::root(false),
            false,
            &mut inner,
        )?;
        let value = shown(self.value, self.trail.is_hidden());
        out.extend(inner.into_iter().map(|found| Mismatch {
            path: self.trail.text(),
            expected: format!(
                "to have a length that is {}",
                found.expected.trim_start_matches("to be ")
            ),
            actual: format!("its length is {length}: {value}"),
            span: found.span,
        }));
        Ok(())
    }

    pub(super) fn judge_choice(
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
        let expected = if wanted {
            "to be one of"
        } else {
            "to be none of"
        };
        Ok(Some(self.mismatch(span, format!("{expected} {list}"))))
    }

    pub(super) fn judge_contains(
        &self,
        matcher: &Matcher,
        wanted: bool,
        span: &Span,
    ) -> Result<Option<Mismatch>, Diagnostic> {
        let verb = if wanted {
            "to contain"
        } else {
            "not to contain"
        };
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

    pub(super) fn judge_empty(&self, wanted: bool, span: &Span) -> Option<Mismatch> {
        let expected = if wanted {
            "to be empty"
        } else {
            "not to be empty"
        }
        .to_owned();
        match length(self.value) {
            Some(length) => ((length == 0) != wanted).then(|| self.mismatch(span, expected)),
            None => Some(self.wrong_type(span, expected)),
        }
    }

    pub(super) fn judge_any(
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

    pub(super) fn judge_one_of(
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

    pub(super) fn judge_unordered(
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
                    let row = actual
                        .iter()
                        .enumerate()
                        .filter(|(_, value)| accepts(value));
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

    pub(super) fn list(&self, template: &ValueTemplate) -> Result<Vec<Value>, Diagnostic> {
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
