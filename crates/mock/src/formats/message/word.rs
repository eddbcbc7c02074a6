//! Texts of matchers and records, and the maps that hold them.

use std::borrow::Cow;

use crate::formats::field;
use crate::json::Json;

/// How texts are to be read: in matchers `!` and `?` before a text are marks, in records they are part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::formats) enum Reading {
    Matcher,
    Record,
}

/// A text of a matcher, which may be negated or optional.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::formats) struct Word<'a> {
    pub(in crate::formats) text: Cow<'a, str>,
    pub(in crate::formats) is_negated: bool,
    pub(in crate::formats) is_optional: bool,
}

impl<'a> Word<'a> {
    fn read(written: &'a str, reading: Reading) -> Self {
        let (mut text, mut is_negated, mut is_optional) = (written, false, false);
        if reading == Reading::Matcher {
            loop {
                let (mark, rest) = match text.split_at_checked(1) {
                    Some(("!", rest)) => (&mut is_negated, rest),
                    Some(("?", rest)) => (&mut is_optional, rest),
                    _ => break,
                };
                if std::mem::replace(mark, true) {
                    break;
                }
                text = rest;
            }
        }
        Self {
            text: Cow::Borrowed(text),
            is_negated,
            is_optional,
        }
    }

    /// A text may also be written as `{"not": true, "value": "..."}`.
    pub(in crate::formats) fn of(json: &'a Json, reading: Reading) -> Option<Self> {
        let read = |text| Some(Self::read(text, reading));
        match json {
            Json::Text(text) => read(text),
            Json::Number(text) => read(text),
            Json::Bool(value) => read(if *value { "true" } else { "false" }),
            Json::Object(object) => {
                let mut word = Self::of(field(object, "value")?, reading)?;
                word.is_negated |= object.get("not") == Some(&Json::Bool(true));
                word.is_optional |= object.get("optional") == Some(&Json::Bool(true));
                Some(word)
            }
            Json::Null | Json::Array(_) => None,
        }
    }

    pub(in crate::formats) fn is_plain(&self) -> bool {
        !self.is_negated && !self.is_optional
    }
}

/// A name with its values.
pub(in crate::formats) type Entry<'a> = (Word<'a>, Vec<Word<'a>>);

/// A multi-value map in any of its written forms.
pub(in crate::formats) fn entries(json: Option<&Json>, reading: Reading) -> Vec<Entry<'_>> {
    let values = |json| entry_values(json, reading);
    match json {
        Some(Json::Object(object)) => {
            let named = object.iter().filter(|(name, _)| *name != "keyMatchStyle");
            let named = named.map(|(name, json)| {
                let styled = match json {
                    Json::Object(object) => object.get("values"),
                    _ => None,
                };
                (Word::read(name, reading), values(styled.unwrap_or(json)))
            });
            named.collect()
        }
        Some(Json::Array(items)) => items
            .iter()
            .filter_map(|item| {
                let Json::Object(object) = item else {
                    return None;
                };
                let name = Word::of(field(object, "name")?, reading)?;
                let given = field(object, "values").or_else(|| field(object, "value"));
                Some((name, given.map(values).unwrap_or_default()))
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn entry_values(json: &Json, reading: Reading) -> Vec<Word<'_>> {
    match json {
        Json::Array(items) => {
            let words = items.iter().map(|item| Word::of(item, reading));
            words.flatten().collect()
        }
        other => Word::of(other, reading).into_iter().collect(),
    }
}

/// Pairs as a form writes them.
pub(in crate::formats) fn form(entries: &[Entry<'_>]) -> String {
    let pairs = entries.iter().flat_map(|(name, values)| {
        let pair = |value: &Word<'_>| format!("{}={}", escaped(&name.text), escaped(&value.text));
        values.iter().map(pair)
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// Percent-encoding for forms: letters, digits and `.-*_` stay, a blank becomes `+`.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'*' | b'_' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
