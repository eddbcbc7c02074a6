//! Reading requests: bodies, keys, amounts, texts.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use http::Method;
use serde_json::{Map, Value};
use styk_core::{Currency, Money};

use super::error::Problem;
use crate::kit::{Call, Ground};

/// The longest key (Using the API, Idempotence).
const KEY_MAX: usize = 64;
const CURRENCIES: [&str; 12] = [
    "RUB", "EUR", "USD", "KZT", "BYN", "UAH", "UZS", "TRY", "INR", "MDL", "AZN", "AMD",
];
/// The largest amount that is understood, in minor units.
const AMOUNT_MAX: i64 = 100_000_000_000;

/// The body of a request; nothing counts as an empty object.
pub(super) fn body(call: &Call) -> Result<Map<String, Value>, Problem> {
    let bytes = &call.request.body;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    let media_type = call
        .header("content-type")
        .unwrap_or_default()
        .to_ascii_lowercase();
    if !media_type.is_empty() && !media_type.contains("json") {
        return Err(Problem::media_type());
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(Problem::state("The request body must be a JSON object")),
        Err(error) => Err(Problem::state(format!("JSON can't be parsed: {error}"))),
    }
}

/// The idempotence key; every POST needs one.
pub(super) fn key(call: &Call) -> Result<Option<String>, Problem> {
    if *call.method() != Method::POST {
        return Ok(None);
    }
    let key = call.header("idempotence-key").filter(|key| !key.is_empty());
    let Some(key) = key else {
        return Err(Problem::parameter(
            "Idempotence-Key",
            "Idempotence key isn't specified",
        ));
    };
    if key.chars().count() > KEY_MAX {
        let told = format!("Idempotence key is longer than {KEY_MAX} characters");
        return Err(Problem::parameter("Idempotence-Key", told));
    }
    // The documented class of characters is `[0-9a-zA-Z+-_.]`, in which `+-_` is a span.
    if !key
        .bytes()
        .all(|byte| matches!(byte, b'+'..=b'_' | b'a'..=b'z'))
    {
        let told = "Idempotence key has characters that aren't letters, digits, +, -, _ or .";
        return Err(Problem::parameter("Idempotence-Key", told));
    }
    Ok(Some(key))
}

/// Stands for what must be equal in a repetition: the operation and the body, whatever the order of its members.
pub(super) fn fingerprint(call: &Call, body: &Map<String, Value>) -> u64 {
    let mut hasher = DefaultHasher::new();
    call.path().hash(&mut hasher);
    hash_members(body, &mut hasher);
    hasher.finish()
}

fn hash_members(members: &Map<String, Value>, hasher: &mut DefaultHasher) {
    let mut names: Vec<&String> = members.keys().collect();
    names.sort_unstable();
    for name in names {
        name.hash(hasher);
        if let Some(value) = members.get(name) {
            hash_value(value, hasher);
        }
    }
    names_end(hasher);
}

fn names_end(hasher: &mut DefaultHasher) {
    u8::MAX.hash(hasher);
}

fn hash_value(value: &Value, hasher: &mut DefaultHasher) {
    match value {
        Value::Object(members) => hash_members(members, hasher),
        Value::Array(items) => {
            items.iter().for_each(|item| hash_value(item, hasher));
            names_end(hasher);
        }
        other => other.to_string().hash(hasher),
    }
}

/// An amount that must be there, and more than nothing.
pub(super) fn amount(value: Option<&Value>, name: &str) -> Result<Money, Problem> {
    let missing = || Problem::parameter(name, format!("{name} isn't specified"));
    let members = value.and_then(Value::as_object).ok_or_else(missing)?;
    let currency_name = format!("{name}.currency");
    let code = members
        .get("currency")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let currency = CURRENCIES
        .contains(&code)
        .then(|| code.parse::<Currency>().ok())
        .flatten();
    let currency = currency.ok_or_else(|| {
        Problem::parameter(currency_name, format!("Currency `{code}` isn't supported"))
    })?;
    let value_name = format!("{name}.value");
    let text = match members.get("value") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => return Err(Problem::parameter(value_name, "The amount isn't specified")),
    };
    let money =
        Money::parse(&text, currency).filter(|money| (1..=AMOUNT_MAX).contains(&money.minor));
    money.ok_or_else(|| {
        Problem::parameter(
            value_name,
            format!("`{text}` is no amount greater than zero"),
        )
    })
}

/// A text that may be missing, no longer than so many characters.
pub(super) fn text(
    members: &Map<String, Value>,
    name: &str,
    longest: usize,
) -> Result<Option<String>, Problem> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= longest => Ok(Some(text.clone())),
        Some(Value::String(_)) => Err(Problem::parameter(
            name,
            format!("{name} is longer than {longest} characters"),
        )),
        Some(_) => Err(Problem::parameter(name, format!("{name} must be a string"))),
    }
}

/// A truth value that may be missing.
pub(super) fn truth(members: &Map<String, Value>, name: &str) -> Result<Option<bool>, Problem> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(truth)) => Ok(Some(*truth)),
        // Some clients send text.
        Some(Value::String(text)) if text == "true" || text == "false" => Ok(Some(text == "true")),
        Some(_) => Err(Problem::parameter(
            name,
            format!("{name} must be true or false"),
        )),
    }
}

/// Metadata: at most 16 members, names up to 32 and values up to 512 characters.
pub(super) fn metadata(members: &Map<String, Value>) -> Result<Vec<(String, String)>, Problem> {
    let wrong = |told: &str| Problem::parameter("metadata", told);
    let given = match members.get("metadata") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Object(given)) => given,
        Some(_) => return Err(wrong("metadata must be an object")),
    };
    if given.len() > 16 {
        return Err(wrong("metadata has more than 16 keys"));
    }
    let mut read = Vec::with_capacity(given.len());
    for (name, value) in given {
        let text = match value {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            Value::Array(_) | Value::Object(_) => {
                return Err(wrong("values of metadata must be strings"));
            }
        };
        if name.chars().count() > 32 || text.chars().count() > 512 {
            return Err(wrong(
                "a key of metadata is longer than 32 characters, or a value than 512",
            ));
        }
        read.push((name.clone(), text));
    }
    Ok(read)
}

/// The shop's order, from metadata or the description.
pub(super) fn order(ground: &Ground, body: &Map<String, Value>) -> Option<String> {
    let metadata = |name: &str| body.get("metadata")?.get(name)?.as_str();
    let description = body.get("description").and_then(Value::as_str);
    ground.orders.find(metadata, description)
}
