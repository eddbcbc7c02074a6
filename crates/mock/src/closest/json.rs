//! The first places where a JSON body differs from the one expected.

use super::difference::failed_because;
use crate::json::{Json, compact, pretty, same_number};
use crate::matcher::Subject;

/// Places that are named; more say nothing new.
const PLACES_MAX: usize = 10;
const DEPTH_MAX: usize = 50;

/// How the body of a request differs from the JSON expected.
/// `reason` says it in a few words.
pub(super) fn json_difference(
    expected: &Json,
    is_strict: bool,
    subject: &Subject<'_>,
    reason: &str,
) -> String {
    let shown = pretty(expected);
    let found = subject.body_text();
    let Some(given) = subject.body_json() else {
        let reason = if found.is_empty() {
            "the request has no body"
        } else {
            "the body is not JSON"
        };
        return failed_because("json match", &shown, found, reason);
    };
    let mut places = Places {
        is_strict,
        found: Vec::new(),
    };
    places.compare("", expected, given, 0);
    if places.found.is_empty() {
        return failed_because("json match", &shown, found, reason);
    }
    failed_because("json match", &shown, found, &places.found.join("\n"))
}

struct Places {
    is_strict: bool,
    found: Vec<String>,
}

impl Places {
    fn compare(&mut self, at: &str, expected: &Json, given: &Json, depth: usize) {
        if depth > DEPTH_MAX || self.found.len() >= PLACES_MAX {
            return;
        }
        match (expected, given) {
            (Json::Text(text), _) if text.starts_with("${json-unit.") => {}
            (Json::Object(expected), Json::Object(given)) => {
                for (name, expected) in expected {
                    let at = child(at, name);
                    match given.get(name) {
                        Some(given) => self.compare(&at, expected, given, depth + 1),
                        None => self.add(format!("missing element at \"{at}\"")),
                    }
                }
                if self.is_strict {
                    for (name, value) in given {
                        if !expected.contains_key(name) {
                            let (at, value) = (child(at, name), compact(value));
                            self.add(format!(
                                "additional element at \"{at}\" with value: {value}"
                            ));
                        }
                    }
                }
            }
            (Json::Array(expected), Json::Array(given)) if self.is_strict => {
                for (place, (expected, given)) in expected.iter().zip(given).enumerate() {
                    self.compare(&format!("{at}[{place}]"), expected, given, depth + 1);
                }
                if expected.len() != given.len() {
                    let (expected, given) = (expected.len(), given.len());
                    self.add(format!(
                        "wrong array length at \"{at}\", expected: {expected} but was: {given}"
                    ));
                }
            }
            _ if same(expected, given) => {}
            _ => {
                let (expected, given) = (compact(expected), compact(given));
                self.add(format!(
                    "wrong value at \"{at}\", expected: {expected} but was: {given}"
                ));
            }
        }
    }

    fn add(&mut self, place: String) {
        if self.found.len() < PLACES_MAX {
            self.found.push(place);
        }
    }
}

fn child(at: &str, name: &str) -> String {
    if at.is_empty() {
        name.to_owned()
    } else {
        format!("{at}.{name}")
    }
}

fn same(expected: &Json, given: &Json) -> bool {
    match (expected, given) {
        (Json::Number(expected), Json::Number(given)) => same_number(expected, given),
        _ => expected == given,
    }
}
