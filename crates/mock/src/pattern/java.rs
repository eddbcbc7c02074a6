//! Java's regular expressions on Rust's engines.
//!
//! The pattern is translated construct by construct. What stays within the common subset runs on `regex` (linear time);
//! look-around, back references, atomic groups and possessive quantifiers run on `fancy-regex` with a bound on
//! its steps. What Java would not compile is [`Refusal::Invalid`]; what neither engine can do is
//! [`Refusal::NotSupported`], named, so that nobody waits for a match that cannot come.

use std::iter::Peekable;
use std::str::Chars;

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
        Self::build(pattern, r"(?is)\A(?:", r")\z")
    }

    /// An expression to search with, without any flag: for [`JavaRegex::groups_from`].
    pub(crate) fn searching(pattern: &str) -> Result<Self, Refusal> {
        Self::build(pattern, "", "")
    }

    fn build(pattern: &str, before: &str, after: &str) -> Result<Self, Refusal> {
        let mut translator = Translator::new(pattern);
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

/// The translation of a pattern, and whether it needs the backtracking engine.
pub(super) fn translated(pattern: &str) -> Result<(String, bool), Refusal> {
    let mut translator = Translator::new(pattern);
    translator.translate()?;
    Ok((translator.out, translator.backtracking))
}

struct Translator<'a> {
    input: Peekable<Chars<'a>>,
    out: String,
    backtracking: bool,
    depth: usize,
    /// Whether what was read last can take a quantifier.
    quantifiable: bool,
}

impl<'a> Translator<'a> {
    fn new(pattern: &'a str) -> Self {
        Self {
            input: pattern.chars().peekable(),
            out: String::with_capacity(pattern.len() + 16),
            backtracking: false,
            depth: 0,
            quantifiable: false,
        }
    }

    fn translate(&mut self) -> Result<(), Refusal> {
        while let Some(c) = self.input.next() {
            match c {
                '\\' => self.escape(false)?,
                '[' => {
                    self.class(0)?;
                    self.quantifiable = true;
                }
                '(' => self.group()?,
                ')' => {
                    self.depth = self.depth.checked_sub(1).ok_or(Refusal::Invalid)?;
                    self.out.push(')');
                    self.quantifiable = true;
                }
                '*' | '+' | '?' => self.quantifier(&c.to_string())?,
                '{' => {
                    let counts = self.counts()?;
                    self.quantifier(&counts)?;
                }
                '|' => {
                    self.out.push('|');
                    self.quantifiable = false;
                }
                '.' | '^' | '$' => {
                    self.out.push(c);
                    self.quantifiable = true;
                }
                _ => self.literal(c),
            }
        }
        if self.depth == 0 {
            Ok(())
        } else {
            Err(Refusal::Invalid)
        }
    }

    fn literal(&mut self, c: char) {
        push_literal(&mut self.out, c);
        self.quantifiable = true;
    }

    fn quantifier(&mut self, written: &str) -> Result<(), Refusal> {
        if !self.quantifiable {
            return Err(Refusal::Invalid);
        }
        self.out.push_str(written);
        if let Some(mode) = self.input.next_if(|c| matches!(c, '?' | '+')) {
            self.out.push(mode);
            self.backtracking |= mode == '+';
        }
        self.quantifiable = false;
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
        self.quantifiable = false;
        self.depth += 1;
        if self.input.next_if_eq(&'?').is_none() {
            self.out.push('(');
            return Ok(());
        }
        match self.input.next().ok_or(Refusal::Invalid)? {
            ':' => self.out.push_str("(?:"),
            c @ ('=' | '!' | '>') => {
                self.backtracking = true;
                self.out.push_str("(?");
                self.out.push(c);
            }
            '<' => match self.input.peek() {
                Some(&c) if matches!(c, '=' | '!') => {
                    self.input.next();
                    self.backtracking = true;
                    self.out.push_str("(?<");
                    self.out.push(c);
                }
                _ => {
                    let name = self.until('>')?;
                    self.out.push_str("(?<");
                    self.out.push_str(&name);
                    self.out.push('>');
                }
            },
            first => return self.flags(first),
        }
        Ok(())
    }

