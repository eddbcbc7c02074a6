//! JSONPath after RFC 9535, behind a type of our own.

use std::borrow::Cow;

use serde_json::Value;
use styk_core::Diagnostic;

use crate::Span;
use crate::codes::code;

/// A compiled path.
#[derive(Clone, Debug)]
pub struct JsonPath {
    text: String,
    span: Span,
    path: serde_json_path::JsonPath,
    is_singular: bool,
}

/// What a path found.
#[derive(Clone, Debug, PartialEq)]
pub enum Selected<'a> {
    /// A singular path: the one value, or nothing.
    One(Option<&'a Value>),
    /// Any other path: all values, possibly none.
    Many(Vec<&'a Value>),
}

impl JsonPath {
    /// Compiles `text`, which stands at `span`.
    ///
    /// # Errors
    /// A diagnostic that points at the character where the path stops making sense.
    pub fn compile(text: &str, span: &Span) -> Result<Self, Diagnostic> {
        let path = serde_json_path::JsonPath::parse(text).map_err(|error| {
            // The position counts characters from 1.
            let start = text
                .char_indices()
                .nth(error.position().saturating_sub(1))
                .map_or(0, |(at, _)| at);
            let place = span.part(text, start..text.len());
            let message = format!("`{text}` is no JSONPath: {}", error.message());
            let diagnostic = place.error(code::JSON_PATH, message);
            match advice(text) {
                Some(advice) => diagnostic.help(advice),
                None => diagnostic,
            }
        })?;
        Ok(Self {
            text: text.to_owned(),
            span: span.clone(),
            path,
            is_singular: is_singular(text),
        })
    }

    /// Whether the path can find one value at most (RFC 9535, section 2.3.5.1).
    #[must_use]
    pub fn is_singular(&self) -> bool {
        self.is_singular
    }

    /// The path as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> &Span {
        &self.span
    }

    /// What it finds in a value.
    #[must_use]
    pub fn query<'a>(&self, value: &'a Value) -> Selected<'a> {
        let nodes = self.path.query(value);
        if self.is_singular {
            Selected::One(nodes.first())
        } else {
            Selected::Many(nodes.all())
        }
    }

    /// The value it stands for: what a singular path finds, or the list of all that another finds.
    #[must_use]
    pub fn value<'a>(&self, value: &'a Value) -> Option<Cow<'a, Value>> {
        match self.query(value) {
            Selected::One(found) => found.map(Cow::Borrowed),
            Selected::Many(found) => Some(Cow::Owned(found.into_iter().cloned().collect())),
        }
    }

    /// Whether its last member has the name of a secret.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        let last = self.text.rsplit(['.', '[']).next().unwrap_or_default();
        styk_core::is_secret_name(last.trim_matches(['\'', '"', ']']))
    }
}

/// The library does not say: outside of quotes, only these characters make a path find more than one value.
fn is_singular(text: &str) -> bool {
    let mut quote = None;
    let mut is_escaped = false;
    let mut before = ' ';
    for c in text.chars() {
        match (quote, c) {
            (Some(_), _) if is_escaped => is_escaped = false,
            (Some(_), '\\') => is_escaped = true,
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '*' | ':' | '?' | ',') => return false,
            (None, '.') if before == '.' => return false,
            (None, _) => {}
        }
        before = c;
    }
    true
}

fn advice(text: &str) -> Option<String> {
    let dashed = text.split(['.', '[', ']']).find(|part| {
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        part.contains('-') && part.chars().all(is_word) && part.parse::<i64>().is_err()
    })?;
    Some(format!("a name with `-` needs brackets: `['{dashed}']`"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;
    use crate::Source;

    fn compile(text: &str) -> Result<JsonPath, Diagnostic> {
        let source = Source::new("a.styk.yaml", "", text);
        JsonPath::compile(text, &Span::new(&source, 0..text.len()))
    }

    #[test_case("$", true)]
    #[test_case("$.a.b[0]", true)]
    #[test_case("$['a:b*?,..']", true; "marks in quotes")]
    #[test_case("$[\"it's\"]", true; "one quote in another")]
    #[test_case("$[-1]", true; "from the end")]
    #[test_case("$..a", false; "any depth")]
    #[test_case("$.a[*]", false; "all")]
    #[test_case("$.a[0,1]", false; "two")]
    #[test_case("$.a[0:2]", false; "slice")]
    #[test_case("$.a[?@.b == 1]", false; "filter")]
    fn singular_paths_are_known_by_their_text(text: &str, expected: bool) {
        assert_eq!(compile(text).expect("valid").is_singular(), expected);
    }

    #[test]
    fn a_singular_path_gives_a_value_and_any_other_a_list() {
        let value = json!({"items": [{"id": 1}, {"id": 2}]});
        let one = compile("$.items[1].id").expect("valid");
        assert_eq!(one.value(&value).as_deref(), Some(&json!(2)));
        let none = compile("$.items[7].id").expect("valid");
        assert_eq!(none.value(&value), None);
        let all = compile("$.items[*].id").expect("valid");
        assert_eq!(all.value(&value).as_deref(), Some(&json!([1, 2])));
        let empty = compile("$.none[*]").expect("valid");
        assert_eq!(empty.value(&value).as_deref(), Some(&json!([])));
    }

    #[test]
    fn a_bad_path_is_pointed_at() {
        let error = compile("$.headers.idempotency-key").expect_err("no shorthand with a dash");
        assert_eq!(
            error.help.as_deref(),
            Some("a name with `-` needs brackets: `['idempotency-key']`")
        );
        assert!(compile("$.a[").is_err());
    }

    #[test]
    fn a_secret_is_known_by_the_last_name() {
        assert!(compile("$.access_token").expect("valid").is_secret());
        assert!(compile("$['user']['password']").expect("valid").is_secret());
        assert!(!compile("$.token.id").expect("valid").is_secret());
    }
}
