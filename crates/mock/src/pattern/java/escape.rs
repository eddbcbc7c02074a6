//! Escapes and character classes.

use super::Refusal;
use super::class::{GRAPHEME, posix, predefined, unicode_property};
use super::translate::Translator;

impl Translator<'_> {
    /// What follows a backslash.
    pub(super) fn escape(&mut self, in_class: bool) -> Result<(), Refusal> {
        let c = self.input.next().ok_or(Refusal::Invalid)?;
        if let Some(set) = predefined(c, self.flags.unicode) {
            self.out.push_str(set);
            return Ok(());
        }
        match c {
            'p' | 'P' => return self.property(c == 'P'),
            'Q' => {
                self.quoted();
                return Ok(());
            }
            'E' => return Ok(()),
            _ => {}
        }
        if let Some(literal) = self.escaped_char(c)? {
            push_literal(&mut self.out, literal);
            return Ok(());
        }
        if in_class {
            return Err(Refusal::Invalid);
        }
        match c {
            '1'..='9' => {
                self.backtracking = true;
                let number = c.to_digit(10).unwrap_or_default();
                self.out.push_str(&back_reference(number as usize));
            }
            'k' => {
                self.input.next_if_eq(&'<').ok_or(Refusal::Invalid)?;
                let name = self.until('>')?;
                self.backtracking = true;
                self.out.push_str("\\k<");
                self.out.push_str(&name);
                self.out.push('>');
            }
            'b' if self.input.peek() == Some(&'{') => {
                return Err(Refusal::NotSupported("\\b{".to_owned()));
            }
            'G' => self.out.push_str("\\A"),
            'X' => {
                self.backtracking = true;
                self.out.push_str(GRAPHEME);
            }
            'b' | 'B' | 'A' | 'z' => {
                self.out.push('\\');
                self.out.push(c);
            }
            'Z' => {
                self.backtracking = true;
                self.out.push_str(r"(?=\n?\z)");
            }
            'R' => self
                .out
                .push_str(r"(?:\r\n|[\n\x0B\f\r\x{85}\x{2028}\x{2029}])"),
            'N' if self.input.peek() == Some(&'{') => {
                return Err(Refusal::NotSupported("\\N{".to_owned()));
            }
            _ => return Err(Refusal::Invalid),
        }
        Ok(())
    }

    /// The character an escape stands for, where it stands for one.
    fn escaped_char(&mut self, c: char) -> Result<Option<char>, Refusal> {
        Ok(Some(match c {
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'f' => '\u{c}',
            'a' => '\u{7}',
            'e' => '\u{1b}',
            '0' => return self.octal().map(Some),
            'x' if self.input.next_if_eq(&'{').is_some() => {
                let digits = self.until('}')?;
                code_point(&digits)?
            }
            'x' => self.hexadecimal(2)?,
            'u' => self.hexadecimal(4)?,
            'c' => {
                let control = self.input.next().ok_or(Refusal::Invalid)?;
                char::from_u32(u32::from(control) ^ 64).ok_or(Refusal::Invalid)?
            }
            _ if c.is_ascii_alphanumeric() => return Ok(None),
            _ => c,
        }))
    }

    fn hexadecimal(&mut self, length: usize) -> Result<char, Refusal> {
        let digits: String = self.input.by_ref().take(length).collect();
        if digits.len() == length {
            code_point(&digits)
        } else {
            Err(Refusal::Invalid)
        }
    }

    fn octal(&mut self) -> Result<char, Refusal> {
        let mut code = 0_u32;
        let mut length = 0;
        while let Some(&digit @ '0'..='7') = self.input.peek() {
            let next = code * 8 + digit.to_digit(8).unwrap_or_default();
            if length == 3 || next > 0o377 {
                break;
            }
            code = next;
            length += 1;
            self.input.next();
        }
        if length == 0 {
            Err(Refusal::Invalid)
        } else {
            char::from_u32(code).ok_or(Refusal::Invalid)
        }
    }

    /// `\Q...\E`: everything in between is literal.
    fn quoted(&mut self) {
        while let Some(c) = self.input.next() {
            if c == '\\' && self.input.peek() == Some(&'E') {
                self.input.next();
                return;
            }
            push_literal(&mut self.out, c);
        }
    }

    /// `\p{Name}` and `\pL`.
    fn property(&mut self, negated: bool) -> Result<(), Refusal> {
        let name = match self.input.next().ok_or(Refusal::Invalid)? {
            '{' => self.until('}')?,
            c => c.to_string(),
        };
        let set = posix(&name, self.flags.unicode)
            .map_or_else(|| unicode_property(&name), |set| Ok(set.to_owned()))?;
        self.out.push_str(if negated { "[^" } else { "[" });
        self.out.push_str(&set);
        self.out.push(']');
        Ok(())
    }

    /// A character class; the opening bracket is already read.
    pub(super) fn class(&mut self, depth: usize) -> Result<(), Refusal> {
        if depth > 50 {
            return Err(Refusal::Invalid);
        }
        self.out.push('[');
        if self.input.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        let mut is_first = true;
        let mut after_item = false;
        loop {
            match self.next_significant().ok_or(Refusal::Invalid)? {
                ']' if !is_first => break,
                '[' => {
                    self.class(depth + 1)?;
                    after_item = false;
                }
                '\\' => {
                    self.escape(true)?;
                    after_item = true;
                }
                '&' if self.input.peek() == Some(&'&') => {
                    self.input.next();
                    // Without a set on both sides it says nothing.
                    if !is_first && !matches!(self.input.peek(), Some(']' | '&')) {
                        self.out.push_str("&&");
                    }
                    after_item = false;
                    continue;
                }
                '-' if after_item && !matches!(self.input.peek(), Some(']' | '[' | '&')) => {
                    self.out.push('-');
                    after_item = false;
                }
                c => {
                    push_literal(&mut self.out, c);
                    after_item = true;
                }
            }
            is_first = false;
        }
        self.out.push(']');
        Ok(())
    }

    pub(super) fn until(&mut self, end: char) -> Result<String, Refusal> {
        let mut text = String::new();
        loop {
            match self.input.next() {
                Some(c) if c == end => return Ok(text),
                Some(c) => text.push(c),
                None => return Err(Refusal::Invalid),
            }
        }
    }
}

pub(super) fn back_reference(number: usize) -> String {
    format!("(?:\\{number})")
}

fn code_point(hexadecimal: &str) -> Result<char, Refusal> {
    u32::from_str_radix(hexadecimal, 16)
        .ok()
        .and_then(char::from_u32)
        .ok_or(Refusal::Invalid)
}

pub(super) fn push_literal(out: &mut String, c: char) {
    if c.is_ascii_punctuation()
        && !matches!(
            c,
            '<' | '>' | '/' | '_' | '\'' | '"' | ';' | '=' | '@' | '`' | ',' | '%' | '!'
        )
    {
        out.push('\\');
    }
    out.push(c);
}
