//! Reading control objects field by field.
//!
//! MockServer checks requests against a JSON Schema and answers with the list of all violations; clients show that
//! text. [`Fields`] reads one object, and what it cannot take goes to [`Complaints`] in the
//! words of that check. What MockServer knows and this server does not is kept apart: it is answered 501.

use crate::json::{Json, Object, is_integer};
use crate::openapi::Sources;

/// Where MockServer's errors send their readers.
pub(crate) const REFERENCES: &str = "OpenAPI Specification: https://app.swaggerhub.com/apis/jamesdbloom/mock-server-openapi/8.0.x\n\
     Documentation: https://mock-server.com/mock_server/creating_expectations.html";

/// What is beyond the schema and cannot be read all the same; the whole object is shown with it.
pub(crate) const UNREADABLE: &str = "exception while parsing";

/// Every line of a text, two spaces in.
pub(crate) fn indented(text: &str) -> String {
    format!("  {}", text.replace('\n', "\n  "))
}

/// Everything wrong with one control object; and what its readers may look up.
#[derive(Debug, Default)]
pub(crate) struct Complaints {
    /// The documents that matchers may name.
    pub(crate) sources: Sources,
    /// Violations, each `$.path: what`.
    pub(crate) errors: Vec<String>,
    /// What is wrong beyond the schema, in the words of the original.
    pub(crate) other: Option<String>,
    /// Names of features that are not there yet.
    pub(crate) not_built: Vec<String>,
    /// Whether null counts as absent: in what callbacks and templates give, but not in what is registered.
    pub(crate) nulls_are_absent: bool,
}

impl Complaints {
    /// For an object that no schema stands over.
    pub(crate) fn without_schema() -> Self {
        Self {
            nulls_are_absent: true,
            ..Self::default()
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_empty() && self.other.is_none() && self.not_built.is_empty()
    }

    /// All of it, a line each.
    pub(crate) fn all(&self) -> Vec<String> {
        let not_built = self
            .not_built
            .iter()
            .map(|what| format!("{what} is not there yet"));
        self.errors
            .iter()
            .cloned()
            .chain(self.other.clone())
            .chain(not_built)
            .collect()
    }

    pub(crate) fn error(&mut self, path: &str, what: impl std::fmt::Display) {
        self.errors.push(format!("{path}: {what}"));
    }

    pub(crate) fn not_built(&mut self, feature: impl Into<String>) {
        self.not_built.push(feature.into());
    }

    fn wrong_kind(&mut self, path: &str, value: &Json, expected: &str) {
        self.error(
            path,
            format_args!("{} found, {expected} expected", value.kind()),
        );
    }

    /// The violations as the text of the schema check, each line indented by two spaces.
    pub(crate) fn report(&self) -> String {
        let mut errors: Vec<&str> = self.errors.iter().map(String::as_str).collect();
        errors.sort_unstable();
        errors.dedup();
        let plural = if errors.len() == 1 { "" } else { "s" };
        let mut lines = vec![format!("{} error{plural}:", errors.len())];
        lines.extend(errors.iter().map(|error| format!(" - {error}")));
        lines.push(format!("\n{REFERENCES}"));
        indented(&lines.join("\n"))
    }

    pub(crate) fn text(&mut self, path: &str, value: &Json) -> Option<String> {
        match value {
            Json::Text(text) => Some(text.clone()),
            other => {
                self.wrong_kind(path, other, "string");
                None
            }
        }
    }

    pub(crate) fn boolean(&mut self, path: &str, value: &Json) -> Option<bool> {
        match value {
            Json::Bool(value) => Some(*value),
            other => {
                self.wrong_kind(path, other, "boolean");
                None
            }
        }
    }

    /// An integer, however it is written (`200.0`, `2e2`); one that is out of range becomes the last in range.
    pub(crate) fn integer(&mut self, path: &str, value: &Json) -> Option<i64> {
        let parsed = match value {
            Json::Number(text) => integer(text),
            _ => None,
        };
        if parsed.is_none() {
            self.wrong_kind(path, value, "integer");
        }
        parsed
    }

    pub(crate) fn number(&mut self, path: &str, value: &Json) -> Option<f64> {
        let parsed = match value {
            Json::Number(text) => text.parse().ok(),
            _ => None,
        };
        if parsed.is_none() {
            self.wrong_kind(path, value, "number");
        }
        parsed
    }

    /// One of the given words.
    pub(crate) fn word<'w>(
        &mut self,
        path: &str,
        value: &Json,
        allowed: &[&'w str],
    ) -> Option<&'w str> {
        let found = match value {
            Json::Text(text) => allowed.iter().find(|word| *word == text),
            _ => None,
        };
        if found.is_none() {
            let allowed = allowed.join("\", \"");
            self.error(
                path,
                format_args!("does not have a value in the enumeration [\"{allowed}\"]"),
            );
        }
        found.copied()
    }
}

