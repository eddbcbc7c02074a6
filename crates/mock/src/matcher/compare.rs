//! Comparing JSON bodies, in MockServer's two modes and with its placeholders.
//!
//! Numbers differ when their scale differs; strings never equal numbers. Without `STRICT`, extra fields and extra or
//! reordered items are accepted, and each expected item needs a partner of its own.

use crate::json::{Json, same_number};
use crate::pattern::JavaRegex;

/// How closely a body must agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The expected fields and items must be there; more may be.
    OnlyMatchingFields,
    /// Same fields, same items in the same order.
    Strict,
}

pub(crate) fn json_matches(expected: &Json, given: &Json, mode: Mode) -> bool {
    match (expected, given) {
        (Json::Text(text), _) if text.starts_with("${json-unit.") => placeholder(text, given),
        (Json::Null, Json::Null) => true,
        (Json::Bool(expected), Json::Bool(given)) => expected == given,
        (Json::Number(expected), Json::Number(given)) => same_number(expected, given),
        (Json::Text(expected), Json::Text(given)) => expected == given,
        (Json::Array(expected), Json::Array(given)) => match mode {
            Mode::Strict => {
                let pairs = expected.iter().zip(given);
                expected.len() == given.len()
                    && pairs.into_iter().all(|(e, g)| json_matches(e, g, mode))
            }
            Mode::OnlyMatchingFields => each_has_a_partner(expected, given),
        },
        (Json::Object(expected), Json::Object(given)) => {
            let is_met = |(name, expected): (&String, &Json)| match given.get(name) {
                Some(given) => json_matches(expected, given, mode),
                None => is_ignored_element(expected),
            };
            let no_extra = || given.keys().all(|name| expected.contains_key(name));
            expected.iter().all(is_met) && (mode == Mode::OnlyMatchingFields || no_extra())
        }
        _ => false,
    }
}

/// Whether distinct partners can be found for all expected items: a bipartite matching by augmenting paths.
fn each_has_a_partner(expected: &[Json], given: &[Json]) -> bool {
    if expected.len() > given.len() {
        return false;
    }
    let fitting = |wanted: &Json| -> Vec<usize> {
        let fits =
            |(_, given): &(usize, &Json)| json_matches(wanted, given, Mode::OnlyMatchingFields);
        given
            .iter()
            .enumerate()
            .filter(fits)
            .map(|(place, _)| place)
            .collect()
    };
    let partners: Vec<Vec<usize>> = expected.iter().map(fitting).collect();
    let mut taken_by: Vec<Option<usize>> = vec![None; given.len()];
    (0..expected.len()).all(|item| {
        let mut tried = vec![false; given.len()];
        augment(item, &partners, &mut taken_by, &mut tried)
    })
}

fn augment(
    first: usize,
    partners: &[Vec<usize>],
    taken_by: &mut [Option<usize>],
    tried: &mut [bool],
) -> bool {
    // Depth first with an explicit stack of (item, next candidate): bodies may hold more items than the stack frames.
    let mut path: Vec<(usize, usize)> = vec![(first, 0)];
    while let Some((item, next)) = path.last_mut() {
        let Some(&place) = partners[*item].get(*next) else {
            path.pop();
            continue;
        };
        *next += 1;
        if std::mem::replace(&mut tried[place], true) {
            continue;
        }
        match taken_by[place] {
            Some(other) => path.push((other, 0)),
            None => {
                for &(item, next) in &path {
                    taken_by[partners[item][next - 1]] = Some(item);
                }
                return true;
            }
        }
    }
    false
}

fn placeholder(text: &str, given: &Json) -> bool {
    match text.split_once('}') {
        Some(("${json-unit.any-string", "")) => matches!(given, Json::Text(_)),
        Some(("${json-unit.any-number", "")) => matches!(given, Json::Number(_)),
        Some(("${json-unit.any-boolean", "")) => matches!(given, Json::Bool(_)),
        Some(("${json-unit.ignore" | "${json-unit.ignore-element", "")) => true,
        Some(("${json-unit.regex", pattern)) => match given {
            // This regular expression is JsonUnit's own: it minds the case.
            Json::Text(text) => JavaRegex::compile(&format!("(?-i)(?:{pattern})"))
                .is_ok_and(|regex| regex.is_match(text)),
            _ => false,
        },
        _ => matches!(given, Json::Text(given) if given == text),
    }
}

fn is_ignored_element(expected: &Json) -> bool {
    matches!(expected, Json::Text(text) if text == "${json-unit.ignore-element}")
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::json::parse_strict;

    #[test_case(r#"{"a":1}"#, r#"{"b":2,"a":1}"#, true, false; "extra fields")]
    #[test_case(r#"{"a":1}"#, r#"{"a":1.0}"#, false, false; "scale counts")]
    #[test_case(r#"{"a":"1"}"#, r#"{"a":1}"#, false, false; "a string is no number")]
    #[test_case(r"[1,2]", r"[2,1]", true, false; "order")]
    #[test_case(r"[1,2]", r"[3,2,1]", true, false; "extra items")]
    #[test_case(r"[1,1]", r"[1,2]", false, false; "partners are distinct")]
    #[test_case(r#"[{"a":1},{}]"#, r#"[{"a":2},{"a":1}]"#, true, false; "a greedy choice would fail")]
    #[test_case(r#"[{},{"a":1}]"#, r#"[{"a":1},{"a":2}]"#, true, false; "the first takes the second")]
    #[test_case(r#"{"a":{"b":[]}}"#, r#"{"a":{"b":[]}}"#, true, true; "the same")]
    #[test_case(r#"{"a":"${json-unit.any-string}"}"#, r#"{"a":"x"}"#, true, true; "any string")]
    #[test_case(r#"{"a":"${json-unit.any-number}"}"#, r#"{"a":"x"}"#, false, false; "any number")]
    #[test_case(r#"{"a":"${json-unit.regex}[a-z]+"}"#, r#"{"a":"xy"}"#, true, true; "regex")]
    #[test_case(r#"{"a":"${json-unit.ignore}"}"#, r#"{"a":[1]}"#, true, true; "ignore")]
    #[test_case(r#"{"a":null}"#, r"{}", false, false; "null is not absent")]
    fn both_modes(expected: &str, given: &str, partial: bool, strict: bool) {
        let expected = parse_strict(expected).expect("JSON");
        let given = parse_strict(given).expect("JSON");
        assert_eq!(
            json_matches(&expected, &given, Mode::OnlyMatchingFields),
            partial
        );
        assert_eq!(json_matches(&expected, &given, Mode::Strict), strict);
    }
}
