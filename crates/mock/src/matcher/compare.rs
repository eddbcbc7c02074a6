//! Comparing JSON bodies, in MockServer's two modes and with its placeholders.
//!
//! `1` and `1.0` differ; strings never equal numbers. Without `STRICT`, extra fields and extra or
//! reordered items are accepted, and each expected item needs a partner of its own.

use std::collections::HashMap;

use crate::json::{Json, same_number};
use crate::pattern::JavaRegex;

const REGEX: &str = "${json-unit.regex}";

/// An expected JSON body, its regular expressions compiled.
#[derive(Debug)]
pub(crate) struct JsonMatcher {
    expected: Json,
    strict: bool,
    regexes: HashMap<String, JavaRegex>,
}

impl JsonMatcher {
    pub(crate) fn new(expected: Json, strict: bool) -> Self {
        let mut regexes = HashMap::new();
        collect_regexes(&expected, &mut regexes);
        Self {
            expected,
            strict,
            regexes,
        }
    }

    pub(crate) fn expected(&self) -> &Json {
        &self.expected
    }

    pub(crate) fn matches(&self, given: &Json) -> bool {
        self.value_matches(&self.expected, given)
    }

    fn value_matches(&self, expected: &Json, given: &Json) -> bool {
        match (expected, given) {
            (Json::Text(text), _) if text.starts_with("${json-unit.") => {
                self.placeholder(text, given)
            }
            (Json::Null, Json::Null) => true,
            (Json::Bool(expected), Json::Bool(given)) => expected == given,
            (Json::Number(expected), Json::Number(given)) => same_number(expected, given),
            (Json::Text(expected), Json::Text(given)) => expected == given,
            (Json::Array(expected), Json::Array(given)) if self.strict => {
                let mut pairs = expected.iter().zip(given);
                expected.len() == given.len()
                    && pairs.all(|(expected, given)| self.value_matches(expected, given))
            }
            (Json::Array(expected), Json::Array(given)) => self.each_has_a_partner(expected, given),
            (Json::Object(expected), Json::Object(given)) => {
                let is_met = |(name, expected): (&String, &Json)| match given.get(name) {
                    Some(given) => self.value_matches(expected, given),
                    None => is_ignored_element(expected),
                };
                let no_extra = || given.keys().all(|name| expected.contains_key(name));
                expected.iter().all(is_met) && (!self.strict || no_extra())
            }
            _ => false,
        }
    }

    /// Whether distinct partners can be found for all expected items: a bipartite matching by augmenting paths.
    fn each_has_a_partner(&self, expected: &[Json], given: &[Json]) -> bool {
        if expected.len() > given.len() {
            return false;
        }
        let fitting = |wanted: &Json| -> Vec<usize> {
            let fits = |(_, given): &(usize, &Json)| self.value_matches(wanted, given);
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

    fn placeholder(&self, text: &str, given: &Json) -> bool {
        match text {
            "${json-unit.any-string}" => matches!(given, Json::Text(_)),
            "${json-unit.any-number}" => matches!(given, Json::Number(_)),
            "${json-unit.any-boolean}" => matches!(given, Json::Bool(_)),
            "${json-unit.ignore}" | "${json-unit.ignore-element}" => true,
            _ => match given {
                Json::Text(given) => self
                    .regexes
                    .get(text)
                    .map_or(given == text, |regex| regex.is_match(given)),
                _ => false,
            },
        }
    }
}

fn collect_regexes(json: &Json, regexes: &mut HashMap<String, JavaRegex>) {
    match json {
        Json::Text(text) => {
            // These expressions are JsonUnit's own: they mind the case.
            let pattern = text
                .strip_prefix(REGEX)
                .map(|pattern| format!("(?-i)(?:{pattern})"));
            if let Some(Ok(regex)) = pattern.map(|pattern| JavaRegex::compile(&pattern)) {
                regexes.insert(text.clone(), regex);
            }
        }
        Json::Array(items) => items.iter().for_each(|item| collect_regexes(item, regexes)),
        Json::Object(fields) => fields
            .values()
            .for_each(|value| collect_regexes(value, regexes)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
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

fn is_ignored_element(expected: &Json) -> bool {
    matches!(expected, Json::Text(text) if text == "${json-unit.ignore-element}")
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::json::parse_strict;

    #[test_case(r#"{"a":1}"#, r#"{"b":2,"a":1}"#, true, false; "extra fields")]
    #[test_case(r#"{"a":1}"#, r#"{"a":1.0}"#, false, false; "an integer is no decimal")]
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
            JsonMatcher::new(expected.clone(), false).matches(&given),
            partial
        );
        assert_eq!(JsonMatcher::new(expected, true).matches(&given), strict);
    }
}
