//! Replacing what a Java regular expression finds (`String.replaceAll`): `$1` and `${name}` stand for groups, a backslash
//! takes the next character as it is.

use super::Refusal;
use super::java::translated;

const STEPS_MAX: usize = 1_000_000;
/// What a text may grow to.
const OUTPUT_BYTES_MAX: usize = 1 << 20;

/// A pattern and what to put in its place.
#[derive(Clone, Debug)]
pub(crate) struct Substitution {
    regex: fancy_regex::Regex,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Group(usize),
    Named(String),
}

impl Substitution {
    /// Compiles both.
    ///
    /// # Errors
    ///
    /// What Java would object to, or what is not supported.
    pub(crate) fn compile(pattern: &str, replacement: &str) -> Result<Self, String> {
        let refused = |refusal| match refusal {
            Refusal::Invalid => format!("`{pattern}` is no regular expression"),
            Refusal::NotSupported(what) => {
                format!("`{what}` in the regular expression `{pattern}` is not supported")
            }
        };
        let (translated, _backtracking) = translated(pattern).map_err(refused)?;
        let regex = fancy_regex::RegexBuilder::new(&translated)
            .backtrack_limit(STEPS_MAX)
            .build()
            .map_err(|_not_compiled| refused(Refusal::Invalid))?;
        let parts = parts(replacement)?;
        let groups = regex.captures_len();
        let missing = parts.iter().find_map(|part| match part {
            Part::Group(number) if *number >= groups => Some(format!("${number}")),
            Part::Named(name) if !regex.capture_names().flatten().any(|known| known == name) => {
                Some(format!("${{{name}}}"))
            }
            _ => None,
        });
        match missing {
            Some(missing) => Err(format!(
                "the regular expression `{pattern}` has no group {missing}"
            )),
            None => Ok(Self { regex, parts }),
        }
    }

    /// The text with every match replaced.
    ///
    /// # Errors
    ///
    /// When the pattern takes too many steps, or the text grows too large.
    pub(crate) fn apply(&self, text: &str) -> Result<String, String> {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for found in self.regex.captures_iter(text) {
            let found =
                found.map_err(|error| format!("the regular expression was given up: {error}"))?;
            let Some(whole) = found.get(0) else { continue };
            out.push_str(&text[at..whole.start()]);
            at = whole.end();
            for part in &self.parts {
                match part {
                    Part::Text(text) => out.push_str(text),
                    Part::Group(number) => {
                        out.push_str(found.get(*number).map_or("", |group| group.as_str()));
                    }
                    Part::Named(name) => {
                        out.push_str(found.name(name).map_or("", |group| group.as_str()));
                    }
                }
            }
            if out.len() > OUTPUT_BYTES_MAX {
                return Err(format!(
                    "the replacement makes the text longer than {OUTPUT_BYTES_MAX} bytes"
                ));
            }
        }
        out.push_str(&text[at..]);
        Ok(out)
    }
}

fn parts(replacement: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut chars = replacement.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(next) => text.push(next),
                None => return Err("the replacement ends with a backslash".to_owned()),
            },
            '$' => {
                parts.push(Part::Text(std::mem::take(&mut text)));
                if chars.next_if_eq(&'{').is_some() {
                    let name: String = chars.by_ref().take_while(|c| *c != '}').collect();
                    parts.push(Part::Named(name));
                } else {
                    let digit = chars.next().and_then(|c| c.to_digit(10));
                    let digit = digit.ok_or_else(|| {
                        "`$` in a replacement names a group: `$1`; write `\\$` for the sign"
                            .to_owned()
                    })?;
                    parts.push(Part::Group(digit as usize));
                }
            }
            c => text.push(c),
        }
    }
    parts.push(Part::Text(text));
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("^/(.+)/(.+)$", "/p/$1/x/$2", "/lead/o2", Ok("/p/lead/x/o2"); "groups")]
    #[test_case("a", "b", "banana", Ok("bbnbnb"); "every match")]
    #[test_case("(?<x>a)", "${x}\\$", "a", Ok("a$"); "a name and an escape")]
    #[test_case("A", "b", "a", Ok("a"); "case matters")]
    fn matches_are_replaced(
        pattern: &str,
        replacement: &str,
        text: &str,
        expected: Result<&str, ()>,
    ) {
        let substitution = Substitution::compile(pattern, replacement).expect("valid");
        assert_eq!(
            substitution.apply(text).map_err(|_| ()),
            expected.map(str::to_owned)
        );
    }

    #[test_case("(", "x"; "no pattern")]
    #[test_case("a", "$1"; "no such group")]
    #[test_case("a", "$"; "a lonely sign")]
    fn what_is_wrong_is_said(pattern: &str, replacement: &str) {
        assert!(Substitution::compile(pattern, replacement).is_err());
    }
}
