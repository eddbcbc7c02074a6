//! Multi-value maps: query parameters, headers, cookies, path parameters, form parameters.
//!
//! `SUB_SET` asks that every pair of the matcher be found among the request's pairs, each by another one;
//! `MATCHING_KEY` that every value under a key match one of the matcher's values.

use std::borrow::Cow;

use crate::json::{Json, Object};
use crate::pattern::Pattern;
use crate::schema::{Complaints, Fields};

/// What the pairs of a request must look like.
#[derive(Debug)]
pub(crate) struct Pairs {
    entries: Vec<Entry>,
    style: KeyMatchStyle,
}

#[derive(Debug)]
struct Entry {
    key: Pattern,
    values: Vec<Pattern>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyMatchStyle {
    SubSet,
    MatchingKey,
}

type Given<'a> = [(Cow<'a, str>, Cow<'a, str>)];

impl Pairs {
    /// Reads `{"n": ["v"]}`, `{"n": "v"}` or `[{"name": "n", "values": ["v"]}]`.
    pub(crate) fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let mut pairs = Self::read_entries(json, path, complaints, "values")?;
        if let Json::Object(object) = json
            && let Some(style) = object.get("keyMatchStyle")
        {
            let words = ["SUB_SET", "MATCHING_KEY"];
            if complaints.word(&format!("{path}.keyMatchStyle"), style, &words)
                == Some("MATCHING_KEY")
            {
                pairs.style = KeyMatchStyle::MatchingKey;
            }
        }
        Some(pairs)
    }

    /// Reads `{"n": "v"}` or `[{"name": "n", "value": "v"}]`, as cookies are written.
    pub(crate) fn read_single(
        json: &Json,
        path: &str,
        complaints: &mut Complaints,
    ) -> Option<Self> {
        Self::read_entries(json, path, complaints, "value")
    }

    fn read_entries(
        json: &Json,
        path: &str,
        complaints: &mut Complaints,
        values_name: &str,
    ) -> Option<Self> {
        let mut entries = Vec::new();
        match json {
            Json::Object(object) => {
                for (name, value) in object {
                    if name == "keyMatchStyle" {
                        continue;
                    }
                    let at = format!("{path}.{name}");
                    let key = compile(name, complaints);
                    let values = read_values(value, &at, complaints);
                    entries.extend(key.map(|key| Entry { key, values }));
                }
            }
            Json::Array(items) => {
                for (place, item) in items.iter().enumerate() {
                    let mut fields = Fields::of(item, format!("{path}[{place}]"), complaints)?;
                    let key = fields
                        .take("name")
                        .and_then(|name| read_pattern(name, &fields.at("name"), complaints));
                    let values = fields.take(values_name).or_else(|| fields.take("value"));
                    let values = values
                        .map(|values| read_values(values, &fields.at(values_name), complaints));
                    fields.finish(complaints);
                    entries.extend(key.map(|key| Entry {
                        key,
                        values: values.unwrap_or_default(),
                    }));
                }
            }
            other => {
                complaints.error(
                    path,
                    format_args!("{} found, object expected", other.kind()),
                );
                return None;
            }
        }
        Some(Self {
            entries,
            style: KeyMatchStyle::SubSet,
        })
    }

    pub(crate) fn matches(&self, given: &Given<'_>) -> bool {
        match self.style {
            KeyMatchStyle::SubSet => self.is_subset_of(given),
            KeyMatchStyle::MatchingKey => self
                .entries
                .iter()
                .all(|entry| entry.matches_all_values(given)),
        }
    }

