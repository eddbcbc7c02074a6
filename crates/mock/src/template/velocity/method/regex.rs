//! Regular expressions in methods of texts. They run in linear time; what needs backtracking is refused.

use regex::{Regex, RegexBuilder};

use super::super::render::push;
use crate::template::TemplateError;

const COMPILED_BYTES_MAX: usize = 1 << 20;
const PATTERN_BYTES_MAX: usize = 1000;
const PIECES_MAX: usize = 1_000_000;

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
    let parts = parts(to);
    let mut out = String::new();
    let mut end = 0;
    for found in regex.captures_iter(text).take(limit) {
        let Some(whole) = found.get(0) else {
            break;
        };
        push(&mut out, &text[end..whole.start()])?;
        for part in &parts {
            match part {
                Part::Text(text) => push(&mut out, text)?,
                Part::Group(number) => {
                    push(
                        &mut out,
                        found.get(*number).map_or("", |group| group.as_str()),
                    )?;
                }
            }
        }
        end = whole.end();
    }
    push(&mut out, &text[end..])?;
    Ok(out)
}

/// A piece of a replacement.
enum Part {
    Text(String),
    Group(usize),
}

/// Reads Java's `$1` and `\$`.
fn parts(java: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut chars = java.chars().peekable();
    while let Some(c) = chars.next() {
        let digit = match (c, chars.peek()) {
            ('$', Some(digit)) => digit.to_digit(10),
            _ => None,
        };
        if let Some(digit) = digit.and_then(|digit| usize::try_from(digit).ok()) {
            chars.next();
            parts.push(Part::Text(std::mem::take(&mut text)));
            parts.push(Part::Group(digit));
        } else if c == '\\' {
            text.extend(chars.next());
        } else {
            text.push(c);
        }
    }
    parts.push(Part::Text(text));
    parts
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
        if pieces.len() == PIECES_MAX {
            return Err(TemplateError::Limit(format!(
                "a text was split into more than {PIECES_MAX} pieces"
            )));
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
