//! Changes of a JSON body: JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7396).

use crate::json::{Json, Object, same_number};

/// A document may not grow beyond so many values.
const VALUES_MAX: usize = 1_000_000;

/// A JSON Patch: all of its operations, or none.
///
/// # Errors
///
/// The first operation that fails.
pub(super) fn patched(document: &Json, operations: &[Json]) -> Result<Json, String> {
    let mut document = document.clone();
    for (place, operation) in operations.iter().enumerate() {
        let applied = apply(&mut document, operation);
        applied.map_err(|what| format!("operation {place} of the JSON Patch: {what}"))?;
        if count(&document) > VALUES_MAX {
            return Err(format!("the document has more than {VALUES_MAX} values"));
        }
    }
    Ok(document)
}

/// A JSON Merge Patch: null removes, objects are merged, everything else is put.
pub(super) fn merged(target: &Json, patch: &Json) -> Json {
    let Json::Object(changes) = patch else {
        return patch.clone();
    };
    let mut merged = match target {
        Json::Object(object) => object.clone(),
        _ => Object::new(),
    };
    for (name, change) in changes {
        if *change == Json::Null {
            merged.shift_remove(name);
        } else {
            let old = merged.get(name).unwrap_or(&Json::Null);
            let new = self::merged(old, change);
            merged.insert(name.clone(), new);
        }
    }
    Json::Object(merged)
}

fn apply(document: &mut Json, operation: &Json) -> Result<(), String> {
    let Json::Object(fields) = operation else {
        return Err("is no object".to_owned());
    };
    let text = |name: &str| match fields.get(name) {
        Some(Json::Text(text)) => Ok(text.as_str()),
        _ => Err(format!("has no `{name}`")),
    };
    let value = || {
        let value = fields.get("value").cloned();
        value.ok_or_else(|| "has no `value`".to_owned())
    };
    let path = text("path")?;
    match text("op")? {
        "add" => add(document, path, value()?),
        "remove" => remove(document, path).map(drop),
        "replace" => {
            *find(document, path)? = value()?;
            Ok(())
        }
        "move" => {
            let from = text("from")?;
            if path.starts_with(&format!("{from}/")) {
                return Err(format!("`{from}` cannot go into itself"));
            }
            let moved = remove(document, from)?;
            add(document, path, moved)
        }
        "copy" => {
            let copy = find(document, text("from")?)?.clone();
            add(document, path, copy)
        }
        "test" if same(find(document, path)?, &value()?) => Ok(()),
        "test" => Err(format!("`{path}` has another value")),
        other => Err(format!("`{other}` is no operation")),
    }
}

/// The steps of a JSON Pointer.
fn steps(pointer: &str) -> Result<Vec<String>, String> {
    let Some(rest) = pointer.strip_prefix('/') else {
        let is_whole = pointer.is_empty();
        let no_pointer = || format!("`{pointer}` is no JSON Pointer");
        return is_whole.then(Vec::new).ok_or_else(no_pointer);
    };
    let unescaped = |step: &str| step.replace("~1", "/").replace("~0", "~");
    Ok(rest.split('/').map(unescaped).collect())
}

fn find<'a>(document: &'a mut Json, pointer: &str) -> Result<&'a mut Json, String> {
    let mut found = document;
    for step in steps(pointer)? {
        let next = match found {
            Json::Object(object) => object.get_mut(&step),
            Json::Array(items) => match index(&step) {
                Some(place) => items.get_mut(place),
                None => None,
            },
            _ => None,
        };
        found = next.ok_or_else(|| format!("there is no `{pointer}`"))?;
    }
    Ok(found)
}

/// The pointer of the parent, and the last step.
fn split(pointer: &str) -> Option<(&str, String)> {
    let (parent, last) = pointer.rsplit_once('/')?;
    Some((parent, last.replace("~1", "/").replace("~0", "~")))
}

fn add(document: &mut Json, pointer: &str, value: Json) -> Result<(), String> {
    let Some((parent, last)) = split(pointer) else {
        *find(document, pointer)? = value;
        return Ok(());
    };
    match find(document, parent)? {
        Json::Object(object) => {
            object.insert(last, value);
            Ok(())
        }
        Json::Array(items) => {
            let place = if last == "-" {
                Some(items.len())
            } else {
                index(&last).filter(|place| *place <= items.len())
            };
            let place = place.ok_or_else(|| format!("there is no place `{pointer}`"))?;
            items.insert(place, value);
            Ok(())
        }
        _ => Err(format!("there is no place `{pointer}`")),
    }
}

