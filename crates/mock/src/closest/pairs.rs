//! Differences in names with values: headers, parameters, cookies.

use std::borrow::Cow;

use super::difference::{failed_because, string};
use crate::describe::falling;
use crate::json::{Json, Object, pretty};
use crate::pattern::Pattern;

type Given<'a> = [(Cow<'a, str>, Cow<'a, str>)];

/// Texts about single pairs; more say nothing new.
const PAIRS_MAX: usize = 40;

/// How a map of names with lists of values differs from the pairs of a request.
pub(super) fn pair_texts(expected: &Object, given: &Given<'_>) -> Vec<String> {
    let mut sorted = falling(expected.clone());
    if let Some(place) = sorted.get_index_of("keyMatchStyle") {
        sorted.move_index(place, 0);
    }
    let shown = pretty(&Json::Object(sorted));
    if given.is_empty() {
        let reason = "none is not a subset";
        return vec![failed_because("multimap match", &shown, "none", reason)];
    }
    let by_key = expected.get("keyMatchStyle") == Some(&Json::text("MATCHING_KEY"));
    let wanted: Vec<(&str, String)> = expected
        .iter()
        .filter(|(name, _)| *name != "keyMatchStyle")
        .flat_map(|(name, values)| {
            let values = values_of(values);
            values.into_iter().map(move |value| (name.as_str(), value))
        })
        .collect();
    let mut texts = Vec::new();
    let mut keys = Vec::new();
    for (name, value) in &wanted {
        let matches = |(given_name, given_value): &(Cow<'_, str>, Cow<'_, str>)| {
            let name = name.trim_start_matches(['!', '?']);
            (fits(name, given_name), fits(value, given_value))
        };
        let is_absence = name.trim_start_matches('?').starts_with('!');
        if !by_key && !is_absence && given.iter().any(|pair| matches(pair) == (true, true)) {
            continue;
        }
        for pair in given {
            let (name_fits, value_fits) = matches(pair);
            if by_key && !name_fits {
                continue;
            }
            if !name_fits {
                texts.push(string(name, &pair.0));
            }
            if !value_fits {
                texts.push(string(value, &pair.1));
                keys.push(*name);
            }
        }
    }
    texts.truncate(PAIRS_MAX);
    let reason = if by_key {
        keys.dedup();
        for key in keys {
            texts.push(format!(
                "  multimap matching key match failed for key:\n\n    {key}\n"
            ));
        }
        "multimap values don't match"
    } else {
        let pairs: Vec<String> = wanted
            .iter()
            .map(|(name, value)| format!("({name}: {value})"))
            .collect();
        let found: Vec<String> = given
            .iter()
            .map(|(name, value)| format!("({name}: {value})"))
            .collect();
        let (pairs, found) = (pairs.join(", "), found.join(", "));
        texts.push(format!(
            "  multimap subset match failed subset:\n\n    [{pairs}]\n\n   was not a subset of:\n\n    [{found}]\n"
        ));
        "multimap is not a subset"
    };
    texts.push(failed_because(
        "multimap match",
        &shown,
        &grouped(given),
        reason,
    ));
    texts
}

/// How a map of names with single values differs from the pairs of a request.
pub(super) fn cookie_texts(expected: &Object, given: &Given<'_>) -> Vec<String> {
    let shown = pretty(&Json::Object(expected.clone()));
    if given.is_empty() {
        let reason = "none is not a subset";
        return vec![failed_because("map subset match", &shown, "none", reason)];
    }
    let mut texts = Vec::new();
    for (name, value) in expected {
        let value = values_of(value).into_iter().next().unwrap_or_default();
        let same_name = given.iter().filter(|(given, _)| fits(name, given));
        let other = same_name.filter(|(_, given)| !fits(&value, given));
        texts.extend(other.map(|(_, given)| string(&value, given)));
    }
    texts.truncate(PAIRS_MAX);
    let found = given
        .iter()
        .map(|(name, value)| (name.as_ref(), Json::text(value.as_ref())));
    let found = pretty(&Json::object(found));
    texts.push(failed_because(
        "map subset match",
        &shown,
        &found,
        "map is not a subset",
    ));
    texts
}

fn values_of(json: &Json) -> Vec<String> {
    match json {
        Json::Array(values) => values.iter().flat_map(values_of).collect(),
        Json::Text(text) => vec![text.clone()],
        Json::Object(object) => object
            .get("values")
            .map_or_else(|| vec![pretty(json)], values_of),
        other => vec![pretty(other)],
    }
}

fn fits(pattern: &str, text: &str) -> bool {
    Pattern::compile(pattern).is_ok_and(|pattern| pattern.matches(text))
}

fn grouped(given: &Given<'_>) -> String {
    let mut object = Object::new();
    for (name, value) in given {
        let values = object
            .entry(name.to_string())
            .or_insert_with(|| Json::Array(Vec::new()));
        if let Json::Array(values) = values {
            values.push(Json::text(value.as_ref()));
        }
    }
    pretty(&Json::Object(falling(object)))
}
