//! The contexts that sections open, and how a name is found in them.

use std::borrow::Cow;

use crate::json::{Json, pretty};

use super::parse::Name;
use super::value::{Kind, Lambda, Value};
use crate::template::{Scope, TemplateError, Tools, dynamic, helpers, text};

/// Everything a name is looked up in.
pub(super) struct Context<'a> {
    pub(super) scope: &'a Scope,
    pub(super) tools: &'a Tools,
    /// What the sections around have opened, the innermost last.
    pub(super) frames: Vec<Frame<'a>>,
    pub(super) json_path_result: Option<Json>,
}

/// One opened context, and its place when it is an item of a list.
pub(super) struct Frame<'a> {
    value: Value<'a>,
    /// Counted from one; zero outside lists.
    index: usize,
    is_last: bool,
}

impl<'a> Frame<'a> {
    pub(super) fn item(value: Value<'a>, place: usize, count: usize) -> Self {
        Self {
            value,
            index: place + 1,
            is_last: place + 1 == count,
        }
    }
}

impl<'a> Context<'a> {
    pub(super) fn new(scope: &'a Scope, tools: &'a Tools) -> Self {
        Self {
            scope,
            tools,
            frames: Vec::new(),
            json_path_result: None,
        }
    }

    /// A context that is no item; the place in the list around it stays known.
    pub(super) fn single(&self, value: Value<'a>) -> Frame<'a> {
        let around = self.frames.last();
        Frame {
            value,
            index: around.map_or(0, |frame| frame.index),
            is_last: around.is_some_and(|frame| frame.is_last),
        }
    }

    /// What the name stands for: whole in one of the contexts, else its first part there and the others within that.
    pub(super) fn lookup(&self, name: &Name) -> Result<Option<Value<'a>>, TemplateError> {
        if let Some(value) = self.simple(&name.whole)? {
            return Ok(Some(value));
        }
        let [first, rest @ ..] = name.parts.as_slice() else {
            return Ok(None);
        };
        if rest.is_empty() {
            return Ok(None);
        }
        let mut found = self.simple(first)?;
        if found.is_some() && dynamic::NAMES.contains(&first.as_str()) {
            // The original makes these values when they are printed: until then they have no parts.
            return Ok(None);
        }
        for part in rest {
            let Some(value) = found else {
                return Ok(None);
            };
            found = self.part(&value, part)?;
        }
        Ok(found)
    }

    fn simple(&self, name: &str) -> Result<Option<Value<'a>>, TemplateError> {
        let top = self.frames.last();
        let index = top.map_or(0, |frame| frame.index);
        match name {
            "" => return Ok(None),
            "." | "this" => {
                return Ok(Some(
                    top.map_or_else(|| self.root(), |top| top.value.clone()),
                ));
            }
            "-index" => return Ok(Some(Value::plain(Json::number(index)))),
            "-first" => return Ok(Some(Value::plain(Json::Bool(index == 1)))),
            "-last" => {
                let is_last = top.is_some_and(|frame| frame.is_last);
                return Ok(Some(Value::plain(Json::Bool(is_last))));
            }
            _ => {}
        }
        for frame in self.frames.iter().rev() {
            if let Some(value) = self.part(&frame.value, name)? {
                return Ok(Some(value));
            }
        }
        Ok(self.global(name))
    }

    fn root(&self) -> Value<'a> {
        let variables = Json::Object(self.scope.variables.clone());
        Value::Json(Cow::Owned(variables), Kind::Root)
    }

    fn global(&self, name: &str) -> Option<Value<'a>> {
        if let Some(value) = self.scope.variables.get(name) {
            return Some(Value::Json(Cow::Borrowed(value), Kind::Message));
        }
        match name {
            "jsonPathResult" => self
                .json_path_result
                .as_ref()
                .map(|found| Value::Json(Cow::Owned(found.clone()), Kind::Found)),
            "jsonPath" => Some(Value::Lambda(Lambda::JsonPath)),
            "xPath" => Some(Value::Lambda(Lambda::XPath)),
            _ if helpers::is_helper(name) => Some(Value::Helper(name.to_owned())),
            _ => self.scope.dynamic(name).map(Value::plain),
        }
    }

    /// What the name stands for within the value; of a helper object it is a method without arguments.
    fn part(&self, value: &Value<'a>, name: &str) -> Result<Option<Value<'a>>, TemplateError> {
        let Value::Helper(object) = value else {
            return Ok(value.get(name));
        };
        if (object.as_str(), name) == ("scenario", "get") {
            return Ok(Some(Value::Lambda(Lambda::ScenarioState)));
        }
        if let Some(called) = self.tools.call(self.scope, object, name, &[]) {
            return called
                .map(|json| Some(Value::plain(json)))
                .map_err(|error| TemplateError::Failed(format!("{object}.{name}: {error}")));
        }
        let provider = format!("{object}.{name}");
        Ok(helpers::is_helper(&provider).then_some(Value::Helper(provider)))
    }

    pub(super) fn text(&self, value: &Value<'a>) -> Result<String, TemplateError> {
        Ok(match value {
            Value::Json(json, Kind::Found) => text::found(json),
            Value::Json(json, Kind::Message) => message(json),
            Value::Json(json, Kind::Plain | Kind::Root | Kind::Headers) => text::java(json),
            Value::Set(values) => {
                let texts: Result<Vec<_>, _> =
                    values.iter().map(|value| self.text(value)).collect();
                format!("[{}]", texts?.join(", "))
            }
            Value::Entry(key, value) => format!("{key}={}", self.text(value)?),
            Value::Helper(object) => match self.part(value, "toString")? {
                Some(text) => self.text(&text)?,
                None => object.clone(),
            },
            Value::Lambda(_) => String::new(),
        })
    }
}

/// A whole request or response, without its empty fields.
fn message(json: &Json) -> String {
    match json {
        Json::Object(fields) => {
            let mut fields = fields.clone();
            fields.retain(|_, value| match value {
                Json::Array(items) => !items.is_empty(),
                Json::Object(fields) => !fields.is_empty(),
                Json::Text(text) => !text.is_empty(),
                _ => true,
            });
            pretty(&Json::Object(fields))
        }
        other => text::java(other),
    }
}
