//! What is wrong with settings, for the person who wrote them.

use std::fmt;
use std::path::PathBuf;

use super::value::Refusal;

/// Where a setting was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A line of a property file.
    Line {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// A variable of the environment.
    Variable(String),
    /// `-D` on the command line, with the key.
    SystemProperty(String),
    /// An option of the command line.
    Option(String),
    /// `PUT /mockserver/configuration`.
    Request,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { file, line } => write!(f, "{}:{line}", file.display()),
            Self::Variable(name) => f.write_str(name),
            Self::SystemProperty(key) => write!(f, "-D{key}"),
            Self::Option(option) => f.write_str(option),
            Self::Request => f.write_str("the request"),
        }
    }
}

/// Why settings were not taken. The text of the errors about requests is what the control plane answers, with status 400.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A value that its setting cannot have.
    #[error("{place}: {name}: {what}, got `{got}`")]
    Value {
        /// The setting.
        name: &'static str,
        /// What was expected.
        what: String,
        /// What came. Secrets take any text, so that none is ever refused and shown.
        got: String,
        /// Where.
        place: Place,
    },
    /// Protection was asked for that is not there.
    #[error(
        "{place}: {name}: styk does not have this protection, and does not start as if it had; leave the setting out"
    )]
    Unprotected {
        /// The setting.
        name: &'static str,
        /// Where.
        place: Place,
    },
    /// A property file that was named cannot be read.
    #[error("the property file {} cannot be read: {why}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// The system's reason.
        why: String,
    },
    /// A line that is none of a property file.
    #[error("{}:{line}: {what}", file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// A change that was not taken, in the original's words.
    #[error("{0}")]
    Change(String),
}

/// A setting that was written and changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingsWarning {
    /// There is no such setting.
    Unknown {
        /// As it was written.
        name: String,
        /// Where.
        place: Place,
    },
    /// A setting of the original that has no effect here.
    Ignored {
        /// The setting.
        name: &'static str,
        /// Why it has none.
        why: &'static str,
        /// Where.
        place: Place,
    },
}

impl fmt::Display for SettingsWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name, place } => write!(f, "{place}: there is no setting `{name}`"),
            Self::Ignored { name, why, place } => write!(f, "{place}: {name} has no effect: {why}"),
        }
    }
}

/// What was expected, for the error of a value in a file, a variable or an option.
pub(super) fn expected(refusal: &Refusal, kind: &'static str) -> String {
    match refusal {
        Refusal::Kind(kind) => format!("expected {kind}"),
        Refusal::Outside(range, _) => {
            format!(
                "expected a number from {} to {}",
                range.start(),
                range.end()
            )
        }
        Refusal::Word(..) | Refusal::Said(_) => format!("expected {kind}"),
    }
}

/// What the control plane answers to a change of `name` that was refused.
pub(super) fn answer(name: &str, refusal: Refusal) -> String {
    let beyond_int = |number: i128| i32::try_from(number).is_err();
    match refusal {
        Refusal::Kind(_) => INVALID.to_owned(),
        // What is no Java `int` fails earlier in the original.
        Refusal::Outside(_, number) if beyond_int(number) => INVALID.to_owned(),
        Refusal::Outside(range, number) => format!(
            "{name} must be between {} and {}, got: {number}",
            range.start(),
            range.end()
        ),
        Refusal::Word(got, []) => format!("Invalid {name}: \"{got}\""),
        Refusal::Word(got, words) => {
            format!(
                "Invalid {name}: \"{got}\", valid values are {}",
                words.join(", ")
            )
        }
        Refusal::Said(text) => text,
    }
}

/// The answer to everything that is no configuration.
pub(super) const INVALID: &str = "Invalid configuration JSON";
