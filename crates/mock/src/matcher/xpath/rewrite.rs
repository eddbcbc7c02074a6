//! What is changed in the text of an expression before the library compiles it.

use super::functions::{COUNT, PLAIN};

const NESTING_MAX: usize = 50;

/// A prefix in the expression that `prefixes` does not give. The library would panic at it.
pub(super) fn unknown_prefix(text: &str, prefixes: &[(String, String)]) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut quote = None;
    for (at, &c) in chars.iter().enumerate() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, ':') => {
                let is_axis =
                    chars.get(at + 1) == Some(&':') || (at > 0 && chars.get(at - 1) == Some(&':'));
                if is_axis {
                    continue;
                }
                let before = chars[..at].iter().rev();
                let name: Vec<char> = before
                    .skip_while(|c| c.is_whitespace())
                    .take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
                    .copied()
                    .collect();
                let name: String = name.into_iter().rev().collect();
                if !prefixes.iter().any(|(prefix, _)| *prefix == name) {
                    return Some(name);
                }
            }
            _ => {}
        }
    }
    None
}

/// The expression with the counting function around each predicate.
pub(super) fn counted(text: &str) -> Result<String, String> {
    let mut out = String::with_capacity(text.len() + 32);
    let mut quote = None;
    let mut nesting = 0_usize;
    for c in text.chars() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, '[' | '(') => nesting += 1,
            (None, ']' | ')') => nesting = nesting.saturating_sub(1),
            _ => {}
        }
        if nesting > NESTING_MAX {
            return Err(format!("more than {NESTING_MAX} levels of nesting"));
        }
        match (quote, c) {
            (None, '[') => {
                out.push('[');
                out.push_str(COUNT);
                out.push('(');
            }
            (None, ']') => out.push_str(")]"),
            _ => out.push(c),
        }
    }
    Ok(out)
}

/// The expression as it looks at documents without namespaces: names match by their part behind the colon, but in the
/// original the name at the end of a path that begins with `//` is the whole name as it is written.
pub(super) fn with_plain_names(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut quote = None;
    let mut copied = 0;
    for at in 0..chars.len() {
        match (quote, chars[at]) {
            (None, c @ ('\'' | '"')) => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, '/') if chars.get(at + 1) == Some(&'/') && begins_path(&chars[..at]) => {
                if let Some(end) = end_of_only_name(&chars, at + 2) {
                    out.extend(&chars[copied..end]);
                    out.push_str(&format!("[{PLAIN}()]"));
                    copied = end;
                }
            }
            _ => {}
        }
    }
    out.extend(&chars[copied..]);
    out
}

/// Whether a path begins behind these characters, perhaps with `.`.
fn begins_path(before: &[char]) -> bool {
    let before = trimmed(before);
    let before = match before.split_last() {
        Some(('.', rest)) if rest.last() != Some(&'.') => trimmed(rest),
        _ => before,
    };
    let word = before.iter().rev().take_while(|c| is_name(**c)).count();
    if word > 0 {
        let word: String = before[before.len() - word..].iter().collect();
        return matches!(&*word, "and" | "or" | "div" | "mod");
    }
    !matches!(before.last(), Some('/' | ']' | ')' | '*' | ':' | '@'))
}

fn trimmed(chars: &[char]) -> &[char] {
    let blanks = chars.iter().rev().take_while(|c| c.is_whitespace()).count();
    &chars[..chars.len() - blanks]
}

/// The end of the name that stands at `at`, when the path has no further step and asks for no position.
fn end_of_only_name(chars: &[char], at: usize) -> Option<usize> {
    let skip_blanks = |at: usize| at + chars[at..].iter().take_while(|c| c.is_whitespace()).count();
    let start = skip_blanks(at);
    let end = start + chars[start..].iter().take_while(|c| is_name(**c)).count();
    if end == start || chars[start].is_ascii_digit() {
        return None;
    }
    let mut next = skip_blanks(end);
    while chars.get(next) == Some(&'[') {
        let closing = next + closing_bracket(&chars[next..])?;
        let predicate: String = chars[next + 1..closing].iter().collect();
        let is_position = predicate.trim().parse::<f64>().is_ok()
            || predicate.contains("position()")
            || predicate.contains("last()");
        if is_position {
            return None;
        }
        next = skip_blanks(closing + 1);
    }
    (!matches!(chars.get(next), Some('/' | ':' | '('))).then_some(end)
}

/// The place of the bracket that closes the one in front.
fn closing_bracket(chars: &[char]) -> Option<usize> {
    let mut quote = None;
    let mut open = 0_usize;
    for (at, &c) in chars.iter().enumerate() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(mark), c) if mark == c => quote = None,
            (None, '[') => open += 1,
            (None, ']') if open == 1 => return Some(at),
            (None, ']') => open -= 1,
            _ => {}
        }
    }
    None
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("//a", "//a#")]
    #[test_case(".//a", ".//a#")]
    #[test_case("count( // a )", "count( // a# )")]
    #[test_case("//a and //b", "//a# and //b#")]
    #[test_case("//a[b=1]", "//a#[b=1]")]
    #[test_case("//a[.//b = ']']", "//a#[.//b# = ']']")]
    #[test_case("//a/b", "//a/b")]
    #[test_case("//a[1]", "//a[1]")]
    #[test_case("//a[last()]", "//a[last()]")]
    #[test_case("/r//a", "/r//a")]
    #[test_case("r//a", "r//a")]
    #[test_case("..//a", "..//a")]
    #[test_case("//text()", "//text()")]
    #[test_case("//self::a", "//self::a")]
    #[test_case("//*", "//*")]
    #[test_case("//@a", "//@a")]
    #[test_case("'//a'", "'//a'")]
    #[test_case("//a[", "//a[")]
    #[test_case("//", "//")]
    fn only_single_names_are_plain(text: &str, expected: &str) {
        let expected = expected.replace('#', &format!("[{PLAIN}()]"));
        assert_eq!(with_plain_names(text), expected);
    }
}
