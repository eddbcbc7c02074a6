//! One row of the table of settings, and the macro that makes the table and the struct from the same lines.

use std::ops::RangeInclusive;

use super::table::Settings;
use super::value::Refusal;
use crate::json::Json;

/// What every source needs to know about one setting.
pub(super) struct Key {
    /// The name in JSON; in property files it follows `mockserver.`.
    pub(super) name: &'static str,
    /// Another name that property files and the environment know, from older versions of the original.
    pub(super) alias: Option<&'static str>,
    /// The variables of the environment that do not follow from the name.
    pub(super) variables: &'static [&'static str],
    pub(super) kind: &'static str,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "a test makes docs/mock-settings.md of it")
    )]
    pub(super) doc: &'static str,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "a test makes docs/mock-settings.md of it")
    )]
    pub(super) section: &'static str,
    /// What numbers have to be within.
    pub(super) range: RangeInclusive<u64>,
    pub(super) read_text: fn(&mut Settings, &str, &RangeInclusive<u64>) -> Result<(), Refusal>,
    /// Whether the value said something: `null` leaves a setting as it is.
    pub(super) read_json: fn(&mut Settings, &Json, &RangeInclusive<u64>) -> Result<bool, Refusal>,
    /// Nothing where `GET /mockserver/configuration` shows nothing.
    pub(super) write: fn(&Settings) -> Option<Json>,
    /// The value in the spelling of property files, masked where it is a secret.
    pub(super) text: fn(&Settings) -> String,
}

impl Key {
    /// Whether property files and `-D` know the setting by this name, without `mockserver.`.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.name == name || self.alias == Some(name)
    }

    /// The variables of the environment that set it, the first one being the usual one.
    pub(super) fn variables(&self) -> Vec<String> {
        let usual = [self.name].into_iter().chain(self.alias);
        if self.variables.is_empty() {
            usual.map(variable).collect()
        } else {
            self.variables.iter().map(|&name| name.to_owned()).collect()
        }
    }
}

/// `maxLogEntries` as `MOCKSERVER_MAX_LOG_ENTRIES`.
pub(super) fn variable(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut variable = "MOCKSERVER_".to_owned();
    for (place, &letter) in letters.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|place| letters.get(place));
        let after = letters.get(place + 1);
        let word_begins = letter.is_ascii_uppercase()
            && before.is_some_and(|before| {
                !before.is_ascii_uppercase() || after.is_some_and(char::is_ascii_lowercase)
            });
        if word_begins {
            variable.push('_');
        }
        variable.push(letter.to_ascii_uppercase());
    }
    variable
}

/// Makes `Settings`, its defaults and `KEYS` from one list:
/// `"name" field: Type = default, in range, env ["VARIABLE"], or "alias";`.
macro_rules! settings {
    ($($section:literal {$(
        $(#[doc = $doc:literal])+
        $name:literal $field:ident: $kind:ty = $default:expr
            $(, in $range:expr)? $(, env [$($variable:literal),+])? $(, or $alias:literal)?;
    )+})+) => {
        /// Everything that can be set about a server. The fields have the original's names and meaning.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Settings {
            $($($(#[doc = $doc])+ pub $field: $kind,)+)+
            /// Where the values that are no defaults came from, by name.
            pub(super) origins: std::collections::BTreeMap<&'static str, super::source::Origin>,
        }

        impl Default for Settings {
            fn default() -> Self {
                Self { $($($field: $default,)+)+ origins: std::collections::BTreeMap::new() }
            }
        }

        /// All settings, in the order of the documentation.
        pub(super) const KEYS: &[Key] = &[$($(Key {
            name: $name,
            alias: settings!(@alias $($alias)?),
            variables: &[$($($variable),+)?],
            kind: <$kind as Value>::KIND,
            doc: concat!($($doc),+),
            section: $section,
            range: settings!(@range $($range)?),
            read_text: |settings, text, range| {
                settings.$field = Value::of_text(text, range)?;
                Ok(())
            },
            read_json: |settings, json, range| {
                let read = Value::of_json(json, range)?;
                let said = read.is_some();
                settings.$field = read.unwrap_or_else(|| settings.$field.clone());
                Ok(said)
            },
            write: |settings| settings.$field.to_json(),
            text: |settings| settings.$field.text(),
        },)+)+];
    };
    (@alias) => { None };
    (@alias $alias:literal) => { Some($alias) };
    // The original's numbers are Java's `int`.
    (@range) => { 0..=2_147_483_647 };
    (@range $range:expr) => { $range };
}
pub(super) use settings;

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("logLevel", "MOCKSERVER_LOG_LEVEL")]
    #[test_case("enableCORSForAPI", "MOCKSERVER_ENABLE_CORS_FOR_API")]
    #[test_case("localBoundIP", "MOCKSERVER_LOCAL_BOUND_IP")]
    #[test_case("http2Enabled", "MOCKSERVER_HTTP2_ENABLED")]
    #[test_case(
        "sslSubjectAlternativeNameIps",
        "MOCKSERVER_SSL_SUBJECT_ALTERNATIVE_NAME_IPS"
    )]
    fn variables_follow_from_names(name: &str, expected: &str) {
        assert_eq!(variable(name), expected);
    }
}