/// The fields of one object that are still to be read.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    path: String,
    left: Vec<(&'a str, &'a Json)>,
}

impl<'a> Fields<'a> {
    /// The fields of `value`, which stands at `path`; a complaint when it is no object.
    pub(crate) fn of(
        value: &'a Json,
        path: impl Into<String>,
        complaints: &mut Complaints,
    ) -> Option<Self> {
        let path = path.into();
        match value {
            Json::Object(object) if complaints.nulls_are_absent => {
                Some(Self::of_object(object, path))
            }
            Json::Object(object) => {
                let fields = object.iter().map(|(name, value)| (name.as_str(), value));
                let left = fields.collect();
                Some(Self { path, left })
            }
            other => {
                complaints.wrong_kind(&path, other, "object");
                None
            }
        }
    }

    /// The fields of an object whose nulls count as absent.
    pub(crate) fn of_object(object: &'a Object, path: String) -> Self {
        let given = object
            .iter()
            .filter(|(_, value)| !matches!(value, Json::Null));
        let left = given.map(|(name, value)| (name.as_str(), value)).collect();
        Self { path, left }
    }

    /// The path of the field `name`.
    pub(crate) fn at(&self, name: &str) -> String {
        format!("{}.{name}", self.path)
    }

    /// The field `name`, left in place.
    pub(crate) fn get(&self, name: &str) -> Option<&'a Json> {
        let (_, value) = self.left.iter().find(|(field, _)| *field == name)?;
        Some(*value)
    }

    /// Takes the field `name`.
    pub(crate) fn take(&mut self, name: &str) -> Option<&'a Json> {
        let place = self.left.iter().position(|(field, _)| *field == name)?;
        let (_, value) = self.left.remove(place);
        Some(value)
    }

    pub(crate) fn text(&mut self, name: &str, complaints: &mut Complaints) -> Option<String> {
        let value = self.take(name)?;
        complaints.text(&self.at(name), value)
    }

    pub(crate) fn boolean(&mut self, name: &str, complaints: &mut Complaints) -> Option<bool> {
        let value = self.take(name)?;
        complaints.boolean(&self.at(name), value)
    }

    pub(crate) fn integer(&mut self, name: &str, complaints: &mut Complaints) -> Option<i64> {
        let value = self.take(name)?;
        complaints.integer(&self.at(name), value)
    }

    pub(crate) fn number(&mut self, name: &str, complaints: &mut Complaints) -> Option<f64> {
        let value = self.take(name)?;
        complaints.number(&self.at(name), value)
    }

    pub(crate) fn word<'w>(
        &mut self,
        name: &str,
        allowed: &[&'w str],
        complaints: &mut Complaints,
    ) -> Option<&'w str> {
        let value = self.take(name)?;
        complaints.word(&self.at(name), value, allowed)
    }

    /// Complains about fields MockServer knows and this server does not.
    pub(crate) fn refuse(&mut self, names: &[&str], complaints: &mut Complaints) {
        for name in names {
            if self.take(name).is_some() {
                complaints.not_built(*name);
            }
        }
    }

    /// Complains about every field that was not taken; the number of them.
    pub(crate) fn finish(self, complaints: &mut Complaints) -> usize {
        for (name, _) in &self.left {
            complaints.error(
                &self.at(name),
                "is not defined in the schema and the schema does not allow additional properties",
            );
        }
        self.left.len()
    }
}

/// The integer that a number is by its value.
pub(crate) fn integer(text: &str) -> Option<i64> {
    if is_integer(text) {
        let limit = if text.starts_with('-') {
            i64::MIN
        } else {
            i64::MAX
        };
        return Some(text.parse().unwrap_or(limit));
    }
    // Beyond this, not every integer has a float of its own.
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    let value: f64 = text.parse().ok()?;
    let is_exact = value.fract() == 0.0 && value.abs() <= EXACT_MAX;
    is_exact
        .then(|| format!("{value:.0}").parse().ok())
        .flatten()
}
