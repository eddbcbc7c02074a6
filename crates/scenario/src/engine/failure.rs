//! From what does not hold to a message with its evidence.

use std::time::Duration;

use serde_json::Value;
use styk_core::{Diagnostic, Location, Secrets, is_secret_name, mask_json};

use super::answer::Answer;
use super::expect::Finding;
use super::names;
use super::strand::Strand;
use crate::Span;
use crate::ast::Step;
use crate::value::{shorten, shown};

/// The longest part of a body that is shown, in characters.
const BODY_SHOWN_MAX: usize = 600;

/// The most variables that are shown.
const VALUES_SHOWN_MAX: usize = 8;

/// The place of a message, with the line of the step above it.
pub(super) fn place(span: &Span, step: &Step) -> Location {
    span.location_under(&step.span)
}

/// The messages for an answer that is not as expected; the first carries the evidence.
pub(super) fn of_answer(
    findings: Vec<Finding>,
    answer: &Answer,
    step: &Step,
    strand: &Strand,
) -> Vec<Diagnostic> {
    let shows_status = findings.iter().any(|finding| finding.subject == "status");
    let mut failures: Vec<Diagnostic> = findings
        .into_iter()
        .map(|finding| Diagnostic::error(finding.message).at(place(&finding.place, step)))
        .collect();
    if let Some(first) = failures.first_mut() {
        if !shows_status && answer.status.as_u16() >= 400 {
            first
                .notes
                .push(format!("status: {}", answer.status_text()));
        }
        first.notes.push(body_digest(answer));
        first.notes.extend(values_in_play(step, strand));
        first.notes.push(exchange_note(answer.seq, answer.duration));
    }
    failures
}

/// `exchange 6, 41 ms`.
pub(super) fn exchange_note(seq: u64, duration: Duration) -> String {
    format!("exchange {seq}, {} ms", duration.as_millis())
}

/// `body: {"error":"out_of_stock"}`.
pub(super) fn body_digest(answer: &Answer) -> String {
    if answer.body.is_empty() {
        return "body: none".to_owned();
    }
    let text = match answer.json() {
        Some(json) => mask_json(json).to_string(),
        None => answer.text(),
    };
    let shown = shorten(text.trim(), BODY_SHOWN_MAX);
    let mut lines = shown.lines();
    let first = lines.next().unwrap_or_default();
    let rest: Vec<&str> = lines.take(5).collect();
    if rest.is_empty() {
        format!("body: {first}")
    } else {
        format!("body: {first}\n{}", rest.join("\n"))
    }
}

/// `values: order = 17, ids = [1, 2]`: the variables that the step reads.
pub(super) fn values_in_play(step: &Step, strand: &Strand) -> Option<String> {
    let mut read = names::of_step(step);
    read.sort_unstable();
    read.dedup();
    let known: Vec<String> = read
        .into_iter()
        .filter_map(|name| {
            let value = strand.scope.get(name)?;
            Some(format!("{name} = {}", shown(value, hides(name, value))))
        })
        .take(VALUES_SHOWN_MAX)
        .collect();
    (!known.is_empty()).then(|| format!("values: {}", known.join(", ")))
}

/// A secret's value is hidden by its name; the members of an object are hidden by theirs.
fn hides(name: &str, value: &Value) -> bool {
    is_secret_name(name) && !value.is_object()
}

/// Hides declared secrets wherever they stand in a message.
pub(super) fn mask(diagnostic: &mut Diagnostic, secrets: &Secrets) {
    if secrets.is_empty() {
        return;
    }
    let hide = |text: &mut String| {
        let masked = secrets.mask(text);
        *text = masked;
    };
    hide(&mut diagnostic.message);
    diagnostic.notes.iter_mut().for_each(hide);
    diagnostic.help.iter_mut().for_each(hide);
    diagnostic.label.iter_mut().for_each(hide);
    if let Some(location) = &mut diagnostic.location {
        for line in &mut location.lines {
            hide(&mut line.text);
        }
    }
}

/// The place of a step for the report, without declared secrets in its line.
pub(super) fn masked_location(span: &Span, secrets: &Secrets) -> Location {
    let mut location = span.location();
    if !secrets.is_empty() {
        for line in &mut location.lines {
            line.text = secrets.mask(&line.text);
        }
    }
    location
}
