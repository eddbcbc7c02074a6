//! Comparing JSON bodies, in MockServer's two modes and with its placeholders.
//!
//! `1` and `1.0` differ; strings never equal numbers. Without `STRICT`, extra fields and extra or
//! reordered items are accepted, and each expected item needs a partner of its own.

use std::borrow::Cow;
use std::collections::HashMap;

use super::difference::shortened;
use crate::json::{Json, Object, compact, is_integer, same_number};
use crate::pattern::JavaRegex;

/// How placeholders of JsonUnit begin.
const MARKS: &[&str] = &["${json-unit.", "#{json-unit."];

/// An expected JSON body, its regular expressions compiled.
#[derive(Debug)]
pub(crate) struct JsonMatcher {
    expected: Json,
    strict: bool,
    by_value: bool,
    regexes: HashMap<String, JavaRegex>,
}

impl JsonMatcher {
    /// With `by_value`, numbers are equal whatever their form; MockServer calls it `matchNumbersAsStrings`, and 5.15 takes the
    /// word without minding it.
    pub(crate) fn new(expected: Json, strict: bool, by_value: bool) -> Self {
        let mut regexes = HashMap::new();
        collect_regexes(&expected, &mut regexes);
        Self {
            expected,
            strict,
            by_value,
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
            (Json::Text(text), _) if placeholder(text).is_some() => {
                self.placeholder_accepts(text, given)
            }
            (Json::Null, Json::Null) => true,
            (Json::Bool(expected), Json::Bool(given)) => expected == given,
            (Json::Number(expected), Json::Number(given)) => {
                same_number(expected, given)
                    || (self.by_value && same_number(&decimal(expected), &decimal(given)))
            }
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

    fn placeholder_accepts(&self, text: &str, given: &Json) -> bool {
        match placeholder(text) {
            Some("any-string}") => matches!(given, Json::Text(_)),
            Some("any-number}") => matches!(given, Json::Number(_)),
            Some("any-boolean}") => matches!(given, Json::Bool(_)),
            Some("any-array}") => matches!(given, Json::Array(_)),
            Some("ignore}" | "ignore-element}") => true,
            // Own matchers (`matches:`) can only be given in Java; without them nothing matches.
            Some(other) if other.starts_with("matches:") => false,
            Some(other) if other.starts_with("regex}") => match given {
                Json::Text(given) => self
                    .regexes
                    .get(text)
                    .is_some_and(|regex| regex.is_match(given)),
                _ => false,
            },
            _ => matches!(given, Json::Text(given) if given == text),
        }
    }

    /// The first difference with its place, such as `$.items[0].price: expected 10, received 12`; `None` when `given`
    /// matches.
    pub(super) fn difference(&self, given: &Json) -> Option<String> {
        self.difference_at("$", &self.expected, given)
    }

    fn difference_at(&self, path: &str, expected: &Json, given: &Json) -> Option<String> {
        if self.value_matches(expected, given) {
            return None;
        }
        match (expected, given) {
            (Json::Object(expected), Json::Object(given)) => {
                self.field_difference(path, expected, given)
            }
            (Json::Array(expected), Json::Array(given)) => {
                self.item_difference(path, expected, given)
            }
            _ => Some(format!(
                "{path}: expected {}, received {}",
                shortened(&compact(expected)),
                shortened(&compact(given))
            )),
        }
    }

    fn field_difference(&self, path: &str, expected: &Object, given: &Object) -> Option<String> {
        for (name, wanted) in expected {
            let path = child_path(path, name);
            let difference = match given.get(name) {
                Some(given) => self.difference_at(&path, wanted, given),
                None if is_ignored_element(wanted) => None,
                None => {
                    let wanted = shortened(&compact(wanted));
                    Some(format!("{path}: expected {wanted}, received no such field"))
                }
            };
            if difference.is_some() {
                return difference;
            }
        }
        let extra = given.iter().find(|(name, _)| !expected.contains_key(*name));
        let (name, value) = extra?;
        let (path, value) = (child_path(path, name), shortened(&compact(value)));
        Some(format!("{path}: received {value}, which is not expected"))
    }

    fn item_difference(&self, path: &str, expected: &[Json], given: &[Json]) -> Option<String> {
        for (place, wanted) in expected.iter().enumerate() {
            let has_partner = || given.iter().any(|given| self.value_matches(wanted, given));
            if !self.strict && has_partner() {
                continue;
            }
            let path = format!("{path}[{place}]");
            let difference = match given.get(place) {
                Some(given) => self.difference_at(&path, wanted, given),
                None => Some(format!(
                    "{path}: expected {}, received no such item",
                    shortened(&compact(wanted))
                )),
            };
            if difference.is_some() {
                return difference;
            }
        }
        let (wanted, received) = (expected.len(), given.len());
        Some(if self.strict {
            format!("{path}: expected {wanted} items, received {received}")
        } else {
            format!("{path}: expected {wanted} different items, received one for several of them")
        })
    }
}

fn child_path(path: &str, name: &str) -> String {
    if name
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
    {
        format!("{path}.{name}")
    } else {
        format!("{path}['{name}']")
    }
}

/// A number with a fraction, so that its form does not count.
fn decimal(number: &str) -> Cow<'_, str> {
    if is_integer(number) {
        Cow::Owned(format!("{number}.0"))
    } else {
        Cow::Borrowed(number)
    }
}

/// What stands behind the mark of a placeholder.
fn placeholder(text: &str) -> Option<&str> {
    MARKS.iter().find_map(|mark| text.strip_prefix(mark))
}

fn collect_regexes(json: &Json, regexes: &mut HashMap<String, JavaRegex>) {
    match json {
        Json::Text(text) => {
            // These expressions are JsonUnit's own: they mind the case, and the dot stops at line ends.
            let pattern = placeholder(text)
                .and_then(|placeholder| placeholder.strip_prefix("regex}"))
                .map(|pattern| format!("(?-is)(?:{pattern})"));
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
    matches!(expected, Json::Text(text) if placeholder(text) == Some("ignore-element}"))
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
    #[test_case(r#"{"a":"${json-unit.any-boolean}"}"#, r#"{"a":true}"#, true, true; "any boolean")]
    #[test_case(r#"{"a":"${json-unit.any-array}"}"#, r#"{"a":[1]}"#, true, true; "any array")]
    #[test_case(r#"{"a":"${json-unit.any-object}"}"#, r#"{"a":{}}"#, false, false; "no placeholder")]
    #[test_case(r##"{"a":"#{json-unit.any-string}"}"##, r#"{"a":"x"}"#, true, true; "the other mark")]
    #[test_case(r#"{"a":"${json-unit.matches:x}"}"#, r#"{"a":"x"}"#, false, false; "matchers in Java")]
    #[test_case(r#"{"a":"${json-unit.unknown}"}"#, r#"{"a":"${json-unit.unknown}"}"#, true, true; "unknown ones are texts")]
    #[test_case(r#"{"a":"${json-unit.regex}[a-z]+"}"#, r#"{"a":"XY"}"#, false, false; "regex minds the case")]
    #[test_case(r#"{"a":"${json-unit.regex}a.b"}"#, r#"{"a":"a\nb"}"#, false, false; "a dot stops at line ends")]
    #[test_case(r#"{"a":"${json-unit.regex}(bad"}"#, r#"{"a":"(bad"}"#, false, false; "no regex")]
    #[test_case(r#"{"a":"${json-unit.ignore-element}"}"#, r"{}", true, true; "an ignored field may be absent")]
    #[test_case(r#"{"a":"${json-unit.ignore}"}"#, r"{}", false, false; "an ignored value may not")]
    #[test_case(r#"["${json-unit.ignore-element}",1]"#, r"[1,2]", true, false; "ignored items")]
    fn both_modes(expected: &str, given: &str, partial: bool, strict: bool) {
        let expected = parse_strict(expected).expect("JSON");
        let given = parse_strict(given).expect("JSON");
        assert_eq!(
            JsonMatcher::new(expected.clone(), false, false).matches(&given),
            partial
        );
        assert_eq!(
            JsonMatcher::new(expected, true, false).matches(&given),
            strict
        );
    }

    #[test_case("1", "1.0", true)]
    #[test_case("1.10", "1.1", true)]
    #[test_case("100", "1e2", true)]
    #[test_case("[1]", "[1.0]", true)]
    #[test_case("1", "\"1\"", false)]
    #[test_case("\"1.0\"", "\"1\"", false)]
    #[test_case("1", "2", false)]
    fn numbers_may_be_compared_by_value(expected: &str, given: &str, matches: bool) {
        let expected = parse_strict(expected).expect("JSON");
        let given = parse_strict(given).expect("JSON");
        for strict in [true, false] {
            let matcher = JsonMatcher::new(expected.clone(), strict, true);
            assert_eq!(matcher.matches(&given), matches);
        }
    }

    #[test_case(
        r#"{"a":{"b":10}}"#,
        r#"{"a":{"b":12}}"#,
        "$.a.b: expected 10, received 12"
    )]
    #[test_case(
        r#"{"a":[{"b":10}]}"#,
        r#"{"a":[{"b":"x"}]}"#,
        "$.a[0].b: expected 10, received \"x\""
    )]
    #[test_case(r#"{"a b":1}"#, r"{}", "$['a b']: expected 1, received no such field")]
    #[test_case(r#"{"a":[1,2]}"#, r#"{"a":[2]}"#, "$.a[0]: expected 1, received 2")]
    #[test_case(
        "[1,1]",
        "[1,2]",
        "$: expected 2 different items, received one for several of them"
    )]
    #[test_case("[1]", "{}", "$: expected [1], received {}")]
    fn a_difference_has_its_place(expected: &str, given: &str, difference: &str) {
        let expected = parse_strict(expected).expect("JSON");
        let given = parse_strict(given).expect("JSON");
        let matcher = JsonMatcher::new(expected, false, false);
        assert_eq!(matcher.difference(&given).as_deref(), Some(difference));
    }

    #[test_case(
        r#"{"a":1}"#,
        r#"{"a":1,"b":2}"#,
        "$.b: received 2, which is not expected"
    )]
    #[test_case("[1,2]", "[2,1]", "$[0]: expected 1, received 2")]
    #[test_case("[1]", "[1,2]", "$: expected 1 items, received 2")]
    fn a_strict_difference_has_its_place(expected: &str, given: &str, difference: &str) {
        let expected = parse_strict(expected).expect("JSON");
        let given = parse_strict(given).expect("JSON");
        let matcher = JsonMatcher::new(expected, true, false);
        assert_eq!(matcher.difference(&given).as_deref(), Some(difference));
    }
}
