//! What a scenario file says, with places.
//!
//! YAML events become a tree whose every node knows the bytes it stands on; everything after that (lowering,
//! checks, run-time messages) points into the file through these spans. The tree keeps no YAML peculiarities:
//! anchors, tags and merge keys are refused when it is built, and only `true`, `false`, `null`, `~` and JSON
//! numbers are anything but text.

mod parse;
mod source;

use std::ops::Range;

use serde_json::{Number, Value};

pub use parse::parse;
pub(crate) use parse::{SIZE_MAX, scalar_value};
pub use source::{Source, Span};

/// One node of the tree.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it stands; a quoted scalar's span includes the quotes.
    pub span: Span,
    /// What it is.
    pub value: NodeValue,
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum NodeValue {
    /// `null`, `~` or nothing at all.
    Null,
    /// Plain `true` or `false`.
    Bool(bool),
    /// A plain JSON number.
    Number(Number),
    /// Any other scalar, and every quoted one.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping in the order of the file; no key occurs twice.
    Map(Vec<(Key, Node)>),
}

/// The key of a mapping's entry.
#[derive(Clone, Debug)]
pub struct Key {
    /// Where it stands.
    pub span: Span,
    /// Its text; `200:` and `true:` are the texts `200` and `true`.
    pub text: String,
}

impl Node {
    /// The text of a text scalar.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.value {
            NodeValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The entries of a mapping.
    #[must_use]
    pub fn as_map(&self) -> Option<&[(Key, Node)]> {
        match &self.value {
            NodeValue::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The elements of a sequence.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Node]> {
        match &self.value {
            NodeValue::List(items) => Some(items),
            _ => None,
        }
    }

    /// The value of a mapping's entry.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        let entries = self.as_map()?;
        entries
            .iter()
            .find(|(name, _)| name.text == key)
            .map(|(_, node)| node)
    }

    /// The kind of the node in a person's words: `text`, `a list`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.value {
            NodeValue::Null => "nothing",
            NodeValue::Bool(_) => "true or false",
            NodeValue::Number(_) => "a number",
            NodeValue::Text(_) => "text",
            NodeValue::List(_) => "a list",
            NodeValue::Map(_) => "a mapping",
        }
    }

    /// The node as plain JSON, without any substitution.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match &self.value {
            NodeValue::Null => Value::Null,
            NodeValue::Bool(value) => Value::Bool(*value),
            NodeValue::Number(number) => Value::Number(number.clone()),
            NodeValue::Text(text) => Value::String(text.clone()),
            NodeValue::List(items) => items.iter().map(Self::to_json).collect(),
            NodeValue::Map(entries) => Value::Object(
                entries
                    .iter()
                    .map(|(key, node)| (key.text.clone(), node.to_json()))
                    .collect(),
            ),
        }
    }

    /// The place of a part of this scalar's text, given as a byte range of the *text* (not of the file).
    ///
    /// Exact where the file has the text verbatim (plain scalars, quoted ones without escapes) or has the part
    /// exactly once (block scalars); else the whole scalar.
    #[must_use]
    pub fn part(&self, range: Range<usize>) -> Span {
        self.as_text()
            .map_or_else(|| self.span.clone(), |text| self.span.part(text, range))
    }
}

impl Key {
    /// The place of a part of the key's text; see [`Node::part`].
    #[must_use]
    pub fn part(&self, range: Range<usize>) -> Span {
        self.span.part(&self.text, range)
    }
}
