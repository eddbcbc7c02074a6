//! Methods of lists (and of arrays, which are lists here).

use super::super::access::place;
use super::super::evaluate::Evaluated;
use super::super::number::Number;
use super::super::render::Interpreter;
use super::super::value::{ListId, Value};
use crate::template::TemplateError;

impl Interpreter<'_> {
    pub(super) fn list_method(&mut self, id: ListId, name: &str, arguments: &[Value]) -> Evaluated {
        let length = self.heap.list(id).len();
        let is_quick = matches!(
            (name, arguments),
            ("size" | "isEmpty" | "get" | "set", _) | ("add", [_])
        );
        if !is_quick {
            self.work(length * 8)?;
        }
        Ok(match (name, arguments) {
            ("root", []) => Value::List(id),
            ("size", []) => Value::length(length),
            ("isEmpty", []) => Value::Bool(length == 0),
            ("get", [Value::Number(Number::Whole(index))]) if i32::try_from(*index).is_ok() => {
                let place = strict_place(*index, length)?;
                self.heap.list(id)[place].clone()
            }
            ("contains", [item]) => Value::Bool(self.position(id, item)?.is_some()),
            ("indexOf", [item]) => self
                .position(id, item)?
                .map_or(Value::integer(-1), Value::length),
            ("containsAll", [Value::List(other)]) => {
                let mut all = true;
                for item in self.heap.list(*other).to_vec() {
                    all = all && self.position(id, &item)?.is_some();
                }
                Value::Bool(all)
            }
            ("subList", [from, to]) => self.sub_list(id, from, to)?,
            ("toArray" | "iterator" | "clone", []) => {
                let items = self.heap.list(id).to_vec();
                self.heap.new_list(items)?
            }
            _ => self.list_change(id, name, arguments)?,
        })
    }

    /// Methods that change the list.
    fn list_change(&mut self, id: ListId, name: &str, arguments: &[Value]) -> Evaluated {
        let length = self.heap.list(id).len();
        Ok(match (name, arguments) {
            ("add", [item]) => {
                self.heap.list_mut(id, 1)?.push(item.clone());
                Value::Bool(true)
            }
            ("add", [Value::Number(Number::Whole(index)), item]) => {
                let place = strict_place(*index, length + 1)?;
                self.heap.list_mut(id, 1)?.insert(place, item.clone());
                void()
            }
            ("set", [Value::Number(Number::Whole(index)), item]) => {
                let place = strict_place(*index, length)?;
                std::mem::replace(&mut self.heap.list_mut(id, 0)?[place], item.clone())
            }
            ("remove", [Value::Number(Number::Whole(index))]) => {
                let place = strict_place(*index, length)?;
                self.heap.list_mut(id, 0)?.remove(place)
            }
            ("remove", [item]) => match self.position(id, item)? {
                Some(place) => {
                    self.heap.list_mut(id, 0)?.remove(place);
                    Value::Bool(true)
                }
                None => Value::Bool(false),
            },
            ("addAll", [Value::List(other)]) => {
                let more = self.heap.list(*other).to_vec();
                let any = !more.is_empty();
                self.heap.list_mut(id, more.len())?.extend(more);
                Value::Bool(any)
            }
            ("clear", []) => {
                self.heap.list_mut(id, 0)?.clear();
                void()
            }
            ("sort", [_]) => {
                let sorted = self.sorted(self.heap.list(id).to_vec(), None)?;
                *self.heap.list_mut(id, 0)? = sorted;
                void()
            }
            _ => Value::Null,
        })
    }

    fn position(&mut self, id: ListId, item: &Value) -> Result<Option<usize>, TemplateError> {
        self.work(self.heap.list(id).len() * 8)?;
        for (place, other) in self.heap.list(id).to_vec().iter().enumerate() {
            if super::kind(item) == super::kind(other) && self.is_equal(item, other)? {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    fn sub_list(&mut self, id: ListId, from: &Value, to: &Value) -> Evaluated {
        let bound = |value: &Value| match value {
            Value::Number(Number::Whole(value)) => usize::try_from(*value).ok(),
            _ => None,
        };
        let range = bound(from).zip(bound(to));
        let items = range.and_then(|(from, to)| self.heap.list(id).get(from..to));
        let Some(items) = items.map(<[Value]>::to_vec) else {
            return Err(TemplateError::Failed("subList out of bounds".to_owned()));
        };
        self.heap.new_list(items)
    }
}

/// The place of an index that must not be negative.
fn strict_place(index: i128, length: usize) -> Result<usize, TemplateError> {
    if index < 0 {
        return Err(TemplateError::Failed(format!(
            "Index {index} out of bounds for length {length}"
        )));
    }
    place(index, length)
}

/// The result of a method without one: it writes nothing.
pub(super) fn void() -> Value {
    Value::plain_text("")
}
