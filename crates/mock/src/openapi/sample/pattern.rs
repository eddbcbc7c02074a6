//! A short text that a regular expression matches: the first alternative, the fewest repetitions.

use std::ops::RangeInclusive;

/// The longest pattern that is looked at.
const PATTERN_MAX: usize = 512;

/// The longest text that is made.
const TEXT_MAX: usize = 1024;

/// The deepest nesting of groups.
const DEPTH_MAX: usize = 16;

const COMPILED_BYTES_MAX: usize = 1 << 20;

/// Characters to choose from, the plainest first.
const CHOICES: [RangeInclusive<char>; 4] = ['a'..='z', '0'..='9', 'A'..='Z', ' '..='~'];

/// A text that matches; `None` when the pattern asks for more than this maker knows.
pub(super) fn sample(pattern: &str) -> Option<String> {
    if pattern.len() > PATTERN_MAX {
        return None;
    }
    let whole = compile(pattern)?;
    let mut maker = Maker {
        pattern,
        at: 0,
        depth: 0,
    };
    let text = maker.alternatives()?;
    (maker.at == pattern.len() && whole.is_match(&text)).then_some(text)
}

fn compile(pattern: &str) -> Option<regex::Regex> {
    regex::RegexBuilder::new(pattern)
        .size_limit(COMPILED_BYTES_MAX)
        .build()
        .ok()
}

struct Maker<'a> {
    pattern: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Maker<'a> {
    fn rest(&self) -> &'a str {
        self.pattern.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    /// A text for the first of the alternatives; the others are read over.
    fn alternatives(&mut self) -> Option<String> {
        let first = self.sequence()?;
        while self.skip("|") {
            self.sequence()?;
        }
        Some(first)
    }

    fn sequence(&mut self) -> Option<String> {
        let mut text = String::new();
        while let Some(c) = self.peek().filter(|c| !matches!(c, '|' | ')')) {
            let part = self.atom(c)?;
            let count = self.repetitions()?;
            if text.len() + part.len().saturating_mul(count) > TEXT_MAX {
                return None;
            }
            text.push_str(&part.repeat(count));
        }
        Some(text)
    }

    fn atom(&mut self, c: char) -> Option<String> {
        match c {
            '^' | '$' => {
                self.at += 1;
                Some(String::new())
            }
            '(' => self.group(),
            '[' => {
                let length = class_length(self.rest())?;
                self.one_of(length)
            }
            '\\' => {
                let escaped = self.rest().chars().nth(1)?;
                if matches!(escaped, 'b' | 'A' | 'z') {
                    self.at += 2;
                    return Some(String::new());
                }
                let is_property = matches!(escaped, 'p' | 'P' | 'x' | 'u');
                let braces = self.rest().get(2..).filter(|rest| rest.starts_with('{'));
                let length = match braces.and_then(|rest| rest.find('}')) {
                    Some(end) if is_property => 2 + end + 1,
                    _ => 1 + escaped.len_utf8(),
                };
                self.one_of(length)
            }
            '.' => self.one_of(1),
            c => {
                self.at += c.len_utf8();
                Some(c.to_string())
            }
        }
    }

    fn group(&mut self) -> Option<String> {
        self.at += 1;
        if self.skip("?") && !self.skip(":") {
            let named = self.skip("P<") || self.skip("<");
            let end = self.rest().find('>').filter(|_| named)?;
            self.at += end + 1;
        }
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return None;
        }
        let text = self.alternatives()?;
        self.depth -= 1;
        self.skip(")").then_some(text)
    }

    /// The plainest character that the next `length` bytes of the pattern match.
    fn one_of(&mut self, length: usize) -> Option<String> {
        let part = self.rest().get(..length)?;
        self.at += length;
        let regex = compile(&format!("^(?:{part})$"))?;
        let mut buffer = [0; 4];
        let choice = CHOICES
            .into_iter()
            .flatten()
            .find(|c| regex.is_match(c.encode_utf8(&mut buffer)))?;
        Some(choice.to_string())
    }

    /// How often the atom before stands at least.
    fn repetitions(&mut self) -> Option<usize> {
        let count = match self.peek() {
            Some('*' | '?') => {
                self.at += 1;
                0
            }
            Some('+') => {
                self.at += 1;
                1
            }
            Some('{') => {
                let end = self.rest().find('}')?;
                let bounds = self.rest().get(1..end)?;
                self.at += end + 1;
                let least = bounds.split_once(',').map_or(bounds, |(least, _)| least);
                least.trim().parse().ok()?
            }
            _ => return Some(1),
        };
        // Lazy or possessive: the same text.
        let _ = self.skip("?") || self.skip("+");
        Some(count)
    }
}

/// The length of the character class that begins the text.
fn class_length(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => depth += 1,
            ']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("^[a-z]{3}$", Some("aaa"); "a class")]
    #[test_case(r"^\d{3}-[A-Z]+$", Some("000-A"); "digits")]
    #[test_case("^(foo|bar)s?$", Some("foo"); "alternatives")]
    #[test_case(r"^\+?[1-9]\d{1,14}$", Some("10"); "a telephone number")]
    #[test_case(r"^[^@\s]+@example\.com$", Some("a@example.com"); "a negated class")]
    #[test_case(r"(?:ab){2}(?<x>c)", Some("ababc"); "groups")]
    #[test_case(r"^\p{L}$", Some("a"); "a property")]
    #[test_case("äö", Some("äö"); "other letters")]
    #[test_case("[", None; "no pattern")]
    #[test_case("(?=a)b", None; "look ahead")]
    #[test_case("a{2000}", None; "too long")]
    #[test_case("", Some(""); "nothing")]
    fn the_sample_matches(pattern: &str, expected: Option<&str>) {
        assert_eq!(sample(pattern).as_deref(), expected);
    }
}
