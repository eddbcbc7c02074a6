//! Actions in MockServer's JSON: fields in alphabetical order, names with their values in the long form.

use super::Respond;
use super::respond::named_values;
use crate::json::{Json, Object};
use crate::matcher::RequestMatcher;
use crate::schema::Complaints;

/// The action that stands in the field `name`.
pub(super) fn action(name: &str, json: &Json) -> Json {
    let Json::Object(given) = json else {
        return json.clone();
    };
    let mut given = given.clone();
    match name {
        "httpForward" => {
            let default = |name: &str, value: Json, given: &mut Object| {
                given.entry(name.to_owned()).or_insert(value);
            };
            default("port", Json::number(80), &mut given);
            default("scheme", Json::text("HTTP"), &mut given);
        }
        "httpOverrideForwardedRequest" => {
            rename(&mut given, "httpRequest", "requestOverride");
            rename(&mut given, "httpResponse", "responseOverride");
        }
        "httpResponseTemplate" | "httpForwardTemplate" => {
            given.retain(|name, value| name != "template" || *value != Json::text(""));
        }
        _ => {}
    }
    sorted(&given)
}

fn rename(object: &mut Object, old: &str, new: &str) {
    if let Some(value) = object.shift_remove(old) {
        object.entry(new.to_owned()).or_insert(value);
    }
}

/// The fields in alphabetical order, each in its own form.
fn sorted(object: &Object) -> Json {
    let mut written: Object = object
        .iter()
        .map(|(name, value)| (name.clone(), field(name, value)))
        .collect();
    written.sort_unstable_keys();
    Json::Object(written)
}

pub(super) fn field(name: &str, value: &Json) -> Json {
    let object = match value {
        Json::Object(object) => object,
        Json::Array(items) => {
            return Json::Array(items.iter().map(|item| field("", item)).collect());
        }
        other => return other.clone(),
    };
    match name {
        "delay" | "chunkDelay" | "closeSocketDelay" | "timeout" => delay(object),
        "requestOverride" | "httpRequest" => request(value),
        "responseOverride" | "httpResponse" | "failResponse" => {
            let respond = Respond::read(value, "$", &mut Complaints::default());
            respond.map_or_else(|| value.clone(), |respond| respond.written)
        }
        "headers" | "queryStringParameters" => modifier(object, true),
        "cookies" => modifier(object, false),
        "jsonMergePatch" => value.clone(),
        _ => sorted(object),
    }
}

/// A unit comes with its value.
fn delay(object: &Object) -> Json {
    let mut written = Object::new();
    for name in ["timeUnit", "value"] {
        if let Some(value) = object.get(name) {
            written.insert(name.to_owned(), value.clone());
        }
    }
    if written.contains_key("timeUnit") {
        let zero = Json::number(0);
        written.entry("value".to_owned()).or_insert(zero);
    }
    for (name, value) in object {
        written.entry(name.clone()).or_insert_with(|| value.clone());
    }
    Json::Object(written)
}

/// A request: as a matcher is written.
fn request(json: &Json) -> Json {
    let mut complaints = Complaints::default();
    let matcher = RequestMatcher::read(json, "$", &mut complaints);
    if complaints.is_empty() {
        matcher.written()
    } else {
        json.clone()
    }
}

/// Names to add, to replace and to remove; several values of one name where `many`.
fn modifier(object: &Object, many: bool) -> Json {
    let named = |json: &Json| {
        let named = named_values(json, "$", &mut Complaints::default());
        let written = named.into_iter().map(|(name, values)| {
            let mut values = values.into_iter().map(Json::Text);
            let value = if many {
                Json::Array(values.collect())
            } else {
                values.next().unwrap_or_else(|| Json::text(""))
            };
            (name, value)
        });
        Json::Object(written.collect())
    };
    let mut written: Object = object
        .iter()
        .map(|(name, value)| match name.as_str() {
            "add" | "replace" => (name.clone(), named(value)),
            _ => (name.clone(), value.clone()),
        })
        .collect();
    written.sort_unstable_keys();
    Json::Object(written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{compact, parse_lenient};

    #[test]
    fn an_override_is_written_in_one_form() {
        let given = "{httpRequest: {headers: {a: '1'}, method: 'GET', socketAddress: {host: 'h'}}, \
                     requestModifier: {path: {regex: 'a'}, headers: {remove: ['b'], add: {a: '1'}}}}";
        let json = parse_lenient(given).expect("JSON");
        assert_eq!(
            compact(&action("httpOverrideForwardedRequest", &json)),
            "{\"requestModifier\":{\"headers\":{\"add\":{\"a\":[\"1\"]},\"remove\":[\"b\"]},\
             \"path\":{\"regex\":\"a\"}},\
             \"requestOverride\":{\"method\":\"GET\",\"headers\":{\"a\":[\"1\"]},\
             \"socketAddress\":{\"host\":\"h\",\"port\":80,\"scheme\":\"HTTP\"}}}"
        );
    }

    #[test]
    fn a_forward_shows_its_defaults() {
        let json = parse_lenient("{host: 'h', delay: {timeUnit: 'SECONDS'}}").expect("JSON");
        assert_eq!(
            compact(&action("httpForward", &json)),
            "{\"delay\":{\"timeUnit\":\"SECONDS\",\"value\":0},\"host\":\"h\",\"port\":80,\"scheme\":\"HTTP\"}"
        );
    }
}
