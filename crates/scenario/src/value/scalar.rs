//! Finds `$name`, `${…}` and `$$` in the text of a scalar.

use std::ops::Range;

/// What a scalar's text consists of.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    /// Nothing to replace; `$$` has become `$`.
    Plain(String),
    /// Exactly `$name` or `$name.field`: the dotted path stands at this range.
    Name(Range<usize>),
    /// Exactly `${…}`: the expression stands at this range.
    Expression(Range<usize>),
    /// Text with expressions inside.
    Mixed(Vec<Piece>),
}

/// A part of a mixed text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Expression(Range<usize>),
}

/// A `${` that is never closed, or that holds nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadHole {
    pub(super) range: Range<usize>,
    pub(super) message: &'static str,
}

pub(super) fn scan(text: &str) -> Result<Scalar, BadHole> {
    if !text.contains('$') {
        return Ok(Scalar::Plain(text.to_owned()));
    }
    if let Some(path) = text.strip_prefix('$')
        && is_dotted_path(path)
    {
        return Ok(Scalar::Name(1..text.len()));
    }
    let mut pieces = pieces(text)?;
    Ok(match pieces.as_mut_slice() {
        [] => Scalar::Plain(String::new()),
        [Piece::Text(plain)] => Scalar::Plain(std::mem::take(plain)),
        [Piece::Expression(range)] => Scalar::Expression(range.clone()),
        _ => Scalar::Mixed(pieces),
    })
}

/// `name`, `name.field`, `name.field.other`.
pub(super) fn is_dotted_path(text: &str) -> bool {
    text.split('.').all(is_name)
}

pub(super) fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn pieces(text: &str) -> Result<Vec<Piece>, BadHole> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find('$')) {
        let dollar = at + found;
        plain.push_str(&text[at..dollar]);
        let after = &text[dollar + 1..];
        if after.starts_with('$') {
            plain.push('$');
            at = dollar + 2;
        } else if after.starts_with('{') {
            let inner = hole(text, dollar)?;
            at = inner.end + 1;
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(Piece::Expression(inner));
        } else {
            plain.push('$');
            at = dollar + 1;
        }
    }
    plain.push_str(text.get(at..).unwrap_or_default());
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    Ok(pieces)
}

/// The range inside `${…}` that begins at `dollar`. Braces may nest, and text in quotes is skipped.
fn hole(text: &str, dollar: usize) -> Result<Range<usize>, BadHole> {
    let start = dollar + 2;
    let mut depth = 0_usize;
    let mut quote = None;
    let mut is_escaped = false;
    for (offset, c) in text[start..].char_indices() {
        match (quote, c) {
            (Some(_), _) if is_escaped => is_escaped = false,
            (Some(_), '\\') => is_escaped = true,
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') if depth > 0 => depth -= 1,
            (None, '}') => {
                let range = start..start + offset;
                if text[range.clone()].trim().is_empty() {
                    return Err(BadHole {
                        range: dollar..start + offset + 1,
                        message: "`${}` is empty: it needs an expression; `$${` is a plain `${`",
                    });
                }
                return Ok(range);
            }
            _ => {}
        }
    }
    Err(BadHole {
        range: dollar..text.len(),
        message: "`${` is never closed: a `}` is missing; `$${` is a plain `${`",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("$name", Scalar::Name(1..5))]
    #[test_case("$buyer.email", Scalar::Name(1..12))]
    #[test_case("${a + 1}", Scalar::Expression(2..7))]
    #[test_case("${ {'a': '}'}['a'] }", Scalar::Expression(2..19); "braces and quotes inside")]
    #[test_case("$1", Scalar::Plain("$1".to_owned()); "a number is no name")]
    #[test_case("$.x", Scalar::Plain("$.x".to_owned()); "a path is no name")]
    #[test_case("$[0]", Scalar::Plain("$[0]".to_owned()); "an index is no name")]
    #[test_case("a$name", Scalar::Plain("a$name".to_owned()); "a name inside text stays")]
    #[test_case("$$name", Scalar::Plain("$name".to_owned()); "a doubled dollar is one")]
    #[test_case("$${x}", Scalar::Plain("${x}".to_owned()); "an escaped hole")]
    #[test_case("^a$", Scalar::Plain("^a$".to_owned()); "a dollar at the end")]
    fn scalars_are_told_apart(text: &str, expected: Scalar) {
        assert_eq!(scan(text), Ok(expected));
    }

    #[test]
    fn text_around_expressions_is_kept() {
        let expected = vec![
            Piece::Text("/api/".to_owned()),
            Piece::Expression(7..9),
            Piece::Text("/$".to_owned()),
            Piece::Expression(15..16),
        ];
        assert_eq!(scan("/api/${id}/$$${x}"), Ok(Scalar::Mixed(expected)));
    }

    #[test_case("a ${b", 2..5)]
    #[test_case("${ }", 0..4)]
    fn broken_holes_are_pointed_at(text: &str, expected: Range<usize>) {
        assert_eq!(scan(text).expect_err("broken").range, expected);
    }
}
