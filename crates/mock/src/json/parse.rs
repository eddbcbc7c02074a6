//! Reading JSON, in two tempers.
//!
//! Lenient, as MockServer reads control requests: comments (`//`, `/* */`, `#`), unquoted names, single quotes, trailing
//! commas, raw control characters, any backslash escape, leading zeros and plus signs, missing array items, `NaN`; what
//! follows the first value is ignored. Strict (RFC 8259, the whole text) for the bodies of recorded requests.
//! Nesting is bounded, so that no text can exhaust the stack.

use super::{Json, Object};

const DEPTH_MAX: usize = 200;

/// Where and why a text is no JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the text is no JSON: {what} at line {line}, column {column}")]
pub(crate) struct JsonError {
    what: String,
    line: usize,
    column: usize,
}

/// The first value of `text`, read leniently.
pub(crate) fn parse_lenient(text: &str) -> Result<Json, JsonError> {
    let mut parser = Parser::new(text, true);
    parser.skip_blank()?;
    parser.value(0)
}

/// The one value of `text`, read strictly.
pub(crate) fn parse_strict(text: &str) -> Result<Json, JsonError> {
    let mut parser = Parser::new(text, false);
    parser.skip_blank()?;
    let value = parser.value(0)?;
    parser.skip_blank()?;
    match parser.peek() {
        None => Ok(value),
        Some(_) => Err(parser.error("text after the value")),
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    lenient: bool,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, lenient: bool) -> Self {
        let at = if lenient && text.starts_with('\u{feff}') {
            '\u{feff}'.len_utf8()
        } else {
            0
        };
        Self { text, at, lenient }
    }

    fn value(&mut self, depth: usize) -> Result<Json, JsonError> {
        if depth > DEPTH_MAX {
            return Err(self.error(format!("more than {DEPTH_MAX} levels of nesting")));
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string(b'"').map(Json::Text),
            Some(b'\'') if self.lenient => self.string(b'\'').map(Json::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'+' | b'.') if self.lenient => self.number(),
            Some(byte) if byte.is_ascii_alphabetic() => self.word(),
            Some(_) => Err(self.error("a character that begins no value")),
            None => Err(self.error("the end where a value should be")),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, JsonError> {
        self.at += 1;
        let mut fields = Object::new();
        loop {
            self.skip_blank()?;
            match self.peek() {
                Some(b'}') if fields.is_empty() || self.lenient => {
                    self.at += 1;
                    return Ok(Json::Object(fields));
                }
                Some(b',') if self.lenient => {
                    self.at += 1;
                    continue;
                }
                _ => {}
            }
            let name = self.name()?;
            self.skip_blank()?;
            self.expect(b':')?;
            self.skip_blank()?;
            let value = match self.peek() {
                Some(b',') if self.lenient => Json::Null,
                _ => self.value(depth + 1)?,
            };
            fields.insert(name, value);
            self.skip_blank()?;
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    self.skip_blank()?;
                    if self.peek() == Some(b'}') && !self.lenient {
                        return Err(self.error("a comma before `}`"));
                    }
                }
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Json::Object(fields));
                }
                _ => return Err(self.error("neither `,` nor `}` after a field")),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Json, JsonError> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip_blank()?;
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Json::Array(items));
        }
        loop {
            self.skip_blank()?;
            let item = match self.peek() {
                Some(b',') if self.lenient => Json::Null,
                _ => self.value(depth + 1)?,
            };
            items.push(item);
            self.skip_blank()?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Json::Array(items));
                }
                _ => return Err(self.error("neither `,` nor `]` after an item")),
            }
            self.skip_blank()?;
            if self.lenient && self.peek() == Some(b']') {
                self.at += 1;
                return Ok(Json::Array(items));
            }
        }
    }

    fn name(&mut self) -> Result<String, JsonError> {
        match self.peek() {
            Some(b'"') => self.string(b'"'),
            Some(b'\'') if self.lenient => self.string(b'\''),
            Some(_) if self.lenient => {
                let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '-' | '@');
                let rest = self.rest();
                let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                if length == 0 {
                    return Err(self.error("no field name where one should be"));
                }
                self.at += length;
                Ok(rest[..length].to_owned())
            }
            _ => Err(self.error("no field name where one should be")),
        }
    }

    fn string(&mut self, quote: u8) -> Result<String, JsonError> {
        self.at += 1;
        let mut value = String::new();
        loop {
            let rest = self.rest();
            let is_special = |byte: u8| byte == quote || byte == b'\\' || byte < 0x20;
            let plain = rest.bytes().position(is_special).unwrap_or(rest.len());
            value.push_str(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                None => return Err(self.error("a string without end")),
                Some(byte) if byte == quote => {
                    self.at += 1;
                    return Ok(value);
                }
                Some(b'\\') => {
                    self.at += 1;
                    value.push(self.escape()?);
                }
                Some(control) if self.lenient => {
                    value.push(char::from(control));
                    self.at += 1;
                }
                Some(_) => return Err(self.error("a control character in a string")),
            }
        }
    }

    /// The character an escape stands for; the backslash is already read.
    fn escape(&mut self) -> Result<char, JsonError> {
        let Some(escaped) = self.rest().chars().next() else {
            return Err(self.error("a string without end"));
        };
        self.at += escaped.len_utf8();
        Ok(match escaped {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '"' | '\\' | '/' => escaped,
            'u' => return self.unicode_escape(),
            _ if self.lenient => escaped,
            _ => return Err(self.error("an escape that JSON does not have")),
        })
    }

    fn unicode_escape(&mut self) -> Result<char, JsonError> {
        let first = self.four_digits()?;
        let is_high = (0xd800..0xdc00).contains(&first);
        if is_high && self.rest().starts_with("\\u") {
            let before = self.at;
            self.at += 2;
            let second = self.four_digits()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = before;
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn four_digits(&mut self) -> Result<u32, JsonError> {
        let digits = self
            .rest()
            .get(..4)
            .filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = digits.and_then(|text| u32::from_str_radix(text, 16).ok());
        let code = code.ok_or_else(|| self.error("no four hexadecimal digits after `\\u`"))?;
        self.at += 4;
        Ok(code)
    }

    fn number(&mut self) -> Result<Json, JsonError> {
        let start = self.at;
        let negative = self.peek() == Some(b'-');
        if matches!(self.peek(), Some(b'-' | b'+')) {
            self.at += 1;
        }
        if self.lenient && self.rest().starts_with("Infinity") {
            self.at += "Infinity".len();
            return Ok(Json::text(&self.text[start..self.at]));
        }
        let whole = self.digits();
        let mut text = String::from(if negative { "-" } else { "" });
        let significant = whole.trim_start_matches('0');
        if !self.lenient && (whole.is_empty() || (whole.len() > 1 && whole.starts_with('0'))) {
            return Err(self.error("a number that JSON does not have"));
        }
        text.push_str(if significant.is_empty() {
            "0"
        } else {
            significant
        });
        let mut digits_seen = whole.len();
        if self.peek() == Some(b'.') {
            self.at += 1;
            let fraction = self.digits();
            digits_seen += fraction.len();
            if fraction.is_empty() && !self.lenient {
                return Err(self.error("no digit after the decimal point"));
            }
            text.push('.');
            text.push_str(if fraction.is_empty() { "0" } else { fraction });
        }
        if digits_seen == 0 {
            return Err(self.error("a number without digits"));
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            let exponent = self.at;
            self.at += 1;
            if matches!(self.peek(), Some(b'-' | b'+')) {
                self.at += 1;
            }
            if self.digits().is_empty() {
                return Err(self.error("no digit in the exponent"));
            }
            text.push_str(&self.text[exponent..self.at]);
        }
        Ok(Json::Number(text.into_boxed_str()))
    }

    fn digits(&mut self) -> &'a str {
        let rest = self.rest();
        let length = rest
            .bytes()
            .position(|b| !b.is_ascii_digit())
            .unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn word(&mut self) -> Result<Json, JsonError> {
        let rest = self.rest();
        let length = rest
            .bytes()
            .position(|b| !b.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        let value = match &rest[..length] {
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            "null" => Json::Null,
            word @ ("NaN" | "Infinity") if self.lenient => Json::text(word),
            word => return Err(self.error(format!("`{word}`, which is no value"))),
        };
        self.at += length;
        Ok(value)
    }

    fn skip_blank(&mut self) -> Result<(), JsonError> {
        loop {
            let rest = self.rest();
            let blank = rest
                .bytes()
                .position(|b| !matches!(b, b' ' | b'\t' | b'\n' | b'\r'));
            self.at += blank.unwrap_or(rest.len());
            if !self.lenient {
                return Ok(());
            }
            let rest = self.rest();
            if rest.starts_with('#') || rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                let end = rest
                    .find("*/")
                    .ok_or_else(|| self.error("a comment without end"))?;
                self.at += end + 2;
            } else {
                return Ok(());
            }
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(self.error(format!("no `{}` after a field name", char::from(byte))))
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn error(&self, what: impl Into<String>) -> JsonError {
        let before = &self.text[..self.at];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        JsonError {
            what: what.into(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::pretty;
    use super::*;

    #[test]
    fn a_control_request_may_be_written_loosely() {
        let text = "// first\n{ # names\n a: 'x', /* both */ \"b\": [1, 2,], c : +007, d: 0.00, e: \"\\q\\u0041\t\", } rest";
        let value = parse_lenient(text).expect("lenient");
        let strict = r#"{"a":"x","b":[1,2],"c":7,"d":0.00,"e":"qA\t"}"#;
        assert_eq!(value, parse_strict(strict).expect("strict"));
        assert!(pretty(&value).contains("\"d\" : 0.00"));
    }

    #[test]
    fn a_recorded_body_is_read_strictly() {
        for text in [
            "{a:1}",
            "{\"a\":1,}",
            "[1,]",
            "[1] x",
            "01",
            "'a'",
            "\"\\q\"",
            "1.",
            "+1",
            "NaN",
            "",
            "[",
            "\"\t\"",
        ] {
            assert!(parse_strict(text).is_err(), "{text}");
        }
        for text in ["[1, -0.5e+3]", " null ", "\"\\ud83d\\ude00\"", "{}", "[]"] {
            assert!(parse_strict(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_value_may_only_be_missing_before_a_comma() {
        let missing = parse_lenient("{\"a\": , \"b\": [1,,2]}").expect("lenient");
        let strict = parse_strict("{\"a\":null,\"b\":[1,null,2]}").expect("strict");
        assert_eq!(missing, strict);
        assert!(parse_lenient("{\"a\": }").is_err());
    }

    #[test]
    fn deep_nesting_is_refused_and_places_are_named() {
        let deep = "[".repeat(100_000);
        assert!(parse_lenient(&deep).is_err());
        let error = parse_lenient("{\n  \"a\": ?\n}").expect_err("a question mark");
        assert_eq!(
            error.to_string(),
            "the text is no JSON: a character that begins no value at line 2, column 8"
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,60}") {
            let _ = parse_lenient(&text);
            let _ = parse_strict(&text);
        }

        #[test]
        fn what_the_strict_reader_takes_the_lenient_one_reads_the_same(text in "[\\[\\]{}:,\"a0-9. e-]{0,24}") {
            if let Ok(value) = parse_strict(&text) {
                proptest::prop_assert_eq!(parse_lenient(&text), Ok(value));
            }
        }
    }
}
