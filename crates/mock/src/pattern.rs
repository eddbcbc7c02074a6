//! The string rule of MockServer, the one rule to get exactly right.
//!
//! A pattern matches a text when it is blank, equal ignoring case, or a Java regular expression (dot matches all,
//! case-insensitive) that covers the whole text. A leading `!` negates, a leading `?` makes a key optional.
//! What Java would not compile only matches by equality, and so does a pattern beyond the length limit.

use std::borrow::Cow;
use std::sync::Arc;

use crate::json::Json;
use crate::matcher::JsonSchema;

mod java;
mod replace;

pub(crate) use java::{JavaRegex, Refusal};
pub(crate) use replace::Substitution;

const PATTERN_LENGTH_MAX: usize = 8192;

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    text: String,
    not: bool,
    optional: bool,
    regex: Option<JavaRegex>,
    /// Stands in place of the rule.
    schema: Option<Arc<JsonSchema>>,
}

impl Pattern {
    /// Compiles `written`, with its `!` and `?` in front.
    ///
    /// # Errors
    ///
    /// The name of a construct of Java's regular expressions that is not supported.
    pub(crate) fn compile(written: &str) -> Result<Self, String> {
        let (not, optional, text) = marks(written);
        Self::with_flags(text, not, optional)
    }

    /// Compiles `text` as it stands, without looking for `!` and `?`.
    ///
    /// # Errors
    ///
    /// As [`Pattern::compile`].
    pub(crate) fn with_flags(text: &str, not: bool, optional: bool) -> Result<Self, String> {
        let may_be_regex = text.len() <= PATTERN_LENGTH_MAX && !is_plain(text);
        let regex = if may_be_regex {
            match JavaRegex::compile(text) {
                Ok(regex) => Some(regex),
                Err(Refusal::Invalid) => None,
                Err(Refusal::NotSupported(what)) => {
                    return Err(format!("`{what}` in the regular expression `{text}`"));
                }
            }
        } else {
            None
        };
        Ok(Self {
            text: text.to_owned(),
            not,
            optional,
            regex,
            schema: None,
        })
    }

    /// A pattern that accepts what a JSON Schema accepts. The original keeps a `text` beside it and does not look at it.
    pub(crate) fn with_schema(schema: JsonSchema, text: String, not: bool, optional: bool) -> Self {
        Self {
            text,
            not,
            optional,
            regex: None,
            schema: Some(Arc::new(schema)),
        }
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        self.matches_positive(text) != self.not
    }

    /// Whether the pattern without its `!` matches.
    pub(crate) fn matches_positive(&self, text: &str) -> bool {
        if let Some(schema) = &self.schema {
            return schema.accepts_text(text);
        }
        self.is_blank()
            || equal_ignoring_case(&self.text, text)
            || self
                .regex
                .as_ref()
                .is_some_and(|regex| regex.is_match(text))
    }

    /// Whether this filter meets a stored pattern: one of the two matches the text of the other. A negation on either
    /// side turns the answer round.
    pub(crate) fn meets(&self, stored: &Self) -> bool {
        let met = self.matches_positive(&stored.text)
            || (!stored.is_blank() && stored.matches_positive(&self.text));
        (met != (self.not != stored.not)) || self.is_blank()
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.schema.is_none() && self.text.trim().is_empty()
    }

    /// Whether it is the same key as another, be they optional or not.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let has_schema = self.schema.is_some() || other.schema.is_some();
        !has_schema && self.not == other.not && self.text == other.text
    }

    pub(crate) fn is_not(&self) -> bool {
        self.not
    }

    pub(crate) fn is_optional(&self) -> bool {
        self.optional
    }

    /// The text without `!` and `?`.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The pattern in MockServer's JSON.
    pub(crate) fn written_json(&self) -> Json {
        let Some(schema) = &self.schema else {
            return Json::Text(self.written());
        };
        let mut fields = Vec::new();
        if self.not {
            fields.push(("not", Json::Bool(true)));
        }
        if self.optional {
            fields.push(("optional", Json::Bool(true)));
        }
        if !self.text.is_empty() {
            fields.push(("value", Json::text(&self.text)));
        }
        fields.push(("schema", schema.written().clone()));
        Json::object(fields)
    }

    /// The pattern as MockServer writes it, where it has no schema.
    pub(crate) fn written(&self) -> String {
        let optional = if self.optional { "?" } else { "" };
        let not = if self.not { "!" } else { "" };
        format!("{optional}{not}{}", self.text)
    }

    /// Whether only equality can make it match.
    pub(crate) fn is_literal(&self) -> bool {
        self.regex.is_none() && self.schema.is_none() && !self.not && !self.is_blank()
    }

    /// A beginning that every matching text has, in lower case; empty when there is none to rely on.
    pub(crate) fn literal_beginning(&self) -> String {
        let may_begin_otherwise = self.not || self.is_blank() || self.schema.is_some();
        if may_begin_otherwise || has_top_level_choice(&self.text) {
            return String::new();
        }
        let text = self.text.strip_prefix('^').unwrap_or(&self.text);
        let mut beginning = String::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let may_be_absent = matches!(chars.peek(), Some('*' | '?' | '{'));
            if !c.is_ascii() || is_meta(c) || may_be_absent {
                break;
            }
            beginning.push(c.to_ascii_lowercase());
        }
        beginning
    }
}

