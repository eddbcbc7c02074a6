//! YAML as a JSON tree, with the scalars of YAML 1.1 that OpenAPI documents use.
//!
//! The first document counts. Anchors, aliases and merge keys are resolved, within a bound on the nodes they make.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, StrInput};

use crate::json::{Json, Object};

/// The deepest nesting of lists and mappings.
const DEPTH_MAX: usize = 128;

/// The most values a document may have, those that aliases repeat included.
const VALUES_MAX: usize = 500_000;

/// Why a text is no YAML that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum YamlError {
    #[error("the text is no YAML: {0}")]
    Syntax(String),
    #[error("the text is no YAML: it ends within a value")]
    Unfinished,
    #[error("the YAML document has more than {VALUES_MAX} values")]
    TooLarge,
    #[error("the YAML document nests deeper than {DEPTH_MAX} levels")]
    TooDeep,
}

/// The first document of `text`; null when there is none.
pub(super) fn parse(text: &str) -> Result<Json, YamlError> {
    let options = granit_parser::options! {
        emit_comments: false,
        flow_nesting_limit: DEPTH_MAX * 2,
        block_nesting_limit: DEPTH_MAX * 2,
    };
    let mut reader = Reader {
        parser: Parser::new_from_str_with_options(text, options),
        anchors: HashMap::new(),
        values: 0,
    };
    loop {
        match reader.next()? {
            Event::StreamStart | Event::DocumentStart(..) => {}
            Event::StreamEnd | Event::DocumentEnd => return Ok(Json::Null),
            event => return reader.value(event, 0),
        }
    }
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    /// Anchored values, each with the number of values it is made of.
    anchors: HashMap<usize, (Json, usize)>,
    values: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Event<'a>, YamlError> {
        match self.parser.next_event() {
            Some(Ok((event, _))) => Ok(event),
            Some(Err(error)) => Err(YamlError::Syntax(error.to_string())),
            None => Err(YamlError::Unfinished),
        }
    }

    fn value(&mut self, event: Event<'a>, depth: usize) -> Result<Json, YamlError> {
        if depth > DEPTH_MAX {
            return Err(YamlError::TooDeep);
        }
        let before = self.values;
        self.count(1)?;
        let anchor = event.anchor_id();
        let value = match event {
            Event::Scalar(text, style, _, tag) => {
                let is_text = tag.is_some_and(|tag| tag.core_suffix() == Some("str"));
                if style == ScalarStyle::Plain && !is_text {
                    plain(&text)
                } else {
                    Json::Text(text.into_owned())
                }
            }
            Event::SequenceStart(..) => self.list(depth)?,
            Event::MappingStart(..) => self.mapping(depth)?,
            Event::Alias(id) => {
                let (value, size) = self.anchors.get(&id).cloned().unwrap_or((Json::Null, 0));
                self.count(size)?;
                value
            }
            _ => Json::Null,
        };
        if let Some(id) = anchor {
            self.anchors
                .insert(id, (value.clone(), self.values - before));
        }
        Ok(value)
    }

    fn count(&mut self, more: usize) -> Result<(), YamlError> {
        self.values += more;
        if self.values > VALUES_MAX {
            return Err(YamlError::TooLarge);
        }
        Ok(())
    }

    fn list(&mut self, depth: usize) -> Result<Json, YamlError> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(Json::Array(items)),
                event => items.push(self.value(event, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Json, YamlError> {
        let mut fields = Object::new();
        let mut merged = Vec::new();
        loop {
            let key = match self.next()? {
                Event::MappingEnd => break,
                event => self.key(event, depth)?,
            };
            let event = self.next()?;
            let value = self.value(event, depth + 1)?;
            match key {
                Key::Merge => merged.push(value),
                Key::Name(name) => {
                    fields.insert(name, value);
                }
            }
        }
        for source in merged {
            merge(&mut fields, source);
        }
        Ok(Json::Object(fields))
    }

    /// A key as a name: numbers and words by their text.
    fn key(&mut self, event: Event<'a>, depth: usize) -> Result<Key, YamlError> {
        Ok(match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) if text == "<<" => Key::Merge,
            Event::Scalar(text, ..) => Key::Name(text.into_owned()),
            event => match self.value(event, depth + 1)? {
                Json::Text(text) => Key::Name(text),
                Json::Number(text) => Key::Name(text.into()),
                other => Key::Name(crate::json::pretty(&other)),
            },
        })
    }
}

enum Key {
    Name(String),
    Merge,
}

