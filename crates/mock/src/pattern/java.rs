//! Java's regular expressions on Rust's engines.
//!
//! The pattern is translated construct by construct. What stays within the common subset runs on `regex` (linear time);
//! look-around, back references, atomic groups and possessive quantifiers run on `fancy-regex` with a bound on
//! its steps. What Java would not compile is [`Refusal::Invalid`]; what neither engine can do is
//! [`Refusal::NotSupported`], named, so that nobody waits for a match that cannot come.

mod class;
mod escape;
mod translate;

use translate::Translator;

const BACKTRACK_STEPS_MAX: usize = 1_000_000;
const COMPILED_BYTES_MAX: usize = 4 << 20;

/// Why a text is no usable pattern.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Java would not compile it.
    Invalid,
    /// Java would, but this construct has no translation.
    NotSupported(String),
}

/// The places of the groups of a match, the whole match first.
pub(crate) type Groups = Vec<Option<(usize, usize)>>;

/// A compiled regular expression that must cover the whole text.
#[derive(Debug, Clone)]
pub(crate) enum JavaRegex {
    Linear(regex::Regex),
    Backtracking(fancy_regex::Regex),
}

impl JavaRegex {
    pub(crate) fn compile(pattern: &str) -> Result<Self, Refusal> {
        Self::build(pattern, true, r"(?is)\A(?:", r")\z")
    }

    /// An expression to search with, without any flag: for [`JavaRegex::groups_from`].
    pub(crate) fn searching(pattern: &str) -> Result<Self, Refusal> {
        Self::build(pattern, false, "", "")
    }

    fn build(pattern: &str, dot_all: bool, before: &str, after: &str) -> Result<Self, Refusal> {
        let mut translator = Translator::new(pattern, dot_all);
        translator.translate()?;
        let whole = format!("{before}{}{after}", translator.out);
        if translator.backtracking {
            fancy_regex::RegexBuilder::new(&whole)
                .backtrack_limit(BACKTRACK_STEPS_MAX)
                .delegate_size_limit(COMPILED_BYTES_MAX)
                .build()
                .map(Self::Backtracking)
                .map_err(|_not_compiled| Refusal::Invalid)
        } else {
            regex::RegexBuilder::new(&whole)
                .size_limit(COMPILED_BYTES_MAX)
                .build()
                .map(Self::Linear)
                .map_err(|_not_compiled| Refusal::Invalid)
        }
    }

    /// The groups of the first match at or after `start`.
    ///
    /// # Errors
    ///
    /// The search took too many steps.
    pub(crate) fn groups_from(&self, text: &str, start: usize) -> Result<Option<Groups>, String> {
        match self {
            Self::Linear(regex) => Ok(regex.captures_at(text, start).map(|groups| {
                groups
                    .iter()
                    .map(|group| group.map(|group| (group.start(), group.end())))
                    .collect()
            })),
            Self::Backtracking(regex) => regex
                .captures_from_pos(text, start)
                .map(|groups| {
                    groups.map(|groups| {
                        groups
                            .iter()
                            .map(|group| group.map(|group| (group.start(), group.end())))
                            .collect()
                    })
                })
                .map_err(|error| format!("a regular expression was given up: {error}")),
        }
    }

    /// The number of a named group.
    pub(crate) fn group_named(&self, name: &str) -> Option<usize> {
        let is_it = |known: Option<&str>| known == Some(name);
        match self {
            Self::Linear(regex) => regex.capture_names().position(is_it),
            Self::Backtracking(regex) => regex.capture_names().position(is_it),
        }
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        match self {
            Self::Linear(regex) => regex.is_match(text),
            Self::Backtracking(regex) => regex.is_match(text).unwrap_or_else(|error| {
                tracing::warn!(pattern = regex.as_str(), %error, "a regular expression was given up: it counts as no match");
                false
            }),
        }
    }
}

/// The translation of a pattern that is to be found within a text, and whether it needs the backtracking engine.
pub(super) fn translated(pattern: &str) -> Result<(String, bool), Refusal> {
    let mut translator = Translator::new(pattern, false);
    translator.translate()?;
    Ok((translator.out, translator.backtracking))
}

#[cfg(test)]
mod tests;