/// Equality of the string rule.
pub(crate) fn equal_ignoring_case(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right)
        || (!(left.is_ascii() && right.is_ascii()) && left.to_lowercase() == right.to_lowercase())
}

/// The text in lower case, borrowed when it is so already.
pub(crate) fn folded(text: &str) -> Cow<'_, str> {
    if text
        .bytes()
        .any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii())
    {
        Cow::Owned(text.to_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// Splits `!`, `?`, `!?` or `?!` from a text: whether it is notted, whether it is optional, and the rest.
pub(crate) fn marks(written: &str) -> (bool, bool, &str) {
    if let Some(rest) = written
        .strip_prefix("?!")
        .or_else(|| written.strip_prefix("!?"))
    {
        (true, true, rest)
    } else if let Some(rest) = written.strip_prefix('!') {
        (true, false, rest)
    } else if let Some(rest) = written.strip_prefix('?') {
        (false, true, rest)
    } else {
        (false, false, written)
    }
}

fn is_meta(c: char) -> bool {
    matches!(
        c,
        '\\' | '^' | '$' | '.' | '|' | '?' | '*' | '+' | '(' | ')' | '[' | ']' | '{' | '}'
    )
}

fn is_plain(text: &str) -> bool {
    !text.chars().any(is_meta)
}

/// Whether a `|` may stand outside all groups. Errs towards yes.
fn has_top_level_choice(text: &str) -> bool {
    if text.contains(['\\', '[']) {
        return text.contains('|');
    }
    let mut depth = 0_usize;
    text.chars().any(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == '|' && depth == 0
    })
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("/a.c", "/abc", true; "a dot is a pattern")]
    #[test_case("/A.C", "/a.c", true; "equality ignores case")]
    #[test_case("a+b(c)", "a+b(c)", true; "a pattern equals itself")]
    #[test_case("a+b(c)", "aabc", true; "and matches as pattern")]
    #[test_case("[A-Z]+", "abc", true; "patterns ignore case")]
    #[test_case("/some", "/some/more", false; "the whole text counts")]
    #[test_case("/c/{id}", "/c/{id}", true; "an invalid pattern equals itself")]
    #[test_case("/c/{id}", "/c/12", false; "and nothing else")]
    #[test_case("", "anything", true; "blank matches all")]
    #[test_case("!a", "b", true; "a notted value")]
    #[test_case("!a", "A", false; "a notted value ignores case")]
    #[test_case("a.c", "a\nc", true; "the dot matches line ends")]
    #[test_case("ärger", "ÄRGER", true; "case folds beyond ASCII")]
    fn the_string_rule(pattern: &str, text: &str, expected: bool) {
        let pattern = Pattern::compile(pattern).expect("supported");
        assert_eq!(pattern.matches(text), expected);
    }

    #[test_case("/orders/[0-9]+", "/orders/")]
    #[test_case("/a/b*", "/a/")]
    #[test_case("/a/b+", "/a/b")]
    #[test_case("/a|/b", "")]
    #[test_case("/a(b|c)", "/a")]
    #[test_case("^/Api/.*", "/api/")]
    #[test_case("!/a", "")]
    fn the_literal_beginning(pattern: &str, expected: &str) {
        let pattern = Pattern::compile(pattern).expect("supported");
        assert_eq!(pattern.literal_beginning(), expected);
    }
}
