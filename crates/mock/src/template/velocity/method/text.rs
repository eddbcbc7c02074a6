//! Methods of texts. Places count as in Java, in UTF-16 units.

use std::rc::Rc;

use super::super::evaluate::Evaluated;
use super::super::format::printf;
use super::super::number::Number;
use super::super::render::{Interpreter, push};
use super::super::value::Value;
use super::regex;
use crate::template::TemplateError;

/// Methods that fail when they get null, rather than not being found.
const TEXT_METHODS: [&str; 8] = [
    "contains",
    "startsWith",
    "endsWith",
    "concat",
    "replace",
    "indexOf",
    "compareTo",
    "split",
];

const PATTERN_METHODS: [&str; 4] = ["matches", "replaceAll", "replaceFirst", "split"];

/// How much more a regular expression takes than a look at each byte.
const PATTERN_WORK: usize = 16;

impl Interpreter<'_> {
    pub(super) fn text_method(
        &mut self,
        text: &Rc<str>,
        name: &str,
        arguments: &[Value],
    ) -> Evaluated {
        let takes_text = TEXT_METHODS.contains(&name);
        if takes_text && arguments.iter().any(Value::is_null) {
            return Err(TemplateError::Failed(format!(
                "`{name}` of a text got null"
            )));
        }
        if let [Value::Text(other)] = arguments
            && let Some(result) = compared(text, name, other)
        {
            return Ok(result);
        }
        Ok(match (name, arguments) {
            ("length", []) => Value::length(units(text)),
            ("isEmpty", []) => Value::Bool(text.is_empty()),
            ("isBlank", []) => Value::Bool(text.trim().is_empty()),
            ("toUpperCase", []) => self.heap.text(&text.to_uppercase())?,
            ("toLowerCase", []) => self.heap.text(&text.to_lowercase())?,
            ("trim", []) => self.heap.text(text.trim_matches(|c| c <= ' '))?,
            ("strip", []) => self.heap.text(text.trim())?,
            ("stripLeading", []) => self.heap.text(text.trim_start())?,
            ("stripTrailing", []) => self.heap.text(text.trim_end())?,
            ("intern", []) => Value::Text(Rc::clone(text)),
            ("hashCode", []) => Value::integer(hash_code(text)),
            ("concat", [Value::Text(other)]) => self.heap.text(&format!("{text}{other}"))?,
            ("replace", [Value::Text(from), Value::Text(to)]) => self.replaced(text, from, to)?,
            ("repeat", [Value::Number(Number::Whole(times))]) => self.repeated(text, *times)?,
            ("substring" | "subSequence", [from]) => self.substring(text, from, None)?,
            ("substring" | "subSequence", [from, to]) => self.substring(text, from, Some(to))?,
            ("charAt", [Value::Number(Number::Whole(index))]) => {
                let next = Value::integer(index.saturating_add(1));
                self.substring(text, &arguments[0], Some(&next))?
            }
            ("indexOf", [Value::Text(other), Value::Number(Number::Whole(from))]) => {
                Value::integer(index_from(text, other, *from))
            }
            ("indexOf", [Value::Number(Number::Whole(code))]) => {
                let character = u32::try_from(*code).ok().and_then(char::from_u32);
                let found = character.and_then(|character| text.find(character));
                Value::integer(found.map_or(-1, |place| count(&text[..place])))
            }
            ("toCharArray", []) => self.characters(text)?,
            ("getBytes", []) => {
                self.heap.charge(text.len() * 32)?;
                let bytes = text.bytes().map(|byte| Value::integer(byte.cast_signed()));
                self.heap.new_list(bytes.collect())?
            }
            ("format", [Value::Text(format), rest @ ..]) if !rest.is_empty() => {
                self.formatted(format, rest)?
            }
            ("formatted", rest) => self.formatted(text, rest)?,
            ("valueOf", [value]) => {
                let written = self.text_of(value)?;
                self.heap.text(&written)?
            }
            ("join", [Value::Text(separator), items @ ..]) => self.joined(separator, items)?,
            _ => self.text_pattern(text, name, arguments)?,
        })
    }

    /// Methods that take a regular expression.
    fn text_pattern(&mut self, text: &str, name: &str, arguments: &[Value]) -> Evaluated {
        if PATTERN_METHODS.contains(&name) {
            self.work(text.len() * PATTERN_WORK)?;
        }
        match (name, arguments) {
            ("matches", [Value::Text(pattern)]) => {
                let pattern = regex::compile(&format!(r"\A(?:{pattern})\z"))?;
                Ok(Value::Bool(pattern.is_match(text)))
            }
            ("replaceAll", [Value::Text(pattern), Value::Text(to)]) => {
                let result = regex::replace(text, pattern, to, usize::MAX)?;
                self.heap.text(&result)
            }
            ("replaceFirst", [Value::Text(pattern), Value::Text(to)]) => {
                let result = regex::replace(text, pattern, to, 1)?;
                self.heap.text(&result)
            }
            ("split", [Value::Text(pattern)]) => self.split(text, pattern, 0),
            ("split", [Value::Text(pattern), Value::Number(Number::Whole(limit))]) => {
                self.split(text, pattern, *limit)
            }
            _ => Ok(Value::Null),
        }
    }

    pub(in super::super) fn split(&mut self, text: &str, pattern: &str, limit: i128) -> Evaluated {
        self.heap.charge(text.len())?;
        let pieces = regex::split(text, pattern, limit)?;
        let pieces = pieces.into_iter().map(|piece| self.heap.text(piece));
        let pieces = pieces.collect::<Result<_, _>>()?;
        self.heap.new_list(pieces)
    }

    fn replaced(&mut self, text: &str, from: &str, to: &str) -> Evaluated {
        let count = text.matches(from).count();
        self.heap.charge(count.saturating_mul(to.len()))?;
        self.heap.text(&text.replace(from, to))
    }

    fn repeated(&mut self, text: &str, times: i128) -> Evaluated {
        let times = usize::try_from(times)
            .map_err(|_| TemplateError::Failed(format!("count is negative: {times}")))?;
        self.heap.charge(text.len().saturating_mul(times))?;
        Ok(Value::Text(text.repeat(times).into()))
    }

    fn substring(&mut self, text: &str, from: &Value, to: Option<&Value>) -> Evaluated {
        let length = units(text);
        let to = to.cloned().unwrap_or_else(|| Value::length(length));
        let (Value::Number(Number::Whole(from)), Value::Number(Number::Whole(to))) = (from, &to)
        else {
            return Ok(Value::Null);
        };
        let range = usize::try_from(*from).ok().zip(usize::try_from(*to).ok());
        let Some((from, to)) = range.filter(|(from, to)| from <= to && *to <= length) else {
            return Err(TemplateError::Failed(format!(
                "begin {from}, end {to}, length {length}"
            )));
        };
        if text.is_ascii() {
            return self.heap.text(&text[from..to]);
        }
        let part: Vec<u16> = text.encode_utf16().skip(from).take(to - from).collect();
        self.heap.text(&String::from_utf16_lossy(&part))
    }

    fn characters(&mut self, text: &str) -> Evaluated {
        self.heap.charge(text.len() * 16)?;
        let mut buffer = [0; 4];
        let characters = text
            .chars()
            .map(|c| Value::plain_text(c.encode_utf8(&mut buffer)));
        self.heap.new_list(characters.collect())
    }

    fn joined(&mut self, separator: &str, items: &[Value]) -> Evaluated {
        let items = match items {
            [Value::List(id)] => self.heap.list(*id).to_vec(),
            items => items.to_vec(),
        };
        let mut text = String::new();
        for (place, item) in items.iter().enumerate() {
            if place > 0 {
                push(&mut text, separator)?;
            }
            self.write(&mut text, item)?;
        }
        self.heap.text(&text)
    }

    pub(in super::super) fn formatted(&mut self, format: &str, values: &[Value]) -> Evaluated {
        let values = match values {
            [Value::List(id)] => self.heap.list(*id).to_vec(),
            values => values.to_vec(),
        };
        let mut written = Vec::new();
        for value in values {
            let text = self.text_of(&value)?;
            written.push((value, text));
        }
        let result = printf(format, &written)?;
        self.heap.text(&result)
    }
}

