//! What can be set about a server: by property files, the environment and the command line at its start, and by
//! `PUT /mockserver/configuration` later.
//!
//! One table says everything about every setting; all readers and writers follow it.

use crate::json::{Json, parse_lenient};

mod ignored;
mod key;
mod problem;
mod properties;
mod source;
mod table;
mod value;

pub(crate) mod initialization;

pub use problem::{Place, SettingsError, SettingsWarning};
pub use source::{LoadedSettings, SettingsSources};
pub use table::Settings;
pub use value::{Compat, HostPort, LogLevel, Ports, Secret, Trust};

use ignored::REFUSED;
use key::Key;
use problem::{INVALID, answer};
use source::Origin;
use table::KEYS;

/// Limits of the developers' mode.
const DEVELOPERS_MAX: u64 = 1000;

impl Settings {
    /// The names of all settings, as property files write them behind `mockserver.`.
    pub fn names() -> impl Iterator<Item = &'static str> + Clone {
        KEYS.iter().map(|key| key.name)
    }

    /// The variables of the environment that set them.
    pub fn variables() -> impl Iterator<Item = String> {
        KEYS.iter().flat_map(Key::variables)
    }

    /// The server that requests without an expectation go to, if one was set.
    #[must_use]
    pub fn remote(&self) -> Option<HostPort> {
        let usual = if self.proxy_remote_secure { 443 } else { 80 };
        let port = match self.proxy_remote_port {
            Some(port) => u16::try_from(port).ok()?,
            None if self.proxy_remote_host.is_empty() => return None,
            None => usual,
        };
        let host = match self.proxy_remote_host.as_str() {
            "" => "localhost".to_owned(),
            host => host.to_owned(),
        };
        Some(HostPort { host, port })
    }

    /// The headers of `defaultResponseHeaders`. They go to every answer, those of the control plane among them, and never
    /// replace a header that an answer has. Of equal names the first counts; what is no header is passed over.
    #[must_use]
    pub fn response_headers(&self) -> Vec<(String, String)> {
        let mut headers: Vec<(String, String)> = Vec::new();
        for part in self.default_response_headers.split('|') {
            let Some((name, value)) = part.split_once('=') else {
                continue;
            };
            let name = name.trim();
            let is_new = headers
                .iter()
                .all(|(other, _)| !other.eq_ignore_ascii_case(name));
            if is_new && http::HeaderName::try_from(name).is_ok() {
                // A line break must not make two headers of one.
                let value = value.trim().chars().filter(|c| !c.is_control()).collect();
                headers.push((name.to_owned(), value));
            }
        }
        headers
    }

    /// What `GET /mockserver/configuration` answers: all settings that have a value, by name. No secrets.
    pub(crate) fn to_json(&self) -> Json {
        let mut shown: Vec<(&str, Json)> = KEYS
            .iter()
            .filter_map(|key| Some((key.name, (key.write)(self)?)))
            .collect();
        shown.sort_unstable_by_key(|(name, _)| *name);
        Json::object(shown)
    }

    /// What `GET /mockserver/config` answers: each setting's value and where it came from.
    pub(crate) fn to_origins_json(&self) -> Json {
        let mut keys: Vec<&Key> = KEYS.iter().collect();
        keys.sort_unstable_by_key(|key| key.name);
        let entry = |key: &Key| {
            let (value, source) = match self.origins.get(key.name) {
                Some(origin) => ((key.text)(self), origin.name()),
                None => ("(default)".to_owned(), "default"),
            };
            Json::object([
                ("name", Json::text(format!("mockserver.{}", key.name))),
                ("value", Json::text(value)),
                ("source", Json::text(source)),
            ])
        };
        Json::Array(keys.into_iter().map(entry).collect())
    }

    /// The settings after `PUT /mockserver/configuration` with this body.
    ///
    /// # Errors
    ///
    /// The text of the answer, whose status is 400.
    pub(crate) fn change_by(&self, body: &str) -> Result<Change, SettingsError> {
        if body.is_empty() {
            return Err(SettingsError::Change(
                "argument \"content\" is null".to_owned(),
            ));
        }
        match parse_lenient(body) {
            Ok(json) => self.change(&json),
            Err(_) => Err(SettingsError::Change(INVALID.to_owned())),
        }
    }

    /// The settings with those of a JSON object changed: all of them, or none. Upper and lower case of names do not
    /// matter; what is unknown is passed over, with a warning.
    ///
    /// # Errors
    ///
    /// The text of the answer, whose status is 400.
    pub(crate) fn change(&self, json: &Json) -> Result<Change, SettingsError> {
        let Json::Object(fields) = json else {
            return Err(SettingsError::Change(INVALID.to_owned()));
        };
        let mut settings = self.clone();
        let mut warnings = Vec::new();
        for (name, value) in fields {
            let same = |other: &&str| other.eq_ignore_ascii_case(name);
            if let Some(key) = KEYS.iter().find(|key| same(&key.name)) {
                let said = (key.read_json)(&mut settings, value, &key.range)
                    .map_err(|refusal| SettingsError::Change(answer(key.name, refusal)))?;
                if said {
                    settings.origins.insert(key.name, Origin::RuntimeSet);
                }
            } else if let Some(&name) = REFUSED.iter().find(|name| same(name)) {
                if !matches!(value, Json::Null | Json::Bool(false)) {
                    let place = Place::Request;
                    return Err(SettingsError::Unprotected { name, place });
                }
            } else {
                warnings.push(without_effect(name));
            }
        }
        Ok(Change { settings, warnings })
    }

    /// `devMode` lowers what nobody has set.
    fn lower_limits_for_developers(&mut self) {
        if self.dev_mode {
            if !self.origins.contains_key("maxExpectations") {
                self.max_expectations = DEVELOPERS_MAX;
            }
            if !self.origins.contains_key("maxLogEntries") {
                self.max_log_entries = DEVELOPERS_MAX;
            }
        }
    }
}

/// A change of the settings.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change {
    pub(crate) settings: Settings,
    /// What was written and changes nothing.
    pub(crate) warnings: Vec<SettingsWarning>,
}

fn without_effect(name: &str) -> SettingsWarning {
    let place = Place::Request;
    match ignored::find(name) {
        Some((name, why)) => SettingsWarning::Ignored { name, why, place },
        None => SettingsWarning::Unknown {
            name: name.to_owned(),
            place,
        },
    }
}

#[cfg(test)]
mod tests;
