//! The translation, construct by construct: groups, flags and quantifiers.

use std::iter::Peekable;
use std::str::Chars;

use super::Refusal;
use super::escape::{back_reference, push_literal};

/// The flags that the translation minds; `i` and `m` go to the engine as they are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flags {
    /// `s`: the dot matches line ends.
    dot_all: bool,
    /// `d`: only `\n` is a line end.
    unix_lines: bool,
    /// `x`: blanks and comments say nothing.
    comments: bool,
    /// `U`: classes are Unicode's.
    pub(super) unicode: bool,
}

/// A pattern on its way to the syntax of the engines.
pub(super) struct Translator<'a> {
    pub(super) input: Peekable<Chars<'a>>,
    pub(super) out: String,
    pub(super) backtracking: bool,
    pub(super) flags: Flags,
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
    pub(super) fn new(pattern: &'a str, dot_all: bool) -> Self {
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

    pub(super) fn translate(&mut self) -> Result<(), Refusal> {
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
    pub(super) fn next_significant(&mut self) -> Option<char> {
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
}
