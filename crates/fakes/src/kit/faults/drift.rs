//! Answers whose shape has drifted from what the caller knows.

use serde_json::{Map, Value};

use super::wish::Wish;
use crate::kit::Answer;

/// Words for a state, as providers name the member.
const STATES: [&str; 3] = ["status", "Status", "state"];
/// Members that a caller can do without, as far as one can tell.
const OPTIONAL: [&str; 6] = [
    "description",
    "Description",
    "metadata",
    "livemode",
    "test",
    "Email",
];

/// The answer with one thing different. One that is no JSON object stays as it is.
pub(super) fn drifted(mut answer: Answer, wish: &Wish) -> Answer {
    let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) else {
        return answer;
    };
    let kind = wish.variant.as_deref().unwrap_or("unknown_enum");
    let root = inner(&mut body);
    let named = wish.field.as_deref();
    match kind {
        "extra" => {
            if let Value::Object(members) = root {
                members.insert("styk_new_member".to_owned(), Value::from("something new"));
            }
        }
        "missing" => remove(root, named),
        _ => {
            if let Some(value) = place(root, named, kind) {
                *value = changed(value, kind);
            }
        }
    }
    if let Ok(text) = serde_json::to_vec(&body) {
        answer.body = text.into();
    }
    answer
}

/// The object itself, where an envelope holds it.
fn inner(body: &mut Value) -> &mut Value {
    let is_envelope = body.get("Model").is_some_and(Value::is_object);
    if is_envelope {
        &mut body["Model"]
    } else {
        body
    }
}

fn place<'a>(root: &'a mut Value, named: Option<&str>, kind: &str) -> Option<&'a mut Value> {
    if let Some(named) = named {
        let pointer = if named.starts_with('/') {
            named.to_owned()
        } else {
            format!("/{}", named.replace('.', "/"))
        };
        return root.pointer_mut(&pointer);
    }
    let members = root.as_object_mut()?;
    let fits = |name: &str, value: &Value| match kind {
        "unknown_enum" => STATES.contains(&name),
        "null" => OPTIONAL.contains(&name),
        "number_as_string" => value.is_number() || is_amount(value),
        "long_id" => matches!(name, "id" | "Id" | "TransactionId"),
        _ => value.as_str().is_some_and(is_date),
    };
    let name = members
        .iter()
        .find(|(name, value)| fits(name, value))?
        .0
        .clone();
    members.get_mut(&name)
}

fn remove(root: &mut Value, named: Option<&str>) {
    let Value::Object(members) = root else { return };
    match named {
        Some(name) => {
            members.remove(name.trim_start_matches('/'));
        }
        None => {
            let found = OPTIONAL.iter().find(|name| members.contains_key(**name));
            if let Some(name) = found {
                members.remove(*name);
            }
        }
    }
}

fn changed(value: &Value, kind: &str) -> Value {
    match (kind, value) {
        ("unknown_enum", _) => Value::from("styk_unknown"),
        ("null", _) => Value::Null,
        ("number_as_string", Value::Number(number)) => Value::from(number.to_string()),
        ("number_as_string", Value::Object(amount)) => Value::Object(amount_as_number(amount)),
        ("long_id", Value::Number(number)) => Value::from(
            number
                .as_u64()
                .unwrap_or(0)
                .saturating_add(9_007_199_254_740_993),
        ),
        ("long_id", Value::String(id)) => Value::from(format!("{id}{}", "0".repeat(200))),
        ("zoneless_date", Value::String(date)) => Value::from(date.trim_end_matches('Z')),
        _ => value.clone(),
    }
}

/// `{"value": "2.00", …}` is an amount whose number is text already: there the text becomes a number.
fn is_amount(value: &Value) -> bool {
    value.get("value").is_some_and(Value::is_string)
}

fn amount_as_number(amount: &Map<String, Value>) -> Map<String, Value> {
    let mut amount = amount.clone();
    let number = amount.get("value").and_then(Value::as_str);
    let number = number.and_then(|text| text.parse::<f64>().ok());
    if let Some(number) = number {
        amount.insert("value".to_owned(), Value::from(number));
    }
    amount
}

fn is_date(text: &str) -> bool {
    text.len() >= 19 && text.as_bytes()[4] == b'-' && text.as_bytes()[10] == b'T'
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    #[test_case("unknown_enum", None, &json!({"id": "pi_1", "status": "styk_unknown", "amount": 5}))]
    #[test_case("missing", Some("amount"), &json!({"id": "pi_1", "status": "ok"}))]
    #[test_case("null", Some("/amount"), &json!({"id": "pi_1", "status": "ok", "amount": null}))]
    #[test_case("number_as_string", None, &json!({"id": "pi_1", "status": "ok", "amount": "5"}))]
    fn one_thing_is_different(variant: &str, field: Option<&str>, wanted: &Value) {
        let answer = Answer::json(
            StatusCode::OK,
            &json!({"id": "pi_1", "status": "ok", "amount": 5}),
        );
        let wish = Wish {
            variant: Some(variant.to_owned()),
            field: field.map(str::to_owned),
            ..Wish::default()
        };
        let body = drifted(answer, &wish).body;
        assert_eq!(
            serde_json::from_slice::<Value>(&body).expect("JSON"),
            *wanted
        );
    }

    #[test]
    fn an_envelope_is_looked_into() {
        let answer = Answer::json(
            StatusCode::OK,
            &json!({"Success": true, "Model": {"Status": "Completed"}}),
        );
        let body = drifted(answer, &Wish::default()).body;
        let body: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(body["Model"]["Status"], "styk_unknown");
    }
}
