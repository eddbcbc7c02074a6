//! `capture` and `collect`: binding names to parts of a result.

use serde_json::Value;
use styk_core::{Diagnostic, is_secret_name};

use super::answer::Answer;
use super::failure::place;
use super::strand::Strand;
use crate::ast::{Capture, Extract, Origin, Step};
use crate::value::shown;

/// What captures take their parts from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source<'a> {
    /// An answer over HTTP.
    Answer(&'a Answer),
    /// The calls that a `verify` or `wait` found, as a list.
    Calls(&'a Value),
    /// What an action of a fake gave.
    Acted(&'a Value),
}

/// Binds the names of a step. All of them are tried.
pub(super) fn bind(step: &Step, source: Source<'_>, strand: &mut Strand) -> Vec<Diagnostic> {
    let mut failures = Vec::new();
    for capture in &step.capture {
        match extract(capture, source, step) {
            Ok(value) => strand.scope.set(&capture.name, value),
            Err(failure) => failures.push(failure),
        }
    }
    for capture in &step.collect {
        match extract(capture, source, step) {
            Ok(value) => {
                let mut list = match strand.scope.get(&capture.name) {
                    Some(Value::Array(items)) => items.clone(),
                    _ => Vec::new(),
                };
                list.push(value);
                strand.scope.set(&capture.name, list.into());
            }
            Err(failure) => failures.push(failure),
        }
    }
    failures
}

fn extract(capture: &Capture, source: Source<'_>, step: &Step) -> Result<Value, Diagnostic> {
    let Extract {
        span,
        origin,
        matches,
    } = &capture.extract;
    let failed = |why: String| {
        let message = format!("cannot capture `{}`: {why}", capture.name);
        Diagnostic::error(message).at(place(span, step))
    };
    let value = match (source, origin) {
        (Source::Answer(answer), origin) => of_answer(answer, origin).map_err(&failed)?,
        (Source::Calls(calls), Origin::Path(path)) => path
            .value(calls)
            .map(std::borrow::Cow::into_owned)
            .ok_or_else(|| failed(format!("`{}` finds nothing in the calls", path.text())))?,
        (Source::Acted(result), Origin::Path(path)) => path
            .value(result)
            .map(std::borrow::Cow::into_owned)
            .ok_or_else(|| failed(format!("the action gave no `{}`: {result}", path.text())))?,
        (Source::Acted(_), _) => {
            return Err(failed(
                "what an action gave is read with a path such as `$.id`".to_owned(),
            ));
        }
        (Source::Calls(_), _) => {
            return Err(failed(
                "calls are read with a path such as `$[0].body`".to_owned(),
            ));
        }
    };
    let Some(pattern) = matches else {
        return Ok(value);
    };
    let text = match &value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let found = pattern.captures(&text);
    // The first group, or the whole match when the pattern has none.
    let part = found.and_then(|groups| groups.get(1).or_else(|| groups.get(0)));
    part.map(|part| part.as_str().into()).ok_or_else(|| {
        let hidden = is_secret_name(&capture.name);
        let actual = shown(&value, hidden);
        failed(format!("/{}/ finds nothing in {actual}", pattern.as_str()))
    })
}

fn of_answer(answer: &Answer, origin: &Origin) -> Result<Value, String> {
    match origin {
        Origin::Status => Ok(answer.status.as_u16().into()),
        Origin::Time => Ok(answer.time_ms()),
        Origin::Text => Ok(answer.text().into()),
        Origin::Header(name) => answer
            .header(name)
            .ok_or_else(|| format!("the answer has no header `{name}`")),
        Origin::Cookie(name) => answer
            .cookie(name)
            .ok_or_else(|| format!("the answer sets no cookie `{name}`")),
        Origin::Path(path) => {
            let json = answer
                .json()
                .ok_or_else(|| "the answer is no JSON".to_owned())?;
            path.value(json)
                .map(std::borrow::Cow::into_owned)
                .ok_or_else(|| format!("the answer has no {}", path.text()))
        }
    }
}
