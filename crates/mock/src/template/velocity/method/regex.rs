//! Regular expressions in methods of texts. They run in linear time; what needs backtracking is refused.

use regex::{Regex, RegexBuilder};

use crate::template::TemplateError;

const COMPILED_BYTES_MAX: usize = 1 << 20;
const PATTERN_BYTES_MAX: usize = 8192;

pub(super) fn compile(pattern: &str) -> Result<Regex, TemplateError> {
    let refused = || {
        TemplateError::Failed(format!(
            "the regular expression `{pattern}` is not valid, or needs what is not supported"
        ))
    };
    if pattern.len() > PATTERN_BYTES_MAX {
        return Err(refused());
    }
    let regex = RegexBuilder::new(pattern)
        .size_limit(COMPILED_BYTES_MAX)
        .build();
    regex.map_err(|_not_compiled| refused())
}

/// Replaces up to `limit` matches.
pub(super) fn replace(
    text: &str,
    pattern: &str,
    to: &str,
    limit: usize,
) -> Result<String, TemplateError> {
    let regex = compile(pattern)?;
    let to = replacement(to);
    let mut out = String::new();
    let mut end = 0;
    for found in regex.captures_iter(text).take(limit) {
        let Some(whole) = found.get(0) else {
            break;
        };
        out.push_str(&text[end..whole.start()]);
        found.expand(&to, &mut out);
        end = whole.end();
        if out.len() > super::super::value::TEXT_BYTES_MAX {
            return Err(TemplateError::Limit("a text grew too long".to_owned()));
        }
    }
    out.push_str(&text[end..]);
    Ok(out)
}

/// Java's `$1` and `\$` in the form of the `regex` crate.
fn replacement(java: &str) -> String {
    let mut out = String::new();
    let mut chars = java.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('$') => out.push_str("$$"),
                Some(escaped) => out.push(escaped),
                None => {}
            },
            '$' => match chars.next_if(char::is_ascii_digit) {
                Some(digit) => {
                    out.push_str("${");
                    out.push(digit);
                    out.push('}');
                }
                None => out.push('$'),
            },
            c => out.push(c),
        }
    }
    out
}

/// Java's `split`: without limit, empty pieces at the end are left out.
pub(super) fn split<'t>(
    text: &'t str,
    pattern: &str,
    limit: i128,
) -> Result<Vec<&'t str>, TemplateError> {
    let regex = compile(pattern)?;
    let most = usize::try_from(limit).ok().filter(|most| *most > 0);
    let mut pieces = Vec::new();
    let mut start = 0;
    for found in regex.find_iter(text) {
        if most.is_some_and(|most| pieces.len() + 1 >= most) {
            break;
        }
        let is_empty_at_edge =
            found.is_empty() && (found.start() == 0 || found.end() == text.len());
        if is_empty_at_edge {
            continue;
        }
        pieces.push(&text[start..found.start()]);
        start = found.end();
    }
    pieces.push(&text[start..]);
    if limit == 0 && pieces.len() > 1 {
        while pieces.last().is_some_and(|piece| piece.is_empty()) {
            pieces.pop();
        }
    }
    Ok(pieces)
}
