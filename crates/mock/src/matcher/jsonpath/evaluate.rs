//! Following a path through a document.

use std::borrow::Cow;
use std::cell::Cell;

use super::{Path, Step, Value};
use crate::json::{Json, Object};

const STEPS_MAX: usize = 1_000_000;

/// Why an evaluation ended without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// A definite path leads nowhere.
    Absent,
    /// A step or an operator cannot be applied to what it met.
    Mismatch,
    /// It took too many steps.
    Exhausted,
}

/// Hands what the path yields in the document to `take`.
pub(super) fn found<'a, T>(
    path: &'a Path,
    root: &'a Json,
    take: impl FnOnce(Value<'a>, &Evaluation<'a>) -> Result<T, Stop>,
) -> Option<T> {
    let evaluation = Evaluation {
        root,
        steps: Cell::new(0),
    };
    let value = evaluation.value(path, root, false);
    match value.and_then(|value| take(value, &evaluation)) {
        Ok(value) => Some(value),
        Err(Stop::Absent | Stop::Mismatch) => None,
        Err(Stop::Exhausted) => {
            tracing::warn!(
                "a JSONPath was given up after {STEPS_MAX} steps: it counts as no match"
            );
            None
        }
    }
}

/// Nodes, and texts by their length. Recursion is as deep as the document, whose depth is bounded.
fn weight(value: &Json) -> usize {
    match value {
        Json::Null | Json::Bool(_) => 1,
        Json::Number(text) => 1 + text.len() / 64,
        Json::Text(text) => 1 + text.len() / 64,
        Json::Array(items) => 1 + items.iter().map(weight).sum::<usize>(),
        Json::Object(fields) => {
            1 + fields
                .values()
                .map(|field| 1 + weight(field))
                .sum::<usize>()
        }
    }
}

/// One walk through one document.
pub(super) struct Evaluation<'a> {
    root: &'a Json,
    steps: Cell<usize>,
}

impl<'a> Evaluation<'a> {
    /// Counts a step.
    pub(super) fn step(&self) -> Result<(), Stop> {
        self.steps(1)
    }

    fn steps(&self, more: usize) -> Result<(), Stop> {
        let steps = self.steps.get().saturating_add(more);
        self.steps.set(steps);
        if steps > STEPS_MAX {
            Err(Stop::Exhausted)
        } else {
            Ok(())
        }
    }

    /// A copy of a value; it costs steps by the size of the value, since a deep scan finds many that hold each other.
    pub(super) fn copy(&self, value: &Json) -> Result<Json, Stop> {
        self.steps(weight(value))?;
        Ok(value.clone())
    }

    /// What `path` yields, started at `item` or at the document. With `strictly`, absent fields are an error everywhere.
    pub(super) fn value(
        &self,
        path: &'a Path,
        item: &'a Json,
        strictly: bool,
    ) -> Result<Value<'a>, Stop> {
        let start = if path.from_root { self.root } else { item };
        let walk = Walk {
            evaluation: self,
            path,
            strictly,
        };
        let mut found = Vec::new();
        walk.follow(0, start, &mut found)?;
        if path.is_definite() {
            found.pop().map(Value::One).ok_or(Stop::Absent)
        } else {
            Ok(Value::Many(found))
        }
    }

    /// What a path among the arguments of a function yields: it starts at the document.
    pub(super) fn argument(&self, path: &'a Path) -> Result<Value<'a>, Stop> {
        self.value(path, self.root, false)
    }
}

/// One path on its way.
struct Walk<'w, 'a> {
    evaluation: &'w Evaluation<'a>,
    path: &'a Path,
    strictly: bool,
}

type Results<'a> = Vec<Cow<'a, Json>>;