/// Adds the fields of a merged mapping that are not there yet.
fn merge(fields: &mut Object, source: Json) {
    match source {
        Json::Object(more) => {
            for (name, value) in more {
                fields.entry(name).or_insert(value);
            }
        }
        Json::Array(sources) => {
            for source in sources {
                if let Json::Object(_) = source {
                    merge(fields, source);
                }
            }
        }
        _ => {}
    }
}

/// The value of a plain scalar.
fn plain(text: &str) -> Json {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Json::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => {
            return Json::Bool(true);
        }
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => {
            return Json::Bool(false);
        }
        _ => {}
    }
    number(text).map_or_else(|| Json::text(text), |number| Json::Number(number.into()))
}

/// The JSON text of a number; decimal ones keep theirs where JSON allows it.
fn number(text: &str) -> Option<String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let digits = digits.replace('_', "");
    let radix = |digits: &str, radix| i128::from_str_radix(digits, radix).ok();
    if let Some(hex) = digits.strip_prefix("0x") {
        return radix(hex, 16).map(|value| format!("{sign}{value}"));
    }
    let octal = digits.len() > 1 && digits.bytes().all(|b| b.is_ascii_digit());
    if octal && digits.starts_with('0') {
        return radix(&digits, 8).map(|value| format!("{sign}{value}"));
    }
    decimal(&digits).map(|value| format!("{sign}{value}"))
}

fn decimal(digits: &str) -> Option<String> {
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (digits, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let fraction_digits = fraction.unwrap_or_default();
    let no_digits = whole.is_empty() && fraction_digits.is_empty();
    if no_digits || !all_digits(whole) || !all_digits(fraction_digits) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let mut text = String::from(if whole.is_empty() { "0" } else { whole });
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(if fraction.is_empty() { "0" } else { fraction });
    }
    if let Some(exponent) = exponent {
        let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if unsigned.is_empty() || !all_digits(unsigned) {
            return None;
        }
        text.push('e');
        text.push_str(exponent);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("1.00", "1.00"; "a decimal keeps its text")]
    #[test_case("0x1F", "31"; "hexadecimal")]
    #[test_case("017", "15"; "octal")]
    #[test_case("0o17", "\"0o17\""; "no octal of version 1.2")]
    #[test_case("1_000", "1000"; "underscores")]
    #[test_case("yes", "true"; "yes")]
    #[test_case("no", "false"; "no")]
    #[test_case("on", "true"; "on")]
    #[test_case("TRUE", "true"; "upper case")]
    #[test_case("y", "\"y\""; "a letter is a text")]
    #[test_case("~", "null"; "tilde")]
    #[test_case("Null", "null"; "null in title case")]
    #[test_case("2020-01-01", "\"2020-01-01\""; "a date is a text")]
    #[test_case(".5", "0.5"; "no digit before the point")]
    #[test_case("5.", "5.0"; "no digit after the point")]
    #[test_case("1e3", "1e3"; "an exponent")]
    #[test_case("\"1.0\"", "\"1.0\""; "quoted")]
    #[test_case("!!str 5", "\"5\""; "tagged")]
    #[test_case("+5", "5"; "a plus sign")]
    #[test_case("1.0.0", "\"1.0.0\""; "a version is a text")]
    #[test_case("12345678901234567890123", "12345678901234567890123"; "a long integer")]
    #[test_case("[1, 2.50]", "[ 1, 2.50 ]"; "a list")]
    #[test_case("{a: &q 1, b: *q}", "{\n  \"a\" : 1,\n  \"b\" : 1\n}"; "an alias")]
    #[test_case("{<<: {a: 1, b: 3}, b: 2}", "{\n  \"b\" : 2,\n  \"a\" : 1\n}"; "a merge key")]
    #[test_case("{1: a, true: b}", "{\n  \"1\" : \"a\",\n  \"true\" : \"b\"\n}"; "keys are names")]
    #[test_case("a # comment", "\"a\""; "a comment")]
    #[test_case("", "null"; "nothing")]
    fn scalars_are_read_as_yaml_1_1(text: &str, expected: &str) {
        let value = parse(text).expect("YAML");
        assert_eq!(crate::json::pretty(&value), expected);
    }

    #[test]
    fn aliases_cannot_fill_the_memory() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let alias = format!("*a{}", level - 1);
            let list = vec![alias; 10].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{list}]\n"));
        }
        assert_eq!(parse(&text), Err(YamlError::TooLarge));
    }

    #[test]
    fn nesting_has_a_bound() {
        assert!(parse(&"[".repeat(10_000)).is_err());
        assert!(parse(&format!("{}{}", "[".repeat(150), "]".repeat(150))).is_err());
    }

    #[test]
    fn broken_text_is_an_error() {
        for text in ["openapi: 3.0.0\n  x: [", "a: [", "a: *nowhere", "{a: b"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