/// Methods that compare with another text.
fn compared(text: &str, name: &str, other: &str) -> Option<Value> {
    Some(match name {
        "contains" => Value::Bool(text.contains(other)),
        "startsWith" => Value::Bool(text.starts_with(other)),
        "endsWith" => Value::Bool(text.ends_with(other)),
        "contentEquals" => Value::Bool(text == other),
        "equalsIgnoreCase" => Value::Bool(text.to_lowercase() == other.to_lowercase()),
        "compareTo" => Value::integer(java_order(text, other)),
        "compareToIgnoreCase" => {
            Value::integer(java_order(&text.to_lowercase(), &other.to_lowercase()))
        }
        "indexOf" => Value::integer(index_from(text, other, 0)),
        "lastIndexOf" => {
            let place = text.rfind(other);
            Value::integer(place.map_or(-1, |place| count(&text[..place])))
        }
        _ => return None,
    })
}

/// The length in UTF-16 units.
fn units(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.encode_utf16().count()
    }
}

fn count(text: &str) -> i64 {
    i64::try_from(units(text)).unwrap_or(i64::MAX)
}

fn index_from(text: &str, other: &str, from: i128) -> i64 {
    let skipped = usize::try_from(from.max(0)).unwrap_or(usize::MAX);
    let mut units = 0;
    let start = text.char_indices().find(|(_, c)| {
        let here = units;
        units += c.len_utf16();
        here >= skipped
    });
    let start = match start {
        Some((start, _)) => start,
        None if skipped <= self::units(text) => text.len(),
        None => return if other.is_empty() { count(text) } else { -1 },
    };
    let found = text[start..].find(other);
    found.map_or(-1, |place| count(&text[..start + place]))
}

/// The difference of the first units that differ, else of the lengths.
fn java_order(left: &str, right: &str) -> i64 {
    let mut pairs = left.encode_utf16().zip(right.encode_utf16());
    match pairs.find(|(left, right)| left != right) {
        Some((left, right)) => i64::from(left) - i64::from(right),
        None => count(left) - count(right),
    }
}

/// `String.hashCode`
pub(in super::super) fn hash_code(text: &str) -> i32 {
    text.encode_utf16().fold(0_i32, |hash, unit| {
        hash.wrapping_mul(31).wrapping_add(i32::from(unit))
    })
}
