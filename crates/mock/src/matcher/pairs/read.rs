//! Reading multi-value maps from MockServer's JSON.

use super::{Entry, KeyMatchStyle, Pairs};
use crate::json::{Json, Object};
use crate::matcher::JsonSchema;
use crate::matcher::style::ParameterStyle;
use crate::pattern::Pattern;
use crate::schema::{Complaints, Fields};

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
pub(in crate::matcher) fn read_pattern(
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