    fn is_subset_of(&self, given: &Given<'_>) -> bool {
        if given.is_empty() {
            let may_be_absent = |entry: &Entry| {
                entry.values.is_empty() || entry.key.is_not() || entry.key.is_optional()
            };
            return self.entries.iter().all(may_be_absent);
        }
        let mut wanted = 0;
        let mut used = vec![false; given.len()];
        for entry in self.entries.iter().filter(|entry| !entry.values.is_empty()) {
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
                wanted += usize::from(!entry.key.is_optional() && !entry.key.is_not());
            }
        }
        used.into_iter().filter(|used| *used).count() >= wanted
    }

    /// Whether this filter selects stored pairs: each of its pairs meets one of theirs.
    pub(crate) fn meets(&self, stored: &Self) -> bool {
        self.entries.iter().all(|wanted| {
            wanted.values.iter().all(|value| {
                stored.entries.iter().any(|entry| {
                    wanted.key.meets(&entry.key)
                        && entry.values.iter().any(|stored| value.meets(stored))
                })
            })
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.iter().all(|entry| entry.values.is_empty())
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &Pattern> {
        self.entries.iter().map(|entry| &entry.key)
    }

    /// The pairs as `{"n": ["v"]}`.
    pub(crate) fn written(&self) -> Json {
        let mut object = Object::new();
        if self.style == KeyMatchStyle::MatchingKey {
            object.insert("keyMatchStyle".to_owned(), Json::text("MATCHING_KEY"));
        }
        for entry in self.entries.iter().filter(|entry| !entry.values.is_empty()) {
            let values = entry.values.iter().map(|value| Json::Text(value.written()));
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
            let value = entry
                .values
                .first()
                .map(Pattern::written)
                .unwrap_or_default();
            (entry.key.written(), Json::Text(value))
        };
        Json::Object(self.entries.iter().map(one).collect())
    }
}

impl Entry {
    /// The rule of `MATCHING_KEY`.
    fn matches_all_values(&self, given: &Given<'_>) -> bool {
        let mut present = false;
        for (_, value) in given
            .iter()
            .filter(|(name, _)| self.key.matches_positive(name))
        {
            present = true;
            let is_wanted =
                self.values.is_empty() || self.values.iter().any(|wanted| wanted.matches(value));
            if self.key.is_not() || !is_wanted {
                return false;
            }
        }
        present || self.values.is_empty() || self.key.is_optional() || self.key.is_not()
    }
}

/// A pattern, as text or as `{"not": bool, "optional": bool, "value": "..."}`.
pub(crate) fn read_pattern(
    json: &Json,
    path: &str,
    complaints: &mut Complaints,
) -> Option<Pattern> {
    match json {
        Json::Text(text) => compile(text, complaints),
        Json::Object(_) => {
            let mut fields = Fields::of(json, path, complaints)?;
            fields.refuse(&["schema", "parameterStyle"], complaints);
            let not = fields.boolean("not", complaints).unwrap_or_default();
            let optional = fields.boolean("optional", complaints).unwrap_or_default();
            let value = fields.text("value", complaints).unwrap_or_default();
            fields.finish(complaints);
            kept(Pattern::with_flags(&value, not, optional), complaints)
        }
        other => {
            complaints.error(
                path,
                format_args!("{} found, string expected", other.kind()),
            );
            None
        }
    }
}

fn read_values(json: &Json, path: &str, complaints: &mut Complaints) -> Vec<Pattern> {
    match json {
        Json::Array(items) => items
            .iter()
            .enumerate()
            .filter_map(|(place, item)| read_pattern(item, &format!("{path}[{place}]"), complaints))
            .collect(),
        Json::Object(object) if object.contains_key("values") => {
            let mut fields = Fields::of_object(object, path.to_owned());
            fields.refuse(&["parameterStyle"], complaints);
            let values = fields
                .take("values")
                .map(|values| read_values(values, path, complaints));
            fields.finish(complaints);
            values.unwrap_or_default()
        }
        Json::Null => Vec::new(),
        one => read_pattern(one, path, complaints).into_iter().collect(),
    }
}

fn compile(written: &str, complaints: &mut Complaints) -> Option<Pattern> {
    kept(Pattern::compile(written), complaints)
}

fn kept(compiled: Result<Pattern, String>, complaints: &mut Complaints) -> Option<Pattern> {
    match compiled {
        Ok(pattern) => Some(pattern),
        Err(construct) => {
            complaints.not_built(construct);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::super::query_pairs;
    use super::*;
    use crate::json::parse_lenient;

    fn pairs(text: &str) -> Pairs {
        let json = parse_lenient(text).expect("JSON");
        let mut complaints = Complaints::default();
        let pairs = Pairs::read(&json, "$", &mut complaints).expect("pairs");
        assert!(complaints.errors.is_empty(), "{complaints:?}");
        pairs
    }

    #[test_case("{'!a': ['.*']}", &["", "b=2"], &["a=1", "a=1&b=2"]; "an absent key")]
    #[test_case("{a: ['!1']}", &["a=2", "a=1&a=2"], &["a=1", "", "b=2"]; "another value")]
    #[test_case("{'!a': ['!1']}", &["", "b=2"], &["a=2", "a=1", "b=1"]; "notted twice")]
    #[test_case("{'?a': ['1']}", &["", "a=1", "b=2"], &["a=2"]; "an optional key")]
    #[test_case("{a: []}", &["", "a=1", "b=2"], &[]; "no values")]
    #[test_case("{a: ['']}", &["a", "a=", "a=1"], &["", "b=1"]; "a blank value")]
    #[test_case("{a: ['.*', '.*']}", &["a=1&a=2"], &["a=1"]; "distinct pairs")]
    #[test_case("{a: '1'}", &["a=1", "A=1", "b=2&a=1"], &["a=2", "a=1;b=2"]; "a single value")]
    #[test_case("{'!a': ['2'], b: ['2']}", &["b=2"], &["a=1&b=2", "b=1"]; "an absent key needs no pair of its own")]
    #[test_case("{'?!a': ['1']}", &["", "b=1"], &["b=2", "a=1", "a=2"]; "absent and optional")]
    #[test_case("[{name: 'a', values: ['1', '2']}]", &["a=2&a=1"], &["a=1"]; "the list form")]
    #[test_case("{keyMatchStyle: 'MATCHING_KEY', a: ['1', '2']}", &["a=1", "a=1&a=2", "a=2&b=3"], &["a=1&a=3", "b=1"]; "matching key")]
    fn a_subset_may_negate_and_leave_out(matcher: &str, matching: &[&str], other: &[&str]) {
        let matcher = pairs(matcher);
        for query in matching {
            assert!(matcher.matches(&query_pairs(query)), "{query} should match");
        }
        for query in other {
            assert!(
                !matcher.matches(&query_pairs(query)),
                "{query} should not match"
            );
        }
    }

    #[test]
    fn queries_are_decoded_like_forms() {
        let matcher = pairs("{'a b': ['c d'], z: ['']}");
        assert!(matcher.matches(&query_pairs("a+b=c%20d&z")));
    }
}
