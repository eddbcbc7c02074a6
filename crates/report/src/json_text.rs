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

/// The text with secrets masked and everything else as it was; `None` when it is no JSON.
pub(crate) fn mask(text: &str, masker: &Masker) -> Option<String> {
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    let tokens = tokens(text);
    let mut masked = String::with_capacity(text.len());
    // The name of the member whose value comes next.
    let mut name: Option<String> = None;
    for (place, token) in tokens.iter().enumerate() {
        match *token {
            Token::Text(raw) if is_name(&tokens[place + 1..]) => {
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
    }
    Some(masked)
}

/// The text with one member or item a line, indented by two; `None` when it is no JSON.
pub(crate) fn pretty(text: &str) -> Option<String> {
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    let solid: Vec<Token<'_>> = tokens(text)
        .into_iter()
        .filter(|token| !matches!(token, Token::Space(_)))
        .collect();
    let mut out = String::with_capacity(text.len() * 2);
    let mut depth = 0_usize;
    let new_line = |out: &mut String, depth: usize| {
        out.push('\n');
        // Deep nesting is shown, not obeyed: indentation alone must not blow up the text.
        out.push_str(&"  ".repeat(depth.min(20)));
    };
    for (place, token) in solid.iter().enumerate() {
        let before = place.checked_sub(1).map(|before| solid[before]);
        match *token {
            Token::Close(raw) => {
                depth = depth.saturating_sub(1);
                if !matches!(before, Some(Token::Open(_))) {
                    new_line(&mut out, depth);
                }
                out.push_str(raw);
            }
            _ => {
                if matches!(before, Some(Token::Open(_) | Token::Comma)) {
                    new_line(&mut out, depth);
                }
                match *token {
                    Token::Comma => out.push(','),
                    Token::Colon => out.push_str(": "),
                    Token::Open(raw) => {
                        depth += 1;
                        out.push_str(raw);
                    }
                    Token::Text(raw) | Token::Word(raw) => out.push_str(raw),
                    Token::Space(_) | Token::Close(_) => {}
                }
            }
        }
    }
    Some(out)
}

/// Whether what follows makes the string before it a member's name.
fn is_name(following: &[Token<'_>]) -> bool {
    let next = following
        .iter()
        .find(|token| !matches!(token, Token::Space(_)));
    next == Some(&Token::Colon)
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
fn tokens<'a>(text: &'a str) -> Vec<Token<'a>> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut start = 0;
    while let Some(&first) = bytes.get(start) {
        let run = |belongs: fn(u8) -> bool| {
            bytes[start..]
                .iter()
                .position(|&byte| !belongs(byte))
                .map_or(bytes.len(), |length| start + length)
        };
        let (end, token): (usize, fn(&'a str) -> Token<'a>) = match first {
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
        tokens.push(token(&text[start..end]));
        start = end;
    }
    tokens
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

    #[test]
    fn secrets_go_and_everything_else_stays_as_written() {
        let text = r#"{ "total": 10.00, "big":1234567890123456789012345678901234567890,
 "password" : "x", "cvc":123, "token":null, "token_type":"bearer",
 "note":"the s3\"cr3t one", "pin":777777, "é":"\u0041", "url":"/a?token=1" }"#;
        let expected = r#"{ "total": 10.00, "big":1234567890123456789012345678901234567890,
 "password" : "***", "cvc":"***", "token":null, "token_type":"bearer",
 "note":"the *** one", "pin":"***", "é":"\u0041", "url":"/a?token=***" }"#;
        assert_eq!(mask(text, &masker()).as_deref(), Some(expected));
    }

    #[test]
    fn a_secret_name_hides_its_own_value_only() {
        let text = r#"{"card":{"brand":"visa","number":"4242424242424242"},"password":["too short"],"a":"b"}"#;
        let expected =
            r#"{"card":{"brand":"visa","number":"***"},"password":["too short"],"a":"b"}"#;
        assert_eq!(mask(text, &masker()).as_deref(), Some(expected));
    }

    #[test]
    fn what_is_no_json_is_left_to_others() {
        for text in ["", "{", "{\"a\":}", "hello", "{} {}"] {
            assert_eq!(mask(text, &masker()), None, "{text}");
            assert_eq!(pretty(text), None, "{text}");
        }
    }

    #[test]
    fn pretty_text_has_one_member_a_line_and_keeps_numbers() {
        let text = r#"{"a":1.00,"b":[1,{"c":"x, y: {z}"}],"d":{},"e":[]}"#;
        let expected = "{\n  \"a\": 1.00,\n  \"b\": [\n    1,\n    {\n      \"c\": \"x, y: {z}\"\n    }\n  ],\n  \"d\": {},\n  \"e\": []\n}";
        assert_eq!(pretty(text).as_deref(), Some(expected));
    }
}
