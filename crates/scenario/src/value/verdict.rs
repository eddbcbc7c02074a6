//! What a matcher says when it does not hold.

use std::fmt::Write as _;

use styk_core::is_secret_name;

use crate::Span;

/// One thing that does not hold.
#[derive(Clone, Debug)]
pub struct Mismatch {
    /// Where in the checked value: `.items[0].price`; empty for the value itself.
    pub path: String,
    /// What was asked for: `to be 2940`.
    pub expected: String,
    /// What is there: `it is 2900`.
    pub actual: String,
    /// The matcher that does not hold, in its file.
    pub span: Span,
}

impl Mismatch {
    /// The sentence about `subject`: `expected $.total to be 2940, it is 2900`.
    #[must_use]
    pub fn message(&self, subject: &str) -> String {
        format!(
            "expected {subject}{} {}, {}",
            self.path, self.expected, self.actual
        )
    }
}

/// The way from the checked value to the part under a matcher. Lives on the stack; becomes text only when
/// something does not hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trail<'a> {
    parent: Option<&'a Trail<'a>>,
    step: Step<'a>,
    hidden: bool,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Root,
    Member(&'a str),
    Element(usize),
}

impl<'a> Trail<'a> {
    pub(super) fn root(hidden: bool) -> Self {
        Self {
            parent: None,
            step: Step::Root,
            hidden,
        }
    }

    pub(super) fn member(&'a self, name: &'a str) -> Self {
        Self {
            parent: Some(self),
            step: Step::Member(name),
            hidden: is_secret_name(name),
        }
    }

    pub(super) fn element(&'a self, index: usize) -> Self {
        Self {
            parent: Some(self),
            step: Step::Element(index),
            hidden: self.hidden,
        }
    }

    /// Whether the value here must not be shown.
    pub(super) fn is_hidden(&self) -> bool {
        self.hidden
    }

    pub(super) fn text(&self) -> String {
        let mut text = self.parent.map_or(String::new(), Self::text);
        // Writing to a String cannot fail.
        let _ = match self.step {
            Step::Root => Ok(()),
            Step::Member(name) if super::scalar::is_name(name) => write!(text, ".{name}"),
            Step::Member(name) => write!(text, "['{name}']"),
            Step::Element(index) => write!(text, "[{index}]"),
        };
        text
    }
}
