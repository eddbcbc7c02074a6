//! Methods of maps.

use std::rc::Rc;

use super::super::evaluate::Evaluated;
use super::super::render::Interpreter;
use super::super::value::{Key, MapId, Value};
use super::list::void;

/// What a pair of key and value takes beside its place in a list.
const ENTRY_BYTES: usize = 96;

impl Interpreter<'_> {
    pub(super) fn map_method(&mut self, id: MapId, name: &str, arguments: &[Value]) -> Evaluated {
        self.lookup_work(id)?;
        let length = self.heap.entries(id).len();
        let key = arguments.first().and_then(Value::as_key);
        let found = |this: &Self, key: &Option<Key>| {
            let found = key.as_ref().and_then(|key| this.heap.get(id, key));
            found.cloned()
        };
        Ok(match (name, arguments) {
            ("get", [_]) => found(self, &key).unwrap_or(Value::Null),
            ("getOrDefault", [_, default]) => found(self, &key).unwrap_or_else(|| default.clone()),
            ("containsKey" | "has", [_]) => Value::Bool(found(self, &key).is_some()),
            ("containsValue", [wanted]) => {
                let mut any = false;
                for value in self.all_values(id)? {
                    any = any || self.is_equal(&value, wanted)?;
                }
                Value::Bool(any)
            }
            ("size", []) => Value::length(length),
            ("isEmpty", []) => Value::Bool(length == 0),
            ("keySet" | "keys", []) => {
                self.work(length * 8)?;
                let keys = self.heap.entries(id).keys().map(Value::from_key).collect();
                self.heap.new_list(keys)?
            }
            ("values", []) => {
                let values = self.all_values(id)?;
                self.heap.new_list(values)?
            }
            ("entrySet", []) => {
                self.work(length * 8)?;
                self.heap.charge(length * ENTRY_BYTES)?;
                let entries = self.heap.entries(id).iter();
                let entry = |(key, value): (&Key, &Value)| {
                    Value::Entry(Rc::new((Value::from_key(key), value.clone())))
                };
                let entries = entries.map(entry).collect();
                self.heap.new_list(entries)?
            }
            ("root", []) => Value::Map(id),
            _ => self.map_change(id, name, arguments)?,
        })
    }

    /// Methods that change the map.
    fn map_change(&mut self, id: MapId, name: &str, arguments: &[Value]) -> Evaluated {
        let key = arguments.first().and_then(Value::as_key);
        let key = key.map(|key| self.heap.own_key(id, key));
        Ok(match (name, arguments, key) {
            ("put", [_, value], Some(key)) => {
                let before = self.heap.entries_mut(id, 1)?.insert(key, value.clone());
                before.unwrap_or(Value::Null)
            }
            ("putIfAbsent", [_, value], Some(key)) => {
                let entries = self.heap.entries_mut(id, 1)?;
                match entries.get(&key) {
                    Some(before) => before.clone(),
                    None => {
                        entries.insert(key, value.clone());
                        Value::Null
                    }
                }
            }
            ("replace", [_, value], Some(key)) => {
                match self.heap.entries_mut(id, 0)?.get_mut(&key) {
                    Some(before) => std::mem::replace(before, value.clone()),
                    None => Value::Null,
                }
            }
            ("putAll", [Value::Map(other)], _) => {
                let more = self.heap.entries(*other).clone();
                self.work(more.len() * 8)?;
                self.heap.entries_mut(id, more.len())?.extend(more);
                void()
            }
            ("remove", [_], Some(key)) => {
                self.work(self.heap.entries(id).len() * 8)?;
                let before = self.heap.entries_mut(id, 0)?.shift_remove(&key);
                before.unwrap_or(Value::Null)
            }
            ("clear", [], _) => {
                self.heap.entries_mut(id, 0)?.clear();
                void()
            }
            _ => Value::Null,
        })
    }

    fn all_values(&mut self, id: MapId) -> Result<Vec<Value>, crate::template::TemplateError> {
        self.work(self.heap.entries(id).len() * 8)?;
        Ok(self.heap.entries(id).values().cloned().collect())
    }
}
