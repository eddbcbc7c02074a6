//! Reading control objects field by field.
//!
//! MockServer checks requests against a JSON Schema and answers with the list of all violations; clients show that
//! text. [`Fields`] reads one object (names in any case), and what it cannot take goes to [`Complaints`] in the
//! words of that check. What MockServer knows and this server does not is kept apart: it is answered 501.

use crate::json::{Json, Object, is_integer};

/// Everything wrong with one control object.
#[derive(Debug, Default)]
pub(crate) struct Complaints {
    /// Violations, each `$.path: what`.
    pub(crate) errors: Vec<String>,
    /// Names of features that are not there yet.
    pub(crate) not_built: Vec<String>,
}

impl Complaints {
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
        let count = self.errors.len();
        let plural = if count == 1 { "" } else { "s" };
        let mut text = format!("  {count} error{plural}:\n");
        for error in &self.errors {
            text.push_str("   - ");
            text.push_str(&error.replace('\n', "\n  "));
            text.push('\n');
        }
        text.push_str(
            "  \n  OpenAPI Specification: https://app.swaggerhub.com/apis/jamesdbloom/mock-server-openapi/5.15.x\n  \
             Documentation: https://mock-server.com/mock_server/creating_expectations.html",
        );
        text
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

    pub(crate) fn integer(&mut self, path: &str, value: &Json) -> Option<i64> {
        let parsed = match value {
            Json::Number(text) if is_integer(text) => text.parse().ok(),
            _ => None,
        };
        if parsed.is_none() {
            self.wrong_kind(path, value, "integer");
        }
        parsed
    }

    /// One of the given words, in any case; the word as it stands in `allowed`.
    pub(crate) fn word<'w>(
        &mut self,
        path: &str,
        value: &Json,
        allowed: &[&'w str],
    ) -> Option<&'w str> {
        let found = match value {
            Json::Text(text) => allowed.iter().find(|word| word.eq_ignore_ascii_case(text)),
            _ => None,
        };
        if found.is_none() {
            self.error(
                path,
                format_args!(
                    "does not have a value in the enumeration [{}]",
                    allowed.join(", ")
                ),
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
            Json::Object(object) => Some(Self::of_object(object, path)),
            other => {
                complaints.wrong_kind(&path, other, "object");
                None
            }
        }
    }

    pub(crate) fn of_object(object: &'a Object, path: String) -> Self {
        let left = object
            .iter()
            .map(|(name, value)| (name.as_str(), value))
            .collect();
        Self { path, left }
    }

    /// The path of the field `name`.
    pub(crate) fn at(&self, name: &str) -> String {
        format!("{}.{name}", self.path)
    }

    /// Takes the field `name`; null counts as absent.
    pub(crate) fn take(&mut self, name: &str) -> Option<&'a Json> {
        let place = self
            .left
            .iter()
            .position(|(field, _)| field.eq_ignore_ascii_case(name))?;
        let (_, value) = self.left.remove(place);
        (!matches!(value, Json::Null)).then_some(value)
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
