//! JSONPath in the dialect of Jayway, the library of the original.
//!
//! A path is *definite* when it can lead to one place only (`$.a[0].b`): it yields that value, or nothing. Any other path
//! (`..`, `*`, slices, lists, filters) yields the list of what it found, which may be empty. A function at the end
//! (`$.a.length()`) yields its result. Paths are compiled once; an evaluation has a bounded number of steps.
//!
//! Where Jayway itself is at odds with its documentation, its behaviour is kept (a slice from a negative index to a given
//! end counts some items twice, `length()` of a deep scan counts the children), but for these: a deep scan that goes
//! on after `*` or a list (`$..*.p`) finds what one expects, and a name in a filter ends at `&` and `|`. The script form
//! `[(@.length-1)]` is not part of the dialect. MockServer 5.15 lets only lists match, so that `$.a` never does.

use std::borrow::Cow;

use crate::json::Json;

mod evaluate;
mod filter;
mod function;
mod parse;

/// A compiled path.
#[derive(Debug)]
pub(crate) struct JsonPath {
    path: Path,
}

/// What a path yields.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Found {
    /// The value at the one place a definite path leads to, or the result of a function.
    One(Json),
    /// Everything another path found, in document order.
    Many(Vec<Json>),
}

impl JsonPath {
    /// Compiles a path. The leading `$.` may be left out.
    ///
    /// # Errors
    ///
    /// What is wrong with the text, in a sentence.
    pub(crate) fn compile(text: &str) -> Result<Self, String> {
        parse::path(text).map(|path| Self { path })
    }

    /// What the path yields in `document`; `None` when a definite path leads nowhere, or the evaluation was given up.
    pub(crate) fn evaluate(&self, document: &Json) -> Option<Found> {
        evaluate::found(&self.path, document, |value, evaluation| match value {
            Value::One(Cow::Owned(one)) => Ok(Found::One(one)),
            Value::One(Cow::Borrowed(one)) => evaluation.copy(one).map(Found::One),
            Value::Many(many) => {
                let copies = many.iter().map(|value| evaluation.copy(value));
                copies.collect::<Result<_, _>>().map(Found::Many)
            }
        })
    }

    /// Whether the path finds something: any value but null and an empty list.
    pub(crate) fn finds(&self, document: &Json) -> bool {
        let finds = |value: Value<'_>| match value {
            Value::One(one) => match &*one {
                Json::Null => false,
                Json::Array(items) => !items.is_empty(),
                _ => true,
            },
            Value::Many(many) => !many.is_empty(),
        };
        evaluate::found(&self.path, document, |value, _| Ok(finds(value))).unwrap_or_default()
    }
}

/// A path in steps.
#[derive(Debug)]
struct Path {
    /// Starts at the document (`$`), not at the item under a filter (`@`).
    from_root: bool,
    steps: Vec<Step>,
    function: Option<Call>,
}

#[derive(Debug)]
enum Step {
    /// `.a`, `['a']`, `['a','b']`.
    Names(Vec<String>),
    /// `[0]`, `[-1]`, `[0,2]`.
    Indexes(Vec<i64>),
    /// `[1:]`, `[:2]`, `[1:2]`.
    Slice(Option<i64>, Option<i64>),
    /// `*` and `[*]`.
    Wildcard,
    /// `[?(...)]`.
    Filter(filter::Condition),
    /// `..`; the next step is tried everywhere below.
    Descend,
}

/// A function at the end of a path.
#[derive(Debug)]
struct Call {
    function: function::Function,
    arguments: Vec<Argument>,
}

#[derive(Debug)]
enum Argument {
    Json(Json),
    Path(Path),
}

impl Path {
    /// Whether the first `length` steps can lead to one place only. Several names are one place at the end (they make one
    /// object) and several before it.
    fn is_definite_before(&self, length: usize) -> bool {
        let last = self.steps.len().saturating_sub(1);
        let mut steps = self.steps.iter().take(length).enumerate();
        steps.all(|(at, step)| match step {
            Step::Names(names) => names.len() == 1 || (at == last && self.function.is_none()),
            Step::Indexes(indexes) => indexes.len() == 1,
            Step::Slice(..) | Step::Wildcard | Step::Filter(_) | Step::Descend => false,
        })
    }

    fn is_definite(&self) -> bool {
        self.is_definite_before(self.steps.len())
    }
}

/// What a path yields, borrowed from the document where possible.
#[derive(Debug)]
enum Value<'a> {
    One(Cow<'a, Json>),
    Many(Vec<Cow<'a, Json>>),
}

#[cfg(test)]
mod tests;
