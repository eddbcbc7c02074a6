//! `regex`: Java's regular expressions, searched for anywhere in a text.

use crate::json::Json;
use crate::pattern::{JavaRegex, Refusal};

use super::super::OUTPUT_BYTES_MAX;
use super::arguments::{int, texts};
use super::{Called, too_long};

pub(super) fn call(method: &str, arguments: &[Json]) -> Called {
    if let ("group", [text @ .., group]) = (method, arguments)
        && text.len() == 2
    {
        let (text, group) = (texts(text)?, int(group)?);
        return Some(self::group(text[0].zip(text[1]), group).map(Json::Text));
    }
    let arguments = texts(arguments)?;
    match (method, arguments.as_slice()) {
        ("matches", [Some(text), Some(pattern)]) => {
            let found = compiled(pattern).and_then(|regex| regex.groups_from(text, 0));
            Some(found.map(|found| Json::Bool(found.is_some())))
        }
        ("matches", [_, _]) => Some(Ok(Json::Bool(false))),
        ("replaceAll", [Some(text), Some(pattern), Some(by)]) => {
            Some(replace_all(text, pattern, by).map(Json::Text))
        }
        ("replaceAll", [text, _, _]) => Some(Ok(Json::text(text.unwrap_or_default()))),
        _ => None,
    }
}

fn compiled(pattern: &str) -> Result<JavaRegex, String> {
    JavaRegex::searching(pattern).map_err(|refusal| match refusal {
        Refusal::Invalid => format!("`{pattern}` is no regular expression"),
        Refusal::NotSupported(what) => format!("`{what}` is not supported in regular expressions"),
    })
}

/// A group of the first match; empty when there is none.
fn group(text_and_pattern: Option<(&str, &str)>, group: i32) -> Result<String, String> {
    let Some((text, pattern)) = text_and_pattern else {
        return Ok(String::new());
    };
    let groups = compiled(pattern)?.groups_from(text, 0)?.unwrap_or_default();
    let range = usize::try_from(group)
        .ok()
        .and_then(|group| groups.get(group).copied().flatten());
    Ok(range.map_or(String::new(), |(start, end)| text[start..end].to_owned()))
}

fn replace_all(text: &str, pattern: &str, by: &str) -> Result<String, String> {
    let regex = compiled(pattern)?;
    let mut out = String::new();
    let (mut copied, mut from) = (0, 0);
    while let Some(groups) = regex.groups_from(text, from)? {
        let Some(Some((start, end))) = groups.first().copied() else {
            break;
        };
        out.push_str(&text[copied..start]);
        push_replacement(&mut out, text, by, &regex, &groups)?;
        copied = end;
        if out.len() > OUTPUT_BYTES_MAX {
            return Err(too_long());
        }
        from = if end > start {
            end
        } else {
            match text[end..].chars().next() {
                Some(next) => end + next.len_utf8(),
                None => break,
            }
        };
    }
    out.push_str(&text[copied..]);
    Ok(out)
}

/// `$1` and `${name}` stand for groups, a backslash for the next character as it is.
fn push_replacement(
    out: &mut String,
    text: &str,
    by: &str,
    regex: &JavaRegex,
    groups: &[Option<(usize, usize)>],
) -> Result<(), String> {
    let mut rest = by.chars().peekable();
    while let Some(c) = rest.next() {
        let group = match c {
            '\\' => {
                out.push(rest.next().ok_or("a backslash before nothing")?);
                continue;
            }
            '$' if rest.next_if_eq(&'{').is_some() => {
                let name: String = std::iter::from_fn(|| rest.next_if(|c| *c != '}')).collect();
                rest.next().ok_or("a group name without end")?;
                regex
                    .group_named(&name)
                    .ok_or_else(|| format!("no group {name}"))?
            }
            '$' => {
                let first = rest.next().and_then(|c| c.to_digit(10));
                let mut group = first.ok_or("a `$` without a group")? as usize;
                // More digits belong to it as long as there is such a group.
                while let Some(digit) = rest.peek().and_then(|c| c.to_digit(10)) {
                    let longer = group * 10 + digit as usize;
                    if longer >= groups.len() {
                        break;
                    }
                    group = longer;
                    rest.next();
                }
                group
            }
            other => {
                out.push(other);
                continue;
            }
        };
        match groups.get(group) {
            Some(Some((start, end))) => out.push_str(&text[*start..*end]),
            Some(None) => {}
            None => return Err(format!("no group {group}")),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn of(method: &str, arguments: &[&str]) -> Called {
        let arguments: Vec<_> = arguments.iter().map(|text| Json::text(*text)).collect();
        call(method, &arguments)
    }

    #[test_case("abcabc", "b(c)", "[$1]", "a[c]a[c]")]
    #[test_case("aXb", "(?<n>X)", "<${n}>", "a<X>b")]
    #[test_case("aXb", "X", "a\\b\\\\", "aab\\b")]
    #[test_case("aXbX", "X", "\\$", "a$b$")]
    #[test_case("abc", "(b)", "$11$1", "ab1bc")]
    #[test_case("abc", "x*", "-", "-a-b-c-")]
    #[test_case("a\nb", "a.b", "-", "a\nb"; "the dot stays in its line")]
    #[test_case("a\nb", "^", "-", "-a\nb")]
    #[test_case("ABC", "b", "-", "ABC"; "case matters")]
    #[test_case("a1b22", "(?<=[a-z])\\d+", "#", "a#b#"; "look behind")]
    #[test_case("żółw", "[żw]", "-", "-ół-")]
    fn all_matches_are_replaced(text: &str, pattern: &str, by: &str, expected: &str) {
        let result = of("replaceAll", &[text, pattern, by]);
        assert_eq!(result, Some(Ok(Json::text(expected))));
    }

    #[test_case("abc", "b", true)]
    #[test_case("abc", "a.c", true)]
    #[test_case("ABC", "a.c", false)]
    #[test_case("abc", "^b", false)]
    fn matches_searches(text: &str, pattern: &str, expected: bool) {
        assert_eq!(
            of("matches", &[text, pattern]),
            Some(Ok(Json::Bool(expected)))
        );
    }

    #[test_case("order-42-x", r"(\d+)-(x)", 1, "42")]
    #[test_case("a42", r"(\d+)", 0, "42")]
    #[test_case("abc", "z", 0, "")]
    #[test_case("a", "(a)", 5, "")]
    #[test_case("ab", "(a)|(x)", 2, "")]
    #[test_case("abc", "b", -1, "")]
    fn groups_are_those_of_the_first_match(text: &str, pattern: &str, group: i32, expected: &str) {
        let arguments = [Json::text(text), Json::text(pattern), Json::number(group)];
        assert_eq!(call("group", &arguments), Some(Ok(Json::text(expected))));
    }

    #[test_case("matches", &["a", "("])]
    #[test_case("replaceAll", &["aXb", "X", "$"])]
    #[test_case("replaceAll", &["aXb", "X", "$3"])]
    #[test_case("replaceAll", &["aXb", "X", "\\"])]
    fn what_java_refuses_is_an_error(method: &str, arguments: &[&str]) {
        assert!(matches!(of(method, arguments), Some(Err(_))));
    }
}
