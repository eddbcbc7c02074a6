//! Reading settings from a spanned tree, with all errors at once.
//!
//! Every reader gives `None` after it has said what is wrong; the caller goes on with the next setting.

use std::ops::RangeInclusive;
use std::time::Duration;

use styk_scenario::{Diagnostics, Key, Node, NodeValue, Span, parse_duration, suggest};

use crate::codes::code;

/// A mapping whose keys are all known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'n> {
    entries: &'n [(Key, Node)],
}

impl<'n> Fields<'n> {
    /// `node` as a mapping with `known` keys. Nothing at all counts as an empty mapping.
    pub(crate) fn of(
        node: &'n Node,
        what: &str,
        known: &[&str],
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let entries = entries(node, what, diagnostics)?;
        for (key, _) in entries {
            if !known.contains(&key.text.as_str()) {
                diagnostics.push(unknown(key, what, known));
            }
        }
        Some(Self { entries })
    }

    pub(crate) fn get(&self, key: &str) -> Option<&'n Node> {
        let entry = self.entries.iter().find(|(name, _)| name.text == key);
        // `key:` with nothing behind it is the same as no key.
        entry
            .map(|(_, node)| node)
            .filter(|node| !matches!(node.value, NodeValue::Null))
    }

    pub(crate) fn key(&self, key: &str) -> Option<&'n Key> {
        let entry = self.entries.iter().find(|(name, _)| name.text == key);
        entry.map(|(key, _)| key)
    }

    /// The value of `key`, read by `read`.
    pub(crate) fn read<T>(
        &self,
        key: &str,
        diagnostics: &mut Diagnostics,
        read: impl FnOnce(&'n Node, &str, &mut Diagnostics) -> Option<T>,
    ) -> Option<T> {
        read(self.get(key)?, key, diagnostics)
    }
}

/// The entries of a mapping with any keys; of nothing, none.
pub(crate) fn entries<'n>(
    node: &'n Node,
    what: &str,
    diagnostics: &mut Diagnostics,
) -> Option<&'n [(Key, Node)]> {
    match &node.value {
        NodeValue::Map(entries) => Some(entries),
        NodeValue::Null => Some(&[]),
        _ => {
            diagnostics.push(wrong_type(node, what, "a mapping"));
            None
        }
    }
}

fn unknown(key: &Key, what: &str, known: &[&str]) -> styk_core::Diagnostic {
    let message = format!("`{what}` has no setting `{}`", key.text);
    let help = match suggest(&key.text, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it has {}", listed(known.iter().copied())),
    };
    key.span.error(code::UNKNOWN_KEY, message).help(help)
}

/// `` `a`, `b`, `c` ``
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// The error for a value of another kind than expected.
pub(crate) fn wrong_type(node: &Node, what: &str, expected: &str) -> styk_core::Diagnostic {
    let message = format!("`{what}` takes {expected}, here is {}", node.kind());
    node.span.error(code::WRONG_VALUE, message)
}

/// Text; numbers and truth values are taken as they are written.
pub(crate) fn text(node: &Node, what: &str, diagnostics: &mut Diagnostics) -> Option<String> {
    match &node.value {
        NodeValue::Text(text) => Some(text.clone()),
        NodeValue::Number(_) | NodeValue::Bool(_) => Some(node.span.text().to_owned()),
        NodeValue::Null | NodeValue::List(_) | NodeValue::Map(_) => {
            diagnostics.push(wrong_type(node, what, "text"));
            None
        }
    }
}

/// A list of texts with their places; a single text is a list of one.
pub(crate) fn texts(
    node: &Node,
    what: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<(String, Span)>> {
    if let NodeValue::Text(text) = &node.value {
        return Some(vec![(text.clone(), node.span.clone())]);
    }
    let Some(items) = node.as_list() else {
        diagnostics.push(wrong_type(node, what, "a list of texts"));
        return None;
    };
    let read = items.iter().filter_map(|item| {
        let text = text(item, what, diagnostics)?;
        Some((text, item.span.clone()))
    });
    Some(read.collect())
}

pub(crate) fn truth(node: &Node, what: &str, diagnostics: &mut Diagnostics) -> Option<bool> {
    match node.value {
        NodeValue::Bool(value) => Some(value),
        NodeValue::Null
        | NodeValue::Number(_)
        | NodeValue::Text(_)
        | NodeValue::List(_)
        | NodeValue::Map(_) => {
            diagnostics.push(wrong_type(node, what, "`true` or `false`"));
            None
        }
    }
}

pub(crate) fn duration(node: &Node, what: &str, diagnostics: &mut Diagnostics) -> Option<Duration> {
    let read = node.as_text().and_then(parse_duration);
    if read.is_none() {
        let message = format!("`{what}` takes a duration, here is `{}`", first_line(node));
        let diagnostic = node.span.error(code::WRONG_VALUE, message);
        diagnostics.push(diagnostic.help("write it with a unit: `500ms`, `30s`, `1m30s`, `2h`"));
    }
    read.filter(|duration| {
        let is_long = *duration > Duration::ZERO;
        if !is_long {
            let message = format!("`{what}` must be longer than nothing");
            diagnostics.push(node.span.error(code::WRONG_VALUE, message));
        }
        is_long
    })
}

/// A whole number within `range`.
pub(crate) fn whole(
    node: &Node,
    what: &str,
    range: &RangeInclusive<u64>,
    diagnostics: &mut Diagnostics,
) -> Option<u64> {
    let number = match &node.value {
        NodeValue::Number(number) => number.as_u64(),
        _ => None,
    };
    let read = number.filter(|number| range.contains(number));
    if read.is_none() {
        let (low, high) = (range.start(), range.end());
        let message = format!(
            "`{what}` takes a whole number from {low} to {high}, here is `{}`",
            first_line(node)
        );
        diagnostics.push(node.span.error(code::WRONG_VALUE, message));
    }
    read
}

/// A number within `range`, with or without decimals.
pub(crate) fn number(
    node: &Node,
    what: &str,
    range: &RangeInclusive<f64>,
    diagnostics: &mut Diagnostics,
) -> Option<f64> {
    let number = match &node.value {
        NodeValue::Number(number) => number.as_f64(),
        _ => None,
    };
    let read = number.filter(|number| range.contains(number));
    if read.is_none() {
        let (low, high) = (range.start(), range.end());
        let message = format!(
            "`{what}` takes a number from {low} to {high}, here is `{}`",
            first_line(node)
        );
        diagnostics.push(node.span.error(code::WRONG_VALUE, message));
    }
    read
}

/// One of a few words.
pub(crate) fn word(
    node: &Node,
    what: &str,
    words: &[&'static str],
    diagnostics: &mut Diagnostics,
) -> Option<&'static str> {
    let written = node.as_text().unwrap_or_default();
    if let Some(word) = words.iter().find(|word| **word == written) {
        return Some(word);
    }
    let message = format!(
        "`{what}` takes {}, here is `{}`",
        listed(words.iter().copied()),
        first_line(node)
    );
    let mut diagnostic = node.span.error(code::WRONG_VALUE, message);
    if let Some(near) = suggest(written, words.iter().copied()) {
        diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
    }
    diagnostics.push(diagnostic);
    None
}

pub(crate) fn first_line(node: &Node) -> &str {
    node.span.text().lines().next().unwrap_or_default().trim()
}
