//! `report.json` is what `docs/report.schema.json` says, no less and no more.

use serde_json::Value;
use styk_core::Secrets;

use crate::Reports;
use crate::run::sample_run;

/// Checks a value against the part of JSON Schema that our schema uses. Stricter than the standard in one
/// way: a member that the schema does not describe is an error, so that the document stays complete.
fn check(value: &Value, schema: &Value, root: &Value, place: &str, problems: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.trim_start_matches('#'));
        return check(value, target.expect(reference), root, place, problems);
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let fits = choices.iter().any(|choice| {
            let mut found = Vec::new();
            check(value, choice, root, place, &mut found);
            found.is_empty()
        });
        if !fits {
            problems.push(format!("{place} fits no choice"));
        }
        return;
    }
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.contains(value)
    {
        problems.push(format!("{place} is {value}"));
    }
    if let Some(only) = schema.get("const")
        && only != value
    {
        problems.push(format!("{place} is {value}"));
    }
    check_type(value, &schema["type"], place, problems);
    if let Some(items) = schema.get("items") {
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            check(item, items, root, &format!("{place}/{index}"), problems);
        }
    }
    check_members(value, schema, root, place, problems);
}

fn check_members(
    value: &Value,
    schema: &Value,
    root: &Value,
    place: &str,
    problems: &mut Vec<String>,
) {
    for name in schema["required"].as_array().into_iter().flatten() {
        if value.get(name.as_str().expect("a name")).is_none() {
            problems.push(format!("{place} lacks {name}"));
        }
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        let described = schema["properties"]
            .get(name)
            .or(schema.get("additionalProperties"));
        match described {
            Some(schema) => check(member, schema, root, &format!("{place}/{name}"), problems),
            None => problems.push(format!("{place}/{name} is not described")),
        }
    }
}

fn check_type(value: &Value, allowed: &Value, place: &str, problems: &mut Vec<String>) {
    let fits = |name: &str| match name {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("the schema has the type {other}"),
    };
    let is_right = match allowed {
        Value::String(name) => fits(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(fits),
        _ => true,
    };
    if !is_right {
        problems.push(format!("{place} is no {allowed}: {value}"));
    }
}

fn schema() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/report.schema.json");
    let text = std::fs::read_to_string(path).expect("the schema");
    serde_json::from_str(&text).expect("JSON")
}

fn report() -> Value {
    let text = Reports::of(&sample_run(), &Secrets::default()).read("report.json");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn what_is_written_is_what_the_schema_describes() {
    let (schema, report) = (schema(), report());
    let mut problems = Vec::new();
    check(&report, &schema, &schema, "", &mut problems);
    assert!(problems.is_empty(), "{problems:#?}");
    // The check can fail.
    let mut wrong = report;
    wrong["run"]["seed"] = Value::from(7);
    wrong["run"]["extra"] = Value::from(true);
    check(&wrong, &schema, &schema, "", &mut problems);
    assert_eq!(problems.len(), 2, "{problems:#?}");
}

#[test]
fn the_blocks_of_earlier_tools_are_kept() {
    let report = report();
    assert_eq!(
        report["integration_test_report"],
        serde_json::json!({
            "start_time": "2026-11-23T01:00:00Z",
            "end_time": "2026-11-23T01:00:01.842Z",
            "duration_seconds": 1.842,
            "total_test_categories": 4,
            "passed_categories": 2,
            "failed_categories": 2,
            "success_rate": 50.0,
        })
    );
    let names: Vec<&String> = report["test_results"]
        .as_object()
        .expect("a map")
        .keys()
        .collect();
    assert_eq!(
        names,
        [
            "user_flows",
            "payment_integration",
            "external_services",
            "async_processes"
        ]
    );
    assert_eq!(report["test_results"]["user_flows"]["error"], Value::Null);
    assert_eq!(
        report["test_results"]["async_processes"]["error"],
        "the suite did not end within its limit of 600 s"
    );
}

#[test]
fn bodies_come_through_as_they_were_written() {
    let report = report();
    let texts: Vec<&str> = report["categories"][0]["scenarios"][1]["attempts"][0]["exchanges"]
        .as_array()
        .expect("exchanges")
        .iter()
        .filter_map(|exchange| exchange["response"]["body"]["text"].as_str())
        .collect();
    assert!(
        texts.iter().any(|text| text.contains("\"total\":2940.00,")),
        "{texts:?}"
    );
}
