//! The small things: texts, names, numbers, durations, lists of them, and mappings of names to values.

use std::str::FromStr as _;
use std::time::Duration;

use jiff::civil::Date;
use regex::Regex;
use styk_core::Edge;

use super::Lower;
use crate::ast::Binding;
use crate::codes::code;
use crate::suggest::suggestion;
use crate::tree::{Key, Node, NodeValue, Span};
use crate::value::{Matcher, ValueTemplate, parse_duration};

/// Names that expressions and the engine keep for themselves.
pub(crate) const RESERVED: [&str; 10] = [
    "stage", "run", "row", "index", "true", "false", "none", "and", "or", "not",
];

/// Letters, digits and `_`, no digit first.
pub(crate) fn is_name(text: &str) -> bool {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl Lower<'_> {
    pub(super) fn text(&mut self, node: &Node) -> Option<String> {
        self.text_as(node, "text")
    }

    pub(super) fn text_as(&mut self, node: &Node, what: &str) -> Option<String> {
        let Some(text) = node.as_text() else {
            self.wrong_type(node, what);
            return None;
        };
        if text.trim().is_empty() {
            self.error(
                &node.span,
                code::EMPTY,
                format!("expected {what}, found nothing in the quotes"),
            );
            return None;
        }
        Some(text.to_owned())
    }

    pub(super) fn bool(&mut self, node: &Node) -> Option<bool> {
        if let NodeValue::Bool(value) = node.value {
            return Some(value);
        }
        let message = format!("expected `true` or `false`, found {}", node.kind());
        let mut diagnostic = node.span.error(code::WRONG_TYPE, message);
        diagnostic.help = match node.as_text().map(str::to_ascii_lowercase).as_deref() {
            Some("yes" | "on" | "y" | "true") => Some("write `true`".to_owned()),
            Some("no" | "off" | "n" | "false") => Some("write `false`".to_owned()),
            _ => None,
        };
        self.diagnostics.push(diagnostic);
        None
    }

    pub(super) fn count(&mut self, node: &Node, min: u32, max: u32) -> Option<u32> {
        let NodeValue::Number(number) = &node.value else {
            self.wrong_type(node, "a whole number");
            return None;
        };
        let count = number.as_u64().and_then(|n| u32::try_from(n).ok());
        let count = count.filter(|n| (min..=max).contains(n));
        if count.is_none() {
            let message = format!("expected a whole number from {min} to {max}, found {number}");
            self.error(&node.span, code::OUT_OF_BOUNDS, message);
        }
        count
    }

    pub(super) fn factor(&mut self, node: &Node) -> Option<f64> {
        let NodeValue::Number(number) = &node.value else {
            self.wrong_type(node, "a number");
            return None;
        };
        let factor = number.as_f64().filter(|n| (1.0..=100.0).contains(n));
        if factor.is_none() {
            let message = format!("expected a number from 1 to 100, found {number}");
            self.error(&node.span, code::OUT_OF_BOUNDS, message);
        }
        factor
    }

    pub(super) fn duration(&mut self, node: &Node) -> Option<Duration> {
        let duration = node.as_text().and_then(parse_duration);
        if duration.is_none() {
            let message = match &node.value {
                NodeValue::Number(number) => {
                    format!("`{number}` is no duration: the unit is missing")
                }
                NodeValue::Text(text) => format!("`{text}` is no duration"),
                _ => format!("expected a duration, found {}", node.kind()),
            };
            let help = match &node.value {
                NodeValue::Number(number) => {
                    format!("write `{number}s` for seconds, `{number}ms` for milliseconds")
                }
                _ => "write `250ms`, `10s` or `1m30s`".to_owned(),
            };
            self.diagnostics
                .push(node.span.error(code::BAD_DURATION, message).help(help));
        }
        duration
    }

    pub(super) fn day(&mut self, node: &Node) -> Option<Date> {
        let text = self.text_as(node, "text: a day such as 2026-12-31")?;
        let day = Date::from_str(&text).ok();
        if day.is_none() {
            let diagnostic = node
                .span
                .error(code::WRONG_TYPE, format!("`{text}` is no day"))
                .help("write year, month and day: `2026-12-31`");
            self.diagnostics.push(diagnostic);
        }
        day
    }

    pub(super) fn regex(&mut self, node: &Node) -> Option<Regex> {
        let text = self.text_as(node, "text: a regular expression")?;
        match Regex::new(&text) {
            Ok(regex) => Some(regex),
            Err(error) => {
                let error = error.to_string();
                let reason = error
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .trim_start_matches("error: ");
                let message = format!("this is no regular expression: {reason}");
                self.error(&node.span, code::BAD_REGEX, message);
                None
            }
        }
    }

    pub(super) fn edge(&mut self, node: &Node) -> Option<Edge> {
        let text = self.text_as(node, "text: an edge `from → to`")?;
        match text.parse() {
            Ok(edge) => Some(edge),
            Err(error) => {
                self.error(&node.span, code::BAD_EDGE, error.to_string());
                None
            }
        }
    }

    /// A name that the scenario gives to something.
    pub(super) fn name(&mut self, node: &Node) -> Option<String> {
        let text = self.text_as(node, "text: a name")?;
        self.check_name(&text, &node.span).then_some(text)
    }

    /// A key that the scenario gives as a name.
    pub(super) fn key_name(&mut self, key: &Key) -> bool {
        self.check_name(&key.text, &key.span)
    }

    fn check_name(&mut self, text: &str, span: &Span) -> bool {
        if !is_name(text) {
            let diagnostic = span
                .error(code::BAD_NAME, format!("`{text}` is no name"))
                .help("a name has letters, digits and `_`, and begins with no digit");
            self.diagnostics.push(diagnostic);
            return false;
        }
        if RESERVED.contains(&text) {
            let diagnostic = span
                .error(
                    code::BAD_NAME,
                    format!("`{text}` is a name of the language itself"),
                )
                .help("take another one");
            self.diagnostics.push(diagnostic);
            return false;
        }
        true
    }

    pub(super) fn slug(&mut self, node: &Node) -> Option<String> {
        const LENGTH_MAX: usize = 200;
        let text = self.text_as(node, "text")?;
        let is_slug = text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_-./:".contains(c))
            && text.len() <= LENGTH_MAX;
        if !is_slug {
            let diagnostic = node
                .span
                .error(code::BAD_NAME, format!("`{text}` is no identity"))
                .help("letters, digits and `_ - . / :`, beginning with a letter or digit");
            self.diagnostics.push(diagnostic);
        }
        is_slug.then_some(text)
    }

    pub(super) fn list<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        let Some(items) = node.as_list() else {
            let message = format!("expected {what}, found {}", node.kind());
            let mut diagnostic = node.span.error(code::WRONG_TYPE, message);
            diagnostic.help = node.as_text().map(|text| format!("write `[{text}]`"));
            self.diagnostics.push(diagnostic);
            return &[];
        };
        items
    }

    pub(super) fn texts(&mut self, node: &Node) -> Vec<String> {
        let items = self.list(node, "a list of texts");
        items.iter().filter_map(|item| self.text(item)).collect()
    }

    /// One name, or a list of them.
    pub(super) fn names(&mut self, node: &Node) -> Vec<String> {
        if node.as_text().is_some() {
            return self.name(node).into_iter().collect();
        }
        let items = self.list(node, "a name, or a list of names");
        items.iter().filter_map(|item| self.name(item)).collect()
    }

    pub(super) fn value(&mut self, node: &Node) -> ValueTemplate {
        ValueTemplate::compile(node, self.diagnostics)
    }

    pub(super) fn matcher(&mut self, node: &Node) -> Matcher {
        Matcher::compile(node, self.diagnostics)
    }

    /// Text with `${…}` in it; a lone number is text, too.
    pub(super) fn template(&mut self, node: &Node) -> Option<ValueTemplate> {
        if matches!(
            node.value,
            NodeValue::List(_) | NodeValue::Map(_) | NodeValue::Null
        ) {
            self.wrong_type(node, "text");
            return None;
        }
        Some(self.value(node))
    }

    /// A mapping of names of the scenario to values.
    pub(super) fn variables(&mut self, node: &Node) -> Vec<Binding> {
        let entries = self.entries(node, "a mapping of names to values");
        let mut variables = Vec::new();
        for (key, value) in entries {
            if self.key_name(key) {
                variables.push(Binding {
                    name: key.text.clone(),
                    span: key.span.clone(),
                    value: self.value(value),
                });
            }
        }
        variables
    }

    /// A mapping of the shop's names (headers, fields) to values.
    pub(super) fn values(&mut self, node: &Node, what: &str) -> Vec<Binding> {
        let entries = self.entries(node, what);
        let bound = entries.iter().map(|(key, value)| Binding {
            name: key.text.clone(),
            span: key.span.clone(),
            value: self.value(value),
        });
        bound.collect()
    }

    pub(super) fn entries<'n>(&mut self, node: &'n Node, what: &str) -> &'n [(Key, Node)] {
        let Some(entries) = node.as_map() else {
            self.wrong_type(node, what);
            return &[];
        };
        entries
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(
        &mut self,
        node: &Node,
        choices: &[(&'static str, T)],
    ) -> Option<T> {
        let text = node.as_text();
        let found = choices.iter().find(|(word, _)| Some(*word) == text);
        if let Some((_, choice)) = found {
            return Some(*choice);
        }
        let words = choices.iter().map(|(word, _)| *word);
        let listed: Vec<String> = words.clone().map(|word| format!("`{word}`")).collect();
        let found = text.map_or_else(|| node.kind().to_owned(), |text| format!("`{text}`"));
        let message = format!("expected {}, found {found}", listed.join(" or "));
        let mut diagnostic = node.span.error(code::WRONG_TYPE, message);
        diagnostic.help = text
            .and_then(|text| crate::suggest(text, words))
            .and_then(|near| suggestion(text.unwrap_or_default(), [near]));
        self.diagnostics.push(diagnostic);
        None
    }
}