fn remove(document: &mut Json, pointer: &str) -> Result<Json, String> {
    let missing = || format!("there is no `{pointer}`");
    let (parent, last) = split(pointer).ok_or_else(missing)?;
    let removed = match find(document, parent)? {
        Json::Object(object) => object.shift_remove(&last),
        Json::Array(items) => index(&last)
            .filter(|place| *place < items.len())
            .map(|place| items.remove(place)),
        _ => None,
    };
    removed.ok_or_else(missing)
}

/// A place in an array: without sign and leading zeros.
fn index(step: &str) -> Option<usize> {
    let is_plain = step == "0" || !step.starts_with(['0', '+']);
    step.parse().ok().filter(|_| is_plain)
}

fn same(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => same_number(left, right),
        (Json::Array(left), Json::Array(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| same(left, right))
        }
        (Json::Object(left), Json::Object(right)) => {
            let has = |name: &String, value: &Json| {
                right.get(name).is_some_and(|other| same(value, other))
            };
            left.len() == right.len() && left.iter().all(|(name, value)| has(name, value))
        }
        (left, right) => left == right,
    }
}

fn count(value: &Json) -> usize {
    1 + match value {
        Json::Array(items) => items.iter().map(count).sum(),
        Json::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::json::{compact, parse_strict};

    const DOCUMENT: &str = r#"{"a":1.50,"b":[1,2,3],"c":{"d":null},"e/f":0}"#;

    #[test_case(r#"[{"op":"add","path":"/b/-","value":4}]"#, r#"{"a":1.50,"b":[1,2,3,4],"c":{"d":null},"e/f":0}"#; "to the end")]
    #[test_case(r#"[{"op":"add","path":"/b/0","value":4},{"op":"remove","path":"/c"}]"#, r#"{"a":1.50,"b":[4,1,2,3],"e/f":0}"#; "add and remove")]
    #[test_case(r#"[{"op":"move","from":"/a","path":"/c/d"}]"#, r#"{"b":[1,2,3],"c":{"d":1.50},"e/f":0}"#; "move a member")]
    #[test_case(r#"[{"op":"copy","from":"/b/1","path":"/a"}]"#, r#"{"a":2,"b":[1,2,3],"c":{"d":null},"e/f":0}"#; "copy a member")]
    #[test_case(r#"[{"op":"test","path":"/a","value":1.5},{"op":"replace","path":"/e~1f","value":true}]"#, r#"{"a":1.50,"b":[1,2,3],"c":{"d":null},"e/f":true}"#; "test and replace")]
    #[test_case(r#"[{"op":"replace","path":"","value":[]}]"#, "[]"; "the whole")]
    fn operations_follow_each_other(operations: &str, expected: &str) {
        assert_eq!(patch(operations).as_deref(), Ok(expected));
    }

    #[test_case(r#"[{"op":"test","path":"/a","value":2}]"#; "another value")]
    #[test_case(r#"[{"op":"remove","path":"/nope"}]"#; "nothing to remove")]
    #[test_case(r#"[{"op":"replace","path":"/nope","value":1}]"#; "nothing to replace")]
    #[test_case(r#"[{"op":"add","path":"/b/9","value":1}]"#; "beyond the end")]
    #[test_case(r#"[{"op":"add","path":"/b/01","value":1}]"#; "a leading zero")]
    #[test_case(r#"[{"op":"move","from":"/c","path":"/c/d"}]"#; "into itself")]
    #[test_case(r#"[{"op":"nonsense","path":"/a"}]"#; "no operation")]
    #[test_case("[1]"; "no object")]
    fn an_operation_that_fails_fails_the_patch(operations: &str) {
        assert!(patch(operations).is_err());
    }

    #[test]
    fn a_document_cannot_grow_without_bound() {
        let copy = r#"{"op":"copy","from":"","path":"/b/-"}"#;
        let operations = format!("[{}]", vec![copy; 60].join(","));
        assert!(patch(&operations).is_err());
    }

    #[test]
    fn a_merge_removes_merges_and_puts() {
        let read = |text| parse_strict(text).expect("JSON");
        let merged = merged(
            &read(DOCUMENT),
            &read(r#"{"a":null,"b":1,"c":{"x":2},"n":{"x":null,"y":1}}"#),
        );
        assert_eq!(
            compact(&merged),
            r#"{"b":1,"c":{"d":null,"x":2},"e/f":0,"n":{"y":1}}"#
        );
    }

    fn patch(operations: &str) -> Result<String, String> {
        let document = parse_strict(DOCUMENT).expect("JSON");
        match parse_strict(operations).expect("JSON") {
            Json::Array(operations) => patched(&document, &operations).map(|json| compact(&json)),
            _ => Err("no array".to_owned()),
        }
    }
}
