//! What a template may reach in a value: its properties, items and entries. Never its class.

use super::evaluate::Evaluated;
use super::number::Number;
use super::render::Interpreter;
use super::value::{MapId, MapKind, Value};
use crate::template::TemplateError;

/// Methods of a map that win over an entry of their name.
const MAP_PROPERTIES: [&str; 7] = [
    "size", "keySet", "values", "entrySet", "isEmpty", "toString", "clear",
];

impl Interpreter<'_> {
    /// `$value.name`
    pub(super) fn property(&mut self, value: &Value, name: &str) -> Evaluated {
        match value {
            _ if name == "class" => Ok(Value::Null),
            Value::Map(id) => {
                self.lookup_work(*id)?;
                let field = self.heap.field(*id, name);
                match self.heap.kind(*id) {
                    MapKind::Bean if field.is_null() => {
                        Ok(self.heap.field(*id, &uncapitalized(name)))
                    }
                    MapKind::Bean => Ok(field),
                    MapKind::Json if field.is_null() => self.method(value, name, &[]),
                    MapKind::Plain | MapKind::Headers if MAP_PROPERTIES.contains(&name) => {
                        self.method(value, name, &[])
                    }
                    MapKind::Json | MapKind::Plain | MapKind::Headers => Ok(field),
                }
            }
            Value::Loop(id) => Ok(self.loop_property(*id, name)),
            Value::Tool(tool) => self.tool_property(*tool, name),
            Value::Helper(object) => self.helper_method(object, name, &[]),
            Value::Xml(nodes) => self.xml_property(nodes, name),
            value => self.getter(value, name),
        }
    }

    /// A lookup in headers may look at each of them.
    pub(super) fn lookup_work(&mut self, id: MapId) -> Result<(), TemplateError> {
        match self.heap.kind(id) {
            MapKind::Headers => self.work(self.heap.entries(id).len() * 32),
            MapKind::Plain | MapKind::Json | MapKind::Bean => Ok(()),
        }
    }

    /// A property of a Java object: a method of the name, or a getter.
    fn getter(&mut self, value: &Value, name: &str) -> Evaluated {
        let mut capital = name.chars();
        let capital: String = match capital.next() {
            Some(first) => first.to_uppercase().chain(capital).collect(),
            None => return Ok(Value::Null),
        };
        for getter in [
            name.to_owned(),
            format!("get{capital}"),
            format!("is{capital}"),
        ] {
            let found = self.method(value, &getter, &[])?;
            if !found.is_null() {
                return Ok(found);
            }
        }
        Ok(Value::Null)
    }

    fn loop_property(&self, id: usize, name: &str) -> Value {
        let Some(state) = self.loops.get(id) else {
            return Value::Null;
        };
        match name {
            "index" => Value::length(state.index),
            "count" => Value::length(state.index + 1),
            "hasNext" => Value::Bool(state.index + 1 < state.count),
            "first" => Value::Bool(state.index == 0),
            "last" => Value::Bool(state.index + 1 == state.count),
            "parent" => state.parent.map_or(Value::Null, Value::Loop),
            "topmost" => {
                let mut top = id;
                while let Some(parent) = self.loops.get(top).and_then(|state| state.parent) {
                    top = parent;
                }
                Value::Loop(top)
            }
            _ => Value::Null,
        }
    }

    /// The getters of `$foreach`.
    pub(super) fn loop_method(&self, id: usize, name: &str) -> Value {
        match name {
            "hasNext" | "isHasNext" => self.loop_property(id, "hasNext"),
            "getIndex" | "getCount" | "getParent" | "getTopmost" | "isFirst" | "isLast" => self
                .loop_property(
                    id,
                    &uncapitalized(name.trim_start_matches("get").trim_start_matches("is")),
                ),
            _ => Value::Null,
        }
    }

    /// `$value[index]`
    pub(super) fn index(&mut self, value: &Value, index: &Value) -> Evaluated {
        match (value, index) {
            (Value::List(id), Value::Number(Number::Whole(index))) => {
                let items = self.heap.list(*id);
                let place = place(*index, items.len())?;
                Ok(items.get(place).cloned().unwrap_or(Value::Null))
            }
            (Value::Map(id), key) if self.heap.kind(*id) != MapKind::Bean => {
                self.lookup_work(*id)?;
                let found = key.as_key().and_then(|key| self.heap.get(*id, &key));
                Ok(found.cloned().unwrap_or(Value::Null))
            }
            (Value::Xml(_), _) => self.method(value, "get", std::slice::from_ref(index)),
            _ => Ok(Value::Null),
        }
    }

    /// `#set($container.key = value)`. What cannot be set stays as it is.
    pub(super) fn store(
        &mut self,
        container: &Value,
        key: &Value,
        value: Value,
    ) -> Result<(), TemplateError> {
        match (container, key) {
            (Value::List(id), Value::Number(Number::Whole(index))) => {
                let place = place(*index, self.heap.list(*id).len())?;
                if let Some(item) = self.heap.list_mut(*id, 0)?.get_mut(place) {
                    *item = value;
                }
            }
            (Value::Map(id), key)
                if matches!(self.heap.kind(*id), MapKind::Plain | MapKind::Headers) =>
            {
                if let Some(key) = key.as_key() {
                    let key = self.heap.own_key(*id, key);
                    self.heap.entries_mut(*id, 1)?.insert(key, value);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// What `#foreach` goes through.
    pub(super) fn items(&mut self, value: &Value) -> Result<Vec<Value>, TemplateError> {
        let items: Vec<Value> = match value {
            Value::List(id) => self.heap.list(*id).to_vec(),
            Value::Map(id) => match self.heap.kind(*id) {
                MapKind::Plain | MapKind::Headers => {
                    self.heap.entries(*id).values().cloned().collect()
                }
                MapKind::Json => self.heap.entries(*id).keys().map(Value::from_key).collect(),
                MapKind::Bean => Vec::new(),
            },
            Value::Xml(nodes) => nodes.each().map(|node| Value::Xml(node.into())).collect(),
            _ => Vec::new(),
        };
        self.work(items.len())?;
        Ok(items)
    }
}

/// The place of an index; negative ones count from the end.
///
/// # Errors
///
/// When there is no such place.
pub(super) fn place(index: i128, length: usize) -> Result<usize, TemplateError> {
    let size = i128::try_from(length).unwrap_or(i128::MAX);
    let counted = if index < 0 { index + size } else { index };
    match usize::try_from(counted) {
        Ok(place) if place < length => Ok(place),
        _ => Err(TemplateError::Failed(format!(
            "Index {index} out of bounds for length {length}"
        ))),
    }
}

fn uncapitalized(name: &str) -> String {
    let mut rest = name.chars();
    match rest.next() {
        Some(first) => first.to_lowercase().chain(rest).collect(),
        None => String::new(),
    }
}
