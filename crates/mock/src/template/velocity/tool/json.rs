//! `$json.parse(…)`: objects and arrays, read strictly; anything else has no value.

use super::super::evaluate::Evaluated;
use super::super::method::hash_code;
use super::super::number::Number;
use super::super::render::Interpreter;
use super::super::value::{Entries, Key, MapKind, Value};
use crate::json::{Json, parse_strict};
use crate::template::TemplateError;

impl Interpreter<'_> {
    pub(super) fn json_tool(&mut self, name: &str, arguments: &[Value]) -> Evaluated {
        let ("parse", [value @ (Value::Text(_) | Value::Dynamic(_))]) = (name, arguments) else {
            return Ok(Value::Null);
        };
        let text = self.text_of(value)?;
        self.work(text.len())?;
        match parse_strict(&text) {
            Ok(json @ (Json::Object(_) | Json::Array(_))) => self.parsed(json),
            Ok(_) | Err(_) => Ok(Value::Null),
        }
    }

    fn parsed(&mut self, json: Json) -> Evaluated {
        Ok(match json {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(value),
            Json::Number(text) => Value::Number(
                Number::decimal(&text)
                    .or_else(|| text.parse().ok().map(Number::Double))
                    .ok_or_else(|| TemplateError::Failed(format!("`{text}` is no number")))?,
            ),
            Json::Text(text) => self.heap.text(&text)?,
            Json::Array(items) => {
                let items = items.into_iter().map(|item| self.parsed(item));
                let items = items.collect::<Result<_, _>>()?;
                self.heap.new_list(items)?
            }
            Json::Object(fields) => {
                let mut fields: Vec<_> = fields.into_iter().collect();
                let buckets = buckets(fields.len());
                fields.sort_by_key(|(name, _)| bucket(name, buckets));
                let mut entries = Entries::with_capacity(fields.len());
                for (name, value) in fields {
                    self.heap.charge(name.len())?;
                    entries.insert(Key::Text(name.into()), self.parsed(value)?);
                }
                self.heap.new_map(entries, MapKind::Json)?
            }
        })
    }
}

/// The original keeps objects in Java's hash maps, and templates show their order.
fn bucket(name: &str, buckets: u32) -> u32 {
    let hash = hash_code(name).cast_unsigned();
    (hash ^ (hash >> 16)) & (buckets - 1)
}

/// How many buckets a hash map of that many entries has.
fn buckets(entries: usize) -> u32 {
    let mut buckets: u32 = 16;
    while buckets < 1 << 30 && entries > usize::try_from(buckets / 4 * 3).unwrap_or(usize::MAX) {
        buckets *= 2;
    }
    buckets
}