impl<'a> Walk<'_, 'a> {
    /// Applies the step at `at` and those behind it to `node`. Recursion is as deep as the path is long, and paths are
    /// bounded.
    fn follow(&self, at: usize, node: &'a Json, found: &mut Results<'a>) -> Result<(), Stop> {
        self.evaluation.step()?;
        let Some(step) = self.path.steps.get(at) else {
            found.push(match &self.path.function {
                None => Cow::Borrowed(node),
                Some(call) => Cow::Owned(call.invoke(node, self.evaluation)?),
            });
            return Ok(());
        };
        match step {
            Step::Names(names) => self.names(names, at, node, found),
            Step::Indexes(indexes) => {
                let Some(items) = self.items(at, node)? else {
                    return Ok(());
                };
                let mut indexes = indexes.iter();
                indexes.try_for_each(|index| self.index(*index, at, items, found))
            }
            Step::Slice(from, to) => {
                let Some(items) = self.items(at, node)? else {
                    return Ok(());
                };
                let mut range = slice(*from, *to, items.len());
                range.try_for_each(|index| self.index(index, at, items, found))
            }
            Step::Wildcard => match node {
                Json::Object(fields) => self.each(at, fields.values(), found),
                Json::Array(items) => self.each(at, items.iter(), found),
                _ => Ok(()),
            },
            Step::Filter(condition) => match node {
                Json::Array(items) => {
                    for item in items {
                        if condition.accepts(item, self.evaluation)? {
                            self.follow(at + 1, item, found)?;
                        }
                    }
                    Ok(())
                }
                Json::Object(_) => {
                    if condition.accepts(node, self.evaluation)? {
                        self.follow(at + 1, node, found)?;
                    }
                    Ok(())
                }
                _ if self.path.is_definite_before(at) => Err(Stop::Mismatch),
                _ => Ok(()),
            },
            Step::Descend => self.descend(at, node, found),
        }
    }

    fn names(
        &self,
        names: &[String],
        at: usize,
        node: &'a Json,
        found: &mut Results<'a>,
    ) -> Result<(), Stop> {
        let must_be_there = self.path.is_definite_before(at);
        let Json::Object(fields) = node else {
            return if must_be_there {
                Err(Stop::Absent)
            } else {
                Ok(())
            };
        };
        let is_last = at + 1 == self.path.steps.len() && self.path.function.is_none();
        if is_last && names.len() > 1 {
            let mut together = Object::new();
            for name in names {
                match fields.get(name) {
                    Some(value) => {
                        together.insert(name.clone(), self.evaluation.copy(value)?);
                    }
                    None if self.strictly => return Err(Stop::Absent),
                    None => {}
                }
            }
            found.push(Cow::Owned(Json::Object(together)));
            return Ok(());
        }
        for name in names {
            match fields.get(name) {
                Some(value) => self.follow(at + 1, value, found)?,
                None if self.strictly || (must_be_there && names.len() == 1) => {
                    return Err(Stop::Absent);
                }
                None => {}
            }
        }
        Ok(())
    }

    fn items(&self, at: usize, node: &'a Json) -> Result<Option<&'a [Json]>, Stop> {
        match node {
            Json::Array(items) => Ok(Some(items)),
            _ if self.path.is_definite_before(at) => Err(Stop::Absent),
            _ => Ok(None),
        }
    }

    fn index(
        &self,
        index: i64,
        at: usize,
        items: &'a [Json],
        found: &mut Results<'a>,
    ) -> Result<(), Stop> {
        match place(index, items.len()).and_then(|place| items.get(place)) {
            Some(item) => self.follow(at + 1, item, found),
            None => Ok(()),
        }
    }

    fn each(
        &self,
        at: usize,
        values: impl Iterator<Item = &'a Json>,
        found: &mut Results<'a>,
    ) -> Result<(), Stop> {
        for value in values {
            match self.follow(at + 1, value, found) {
                Err(Stop::Absent) if !self.strictly => {}
                other => other?,
            }
        }
        Ok(())
    }

    /// Tries the next step on every object and list at and below `node`, outer ones first.
    fn descend(&self, at: usize, node: &'a Json, found: &mut Results<'a>) -> Result<(), Stop> {
        let mut waiting = vec![node];
        while let Some(node) = waiting.pop() {
            self.evaluation.step()?;
            let fits = match (self.path.steps.get(at + 1), node) {
                (_, Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_)) => false,
                (Some(Step::Names(names)), Json::Object(fields)) => {
                    let is_last = at + 2 == self.path.steps.len();
                    (names.len() > 1 && !is_last)
                        || names.iter().all(|name| fields.contains_key(name))
                }
                (Some(Step::Indexes(_) | Step::Slice(..)), Json::Array(_)) => true,
                (Some(Step::Wildcard), _) => true,
                (Some(Step::Filter(condition)), _) => condition.accepts(node, self.evaluation)?,
                _ => false,
            };
            if fits {
                self.follow(at + 1, node, found)?;
            }
            match node {
                Json::Object(fields) => waiting.extend(fields.values().rev()),
                Json::Array(items) => waiting.extend(items.iter().rev()),
                _ => {}
            }
        }
        Ok(())
    }
}

/// The place an index means in a list of this length; negative ones count from the end.
pub(super) fn place(index: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    let place = if index < 0 { index + length } else { index };
    usize::try_from(place).ok().filter(|_| place < length)
}

/// The indexes of a slice, as Jayway counts them: those of `[-2:1]` run through zero.
fn slice(from: Option<i64>, to: Option<i64>, length: usize) -> std::ops::Range<i64> {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let behind = |end: i64| if end < 0 { end + length } else { end };
    match (from, to) {
        (Some(from), None) => behind(from).max(0)..length,
        (None, Some(to)) => 0..behind(to).min(length),
        // An index before the first item finds nothing.
        (Some(from), Some(to)) => from.max(-length)..to.min(length),
        (None, None) => 0..0,
    }
}
