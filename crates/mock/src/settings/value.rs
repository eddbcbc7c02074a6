//! The kinds of values that settings have: how each is read from text and JSON, and written.
//!
//! JSON is read as forgivingly as the original reads it: `"5"` and `5.7` are numbers, `"TRUE"` and `1` are truths,
//! `null` and an empty text say nothing.

use std::fmt;
use std::ops::RangeInclusive;

use crate::json::{Json, pretty};

mod words;

pub use words::{Compat, LogLevel, Trust};

/// Why a value was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is no such value at all; what was expected.
    Kind(&'static str),
    /// A number outside its range.
    Outside(RangeInclusive<u64>, i128),
    /// No word of the list; the list is empty where the original names none.
    Word(String, &'static [&'static str]),
    /// The words of the original.
    Said(String),
}

/// A value of a setting.
pub(super) trait Value: Clone {
    /// What it is, for readers.
    const KIND: &'static str;

    fn of_text(text: &str, range: &RangeInclusive<u64>) -> Result<Self, Refusal>;

    /// Nothing where the JSON says nothing.
    fn of_json(json: &Json, range: &RangeInclusive<u64>) -> Result<Option<Self>, Refusal>;

    /// Nothing where the configuration does not show it.
    fn to_json(&self) -> Option<Json>;

    /// The value as a property file writes it; secrets are masked.
    fn text(&self) -> String {
        match self.to_json() {
            Some(Json::Text(text)) => text,
            Some(Json::Number(text)) => text.into_string(),
            Some(json) => pretty(&json),
            None => String::new(),
        }
    }
}

impl Value for bool {
    const KIND: &'static str = "true or false";

    fn of_text(text: &str, _range: &RangeInclusive<u64>) -> Result<Self, Refusal> {
        if text.eq_ignore_ascii_case("true") {
            Ok(true)
        } else if text.eq_ignore_ascii_case("false") {
            Ok(false)
        } else {
            Err(Refusal::Kind(Self::KIND))
        }
    }

    fn of_json(json: &Json, range: &RangeInclusive<u64>) -> Result<Option<Self>, Refusal> {
        match json {
            Json::Null => Ok(None),
            Json::Text(text) if text.trim().is_empty() => Ok(None),
            Json::Bool(value) => Ok(Some(*value)),
            Json::Text(text) => Self::of_text(text.trim(), range).map(Some),
            Json::Number(text) if crate::json::is_integer(text) => Ok(Some(
                text.bytes().any(|digit| (b'1'..=b'9').contains(&digit)),
            )),
            _ => Err(Refusal::Kind(Self::KIND)),
        }
    }

    fn to_json(&self) -> Option<Json> {
        Some(Json::Bool(*self))
    }
}

impl Value for u64 {
    const KIND: &'static str = "a whole number";

    fn of_text(text: &str, range: &RangeInclusive<u64>) -> Result<Self, Refusal> {
        let number: i128 = text.parse().map_err(|_| Refusal::Kind(Self::KIND))?;
        Self::try_from(number)
            .ok()
            .filter(|number| range.contains(number))
            .ok_or_else(|| Refusal::Outside(range.clone(), number))
    }

    fn of_json(json: &Json, range: &RangeInclusive<u64>) -> Result<Option<Self>, Refusal> {
        match json {
            Json::Null => Ok(None),
            Json::Text(text) if text.trim().is_empty() => Ok(None),
            Json::Text(text) => Self::of_text(text.trim(), range).map(Some),
            // The fraction is cut off, as Java does.
            Json::Number(text) if !text.contains(['e', 'E']) => {
                let whole = text.split('.').next().unwrap_or_default();
                Self::of_text(whole, range).map(Some)
            }
            _ => Err(Refusal::Kind(Self::KIND)),
        }
    }

    fn to_json(&self) -> Option<Json> {
        Some(Json::number(self))
    }
}

impl Value for String {
    const KIND: &'static str = "text";

    fn of_text(text: &str, _range: &RangeInclusive<u64>) -> Result<Self, Refusal> {
        Ok(text.to_owned())
    }

    fn of_json(json: &Json, _range: &RangeInclusive<u64>) -> Result<Option<Self>, Refusal> {
        match json {
            Json::Null => Ok(None),
            Json::Text(text) => Ok(Some(text.clone())),
            Json::Bool(value) => Ok(Some(value.to_string())),
            Json::Number(text) => Ok(Some(text.to_string())),
            Json::Array(_) | Json::Object(_) => Err(Refusal::Kind(Self::KIND)),
        }
    }

    fn to_json(&self) -> Option<Json> {
        Some(Json::text(self))
    }
}

