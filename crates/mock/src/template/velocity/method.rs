//! The methods that templates may call on values. They are Java's, as far as templates use them; what is not here is
//! no method, and a reference to it has no value.

use std::rc::Rc;

use super::evaluate::Evaluated;
use super::number::Number;
use super::render::Interpreter;
use super::value::{MapKind, Value};

mod list;
mod map;
mod regex;
mod text;

pub(super) use text::hash_code;

impl Interpreter<'_> {
    /// `$value.name(arguments)`
    pub(super) fn method(&mut self, value: &Value, name: &str, arguments: &[Value]) -> Evaluated {
        self.work(0)?;
        if let Value::Helper(object) = value {
            return self.helper_method(object, name, arguments);
        }
        if let Some(result) = self.common_method(value, name, arguments)? {
            return Ok(result);
        }
        match value {
            Value::Text(text) => {
                self.work(text.len())?;
                self.text_method(text, name, arguments)
            }
            Value::List(id) => self.list_method(*id, name, arguments),
            Value::Map(id) if self.heap.kind(*id) == MapKind::Bean => {
                let getter = name.strip_prefix("get").filter(|name| !name.is_empty());
                match getter {
                    Some(name) if arguments.is_empty() => self.property(value, name),
                    _ => Ok(Value::Null),
                }
            }
            Value::Map(id) => self.map_method(*id, name, arguments),
            Value::Bool(_) if name == "booleanValue" => Ok(value.clone()),
            Value::Number(number) => self.number_method(*number, name, arguments),
            Value::Entry(entry) => Ok(match (name, arguments) {
                ("getKey", []) => entry.0.clone(),
                ("getValue", []) => entry.1.clone(),
                _ => Value::Null,
            }),
            Value::Loop(id) if arguments.is_empty() => Ok(self.loop_method(*id, name)),
            Value::Dynamic(_) if name == "get" && arguments.is_empty() => {
                let text = self.text_of(value)?;
                self.heap.text(&text)
            }
            Value::Date(millis) if matches!(name, "getTime" | "getTimeInMillis") => {
                Ok(Value::integer(*millis))
            }
            Value::Tool(tool) => self.tool_method(*tool, name, arguments),
            Value::Xml(nodes) => self.xml_method(&Rc::clone(nodes), name, arguments),
            _ => Ok(Value::Null),
        }
    }

    /// What every object has.
    fn common_method(
        &mut self,
        value: &Value,
        name: &str,
        arguments: &[Value],
    ) -> Result<Option<Value>, crate::template::TemplateError> {
        Ok(match (name, arguments) {
            ("toString", []) => {
                let text = self.text_of(value)?;
                Some(self.heap.text(&text)?)
            }
            ("equals", [other]) => Some(Value::Bool(
                kind(value) == kind(other) && self.is_equal(value, other)?,
            )),
            ("getClass" | "wait" | "notify" | "notifyAll", _) => Some(Value::Null),
            _ => None,
        })
    }

    fn number_method(&mut self, number: Number, name: &str, arguments: &[Value]) -> Evaluated {
        Ok(match (name, arguments) {
            ("intValue" | "longValue" | "shortValue" | "byteValue", []) => {
                Value::integer(number.truncated())
            }
            ("doubleValue" | "floatValue", []) => Value::Number(Number::Double(number.as_f64())),
            ("isNaN", []) => Value::Bool(number.as_f64().is_nan()),
            ("compareTo" | "compare", [Value::Number(other)]) => number
                .compare(*other)
                .map_or(Value::Null, |order| Value::integer(order as i8)),
            ("parseInt" | "valueOf" | "parseLong", [Value::Text(text)]) => {
                let parsed = text.parse::<i64>();
                let parsed = parsed.map_err(|_| {
                    crate::template::TemplateError::Failed(format!("For input string: \"{text}\""))
                })?;
                Value::integer(parsed)
            }
            ("max", [Value::Number(left), Value::Number(right)]) => {
                Value::Number(if left.as_f64() < right.as_f64() {
                    *right
                } else {
                    *left
                })
            }
            ("min", [Value::Number(left), Value::Number(right)]) => {
                Value::Number(if left.as_f64() > right.as_f64() {
                    *right
                } else {
                    *left
                })
            }
            ("toHexString", [Value::Number(Number::Whole(value))]) => {
                self.heap.text(&format!("{value:x}"))?
            }
            _ => Value::Null,
        })
    }
}

/// What `equals` tells apart.
fn kind(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(Number::Whole(_)) => 2,
        Value::Number(_) => 3,
        Value::Text(_) => 4,
        Value::List(_) => 5,
        Value::Map(_) => 6,
        _ => 7,
    }
}
