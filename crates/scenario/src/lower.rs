//! Tree → syntax tree, by hand.
//!
//! Nothing stops at an error: what cannot be lowered is left out, and its message is written. A function that
//! gives `None` has said why.

mod body;
mod conditions;
mod expectation;
mod fake;
mod mock;
mod scalar;
mod scenario;
mod step;
mod table;
mod verb;

use crate::codes::code;
use crate::suggest::{suggest, suggestion};
use crate::tree::{Key, Node, NodeValue};
use crate::words::Word;
use crate::{Diagnostics, Span};

pub(crate) use scalar::is_name;
pub(crate) use scenario::{document_fixtures, document_scenario};

/// Lowers one document. Collects what is wrong.
#[derive(Debug)]
pub(crate) struct Lower<'d> {
    pub(crate) diagnostics: &'d mut Diagnostics,
}

/// The entries of a mapping whose keys were checked against a list of words.
#[derive(Clone, Copy, Debug)]
struct Fields<'n> {
    span: &'n Span,
    entries: &'n [(Key, Node)],
}

impl<'n> Fields<'n> {
    /// The value of a key; a key with nothing behind it counts as not written.
    fn get(self, name: &str) -> Option<&'n Node> {
        self.entry(name).map(|(_, node)| node)
    }

    fn entry(self, name: &str) -> Option<(&'n Key, &'n Node)> {
        let found = self.entries.iter().find(|(key, _)| key.text == name)?;
        (!is_unwritten(&found.1)).then_some((&found.0, &found.1))
    }
}

/// Nothing stands behind the key: `expect:` at the end of a line.
fn is_unwritten(node: &Node) -> bool {
    matches!(node.value, NodeValue::Null) && node.span.text().is_empty()
}

impl Lower<'_> {
    /// The entries of `node`, which must be a mapping of these words. Unknown keys and missing ones are reported.
    fn fields<'n>(&mut self, node: &'n Node, what: &str, words: &[Word]) -> Option<Fields<'n>> {
        let Some(entries) = node.as_map() else {
            self.wrong_type(node, what);
            return None;
        };
        for (key, _) in entries {
            if !words.iter().any(|word| word.name == key.text) {
                self.unknown_key(key, what, words.iter().map(|word| word.name));
            }
        }
        let fields = Fields {
            span: &node.span,
            entries,
        };
        self.require(fields, what, words);
        Some(fields)
    }

    /// Keys that must be there are, and no key has nothing behind it.
    fn require(&mut self, fields: Fields<'_>, what: &str, words: &[Word]) {
        for (key, _) in fields.entries.iter().filter(|(_, node)| is_unwritten(node)) {
            let message = format!("nothing stands behind `{}`", key.text);
            let diagnostic = key
                .span
                .error(code::EMPTY, message)
                .help("leave the key out, or write `null` if that is meant");
            self.diagnostics.push(diagnostic);
        }
        for word in words.iter().filter(|word| word.is_required) {
            let is_there = fields.entries.iter().any(|(key, _)| key.text == word.name);
            let is_misspelt = || {
                fields
                    .entries
                    .iter()
                    .any(|(key, _)| suggest(&key.text, [word.name]).is_some())
            };
            if !is_there && !is_misspelt() {
                let name = word.name;
                let diagnostic = fields
                    .span
                    .error(code::MISSING_KEY, format!("{what} needs `{name}`"))
                    .help(format!("`{name}` is {}", word.kind.describe()));
                self.diagnostics.push(diagnostic);
            }
        }
    }

    fn unknown_key(
        &mut self,
        key: &Key,
        what: &str,
        known: impl IntoIterator<Item = &'static str, IntoIter: Clone>,
    ) {
        let message = format!("{what} has no key `{}`", key.text);
        let mut diagnostic = key.span.error(code::UNKNOWN_KEY, message);
        diagnostic.help = suggestion(&key.text, known);
        self.diagnostics.push(diagnostic);
    }

    fn wrong_type(&mut self, node: &Node, expected: &str) {
        let message = format!("expected {expected}, found {}", node.kind());
        let diagnostic = node.span.error(code::WRONG_TYPE, message);
        let is_typed = matches!(node.value, NodeValue::Bool(_) | NodeValue::Number(_));
        self.diagnostics
            .push(if is_typed && expected.starts_with("text") {
                diagnostic.help(format!("quote it: \"{}\"", node.span.text()))
            } else {
                diagnostic
            });
    }

    fn error(&mut self, span: &Span, code: &str, message: impl Into<String>) {
        self.diagnostics.push(span.error(code, message));
    }
}
