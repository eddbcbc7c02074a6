//! Multi-value maps: query parameters, headers, cookies, path parameters, form parameters.
//!
//! `SUB_SET` asks that every pair of the matcher be found among the request's pairs, each by another one;
//! `MATCHING_KEY` that every value under a key match one of the matcher's values. (5.15 is satisfied when several pairs of
//! the matcher are met by the same pair.) Where nothing is given, all keys must be notted, or all optional.

use std::borrow::Cow;

use super::style::ParameterStyle;
use super::subject::PairList;
use crate::json::{Json, Object};
use crate::pattern::Pattern;

mod difference;
mod read;

pub(super) use read::read_pattern;

/// What the pairs of a request must look like.
#[derive(Debug)]
pub(crate) struct Pairs {
    entries: Vec<Entry>,
    style: KeyMatchStyle,
}

#[derive(Clone, Debug)]
struct Entry {
    key: Pattern,
    values: Vec<Pattern>,
    /// How a request writes several values as one.
    list: Option<&'static ParameterStyle>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyMatchStyle {
    SubSet,
    MatchingKey,
}

type Given<'a> = [(Cow<'a, str>, Cow<'a, str>)];

/// The values that a value under a name holds, in a style.
pub(super) type Split = for<'v> fn(&ParameterStyle, &str, &'v str) -> Vec<&'v str>;

impl Pairs {
    pub(crate) fn matches(&self, given: &Given<'_>) -> bool {
        if given.is_empty() {
            return self.asked().all(|entry| entry.key.is_not())
                || self.asked().all(|entry| entry.key.is_optional());
        }
        match self.style {
            KeyMatchStyle::SubSet => self.is_subset_of(given),
            KeyMatchStyle::MatchingKey => self
                .asked()
                .all(|entry| self.matches_all_values(entry, given)),
        }
    }

    /// The entries that ask for something: without values they do not.
    fn asked(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| !entry.values.is_empty())
    }

    /// As [`Pairs::matches`], where a value may hold a list in the style of its key. The original looks at styles in queries
    /// and paths only.
    pub(crate) fn matches_lists(&self, given: &Given<'_>, split: Split) -> bool {
        if self.entries.iter().all(|entry| entry.list.is_none()) {
            return self.matches(given);
        }
        self.matches(&self.parts(given, split))
    }

    /// The given pairs, with a pair for each item where a value holds a list.
    fn parts<'g>(&self, given: &'g Given<'_>, split: Split) -> PairList<'g> {
        let mut parts = Vec::new();
        for (name, value) in given {
            let mut entries = self.entries.iter();
            let list = entries.find_map(|entry| entry.list.filter(|_| entry.key.matches(name)));
            let values = list.map_or_else(|| vec![&**value], |list| split(list, name, value));
            let part = |part| (Cow::Borrowed(&**name), Cow::Borrowed(part));
            parts.extend(values.into_iter().map(part));
        }
        parts
    }

    fn is_subset_of(&self, given: &Given<'_>) -> bool {
        let mut wanted = 0;
        let mut used = vec![false; given.len()];
        for entry in self.asked() {
            let has = |rule: fn(&Pattern, &str) -> bool| {
                given.iter().any(|(name, _)| rule(&entry.key, name))
            };
            if entry.key.is_not() && has(Pattern::matches_positive) {
                return false;
            }
            let may_miss = entry.key.is_optional() && !has(Pattern::matches);
            for value in &entry.values {
                let mut found = false;
                for (place, (given_name, given_value)) in given.iter().enumerate() {
                    if entry.key.matches(given_name) && value.matches(given_value) {
                        used[place] = true;
                        found = true;
                    }
                }
                if !found && !may_miss {
                    return false;
                }
                // A key that must be absent asks for no pair of its own, unless its value is notted too.
                let is_absence = entry.key.is_not() && !value.is_not();
                wanted += usize::from(!entry.key.is_optional() && !is_absence);
            }
        }
        used.into_iter().filter(|used| *used).count() >= wanted
    }

    /// The rule of `MATCHING_KEY`. Wanted are the values of all keys that this one matches, their `!` taken into account.
    fn matches_all_values(&self, entry: &Entry, given: &Given<'_>) -> bool {
        let mut values = given
            .iter()
            .filter(|(name, _)| entry.key.matches_positive(name))
            .map(|(_, value)| value)
            .peekable();
        if entry.key.is_not() || values.peek().is_none() {
            return values.peek().is_none() && (entry.key.is_not() || entry.key.is_optional());
        }
        let is_wanted = |value: &str| {
            let mut others = self
                .asked()
                .filter(|other| entry.key.matches_positive(other.key.text()) != other.key.is_not());
            others.any(|other| other.values.iter().any(|wanted| wanted.matches(value)))
        };
        values.all(|value| is_wanted(value))
    }

    /// Whether this filter selects stored pairs: each of its pairs meets one of theirs.
    pub(crate) fn meets(&self, stored: Option<&Self>) -> bool {
        let stored = stored.map_or(&[][..], |stored| &stored.entries);
        let is_asked = |entry: &&Entry| !entry.values.is_empty();
        self.entries.iter().filter(is_asked).all(|wanted| {
            if wanted.key.is_not() {
                let is_there = |entry: &Entry| {
                    !entry.key.is_not() && wanted.key.matches_positive(entry.key.text())
                };
                return !stored.iter().any(is_there);
            }
            wanted.values.iter().all(|value| {
                stored.iter().any(|entry| {
                    wanted.key.meets(&entry.key)
                        && entry.values.iter().any(|stored| value.meets(stored))
                })
            })
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.iter().all(|entry| entry.values.is_empty())
    }

    /// The keys that have values.
    pub(super) fn asked_keys(&self) -> impl Iterator<Item = &Pattern> {
        self.asked().map(|entry| &entry.key)
    }

    /// The pairs as `{"n": ["v"]}`.
    pub(crate) fn written(&self) -> Json {
        let mut object = Object::new();
        if self.style == KeyMatchStyle::MatchingKey {
            object.insert("keyMatchStyle".to_owned(), Json::text("MATCHING_KEY"));
        }
        for entry in self.asked() {
            let values = entry.values.iter().map(Pattern::written_json);
            if let Some(list) = entry.list {
                let styled = Json::object([
                    ("parameterStyle", Json::text(list.name())),
                    ("values", Json::Array(values.collect())),
                ]);
                object.insert(entry.key.written(), styled);
                continue;
            }
            let slot = object
                .entry(entry.key.written())
                .or_insert_with(|| Json::Array(Vec::new()));
            if let Json::Array(all) = slot {
                all.extend(values);
            }
        }
        Json::Object(object)
    }

    /// The pairs as `{"n": "v"}`.
    pub(crate) fn written_single(&self) -> Json {
        let one = |entry: &Entry| {
            let value = entry.values.first().map(Pattern::written_json);
            let value = value.unwrap_or_else(|| Json::text(""));
            (entry.key.written(), value)
        };
        Json::Object(self.entries.iter().map(one).collect())
    }
}

#[cfg(test)]
mod tests;
