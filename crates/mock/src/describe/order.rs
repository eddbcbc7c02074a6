//! The order and the words in which failing texts show matchers and requests.
//!
//! Tests compare these texts, so they are the original's to the letter: fields by name, the names in maps in the order of
//! a Java hash map, and no marks of negation or option.

use crate::json::{Json, Object};

/// Fields that are maps of names that a user chose.
const MAPS: &[&str] = &["headers", "queryStringParameters", "cookies"];

/// Fields of matchers that the original leaves out here.
const LEFT_OUT: &[&str] = &["pathParameters", "not"];

/// A request with its fields by name.
pub(crate) fn in_order(request: Json) -> Json {
    let Json::Object(mut object) = request else {
        return request;
    };
    for name in MAPS {
        if let Some(Json::Object(map)) = object.get_mut(*name) {
            *map = hash_order(std::mem::take(map));
        }
    }
    object.sort_unstable_keys();
    Json::Object(object)
}

/// A request matcher as failing texts show it.
pub(crate) fn matcher_in_order(matcher: Json) -> Json {
    let Json::Object(mut object) = matcher else {
        return matcher;
    };
    object.retain(|name, _| !LEFT_OUT.contains(&&**name));
    for name in ["method", "path"] {
        if let Some(value) = object.get_mut(name) {
            unmark(value);
        }
    }
    for name in MAPS {
        if let Some(Json::Object(map)) = object.get_mut(*name) {
            *map = std::mem::take(map)
                .into_iter()
                .filter(|(name, _)| name != "keyMatchStyle")
                .map(|(name, mut value)| {
                    unmark(&mut value);
                    (unmarked(&name).to_owned(), value)
                })
                .collect();
        }
    }
    in_order(Json::Object(object))
}

fn unmark(value: &mut Json) {
    match value {
        Json::Text(text) => *text = unmarked(text).to_owned(),
        Json::Array(values) => values.iter_mut().for_each(unmark),
        _ => {}
    }
}

/// A text without its marks of negation and option.
fn unmarked(text: &str) -> &str {
    let rest = text.strip_prefix("?!").or_else(|| text.strip_prefix("!?"));
    let rest = rest.or_else(|| text.strip_prefix(['!', '?']));
    rest.unwrap_or(text)
}

/// The entries with their names in falling order, as the original's records have them.
pub(crate) fn falling(mut map: Object) -> Object {
    map.sort_unstable_by(|left, _, right, _| right.cmp(left));
    map
}

/// The entries in the order of a Java hash map of strings that they were put into by name.
fn hash_order(map: Object) -> Object {
    // A table grows when it is three quarters full.
    let mut size = 16;
    while map.len() * 4 > size * 3 {
        size *= 2;
    }
    let mut map = map;
    map.sort_unstable_keys();
    let mut entries: Vec<(usize, (String, Json))> = map
        .into_iter()
        .map(|entry| (place(&entry.0, size), entry))
        .collect();
    entries.sort_by_key(|(place, _)| *place);
    entries.into_iter().map(|(_, entry)| entry).collect()
}

fn place(name: &str, size: usize) -> usize {
    let hash = name.encode_utf16().fold(0_u32, |hash, unit| {
        hash.wrapping_mul(31).wrapping_add(u32::from(unit))
    });
    (hash ^ (hash >> 16)) as usize & (size - 1)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::json::{compact, parse_strict};

    #[test_case(&["Host", "Accept-Encoding", "content-length"], &["content-length", "Host", "Accept-Encoding"])]
    #[test_case(&["C", "A", "B", "Host", "content-length"], &["A", "content-length", "B", "C", "Host"])]
    #[test_case(&["Content-Type", "Host", "Content-Length", "Cookie"], &["Cookie", "Host", "Content-Length", "Content-Type"])]
    #[test_case(&["host", "accept", "user-agent", "accept-encoding", "content-length"], &["content-length", "host", "accept-encoding", "accept", "user-agent"])]
    fn names_stand_in_the_order_of_the_original(given: &[&str], expected: &[&str]) {
        let map = given.iter().map(|name| ((*name).to_owned(), Json::Null));
        let ordered = hash_order(map.collect());
        assert_eq!(ordered.keys().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn matchers_are_shown_without_marks() {
        let matcher = r#"{"path":"!/a","headers":{"keyMatchStyle":"MATCHING_KEY","?b":["!1"],"a":["2"]},"pathParameters":{}}"#;
        let shown = matcher_in_order(parse_strict(matcher).expect("JSON"));
        assert_eq!(
            compact(&shown),
            r#"{"headers":{"a":["2"],"b":["1"]},"path":"/a"}"#
        );
    }
}
