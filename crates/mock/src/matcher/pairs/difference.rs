//! Why pairs do not match.

use super::{Entry, Given, KeyMatchStyle, Pairs, Split};
use crate::json::{Json, compact};
use crate::matcher::difference::shortened;
use crate::pattern::Pattern;

impl Pairs {
    /// As [`Pairs::difference`], with lists as in [`Pairs::matches_lists`].
    pub(crate) fn difference_of_lists(&self, given: &Given<'_>, split: Split) -> Option<String> {
        self.difference(&self.parts(given, split))
    }

    /// The first pair that no given one meets, and what came instead; `None` when all are met.
    pub(crate) fn difference(&self, given: &Given<'_>) -> Option<String> {
        if self.matches(given) {
            return None;
        }
        let alone = |entry: &&Entry| {
            let one = Self {
                entries: vec![(*entry).clone()],
                style: self.style,
            };
            !one.matches(given)
        };
        let Some(entry) = self.entries.iter().find(alone) else {
            return Some("fewer values than expected were received".to_owned());
        };
        let key = entry.key.text();
        let under_key = given
            .iter()
            .filter(|(name, _)| entry.key.matches_positive(name));
        let received: Vec<&str> = under_key.map(|(_, value)| &**value).collect();
        if entry.key.is_not() {
            let received = shortened(&received.join(", "));
            return Some(format!("{key}: expected none, received {received}"));
        }
        if received.is_empty() {
            let wanted = entry.values.first().map_or_else(String::new, shown_pattern);
            let mut names: Vec<&str> = given.iter().map(|(name, _)| &**name).collect();
            names.dedup();
            let there = match names.as_slice() {
                [] => "nothing".to_owned(),
                names => shortened(&names.join(", ")),
            };
            return Some(format!(
                "{key}: expected {wanted}, received no {key}, only {there}"
            ));
        }
        let is_met = |wanted: &&Pattern| received.iter().any(|given| wanted.matches(given));
        let missing = entry.values.iter().find(|wanted| !is_met(wanted));
        let expected = match (self.style, missing) {
            (KeyMatchStyle::SubSet, Some(missing)) => shown_pattern(missing),
            (KeyMatchStyle::SubSet, None) => format!("{} values", entry.values.len()),
            (KeyMatchStyle::MatchingKey, _) => {
                let all: Vec<String> = entry.values.iter().map(shown_pattern).collect();
                format!("only {}", all.join(", "))
            }
        };
        let received = shortened(&received.join(", "));
        Some(format!("{key}: expected {expected}, received {received}"))
    }
}

/// A pattern as messages show it.
fn shown_pattern(pattern: &Pattern) -> String {
    shortened(&match pattern.written_json() {
        Json::Text(text) => text,
        schema => compact(&schema),
    })
}
