//! The tools that every template sees beside its variables: `$math`, `$number`, `$json`, `$esc`, …

use super::date;
use super::evaluate::Evaluated;
use super::format::decimal_format;
use super::number::Number;
use super::render::Interpreter;
use super::value::Value;
use crate::template::TemplateError;

mod collection;
mod display;
mod escape;
mod json;
mod math;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tool {
    Collection,
    Date,
    Display,
    Escape,
    Json,
    Math,
    Number,
    Xml,
}

impl Tool {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "collection" => Self::Collection,
            "date" => Self::Date,
            "display" => Self::Display,
            "esc" => Self::Escape,
            "json" => Self::Json,
            "math" => Self::Math,
            "number" => Self::Number,
            "xml" => Self::Xml,
            _ => return None,
        })
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Collection => "collection",
            Self::Date => "date",
            Self::Display => "display",
            Self::Escape => "esc",
            Self::Json => "json",
            Self::Math => "math",
            Self::Number => "number",
            Self::Xml => "xml",
        }
    }
}

impl Interpreter<'_> {
    pub(super) fn tool_property(&mut self, tool: Tool, name: &str) -> Evaluated {
        match tool {
            Tool::Escape => Ok(escape::constant(name).map_or(Value::Null, Value::plain_text)),
            Tool::Math if name == "random" => Ok(self.random_double()),
            Tool::Date => self.date_property(name),
            _ => Ok(Value::Null),
        }
    }

    pub(super) fn tool_method(&mut self, tool: Tool, name: &str, arguments: &[Value]) -> Evaluated {
        match tool {
            Tool::Collection => self.collection_tool(name, arguments),
            Tool::Date => self.date_tool(name, arguments),
            Tool::Display => self.display_tool(name, arguments),
            Tool::Escape => self.escape_tool(name, arguments),
            Tool::Json => self.json_tool(name, arguments),
            Tool::Math => self.math_tool(name, arguments),
            Tool::Number => self.number_tool(name, arguments),
            Tool::Xml => self.xml_tool(name, arguments),
        }
    }

    fn escape_tool(&mut self, name: &str, arguments: &[Value]) -> Evaluated {
        let [value] = arguments else {
            return Ok(Value::Null);
        };
        if value.is_null() {
            return Ok(Value::Null);
        }
        let text = self.text_of(value)?;
        self.work(text.len() * 8)?;
        match escape::escaped(name, &text) {
            Some(escaped) => self.heap.text(&escaped),
            None => Ok(Value::Null),
        }
    }

    fn number_tool(&mut self, name: &str, arguments: &[Value]) -> Evaluated {
        let (pattern, value) = match (name, arguments) {
            ("format", [value]) => (String::new(), value),
            ("format", [Value::Text(pattern), value]) => (pattern.to_string(), value),
            ("currency" | "integer" | "number" | "percent", [value]) => (name.to_owned(), value),
            ("toNumber", [Value::Text(_), number @ Value::Number(_)]) => return Ok(number.clone()),
            ("toNumber", [value]) => {
                let text = self.text_of(value)?.replace(',', "");
                let value = text.parse().map(Number::Double);
                return Ok(value.map_or(Value::Null, |number| {
                    let whole = Number::Whole(number.truncated());
                    let is_whole = number.compare(whole) == Some(std::cmp::Ordering::Equal);
                    Value::Number(if is_whole { whole } else { number })
                }));
            }
            _ => return Ok(Value::Null),
        };
        match self.number_of(value)? {
            Some(number) => {
                let text = decimal_format(&pattern, number)?;
                self.heap.text(&text)
            }
            None => Ok(Value::Null),
        }
    }

    /// `$date` on its own.
    pub(super) fn now_text(&self) -> Result<String, TemplateError> {
        date::format("default", self.scope.now.as_millisecond())
    }

    fn date_property(&mut self, name: &str) -> Evaluated {
        let now = self.scope.now.as_millisecond();
        match name {
            "date" | "calendar" | "systemDate" | "systemCalendar" => Ok(Value::Date(now)),
            "year" | "month" | "day" => Ok(date::part(now, name)),
            "class" => Ok(Value::Null),
            pattern => {
                let text = date::format(pattern, now)?;
                self.heap.text(&text)
            }
        }
    }

    fn date_tool(&mut self, name: &str, arguments: &[Value]) -> Evaluated {
        match (name, arguments) {
            ("getYear", []) => self.date_property("year"),
            ("getMonth", []) => self.date_property("month"),
            ("getDay", []) => self.date_property("day"),
            ("getDate" | "getCalendar", []) => self.date_property("date"),
            ("get", [Value::Text(pattern)]) => {
                let text = date::format(pattern, self.scope.now.as_millisecond())?;
                self.heap.text(&text)
            }
            ("format", [Value::Text(pattern), moment]) => match moment_of(moment) {
                Some(moment) => {
                    let text = date::format(pattern, moment)?;
                    self.heap.text(&text)
                }
                None => Ok(Value::Null),
            },
            ("format", [moment]) => {
                let pattern = Value::plain_text("default");
                self.date_tool(name, &[pattern, moment.clone()])
            }
            ("toDate" | "toCalendar", [moment] | [Value::Text(_), moment]) => {
                Ok(moment_of(moment).map_or(Value::Null, Value::Date))
            }
            ("getYear" | "getMonth" | "getDay", [moment]) => {
                let part = name["get".len()..].to_lowercase();
                Ok(moment_of(moment).map_or(Value::Null, |moment| date::part(moment, &part)))
            }
            _ => Ok(Value::Null),
        }
    }
}

/// A date, or a number of milliseconds.
fn moment_of(value: &Value) -> Option<i64> {
    match value {
        Value::Date(millis) => Some(*millis),
        Value::Number(number) => i64::try_from(number.truncated()).ok(),
        _ => None,
    }
}