/// A set of words: kept in order, each once.
impl Value for Vec<String> {
    const KIND: &'static str = "a list, separated by commas";

    fn of_text(text: &str, _range: &RangeInclusive<u64>) -> Result<Self, Refusal> {
        let words = text
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty());
        Ok(ordered(words.map(str::to_owned).collect()))
    }

    fn of_json(json: &Json, range: &RangeInclusive<u64>) -> Result<Option<Self>, Refusal> {
        let items = match json {
            Json::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        let words: Result<Vec<Option<String>>, Refusal> = items
            .iter()
            .map(|item| String::of_json(item, range))
            .collect();
        let words: Option<Vec<String>> = words?.into_iter().collect();
        match words {
            Some(words) => Ok(Some(ordered(words))),
            None if *json == Json::Null => Ok(None),
            None => Err(Refusal::Kind(Self::KIND)),
        }
    }

    fn to_json(&self) -> Option<Json> {
        Some(Json::Array(self.iter().map(Json::text).collect()))
    }

    fn text(&self) -> String {
        self.join(",")
    }
}

fn ordered(mut words: Vec<String>) -> Vec<String> {
    words.sort_unstable();
    words.dedup();
    words
}

/// A setting without a default.
impl<V: Value> Value for Option<V> {
    const KIND: &'static str = V::KIND;

    fn of_text(text: &str, range: &RangeInclusive<u64>) -> Result<Self, Refusal> {
        V::of_text(text, range).map(Some)
    }

    fn of_json(json: &Json, range: &RangeInclusive<u64>) -> Result<Option<Self>, Refusal> {
        Ok(V::of_json(json, range)?.map(Some))
    }

    fn to_json(&self) -> Option<Json> {
        self.as_ref().and_then(Value::to_json)
    }

    fn text(&self) -> String {
        self.as_ref().map(Value::text).unwrap_or_default()
    }
}

/// A password or a key. It never reaches a log or a report.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// What stands in its place.
    const MASK: &'static str = "***REDACTED***";

    /// A secret.
    #[must_use]
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "" } else { Self::MASK })
    }
}

impl Value for Secret {
    const KIND: &'static str = "text, never shown";

    fn of_text(text: &str, _range: &RangeInclusive<u64>) -> Result<Self, Refusal> {
        Ok(Self(text.to_owned()))
    }

    fn of_json(json: &Json, range: &RangeInclusive<u64>) -> Result<Option<Self>, Refusal> {
        Ok(String::of_json(json, range)?.map(Self))
    }

    fn to_json(&self) -> Option<Json> {
        None
    }

    fn text(&self) -> String {
        format!("{self:?}")
    }
}

/// The ports to listen on. They are no part of the configuration that clients see and change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ports(pub Vec<u16>);

impl Value for Ports {
    const KIND: &'static str = "ports, separated by commas; 0 takes a free one";

    fn of_text(text: &str, _range: &RangeInclusive<u64>) -> Result<Self, Refusal> {
        let ports: Result<Vec<u16>, _> = text.split(',').map(|port| port.trim().parse()).collect();
        ports.map(Self).map_err(|_| Refusal::Kind(Self::KIND))
    }

    fn of_json(_json: &Json, _range: &RangeInclusive<u64>) -> Result<Option<Self>, Refusal> {
        Ok(None)
    }

    fn to_json(&self) -> Option<Json> {
        None
    }

    fn text(&self) -> String {
        let ports: Vec<String> = self.0.iter().map(u16::to_string).collect();
        ports.join(",")
    }
}

/// Another server's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPort {
    /// A name or an address, IPv6 in brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl Value for HostPort {
    const KIND: &'static str = "host:port";

    fn of_text(text: &str, _range: &RangeInclusive<u64>) -> Result<Self, Refusal> {
        let malformed = || {
            Refusal::Said(format!(
                "Invalid host:port format: {text:?}, expected format \"host:port\""
            ))
        };
        let (host, port) = text.rsplit_once(':').ok_or_else(malformed)?;
        let port: u32 = port.parse().map_err(|_| malformed())?;
        let port =
            u16::try_from(port).map_err(|_| Refusal::Said(format!("port out of range:{port}")))?;
        if host.is_empty() {
            return Err(malformed());
        }
        let host = host.to_owned();
        Ok(Self { host, port })
    }

    fn of_json(json: &Json, range: &RangeInclusive<u64>) -> Result<Option<Self>, Refusal> {
        match String::of_json(json, range)? {
            Some(text) => Self::of_text(&text, range).map(Some),
            None => Ok(None),
        }
    }

    fn to_json(&self) -> Option<Json> {
        Some(Json::text(self.to_string()))
    }
}
