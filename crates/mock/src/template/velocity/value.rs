//! The values of a rendering, and the heap that holds its lists and maps.
//!
//! Lists and maps are shared and changed by templates, as in Java. They live in one heap that ends with the rendering, so that
//! no cycle can outlive it; what a rendering makes there is counted and bounded.

use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexMap;

use super::ast::Block;
use super::number::Number;
use super::tool::Tool;
use super::xml::XmlNodes;
use crate::json::{Json, is_integer};
use crate::template::TemplateError;

/// Bytes of texts, lists and maps that one rendering may make.
const HEAP_BYTES_MAX: usize = 128 << 20;
/// How deep lists and maps may nest when they are written.
const DEPTH_MAX: usize = 60;
const ITEM_BYTES: usize = 48;
/// Bytes of one text.
pub(super) const TEXT_BYTES_MAX: usize = 10 << 20;
/// Values in one argument of a helper object.
const JSON_VALUES_MAX: usize = 1_000_000;

#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(Number),
    Text(Rc<str>),
    List(ListId),
    Map(MapId),
    Entry(Rc<(Value, Value)>),
    /// A moment, in milliseconds.
    Date(i64),
    /// A dynamic value: made anew whenever it is looked at.
    Dynamic(Rc<str>),
    /// A helper object of the scope, such as `strings` or `faker.name`, or an unknown name.
    Helper(Rc<str>),
    /// What `#define` keeps.
    Block(Block),
    /// `$foreach` of a loop.
    Loop(usize),
    Tool(Tool),
    Xml(Rc<XmlNodes>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ListId(usize);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct MapId(usize);

/// What may be the key of a map. Lists and the like are told apart by identity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Null,
    Bool(bool),
    Number(Number),
    Text(Rc<str>),
    List(ListId),
    Map(MapId),
}

/// Where a map comes from decides what it offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MapKind {
    Plain,
    /// Parsed by `$json`: its names come before the methods of maps.
    Json,
    /// The headers of a request: names count without case.
    Headers,
    /// `$request` and `$response`: read by properties alone, written as JSON.
    Bean,
}

pub(super) type Entries = IndexMap<Key, Value>;

#[derive(Debug)]
struct Map {
    kind: MapKind,
    entries: Entries,
}

#[derive(Debug, Default)]
pub(super) struct Heap {
    lists: Vec<Vec<Value>>,
    maps: Vec<Map>,
    bytes: usize,
}

impl Value {
    pub(super) fn integer(value: impl Into<i128>) -> Self {
        Self::Number(Number::Whole(value.into()))
    }

    pub(super) fn length(value: usize) -> Self {
        Self::integer(i64::try_from(value).unwrap_or(i64::MAX))
    }

    pub(super) fn plain_text(text: &str) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The value as a key; `None` for what no template uses as one.
    pub(super) fn as_key(&self) -> Option<Key> {
        Some(match self {
            Self::Null => Key::Null,
            Self::Bool(value) => Key::Bool(*value),
            Self::Number(value) => Key::Number(*value),
            Self::Text(text) => Key::Text(Rc::clone(text)),
            Self::List(id) => Key::List(*id),
            Self::Map(id) => Key::Map(*id),
            _ => return None,
        })
    }

    /// Whether both are one and the same, as far as a macro can tell.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(left), Self::Text(right)) => Rc::ptr_eq(left, right),
            (Self::Block(left), Self::Block(right)) => Arc::ptr_eq(left, right),
            _ => match (self.as_key(), other.as_key()) {
                (Some(left), Some(right)) => left == right,
                (None, None) => std::mem::discriminant(self) == std::mem::discriminant(other),
                _ => false,
            },
        }
    }

    pub(super) fn from_key(key: &Key) -> Self {
        match key {
            Key::Null => Self::Null,
            Key::Bool(value) => Self::Bool(*value),
            Key::Number(value) => Self::Number(*value),
            Key::Text(text) => Self::Text(Rc::clone(text)),
            Key::List(id) => Self::List(*id),
            Key::Map(id) => Self::Map(*id),
        }
    }
}

