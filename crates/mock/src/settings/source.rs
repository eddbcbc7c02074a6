//! Where settings come from, and which source wins: options of the command line, `-D`, the property file, the
//! environment, the defaults.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::ignored;
use super::key::Key;
use super::problem::{Place, SettingsError, SettingsWarning, expected};
use super::properties;
use super::table::{KEYS, Settings};

/// Where the original looks when no property file is named: the working directory, then its image's place.
const FILES: [&str; 2] = ["mockserver.properties", "/config/mockserver.properties"];
const FILE_BYTES_MAX: u64 = 1 << 20;
const PREFIX: &str = "mockserver.";

/// Where a value came from, in the original's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    SystemProperty,
    PropertiesFile,
    EnvironmentVariable,
    RuntimeSet,
}

impl Origin {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SystemProperty => "system-property",
            Self::PropertiesFile => "properties-file",
            Self::EnvironmentVariable => "environment-variable",
            Self::RuntimeSet => "runtime-set",
        }
    }
}

/// Everything that settings are read from.
#[derive(Clone, Debug, Default)]
pub struct SettingsSources {
    /// Options of the command line: the option as it was written, the name of its setting, the value. They win.
    pub options: Vec<(&'static str, &'static str, String)>,
    /// The keys and values of `-D`.
    pub system: Vec<(String, String)>,
    /// The property file that was asked for; else `-D` or the environment may name one, and else it is looked for.
    pub property_file: Option<PathBuf>,
    /// The variables of the environment.
    pub environment: Vec<(String, String)>,
}

/// What was read.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadedSettings {
    /// The settings.
    pub settings: Settings,
    /// What was written and changes nothing.
    pub warnings: Vec<SettingsWarning>,
}

impl SettingsSources {
    /// Reads all sources.
    ///
    /// # Errors
    ///
    /// Everything that is wrong in any of them.
    pub fn load(&self) -> Result<LoadedSettings, Vec<SettingsError>> {
        let mut reading = Reading::default();
        self.read_environment(&mut reading);
        self.read_property_file(&mut reading);
        self.read_system(&mut reading);
        for (option, name, value) in &self.options {
            let place = Place::Option((*option).to_owned());
            reading.set(name, value, place, Origin::SystemProperty);
        }
        reading.finish()
    }

    fn read_environment(&self, reading: &mut Reading) {
        // A setting's usual variable comes last, and so wins: the order of the environment means nothing.
        for key in KEYS {
            for variable in key.variables().iter().rev() {
                for (_, value) in self.environment.iter().filter(|(name, _)| name == variable) {
                    let place = Place::Variable(variable.clone());
                    reading.set(key.name, value, place, Origin::EnvironmentVariable);
                }
            }
        }
        let known: BTreeSet<String> = Settings::variables().collect();
        let others = self
            .environment
            .iter()
            .filter(|(name, _)| !known.contains(name));
        for (variable, value) in others {
            let place = Place::Variable(variable.clone());
            match ignored::named_by(variable) {
                Some(name) => reading.set(name, value, place, Origin::EnvironmentVariable),
                None if is_foreign_variable(variable) => {}
                None => reading.unknown(variable, place),
            }
        }
    }

    fn read_property_file(&self, reading: &mut Reading) {
        let named = self.property_file.clone().or_else(|| self.named_file());
        let file = named.or_else(|| {
            FILES
                .map(PathBuf::from)
                .into_iter()
                .find(|file| file.exists())
        });
        let Some(file) = file else { return };
        match read_file(&file) {
            Ok(properties) => {
                for property in properties {
                    let place = Place::Line {
                        file: file.clone(),
                        line: property.line,
                    };
                    reading.set_prefixed(
                        &property.key,
                        &property.value,
                        place,
                        Origin::PropertiesFile,
                    );
                }
            }
            Err(error) => reading.errors.push(error),
        }
    }

