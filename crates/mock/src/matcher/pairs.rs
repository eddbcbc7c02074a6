//! Multi-value maps: query parameters, headers, cookies, path parameters, form parameters.
//!
//! `SUB_SET` asks that every pair of the matcher be found among the request's pairs, each by another one;
//! `MATCHING_KEY` that every value under a key match one of the matcher's values. (5.15 is satisfied when several pairs of
//! the matcher are met by the same pair.) Where nothing is given, all keys must be notted, or all optional.

use std::borrow::Cow;

use super::JsonSchema;
use super::style::ParameterStyle;
use super::subject::PairList;
use crate::json::{Json, Object};
use crate::pattern::Pattern;
use crate::schema::{Complaints, Fields};

mod difference;

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

/// The values of one key, and how they are written.
#[derive(Default)]
struct Values {
    patterns: Vec<Pattern>,
    list: Option<&'static ParameterStyle>,
}

/// How many values a key may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cardinality {
    One,
    Many,
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
    /// Reads `{"n": ["v"]}`, `{"n": "v"}` or `[{"name": "n", "values": ["v"]}]`.
    pub(crate) fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let mut pairs = Self::read_entries(json, path, complaints, Cardinality::Many)?;
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

    /// Reads the parameters of a form body. The original passes over a text in their place, and over objects that name no
    /// `values`; the log says so.
    pub(crate) fn read_form(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let is_usable = |value: &Json| match value {
            Json::Object(object) => object.contains_key("values"),
            _ => true,
        };
        let object = match json {
            Json::Text(_) => Object::new(),
            Json::Object(object) => {
                let usable = object.iter().filter(|(_, value)| is_usable(value));
                let usable = usable.map(|(name, value)| (name.clone(), value.clone()));
                let usable: Object = usable.collect();
                if usable.len() == object.len() {
                    return Self::read(json, path, complaints);
                }
                usable
            }
            _ => return Self::read(json, path, complaints),
        };
        tracing::warn!(
            path,
            "an expectation has unusable form parameters: they match anything"
        );
        Self::read(&Json::Object(object), path, complaints)
    }

    /// Reads `{"n": "v"}` or `[{"name": "n", "value": "v"}]`, as cookies are written.
    pub(crate) fn read_single(
        json: &Json,
        path: &str,
        complaints: &mut Complaints,
    ) -> Option<Self> {
        Self::read_entries(json, path, complaints, Cardinality::One)
    }

    fn read_entries(
        json: &Json,
        path: &str,
        complaints: &mut Complaints,
        cardinality: Cardinality,
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
                    let values = match cardinality {
                        Cardinality::Many => read_listed(value, &at, complaints),
                        Cardinality::One => read_one(value, &at, complaints),
                    };
                    add(&mut entries, key, values, cardinality);
                }
            }
            Json::Array(items) => {
                for (place, item) in items.iter().enumerate() {
                    let mut fields = Fields::of(item, format!("{path}[{place}]"), complaints)?;
                    let name = fields.take("name");
                    let at = fields.at("name");
                    let list = match name {
                        Some(Json::Object(name)) => name.get("parameterStyle"),
                        _ => None,
                    };
                    let list = list.and_then(|list| {
                        ParameterStyle::read(list, &format!("{at}.parameterStyle"), complaints)
                    });
                    let key = name.and_then(|name| read_pattern(name, &at, complaints));
                    let name = match cardinality {
                        Cardinality::Many => "values",
                        Cardinality::One => "value",
                    };
                    let values = fields.take(name).or_else(|| fields.take("value"));
                    let values =
                        values.map(|values| read_values(values, &fields.at(name), complaints));
                    fields.finish(complaints);
                    let mut values = values.unwrap_or_default();
                    values.list = list.or(values.list);
                    add(&mut entries, key, values, cardinality);
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

/// Adds the values of a key. Equal keys are one, whose first writing says whether it is optional.
fn add(entries: &mut Vec<Entry>, key: Option<Pattern>, values: Values, cardinality: Cardinality) {
    let Some(key) = key else {
        return;
    };
    let known = entries.iter_mut().find(|entry| entry.key.is_same(&key));
    match known {
        Some(entry) if cardinality == Cardinality::One => entry.values = values.patterns,
        // Without values a key is as good as absent.
        Some(entry) if entry.values.is_empty() => {
            *entry = Entry {
                key,
                values: values.patterns,
                list: values.list,
            }
        }
        Some(entry) => {
            entry.values.extend(values.patterns);
            entry.list = entry.list.or(values.list);
        }
        None => entries.push(Entry {
            key,
            values: values.patterns,
            list: values.list,
        }),
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
            // Styles have a meaning for keys only, whose readers look at them.
            fields.take("parameterStyle");
            let at = fields.at("schema");
            let schema = fields.take("schema");
            let not = fields.boolean("not", complaints).unwrap_or_default();
            let optional = fields.boolean("optional", complaints).unwrap_or_default();
            let value = fields.text("value", complaints).unwrap_or_default();
            fields.finish(complaints);
            let Some(schema) = schema else {
                return kept(Pattern::with_flags(&value, not, optional), complaints);
            };
            match JsonSchema::compile(schema) {
                Ok(schema) => Some(Pattern::with_schema(schema, value, not, optional)),
                Err(error) => {
                    complaints.error(&at, error);
                    None
                }
            }
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

/// The values of a key in the object form: a text, a list, or a list with its style.
fn read_listed(json: &Json, path: &str, complaints: &mut Complaints) -> Values {
    let is_styled = |object: &Object| object.contains_key("values");
    match json {
        Json::Text(_) | Json::Array(_) => read_values(json, path, complaints),
        Json::Object(object) if is_styled(object) => read_values(json, path, complaints),
        other => {
            complaints.error(path, format_args!("{} found, array expected", other.kind()));
            Values::default()
        }
    }
}

fn read_one(json: &Json, path: &str, complaints: &mut Complaints) -> Values {
    Values {
        patterns: read_pattern(json, path, complaints).into_iter().collect(),
        list: None,
    }
}

fn read_values(json: &Json, path: &str, complaints: &mut Complaints) -> Values {
    match json {
        Json::Array(items) => {
            let read = |(place, item): (usize, &Json)| {
                read_pattern(item, &format!("{path}[{place}]"), complaints)
            };
            Values {
                patterns: items.iter().enumerate().filter_map(read).collect(),
                list: None,
            }
        }
        Json::Object(object) if object.contains_key("values") => {
            let mut fields = Fields::of_object(object, path.to_owned());
            let at = fields.at("parameterStyle");
            let list = fields
                .take("parameterStyle")
                .and_then(|list| ParameterStyle::read(list, &at, complaints));
            let values = fields.take("values");
            let values = values.map(|values| read_values(values, path, complaints));
            fields.finish(complaints);
            Values {
                list,
                ..values.unwrap_or_default()
            }
        }
        one => read_one(one, path, complaints),
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
mod tests;