    /// Inline flags: `(?i)`, `(?s-i:...)`. Unix lines and Unicode case are what the engines do anyway.
    fn flags(&mut self, first: char) -> Result<(), Refusal> {
        let (mut on, mut off, mut turning_off) = (String::new(), String::new(), false);
        let mut next = Some(first);
        loop {
            match next.ok_or(Refusal::Invalid)? {
                '-' => turning_off = true,
                c @ ('i' | 's' | 'm') => if turning_off { &mut off } else { &mut on }.push(c),
                'u' | 'd' => {}
                c @ ('x' | 'U') => return Err(Refusal::NotSupported(format!("(?{c})"))),
                ':' => {
                    self.out.push_str("(?");
                    self.push_flags(&on, &off);
                    self.out.push(':');
                    return Ok(());
                }
                ')' => {
                    self.depth -= 1;
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
        self.quantifiable = true;
        if let Some(set) = predefined(c) {
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
                self.out.push_str("(?:\\");
                self.out.push(c);
                self.out.push(')');
            }
            'k' => {
                self.input.next_if_eq(&'<').ok_or(Refusal::Invalid)?;
                let name = self.until('>')?;
                self.backtracking = true;
                self.out.push_str("\\k<");
                self.out.push_str(&name);
                self.out.push('>');
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
            'G' | 'X' | 'N' => return Err(Refusal::NotSupported(format!("\\{c}"))),
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
        let set = posix(&name).map_or_else(|| unicode_property(&name), |set| Ok(set.to_owned()))?;
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
            match self.input.next().ok_or(Refusal::Invalid)? {
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
                    self.out.push_str("&&");
                    after_item = false;
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
            '<' | '>' | '/' | '_' | '\'' | '"' | ':' | ';' | '=' | '@' | '`' | ',' | '%' | '!'
        )
    {
        out.push('\\');
    }
    out.push(c);
}

/// Java's predefined classes, which are ASCII unless asked otherwise.
fn predefined(c: char) -> Option<&'static str> {
    Some(match c {
        'd' => "[0-9]",
        'D' => "[^0-9]",
        'w' => "[a-zA-Z_0-9]",
        'W' => "[^a-zA-Z_0-9]",
        's' => r"[ \t\n\x0B\f\r]",
        'S' => r"[^ \t\n\x0B\f\r]",
        'h' => r"[ \t\x{A0}\x{1680}\x{180e}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}]",
        'H' => r"[^ \t\x{A0}\x{1680}\x{180e}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}]",
        'v' => r"[\n\x0B\f\r\x{85}\x{2028}\x{2029}]",
        'V' => r"[^\n\x0B\f\r\x{85}\x{2028}\x{2029}]",
        _ => return None,
    })
}

/// POSIX classes by Java's names, as class items.
fn posix(name: &str) -> Option<&'static str> {
    Some(match name {
        "Lower" => "a-z",
        "Upper" => "A-Z",
        "ASCII" => r"\x00-\x7F",
        "Alpha" => "a-zA-Z",
        "Digit" => "0-9",
        "Alnum" => "a-zA-Z0-9",
        "Punct" => r"!-/:-@\[-`{-~",
        "Graph" => "!-~",
        "Print" => " -~",
        "Blank" => r" \t",
        "Cntrl" => r"\x00-\x1F\x7F",
        "XDigit" => "0-9a-fA-F",
        "Space" => r" \t\n\x0B\f\r",
        _ => return None,
    })
}

fn unicode_property(name: &str) -> Result<String, Refusal> {
    let value = match name.split_once('=') {
        Some(("sc" | "script" | "gc" | "general_category" | "IsScript", value)) => value,
        Some(_) => return Err(Refusal::NotSupported(format!("\\p{{{name}}}"))),
        None if name.starts_with("In") || name.starts_with("java") => {
            return Err(Refusal::NotSupported(format!("\\p{{{name}}}")));
        }
        None => name.strip_prefix("Is").unwrap_or(name),
    };
    let is_name = !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_name {
        Ok(format!("\\p{{{value}}}"))
    } else {
        Err(Refusal::Invalid)
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(r"/orders/\d+", "/orders/12", "/orders/x")]
    #[test_case(r"\d", "7", "٣"; "digits are ASCII")]
    #[test_case(r"\Qa.b\E", "A.B", "axb")]
    #[test_case(r"[a-z&&[^bc]]+", "ad", "ab")]
    #[test_case(r"(?!abc).*", "abd", "abc")]
    #[test_case(r"(a|b)\1", "aa", "ab")]
    #[test_case(r"(?<x>.)-\k<x>", "q-q", "q-r")]
    #[test_case(r"a{2,3}", "aaa", "a")]
    #[test_case(r"\p{Lu}x", "ax", "1x")]
    #[test_case(r"\p{Alpha}+", "abc", "a1")]
    #[test_case(r"[\w.-]+@x", "a.b-c@x", "a b@x")]
    #[test_case(r"[\x41\u0042]", "b", "c")]
    #[test_case(r"a\Z", "a", "b")]
    #[test_case(r"(?-i)abc", "abc", "ABC")]
    #[test_case(r"[]a]+", "]a", "b")]
    #[test_case(r"[a\-z]", "-", "b")]
    #[test_case(r"a&b~c#d-e", "a&b~c#d-e", "abcde")]
    #[test_case(r".*\Q[\E.*", "a[b", "ab")]
    fn java_patterns_mean_what_java_means(pattern: &str, matching: &str, other: &str) {
        let regex = JavaRegex::compile(pattern).expect("compiles");
        assert!(regex.is_match(matching), "{regex:?}");
        assert!(!regex.is_match(other), "{regex:?}");
    }

    #[test_case("a++b", "aab"; "possessive")]
    #[test_case("(?>a+)b", "aab"; "atomic")]
    #[test_case("(?<=/)x(?=y)y", "xy"; "look behind finds nothing at the start")]
    fn constructs_beyond_the_common_subset_run_on_the_other_engine(pattern: &str, text: &str) {
        let regex = JavaRegex::compile(pattern).expect("compiles");
        assert!(matches!(regex, JavaRegex::Backtracking(_)));
        assert_eq!(regex.is_match(text), text == "aab");
    }

    #[test_case("{id}"; "brace first")]
    #[test_case("/c/{id}"; "brace after an atom")]
    #[test_case("a**"; "double star")]
    #[test_case("*a"; "star first")]
    #[test_case("(a"; "open group")]
    #[test_case("a)"; "closing only")]
    #[test_case("[a"; "open class")]
    #[test_case(r"\y"; "unknown escape")]
    #[test_case("\\"; "backslash last")]
    fn what_java_does_not_compile_is_no_pattern(pattern: &str) {
        assert_eq!(JavaRegex::compile(pattern).err(), Some(Refusal::Invalid));
    }

    #[test_case(r"\G")]
    #[test_case(r"(?x)")]
    #[test_case(r"\p{InGreek}")]
    fn what_no_engine_can_do_is_named(pattern: &str) {
        assert_eq!(
            JavaRegex::compile(pattern).err(),
            Some(Refusal::NotSupported(pattern.to_owned()))
        );
    }

    #[test]
    fn a_pattern_that_blows_up_is_given_up() {
        let regex = JavaRegex::compile(r"(?=(a+)+b)(a+)+\2c").expect("compiles");
        assert!(!regex.is_match(&"a".repeat(64)));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_translator_panic(pattern in "[\\\\a-c()\\[\\]{}?*+|^$&~0-9pQE<>:=!,. -]{0,24}", text in "[a-c(){}0-9]{0,8}") {
            if let Ok(regex) = JavaRegex::compile(&pattern) {
                let _ = regex.is_match(&text);
            }
        }
    }
}
