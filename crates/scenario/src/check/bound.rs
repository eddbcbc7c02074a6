//! The names that are bound at one point of a scenario.

use crate::tree::Span;

/// A name, and what bound it.
#[derive(Clone, Debug)]
pub(super) struct Bound<'a> {
    pub(super) name: &'a str,
    pub(super) kind: BoundKind<'a>,
    /// Where; the stage's names have no place.
    pub(super) span: Option<&'a Span>,
}

/// What bound a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BoundKind<'a> {
    /// The stage: `stage`, `run`, `env`.
    Stage,
    /// The table.
    Row,
    /// `vars`, or an argument of a fixture.
    Variable,
    /// A fixture, by name.
    Fixture(&'a str),
    /// `capture`, `collect`, `set`.
    Capture,
    /// `each`, `repeat`, `parallel`.
    Loop,
}

impl BoundKind<'_> {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Stage => "what the stage gives",
            Self::Row => "the table's row",
            Self::Variable => "a variable",
            Self::Fixture(_) => "a fixture",
            Self::Capture => "a captured value",
            Self::Loop => "a loop variable",
        }
    }
}
