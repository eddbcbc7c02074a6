//! Patterns that match one text only, in a language where every text may be a regular expression.

/// What has a meaning in a regular expression of Java.
const SPECIAL: &[char] = &[
    '\\', '^', '$', '.', '|', '?', '*', '+', '(', ')', '[', ']', '{', '}',
];

/// The pattern that matches this text alone, in any case.
pub(super) fn exactly(text: &str) -> String {
    if text.trim().is_empty() {
        // A blank pattern would match everything.
        return format!("^{text}$");
    }
    let mut pattern = String::with_capacity(text.len());
    for (place, char) in text.char_indices() {
        let negates = place == 0 && char == '!';
        if negates || SPECIAL.contains(&char) {
            pattern.push('\\');
        }
        pattern.push(char);
    }
    pattern
}

/// As [`exactly`] for a path, where `{name}` segments stay placeholders.
pub(super) fn template(path: &str) -> String {
    let segment = |segment: &str| {
        if segment.starts_with('{') && segment.ends_with('}') || segment.is_empty() {
            segment.to_owned()
        } else {
            exactly(segment)
        }
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::pattern::Pattern;

    #[test_case("/a", "/b"; "plain")]
    #[test_case("/v1.0/a", "/v1x0/a"; "a dot")]
    #[test_case("!a", "b"; "an exclamation mark in front")]
    #[test_case("?a", ""; "a question mark in front")]
    #[test_case("a+b(c)[d]{2}|e^$*\\", "aab"; "all that is special")]
    #[test_case("", "a"; "nothing")]
    #[test_case(" ", ""; "blank")]
    fn only_the_text_itself_matches(text: &str, other: &str) {
        let pattern = Pattern::compile(&exactly(text)).expect("a pattern");
        assert!(pattern.matches(text), "{pattern:?}");
        assert!(!pattern.matches(other), "{pattern:?}");
    }

    #[test]
    fn placeholders_stay() {
        assert_eq!(template("/v1.0/orders/{id}"), "/v1\\.0/orders/{id}");
    }
}
