//! Java's regular expressions on Rust's engines.
//!
//! The pattern is translated construct by construct. What stays within the common subset runs on `regex` (linear time);
//! look-around, back references, atomic groups and possessive quantifiers run on `fancy-regex` with a bound on
//! its steps. What Java would not compile is [`Refusal::Invalid`]; what neither engine can do is
//! [`Refusal::NotSupported`], named, so that nobody waits for a match that cannot come.

use std::iter::Peekable;
use std::str::Chars;

mod class;

use class::{GRAPHEME, posix, predefined, unicode_property};

const BACKTRACK_STEPS_MAX: usize = 1_000_000;
const COMPILED_BYTES_MAX: usize = 4 << 20;

/// Why a text is no usable pattern.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Java would not compile it.
    Invalid,
    /// Java would, but this construct has no translation.
    NotSupported(String),
}

/// The places of the groups of a match, the whole match first.
pub(crate) type Groups = Vec<Option<(usize, usize)>>;

/// A compiled regular expression that must cover the whole text.
#[derive(Debug, Clone)]
pub(crate) enum JavaRegex {
    Linear(regex::Regex),
    Backtracking(fancy_regex::Regex),
}

impl JavaRegex {
    pub(crate) fn compile(pattern: &str) -> Result<Self, Refusal> {
        Self::build(pattern, true, r"(?is)\A(?:", r")\z")
    }

    /// An expression to search with, without any flag: for [`JavaRegex::groups_from`].
    pub(crate) fn searching(pattern: &str) -> Result<Self, Refusal> {
        Self::build(pattern, false, "", "")
    }

    fn build(pattern: &str, dot_all: bool, before: &str, after: &str) -> Result<Self, Refusal> {
        let mut translator = Translator::new(pattern, dot_all);
        translator.translate()?;
        let whole = format!("{before}{}{after}", translator.out);
        if translator.backtracking {
            fancy_regex::RegexBuilder::new(&whole)
                .backtrack_limit(BACKTRACK_STEPS_MAX)
                .delegate_size_limit(COMPILED_BYTES_MAX)
                .build()
                .map(Self::Backtracking)
                .map_err(|_not_compiled| Refusal::Invalid)
        } else {
            regex::RegexBuilder::new(&whole)
                .size_limit(COMPILED_BYTES_MAX)
                .build()
                .map(Self::Linear)
                .map_err(|_not_compiled| Refusal::Invalid)
        }
    }

    /// The groups of the first match at or after `start`.
    ///
    /// # Errors
    ///
    /// The search took too many steps.
    pub(crate) fn groups_from(&self, text: &str, start: usize) -> Result<Option<Groups>, String> {
        match self {
            Self::Linear(regex) => Ok(regex.captures_at(text, start).map(|groups| {
                groups
                    .iter()
                    .map(|group| group.map(|group| (group.start(), group.end())))
                    .collect()
            })),
            Self::Backtracking(regex) => regex
                .captures_from_pos(text, start)
                .map(|groups| {
                    groups.map(|groups| {
                        groups
                            .iter()
                            .map(|group| group.map(|group| (group.start(), group.end())))
                            .collect()
                    })
                })
                .map_err(|error| format!("a regular expression was given up: {error}")),
        }
    }

    /// The number of a named group.
    pub(crate) fn group_named(&self, name: &str) -> Option<usize> {
        let is_it = |known: Option<&str>| known == Some(name);
        match self {
            Self::Linear(regex) => regex.capture_names().position(is_it),
            Self::Backtracking(regex) => regex.capture_names().position(is_it),
        }
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        match self {
            Self::Linear(regex) => regex.is_match(text),
            Self::Backtracking(regex) => regex.is_match(text).unwrap_or_else(|error| {
                tracing::warn!(pattern = regex.as_str(), %error, "a regular expression was given up: it counts as no match");
                false
            }),
        }
    }
}

/// The translation of a pattern that is to be found within a text, and whether it needs the backtracking engine.
pub(super) fn translated(pattern: &str) -> Result<(String, bool), Refusal> {
    let mut translator = Translator::new(pattern, false);
    translator.translate()?;
    Ok((translator.out, translator.backtracking))
}

/// The flags that the translation minds; `i` and `m` go to the engine as they are.
#[derive(Clone, Copy, Debug)]
struct Flags {
    /// `s`: the dot matches line ends.
    dot_all: bool,
    /// `d`: only `\n` is a line end.
    unix_lines: bool,
    /// `x`: blanks and comments say nothing.
    comments: bool,
    /// `U`: classes are Unicode's.
    unicode: bool,
}

