//! Settings whose value is one word of a few.

use std::ops::RangeInclusive;

use super::{Refusal, Value};
use crate::json::Json;

/// How much to log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// Everything.
    Trace,
    /// For developers.
    Debug,
    /// What happens.
    Info,
    /// What looks wrong.
    Warn,
    /// What is wrong.
    Error,
    /// Nothing.
    Off,
}

impl LogLevel {
    /// What the configuration takes; property files and the command line know `OFF` and Java's levels too.
    const WORDS: &'static [&'static str] = &["TRACE", "DEBUG", "INFO", "WARN", "ERROR"];

    /// The original's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
            Self::Off => "OFF",
        }
    }
}

impl Value for LogLevel {
    const KIND: &'static str =
        "TRACE, DEBUG, INFO, WARN, ERROR or OFF (also FINEST, FINE, WARNING, SEVERE)";

    fn of_text(text: &str, _range: &RangeInclusive<u64>) -> Result<Self, Refusal> {
        match text.to_ascii_uppercase().as_str() {
            "TRACE" | "FINEST" => Ok(Self::Trace),
            "DEBUG" | "FINE" => Ok(Self::Debug),
            "INFO" => Ok(Self::Info),
            "WARN" | "WARNING" => Ok(Self::Warn),
            "ERROR" | "SEVERE" => Ok(Self::Error),
            "OFF" => Ok(Self::Off),
            _ => Err(Refusal::Kind(Self::KIND)),
        }
    }

    fn of_json(json: &Json, range: &RangeInclusive<u64>) -> Result<Option<Self>, Refusal> {
        match String::of_json(json, range)? {
            Some(text) if Self::WORDS.contains(&text.as_str()) => {
                Self::of_text(&text, range).map(Some)
            }
            Some(text) => Err(Refusal::Word(text, Self::WORDS)),
            None => Ok(None),
        }
    }

    fn to_json(&self) -> Option<Json> {
        Some(Json::text(self.name()))
    }
}

/// Whose certificates are trusted when requests are forwarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Anybody's.
    Any,
    /// Those that the well-known authorities have signed.
    Jvm,
    /// Those of a list.
    Custom,
}

impl Value for Trust {
    const KIND: &'static str = "ANY, JVM or CUSTOM";

    fn of_text(text: &str, _range: &RangeInclusive<u64>) -> Result<Self, Refusal> {
        match text {
            "ANY" => Ok(Self::Any),
            "JVM" => Ok(Self::Jvm),
            "CUSTOM" => Ok(Self::Custom),
            other => Err(Refusal::Word(other.to_owned(), &[])),
        }
    }

    fn of_json(json: &Json, range: &RangeInclusive<u64>) -> Result<Option<Self>, Refusal> {
        match String::of_json(json, range)? {
            Some(text) => Self::of_text(&text, range).map(Some),
            None => Ok(None),
        }
    }

    fn to_json(&self) -> Option<Json> {
        Some(Json::text(match self {
            Self::Any => "ANY",
            Self::Jvm => "JVM",
            Self::Custom => "CUSTOM",
        }))
    }
}

/// Whose behaviour is followed where versions of the original differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compat {
    /// The most deployed version.
    V5_15,
    /// The newest one.
    V8_0,
}

impl Value for Compat {
    const KIND: &'static str = "5.15 or 8.0";

    fn of_text(text: &str, _range: &RangeInclusive<u64>) -> Result<Self, Refusal> {
        match text {
            "5.15" | "5.15.0" => Ok(Self::V5_15),
            "8.0" | "8.0.0" => Ok(Self::V8_0),
            _ => Err(Refusal::Kind(Self::KIND)),
        }
    }

    fn of_json(json: &Json, range: &RangeInclusive<u64>) -> Result<Option<Self>, Refusal> {
        match String::of_json(json, range)? {
            Some(text) => Self::of_text(&text, range).map(Some),
            None => Ok(None),
        }
    }

    fn to_json(&self) -> Option<Json> {
        Some(Json::text(match self {
            Self::V5_15 => "5.15",
            Self::V8_0 => "8.0",
        }))
    }
}