    /// The property file that `-D` or the environment names.
    fn named_file(&self) -> Option<PathBuf> {
        let find = |all: &[(String, String)], wanted: &str| {
            let found = all.iter().rev().find(|(name, _)| name == wanted);
            found
                .map(|(_, value)| value.clone())
                .filter(|value| !value.trim().is_empty())
        };
        find(&self.system, "mockserver.propertyFile")
            .or_else(|| find(&self.environment, "MOCKSERVER_PROPERTY_FILE"))
            .map(PathBuf::from)
    }

    fn read_system(&self, reading: &mut Reading) {
        for (key, value) in &self.system {
            if key != "mockserver.propertyFile" {
                let place = Place::SystemProperty(key.clone());
                reading.set_prefixed(key, value, place, Origin::SystemProperty);
            }
        }
    }
}

/// Variables with the original's prefix that are not about settings: the property file's name, and what Kubernetes sets
/// for a service called `mockserver`.
fn is_foreign_variable(variable: &str) -> bool {
    let Some(rest) = variable.strip_prefix("MOCKSERVER_") else {
        return true;
    };
    rest == "PROPERTY_FILE"
        || rest == "PORT"
        || rest.starts_with("PORT_")
        || rest.starts_with("SERVICE_")
}

fn read_file(file: &Path) -> Result<Vec<properties::Property>, SettingsError> {
    let unreadable = |why: String| SettingsError::Unreadable {
        file: file.to_owned(),
        why,
    };
    let length = std::fs::metadata(file)
        .map_err(|error| unreadable(error.to_string()))?
        .len();
    if length > FILE_BYTES_MAX {
        return Err(unreadable(format!(
            "it has more than {FILE_BYTES_MAX} bytes"
        )));
    }
    let bytes = std::fs::read(file).map_err(|error| unreadable(error.to_string()))?;
    properties::parse(&bytes).map_err(|malformed| SettingsError::Malformed {
        file: file.to_owned(),
        line: malformed.line,
        what: malformed.what,
    })
}

/// Settings while they are read, weakest source first.
#[derive(Default)]
struct Reading {
    settings: Settings,
    warnings: Vec<SettingsWarning>,
    errors: Vec<SettingsError>,
}

impl Reading {
    /// A key of a property file or of `-D`.
    fn set_prefixed(&mut self, key: &str, value: &str, place: Place, origin: Origin) {
        match key.strip_prefix(PREFIX) {
            Some(name) => self.set(name, value, place, origin),
            None => self.unknown(key, place),
        }
    }

    /// A blank value sets nothing, as in the original.
    fn set(&mut self, name: &str, value: &str, place: Place, origin: Origin) {
        let value = value.trim();
        if value.is_empty() {
            return;
        }
        if let Some(key) = KEYS.iter().find(|key| key.is_named(name)) {
            match (key.read_text)(&mut self.settings, value, &key.range) {
                Ok(()) => {
                    self.settings.origins.insert(key.name, origin);
                }
                Err(refusal) => self.errors.push(refused(key, value, place, &refusal)),
            }
        } else if let Some(&name) = ignored::REFUSED.iter().find(|refused| **refused == name) {
            if !value.trim().is_empty() && !value.eq_ignore_ascii_case("false") {
                self.errors.push(SettingsError::Unprotected { name, place });
            }
        } else if let Some((name, why)) = ignored::find(name) {
            self.warnings
                .push(SettingsWarning::Ignored { name, why, place });
        } else {
            self.unknown(name, place);
        }
    }

    fn unknown(&mut self, name: &str, place: Place) {
        let name = name.to_owned();
        self.warnings.push(SettingsWarning::Unknown { name, place });
    }

    fn finish(mut self) -> Result<LoadedSettings, Vec<SettingsError>> {
        if !self.errors.is_empty() {
            return Err(self.errors);
        }
        self.settings.lower_limits_for_developers();
        Ok(LoadedSettings {
            settings: self.settings,
            warnings: self.warnings,
        })
    }
}

fn refused(key: &Key, value: &str, place: Place, refusal: &super::value::Refusal) -> SettingsError {
    SettingsError::Value {
        name: key.name,
        what: expected(refusal, key.kind),
        got: value.to_owned(),
        place,
    }
}