struct Translator<'a> {
    input: Peekable<Chars<'a>>,
    out: String,
    backtracking: bool,
    flags: Flags,
    /// The groups that are open.
    open: Vec<Open>,
    /// How many groups capture.
    captures: usize,
    last: Last,
}

/// A group that is open.
struct Open {
    /// The flags outside.
    flags: Flags,
    /// Where it begins in the output.
    start: usize,
    is_assertion: bool,
}

/// What was read last, with the place where it begins in the output: a quantifier may follow.
#[derive(Clone, Copy)]
enum Last {
    Nothing,
    Atom(usize),
    /// It takes up no text.
    Assertion(usize),
    Repeated(usize),
}

impl<'a> Translator<'a> {
    fn new(pattern: &'a str, dot_all: bool) -> Self {
        Self {
            input: pattern.chars().peekable(),
            out: String::with_capacity(pattern.len() + 16),
            backtracking: false,
            flags: Flags {
                dot_all,
                unix_lines: false,
                comments: false,
                unicode: false,
            },
            open: Vec::new(),
            captures: 0,
            last: Last::Nothing,
        }
    }

    fn translate(&mut self) -> Result<(), Refusal> {
        while let Some(c) = self.next_significant() {
            let start = self.out.len();
            match c {
                '\\' => {
                    let is_assertion =
                        matches!(self.input.peek(), Some('b' | 'B' | 'A' | 'z' | 'Z' | 'G'));
                    self.escape(false)?;
                    self.last = if is_assertion {
                        Last::Assertion(start)
                    } else {
                        Last::Atom(start)
                    };
                }
                '[' => {
                    self.class(0)?;
                    self.last = Last::Atom(start);
                }
                '(' => self.group()?,
                ')' => {
                    let open = self.open.pop().ok_or(Refusal::Invalid)?;
                    self.flags = open.flags;
                    self.out.push(')');
                    self.last = if open.is_assertion {
                        Last::Assertion(open.start)
                    } else {
                        Last::Atom(open.start)
                    };
                }
                '*' | '+' | '?' => self.quantifier(&c.to_string())?,
                '{' => {
                    let counts = self.counts()?;
                    self.quantifier(&counts)?;
                }
                '|' => {
                    self.out.push('|');
                    self.last = Last::Nothing;
                }
                '.' => {
                    self.out.push_str(match self.flags {
                        Flags { dot_all: true, .. } => "(?s:.)",
                        Flags {
                            unix_lines: true, ..
                        } => r"[^\n]",
                        _ => r"[^\n\r\x{85}\x{2028}\x{2029}]",
                    });
                    self.last = Last::Atom(start);
                }
                '^' | '$' => {
                    self.out.push(c);
                    self.last = Last::Assertion(start);
                }
                _ => {
                    push_literal(&mut self.out, c);
                    self.last = Last::Atom(start);
                }
            }
        }
        if !self.open.is_empty() {
            return Err(Refusal::Invalid);
        }
        // A reference to a group that does not exist never matches.
        for missing in self.captures + 1..=9 {
            self.out = self.out.replace(&back_reference(missing), r"[^\s\S]");
        }
        Ok(())
    }

    /// The next character, blanks and comments left out where they say nothing.
    fn next_significant(&mut self) -> Option<char> {
        loop {
            let c = self.input.next()?;
            if !self.flags.comments {
                return Some(c);
            }
            match c {
                '#' => {
                    self.input.by_ref().find(|c| *c == '\n');
                }
                ' ' | '\t' | '\n' | '\x0B' | '\x0C' | '\r' => {}
                _ => return Some(c),
            }
        }
    }

    fn quantifier(&mut self, written: &str) -> Result<(), Refusal> {
        let may_be_none = matches!(written.as_bytes(), [b'*' | b'?', ..] | [b'{', b'0', ..]);
        let start = match self.last {
            Last::Nothing => return Err(Refusal::Invalid),
            Last::Atom(start) => {
                self.out.push_str(written);
                start
            }
            // The engines do not repeat assertions: once says it all, or no time.
            Last::Assertion(start) => {
                if may_be_none {
                    self.out.insert_str(start, "(?:");
                    self.out.push_str("|)");
                }
                start
            }
            Last::Repeated(start) if written.starts_with('{') => {
                self.out.insert_str(start, "(?:");
                self.out.push(')');
                self.out.push_str(written);
                start
            }
            Last::Repeated(_) => return Err(Refusal::Invalid),
        };
        if let Some(mode) = self.input.next_if(|c| matches!(c, '?' | '+'))
            && !matches!(self.last, Last::Assertion(_))
        {
            self.out.push(mode);
            self.backtracking |= mode == '+';
        }
        self.last = Last::Repeated(start);
        Ok(())
    }

