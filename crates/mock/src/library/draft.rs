//! An object of MockServer's JSON while it is being built.

use std::time::Duration;

use serde::Serialize;

use crate::json::{Json, Object, parse_strict};

/// The fields given so far, and the first thing that was wrong; builders go on, and registration tells.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    fields: Object,
    problem: Option<String>,
}

impl Draft {
    pub(super) fn set(&mut self, name: &str, value: Json) {
        self.fields.insert(name.to_owned(), value);
    }

    /// Sets any value that can be written as JSON.
    pub(super) fn set_any(&mut self, name: &str, value: &(impl Serialize + ?Sized)) {
        if let Some(value) = self.json_of(name, value) {
            self.set(name, value);
        }
    }

    /// Adds a value to the list under `key` of the object `name`.
    pub(super) fn add(&mut self, name: &str, key: String, value: String) {
        let object = self.fields.entry(name.to_owned()).or_insert_with(empty);
        let list = match object {
            Json::Object(object) => object.entry(key).or_insert_with(|| Json::Array(Vec::new())),
            other => other,
        };
        match list {
            Json::Array(values) => values.push(Json::Text(value)),
            _ => self.complain(format!("`{name}` was given in another form already")),
        }
    }

    /// Sets the value under `key` of the object `name`.
    pub(super) fn put(&mut self, name: &str, key: String, value: Json) {
        match self.fields.entry(name.to_owned()).or_insert_with(empty) {
            Json::Object(object) => {
                object.insert(key, value);
            }
            _ => self.complain(format!("`{name}` was given in another form already")),
        }
    }

    /// Adds an item to the list `name`.
    pub(super) fn push(&mut self, name: &str, item: Json) {
        let list = self
            .fields
            .entry(name.to_owned())
            .or_insert_with(|| Json::Array(Vec::new()));
        if let Json::Array(items) = list {
            items.push(item);
        }
    }

    /// Says what is wrong, unless something was already.
    pub(super) fn complain(&mut self, problem: impl Into<String>) {
        self.problem.get_or_insert_with(|| problem.into());
    }

    pub(super) fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    pub(super) fn fields(&self) -> &Object {
        &self.fields
    }

    /// The text of `value` as JSON; when it cannot be written, that is a problem of `what`.
    pub(super) fn text_of(
        &mut self,
        what: &str,
        value: &(impl Serialize + ?Sized),
    ) -> Option<String> {
        match serde_json::to_string(value) {
            Ok(text) => Some(text),
            Err(error) => {
                self.complain(format!(
                    "{what}: the value cannot be written as JSON: {error}"
                ));
                None
            }
        }
    }

    /// As [`Draft::text_of`], read again: numbers keep the text they were written with.
    pub(super) fn json_of(
        &mut self,
        what: &str,
        value: &(impl Serialize + ?Sized),
    ) -> Option<Json> {
        let text = self.text_of(what, value)?;
        match parse_strict(&text) {
            Ok(json) => Some(json),
            Err(error) => {
                self.complain(format!("{what}: {error}"));
                None
            }
        }
    }
}

fn empty() -> Json {
    Json::Object(Object::new())
}

/// A time in MockServer's JSON, its amount under `amount`.
pub(super) fn time(duration: Duration, amount: &'static str) -> Json {
    let (unit, value) = if duration.subsec_nanos().is_multiple_of(1_000_000) {
        ("MILLISECONDS", duration.as_millis())
    } else {
        ("MICROSECONDS", duration.as_micros())
    };
    let value = i64::try_from(value).unwrap_or(i64::MAX);
    Json::object([
        ("timeUnit", Json::text(unit)),
        (amount, Json::number(value)),
    ])
}
