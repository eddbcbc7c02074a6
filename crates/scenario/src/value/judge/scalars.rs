//! Judging numbers, times, texts and types.

use std::cmp::Ordering;

use serde_json::{Number, Value};
use styk_core::Diagnostic;

use super::Subject;
use crate::Span;
use crate::value::compare::compare_numbers;
use crate::value::operator::Order;
use crate::value::shape::{Shape, kind_of, moment};
use crate::value::{Mismatch, ValueTemplate, shown};

impl Subject<'_> {
    pub(super) fn judge_order(
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

    pub(super) fn judge_near(
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

    pub(super) fn judge_moment(
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
        let word = if wanted == Ordering::Less {
            "before"
        } else {
            "after"
        };
        let expected = format!("to be {word} {text}");
        let Some(actual) = self.value.as_str().and_then(moment) else {
            return Ok(Some(self.wrong_type(span, format!("{expected} (a time)"))));
        };
        Ok((actual.cmp(&limit) != wanted).then(|| self.mismatch(span, expected)))
    }

    pub(super) fn judge_text(
        &self,
        part: &ValueTemplate,
        verb: &str,
        span: &Span,
        holds: impl Fn(&str, &str) -> bool,
    ) -> Result<Option<Mismatch>, Diagnostic> {
        let part = part.render_text(self.scope)?;
        let expected = format!(
            "{verb} {}",
            shown(&part.clone().into(), self.trail.is_hidden())
        );
        Ok(match self.value {
            Value::String(text) => (!holds(text, &part)).then(|| self.mismatch(span, expected)),
            _ => Some(self.wrong_type(span, expected)),
        })
    }

    pub(super) fn judge_type(&self, shapes: &[Shape], span: &Span) -> Option<Mismatch> {
        if shapes.iter().any(|shape| shape.fits(self.value)) {
            return None;
        }
        let names: Vec<&str> = shapes.iter().map(|shape| shape.name()).collect();
        let expected = format!("to be of type {}", names.join(" or "));
        Some(self.wrong_type(span, expected))
    }

    pub(super) fn number(&self, template: &ValueTemplate) -> Result<Number, Diagnostic> {
        let value = template.resolve(self.scope)?;
        value.as_number().cloned().ok_or_else(|| {
            let text = shown(&value, false);
            let message = format!(
                "a number is needed here, this is {}: {text}",
                kind_of(&value)
            );
            Diagnostic::error(message).at(template.span().location())
        })
    }
}