    /// The rest of `{n}`, `{n,}` or `{n,m}` after the opening brace.
    fn counts(&mut self) -> Result<String, Refusal> {
        let mut counts = String::from("{");
        loop {
            let c = self.input.next().ok_or(Refusal::Invalid)?;
            counts.push(c);
            match c {
                '0'..='9' => {}
                ',' if counts.len() > 2 && !counts[..counts.len() - 1].contains(',') => {}
                '}' if counts.len() > 2 => return Ok(counts),
                _ => return Err(Refusal::Invalid),
            }
        }
    }

    fn group(&mut self) -> Result<(), Refusal> {
        self.last = Last::Nothing;
        self.open.push(Open {
            flags: self.flags,
            start: self.out.len(),
            is_assertion: false,
        });
        if self.input.next_if_eq(&'?').is_none() {
            self.captures += 1;
            self.out.push('(');
            return Ok(());
        }
        match self.input.next().ok_or(Refusal::Invalid)? {
            ':' => self.out.push_str("(?:"),
            c @ ('=' | '!' | '>') => {
                self.backtracking = true;
                self.mark_assertion(c != '>');
                self.out.push_str("(?");
                self.out.push(c);
            }
            '<' => match self.input.peek() {
                Some(&c) if matches!(c, '=' | '!') => {
                    self.input.next();
                    self.backtracking = true;
                    self.mark_assertion(true);
                    self.out.push_str("(?<");
                    self.out.push(c);
                }
                _ => {
                    let name = self.until('>')?;
                    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
                        && name.chars().all(|c| c.is_ascii_alphanumeric());
                    if !is_name {
                        return Err(Refusal::Invalid);
                    }
                    self.captures += 1;
                    self.out.push_str("(?<");
                    self.out.push_str(&name);
                    self.out.push('>');
                }
            },
            first => return self.flags(first),
        }
        Ok(())
    }

    fn mark_assertion(&mut self, is_assertion: bool) {
        if let Some(open) = self.open.last_mut() {
            open.is_assertion = is_assertion;
        }
    }

    /// Inline flags: `(?i)`, `(?s-i:...)`. They hold to the end of their group.
    fn flags(&mut self, first: char) -> Result<(), Refusal> {
        let (mut on, mut off, mut turning_on) = (String::new(), String::new(), true);
        let mut flags = self.flags;
        let mut next = Some(first);
        loop {
            match next.ok_or(Refusal::Invalid)? {
                '-' => turning_on = false,
                c @ ('i' | 'm') => if turning_on { &mut on } else { &mut off }.push(c),
                's' => flags.dot_all = turning_on,
                'd' => flags.unix_lines = turning_on,
                'x' => flags.comments = turning_on,
                'U' => flags.unicode = turning_on,
                // Unicode case is what the engines do anyway.
                'u' => {}
                ':' => {
                    self.flags = flags;
                    self.out.push_str("(?");
                    self.push_flags(&on, &off);
                    self.out.push(':');
                    return Ok(());
                }
                ')' => {
                    self.open.pop();
                    self.flags = flags;
                    if !(on.is_empty() && off.is_empty()) {
                        self.out.push_str("(?");
                        self.push_flags(&on, &off);
                        self.out.push(')');
                    }
                    return Ok(());
                }
                _ => return Err(Refusal::Invalid),
            }
            next = self.input.next();
        }
    }

    fn push_flags(&mut self, on: &str, off: &str) {
        self.out.push_str(on);
        if !off.is_empty() {
            self.out.push('-');
            self.out.push_str(off);
        }
    }

    /// What follows a backslash.
    fn escape(&mut self, in_class: bool) -> Result<(), Refusal> {
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
    fn class(&mut self, depth: usize) -> Result<(), Refusal> {
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

    fn until(&mut self, end: char) -> Result<String, Refusal> {
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

fn back_reference(number: usize) -> String {
    format!("(?:\\{number})")
}

fn code_point(hexadecimal: &str) -> Result<char, Refusal> {
    u32::from_str_radix(hexadecimal, 16)
        .ok()
        .and_then(char::from_u32)
        .ok_or(Refusal::Invalid)
}

fn push_literal(out: &mut String, c: char) {
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

#[cfg(test)]
mod tests;
