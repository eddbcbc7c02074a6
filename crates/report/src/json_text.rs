//! JSON as text: masked and laid out without being read into numbers.
//!
//! A report must show what went over the wire. Reading `10.00` or a number of forty digits into a value and
//! writing it again changes it, so this works on the tokens of the text.

use serde::de::IgnoredAny;
use styk_core::{MASK, is_secret_name};

use crate::mask::{Masker, is_card};

/// One token of a well-formed JSON text, with its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    /// White space.
    Space(&'a str),
    /// `{`, `[`.
    Open(&'a str),
    /// `}`, `]`.
    Close(&'a str),
    /// `,`.
    Comma,
    /// `:`.
    Colon,
    /// A string with its quotes.
    Text(&'a str),
    /// A number, `true`, `false`, `null`.
    Word(&'a str),
}

/// A text that was worked on up to a bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bounded {
    /// The text; it ends with the token that reached the bound.
    pub(crate) text: String,
    /// Bytes of the original that were not looked at.
    pub(crate) rest: usize,
}

/// The text with secrets masked and everything else as it was, up to about `max` bytes; `None` when it is no
/// JSON.
pub(crate) fn mask(text: &str, max: usize, masker: &Masker) -> Option<Bounded> {
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    let mut masked = String::with_capacity(text.len().min(max));
    let mut tokens = Tokens { text, start: 0 };
    // The name of the member whose value comes next.
    let mut name: Option<String> = None;
    while let Some(token) = tokens.next() {
        match token {
            Token::Text(raw) if tokens.is_colon_next() => {
                name = serde_json::from_str(raw).ok();
                masked.push_str(&text_masked(raw, None, masker));
            }
            Token::Text(raw) => masked.push_str(&text_masked(raw, name.take().as_deref(), masker)),
            Token::Word(raw) => {
                let is_secret = name.take().is_some_and(|name| is_secret_name(&name));
                let is_hidden =
                    raw != "null" && (is_secret || masker.declared(raw).as_str() != raw);
                masked.push_str(if is_hidden { "\"***\"" } else { raw });
            }
            Token::Open(raw) => {
                name = None;
                masked.push_str(raw);
            }
            Token::Space(raw) | Token::Close(raw) => masked.push_str(raw),
            Token::Comma => masked.push(','),
            Token::Colon => masked.push(':'),
        }
        if masked.len() >= max {
            break;
        }
    }
    Some(Bounded {
        text: masked,
        rest: text.len() - tokens.start,
    })
}

/// The text with one member or item a line, indented by two, up to about `max` bytes; `None` when it is no
/// JSON.
pub(crate) fn pretty(text: &str, max: usize) -> Option<Bounded> {
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    let mut out = String::with_capacity(text.len().min(max));
    let mut depth = 0_usize;
    let mut before = None;
    let new_line = |out: &mut String, depth: usize| {
        out.push('\n');
        // Deep nesting is shown, not obeyed: indentation alone must not blow up the text.
        out.push_str(&"  ".repeat(depth.min(20)));
    };
    let mut tokens = Tokens { text, start: 0 };
    for token in tokens.by_ref() {
        let is_first = matches!(before, Some(Token::Open(_)));
        match token {
            Token::Space(_) => continue,
            Token::Close(_) => {
                depth = depth.saturating_sub(1);
                if !is_first {
                    new_line(&mut out, depth);
                }
            }
            _ if is_first || before == Some(Token::Comma) => new_line(&mut out, depth),
            _ => {}
        }
        match token {
            Token::Comma => out.push(','),
            Token::Colon => out.push_str(": "),
            Token::Open(raw) => {
                depth += 1;
                out.push_str(raw);
            }
            Token::Text(raw) | Token::Word(raw) | Token::Close(raw) | Token::Space(raw) => {
                out.push_str(raw);
            }
        }
        before = Some(token);
        if out.len() >= max {
            break;
        }
    }
    Some(Bounded {
        text: out,
        rest: text.len() - tokens.start,
    })
}

/// A string with what is secret in it masked; unchanged text keeps its spelling.
fn text_masked(raw: &str, name: Option<&str>, masker: &Masker) -> String {
    let Ok(text) = serde_json::from_str::<String>(raw) else {
        return masker.text(raw);
    };
    let masked = if name.is_some_and(is_secret_name) || is_card(&text) {
        MASK.to_owned()
    } else {
        masker.text(&text)
    };
    if masked == text {
        raw.to_owned()
    } else {
        serde_json::Value::from(masked).to_string()
    }
}

/// Splits a text that is known to be JSON.
struct Tokens<'a> {
    text: &'a str,
    /// Where the next token starts.
    start: usize,
}

impl Tokens<'_> {
    /// Whether the string that was just read is a member's name.
    fn is_colon_next(&self) -> bool {
        self.text[self.start..].trim_ascii_start().starts_with(':')
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let (text, start) = (self.text, self.start);
        let bytes = text.as_bytes();
        let run = |belongs: fn(u8) -> bool| {
            bytes[start..]
                .iter()
                .position(|&byte| !belongs(byte))
                .map_or(bytes.len(), |length| start + length)
        };
        let (end, token): (usize, fn(&'a str) -> Token<'a>) = match *bytes.get(start)? {
            b' ' | b'\t' | b'\r' | b'\n' => (run(|byte| byte.is_ascii_whitespace()), Token::Space),
            b'{' | b'[' => (start + 1, Token::Open),
            b'}' | b']' => (start + 1, Token::Close),
            b',' => (start + 1, |_| Token::Comma),
            b':' => (start + 1, |_| Token::Colon),
            b'"' => (string_end(bytes, start), Token::Text),
            _ => (
                run(|byte| !byte.is_ascii_whitespace() && !b"{}[],:\"".contains(&byte)),
                Token::Word,
            ),
        };
        self.start = end;
        Some(token(&text[start..end]))
    }
}

/// The place after the closing quote of the string that starts at `start`.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut place = start + 1;
    while let Some(&byte) = bytes.get(place) {
        match byte {
            b'"' => return place + 1,
            b'\\' => place += 2,
            _ => place += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use styk_core::Secrets;

    use super::*;

    fn masker() -> Masker {
        let secrets = Secrets::default();
        secrets.add("s3\"cr3t");
        secrets.add("777777");
        Masker::new(&secrets)
    }

    fn masked(text: &str) -> Option<String> {
        mask(text, usize::MAX, &masker()).map(|masked| masked.text)
    }

    fn laid_out(text: &str) -> Option<String> {
        pretty(text, usize::MAX).map(|pretty| pretty.text)
    }

    #[test]
    fn secrets_go_and_everything_else_stays_as_written() {
        let text = r#"{ "total": 10.00, "big":1234567890123456789012345678901234567890,
 "password" : "x", "cvc":123, "token":null, "token_type":"bearer",
 "note":"the s3\"cr3t one", "pin":777777, "é":"\u0041", "url":"/a?token=1" }"#;
        let expected = r#"{ "total": 10.00, "big":1234567890123456789012345678901234567890,
 "password" : "***", "cvc":"***", "token":null, "token_type":"bearer",
 "note":"the *** one", "pin":"***", "é":"\u0041", "url":"/a?token=***" }"#;
        assert_eq!(masked(text).as_deref(), Some(expected));
    }

    #[test]
    fn a_secret_name_hides_its_own_value_only() {
        let text = r#"{"card":{"brand":"visa","number":"4242424242424242"},"password":["too short"],"a":"b"}"#;
        let expected =
            r#"{"card":{"brand":"visa","number":"***"},"password":["too short"],"a":"b"}"#;
        assert_eq!(masked(text).as_deref(), Some(expected));
    }

    #[test]
    fn what_is_no_json_is_left_to_others() {
        for text in ["", "{", "{\"a\":}", "hello", "{} {}"] {
            assert_eq!(masked(text), None, "{text}");
            assert_eq!(laid_out(text), None, "{text}");
        }
    }

    #[test]
    fn pretty_text_has_one_member_a_line_and_keeps_numbers() {
        let text = r#"{"a":1.00,"b":[1,{"c":"x, y: {z}"}],"d":{},"e":[]}"#;
        let expected = "{\n  \"a\": 1.00,\n  \"b\": [\n    1,\n    {\n      \"c\": \"x, y: {z}\"\n    }\n  ],\n  \"d\": {},\n  \"e\": []\n}";
        assert_eq!(laid_out(text).as_deref(), Some(expected));
    }
    #[test]
    fn work_ends_at_the_bound_and_says_what_is_left() {
        let text = r#"{"a":"bb","c":[1,2,3]}"#;
        let found = mask(text, 6, &masker()).expect("JSON");
        assert_eq!((found.text.as_str(), found.rest), (r#"{"a":"bb""#, 13));
        let found = pretty(text, 6).expect("JSON");
        assert_eq!((found.text.as_str(), found.rest), ("{\n  \"a\"", 18));
    }
}
