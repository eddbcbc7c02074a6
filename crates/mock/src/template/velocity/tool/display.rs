//! `$display`: lists in words, cut and padded texts.

use super::super::evaluate::Evaluated;
use super::super::format::decimal_format;
use super::super::number::Number;
use super::super::render::{Interpreter, push};
use super::super::value::Value;
use crate::template::TemplateError;

const SPACES_MAX: i128 = 10_000;

impl Interpreter<'_> {
    pub(super) fn display_tool(&mut self, name: &str, arguments: &[Value]) -> Evaluated {
        let text = match (name, arguments) {
            ("alt", [value]) if value.is_null() => "null".to_owned(),
            ("alt", [value]) => return Ok(value.clone()),
            ("alt", [value, other]) => {
                return Ok(if value.is_null() { other } else { value }.clone());
            }
            (_, [Value::Null, ..]) => return Ok(Value::Null),
            ("list", [list]) => self.listed(list, ", ", " and ")?,
            ("list", [list, Value::Text(between)]) => self.listed(list, between, between)?,
            ("list", [list, Value::Text(between), Value::Text(last)]) => {
                self.listed(list, between, last)?
            }
            ("truncate", [value, rest @ ..]) => {
                let (length, suffix) = match rest {
                    [] => (30, "..."),
                    [Value::Text(suffix)] => (30, suffix.as_ref()),
                    [Value::Number(Number::Whole(length))] => (*length, "..."),
                    [Value::Number(Number::Whole(length)), Value::Text(suffix)] => {
                        (*length, suffix.as_ref())
                    }
                    _ => return Ok(Value::Null),
                };
                truncated(&self.text_of(value)?, length, suffix)
            }
            ("cell", [value]) => {
                let text = truncated(&self.text_of(value)?, 30, "...");
                format!("{text:<30}")
            }
            ("cell", [value, Value::Number(Number::Whole(length))]) if *length <= SPACES_MAX => {
                let text = truncated(&self.text_of(value)?, *length, "...");
                let width = usize::try_from(*length).unwrap_or(0);
                format!("{text:<width$}")
            }
            ("space", [Value::Number(Number::Whole(length))]) if *length <= SPACES_MAX => {
                " ".repeat(usize::try_from(*length).unwrap_or(0))
            }
            ("capitalize", [value]) => {
                first_letter(&self.text_of(value)?, |c| c.to_uppercase().collect())
            }
            ("uncapitalize", [value]) => {
                first_letter(&self.text_of(value)?, |c| c.to_lowercase().collect())
            }
            ("plural", [Value::Number(count), Value::Text(word)]) => {
                plural(count.truncated(), word)
            }
            ("br", [value]) => self.text_of(value)?.replace('\n', "<br />\n"),
            ("message", [Value::Text(format), rest @ ..]) => self.message(format, rest)?,
            ("printf", [Value::Text(format), rest @ ..]) => return self.formatted(format, rest),
            _ => return Ok(Value::Null),
        };
        self.heap.text(&text)
    }

    /// `{0}` stands for the first value; numbers are grouped.
    fn message(&mut self, format: &str, values: &[Value]) -> Result<String, TemplateError> {
        let mut text = String::new();
        let mut rest = format;
        while let Some(start) = rest.find('{') {
            text.push_str(&rest[..start]);
            rest = &rest[start + 1..];
            let Some(end) = rest.find('}') else {
                return Err(TemplateError::Failed(format!(
                    "`{format}`: unmatched braces"
                )));
            };
            let place = rest[..end].parse::<usize>();
            match place.map(|place| values.get(place)) {
                Ok(Some(Value::Number(number))) => push(&mut text, &decimal_format("", *number)?)?,
                Ok(Some(value)) => self.write(&mut text, value)?,
                _ => text.push_str(&format!("{{{}}}", &rest[..end])),
            }
            rest = &rest[end + 1..];
        }
        text.push_str(rest);
        Ok(text)
    }

    fn listed(&mut self, list: &Value, between: &str, last: &str) -> Result<String, TemplateError> {
        let items = match list {
            Value::List(_) => self.items(list)?,
            single => vec![single.clone()],
        };
        let mut text = String::new();
        for (place, item) in items.iter().enumerate() {
            match place {
                0 => {}
                place if place + 1 == items.len() => push(&mut text, last)?,
                _ => push(&mut text, between)?,
            }
            self.write(&mut text, item)?;
        }
        Ok(text)
    }
}

/// At most `length` characters, the suffix among them.
fn truncated(text: &str, length: i128, suffix: &str) -> String {
    let length = usize::try_from(length).unwrap_or(0);
    if text.chars().count() <= length {
        return text.to_owned();
    }
    // A suffix that would take all the room is left out.
    let Some(kept @ 1..) = length.checked_sub(suffix.chars().count()) else {
        return text.chars().take(length).collect();
    };
    let mut cut: String = text.chars().take(kept).collect();
    cut.push_str(suffix);
    cut
}

fn first_letter(text: &str, change: fn(char) -> String) -> String {
    let mut rest = text.chars();
    match rest.next() {
        Some(first) => change(first) + rest.as_str(),
        None => String::new(),
    }
}

/// The word in the number that English asks for.
fn plural(count: i128, word: &str) -> String {
    if count.abs() == 1 {
        return word.to_owned();
    }
    let is_hissing = ["s", "x", "z", "ch", "sh"]
        .iter()
        .any(|end| word.ends_with(end));
    match word.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ if is_hissing => format!("{word}es"),
        _ => format!("{word}s"),
    }
}