impl Heap {
    /// Counts what a rendering makes.
    pub(super) fn charge(&mut self, bytes: usize) -> Result<(), TemplateError> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > HEAP_BYTES_MAX {
            let size = HEAP_BYTES_MAX >> 20;
            return Err(TemplateError::Limit(format!(
                "it made more than {size} MiB of values"
            )));
        }
        Ok(())
    }

    pub(super) fn text(&mut self, text: &str) -> Result<Value, TemplateError> {
        self.charge(text.len())?;
        Ok(Value::plain_text(text))
    }

    pub(super) fn new_list(&mut self, items: Vec<Value>) -> Result<Value, TemplateError> {
        self.charge(ITEM_BYTES * (items.len() + 1))?;
        self.lists.push(items);
        Ok(Value::List(ListId(self.lists.len() - 1)))
    }

    pub(super) fn new_map(
        &mut self,
        entries: Entries,
        kind: MapKind,
    ) -> Result<Value, TemplateError> {
        self.charge(2 * ITEM_BYTES * (entries.len() + 1))?;
        self.maps.push(Map { kind, entries });
        Ok(Value::Map(MapId(self.maps.len() - 1)))
    }

    // Ids are only made by this heap, and nothing is taken out of it: the indexes below exist.

    pub(super) fn list(&self, id: ListId) -> &[Value] {
        &self.lists[id.0]
    }

    /// The list, to be changed; `more` items are to come.
    pub(super) fn list_mut(
        &mut self,
        id: ListId,
        more: usize,
    ) -> Result<&mut Vec<Value>, TemplateError> {
        self.charge(ITEM_BYTES * more)?;
        Ok(&mut self.lists[id.0])
    }

    pub(super) fn entries(&self, id: MapId) -> &Entries {
        &self.maps[id.0].entries
    }

    pub(super) fn kind(&self, id: MapId) -> MapKind {
        self.maps[id.0].kind
    }

    /// The entries, to be changed; `more` entries are to come.
    pub(super) fn entries_mut(
        &mut self,
        id: MapId,
        more: usize,
    ) -> Result<&mut Entries, TemplateError> {
        self.charge(2 * ITEM_BYTES * more)?;
        Ok(&mut self.maps[id.0].entries)
    }

    /// The value of a key.
    pub(super) fn get(&self, id: MapId, key: &Key) -> Option<&Value> {
        let entries = self.entries(id);
        match entries.get(key) {
            None if self.kind(id) == MapKind::Headers => {
                entries.get(&self.own_key(id, key.clone()))
            }
            found => found,
        }
    }

    /// The key as the map writes it: headers keep the case of their names.
    pub(super) fn own_key(&self, id: MapId, key: Key) -> Key {
        let Key::Text(name) = &key else {
            return key;
        };
        if self.kind(id) != MapKind::Headers {
            return key;
        }
        let is_same = |own: &&Key| matches!(own, Key::Text(own) if own.eq_ignore_ascii_case(name));
        let own = self.entries(id).keys().find(is_same).cloned();
        own.unwrap_or(key)
    }

    /// The value of a text key.
    pub(super) fn field(&self, id: MapId, name: &str) -> Value {
        let value = self.get(id, &Key::Text(name.into()));
        value.cloned().unwrap_or(Value::Null)
    }

    /// JSON of the scope and of helper objects.
    pub(super) fn value_of(&mut self, json: &Json) -> Result<Value, TemplateError> {
        Ok(match json {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(text) => Value::Number(plain_number(text)?),
            Json::Text(text) => self.text(text)?,
            Json::Array(items) => {
                let items = items.iter().map(|item| self.value_of(item));
                let items = items.collect::<Result<_, _>>()?;
                self.new_list(items)?
            }
            Json::Object(fields) => {
                let mut entries = Entries::with_capacity(fields.len());
                for (name, value) in fields {
                    self.charge(name.len())?;
                    entries.insert(Key::Text(name.as_str().into()), self.value_of(value)?);
                }
                self.new_map(entries, MapKind::Plain)?
            }
        })
    }

    /// The same object, as one that is read by its properties.
    pub(super) fn bean(&mut self, json: &Json) -> Result<Value, TemplateError> {
        let value = self.value_of(json)?;
        if let Value::Map(id) = value {
            self.maps[id.0].kind = MapKind::Bean;
            if let Value::Map(headers) = self.field(id, "headers") {
                self.maps[headers.0].kind = MapKind::Headers;
            }
        }
        Ok(value)
    }

    /// The value as JSON, for the arguments of helper objects.
    pub(super) fn to_json(&self, value: &Value) -> Result<Json, TemplateError> {
        let mut left = JSON_VALUES_MAX;
        self.json(value, 0, &mut left)
    }

    fn json(&self, value: &Value, depth: usize, left: &mut usize) -> Result<Json, TemplateError> {
        check_depth(depth)?;
        *left = left
            .checked_sub(1)
            .ok_or_else(|| TemplateError::Limit("a value has too many parts".to_owned()))?;
        Ok(match value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(Number::Double(value)) if !value.is_finite() => {
                Json::text(Number::Double(*value).to_string())
            }
            Value::Number(value) => Json::number(value),
            Value::List(id) => {
                let items = self.list(*id).iter();
                let items = items.map(|item| self.json(item, depth + 1, left));
                Json::Array(items.collect::<Result<_, _>>()?)
            }
            Value::Map(id) => {
                let mut fields = crate::json::Object::new();
                for (key, value) in self.entries(*id) {
                    let mut name = String::new();
                    self.write(&mut name, &Value::from_key(key), depth + 1)?;
                    fields.insert(name, self.json(value, depth + 1, left)?);
                }
                Json::Object(fields)
            }
            other => {
                let mut text = String::new();
                self.write(&mut text, other, depth + 1)?;
                Json::Text(text)
            }
        })
    }

    /// Writes a value as Java's `toString` does.
    pub(super) fn write(
        &self,
        out: &mut String,
        value: &Value,
        depth: usize,
    ) -> Result<(), TemplateError> {
        check_depth(depth)?;
        if out.len() > TEXT_BYTES_MAX {
            return Err(TemplateError::Limit("a text grew too long".to_owned()));
        }
        match value {
            Value::Null => out.push_str("null"),
            Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Value::Number(value) => out.push_str(&value.to_string()),
            Value::Text(text) => out.push_str(text),
            Value::List(id) => {
                out.push('[');
                for (place, item) in self.list(*id).iter().enumerate() {
                    out.push_str(if place == 0 { "" } else { ", " });
                    self.write(out, item, depth + 1)?;
                }
                out.push(']');
            }
            Value::Map(id) if self.kind(*id) == MapKind::Bean => {
                let mut json = self.to_json(value)?;
                if let Json::Object(fields) = &mut json {
                    fields.retain(|_, field| !is_empty(field));
                    fields.sort_keys();
                }
                out.push_str(&crate::json::pretty(&json));
            }
            Value::Map(id) => {
                out.push('{');
                for (place, (key, value)) in self.entries(*id).iter().enumerate() {
                    out.push_str(if place == 0 { "" } else { ", " });
                    self.write(out, &Value::from_key(key), depth + 1)?;
                    out.push('=');
                    self.write(out, value, depth + 1)?;
                }
                out.push('}');
            }
            Value::Entry(entry) => {
                self.write(out, &entry.0, depth + 1)?;
                out.push('=');
                self.write(out, &entry.1, depth + 1)?;
            }
            Value::Date(millis) => out.push_str(&super::date::java_date(*millis)),
            Value::Xml(nodes) => nodes.write(out),
            Value::Tool(tool) => out.push_str(tool.name()),
            Value::Dynamic(_) | Value::Helper(_) | Value::Block(_) | Value::Loop(_) => {}
        }
        Ok(())
    }
}

/// What the original leaves out when it writes a request.
fn is_empty(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::Text(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(fields) => fields.is_empty(),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

fn check_depth(depth: usize) -> Result<(), TemplateError> {
    if depth > DEPTH_MAX {
        return Err(TemplateError::Limit(format!(
            "a value has more than {DEPTH_MAX} levels, or holds itself"
        )));
    }
    Ok(())
}

/// A number of the scope: whole ones are integers, others doubles.
fn plain_number(text: &str) -> Result<Number, TemplateError> {
    if is_integer(text)
        && let Ok(value) = text.parse()
    {
        return Ok(Number::Whole(value));
    }
    let value = text.parse().map(Number::Double);
    value.map_err(|_| TemplateError::Failed(format!("`{text}` is no number")))
}
