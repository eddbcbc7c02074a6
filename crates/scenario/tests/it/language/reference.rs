//! The reference page and the JSON Schema say what the loader does.

use serde_json::Value;
use styk_core::Diagnostic;
use styk_scenario::{LoadOptions, SourceFile, json_schema, load, reference};

const PAGE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../docs/scenario-reference.md"
);

#[test]
fn the_reference_page_is_the_one_in_the_repository() {
    if std::env::var_os("STYK_WRITE_DOCS").is_some() {
        std::fs::write(PAGE, reference()).expect("a writable file");
    }
    let page = std::fs::read_to_string(PAGE).expect("the page");
    let advice = "write it anew: STYK_WRITE_DOCS=1 cargo test -p styk-scenario --test it reference";
    assert!(
        page == reference(),
        "docs/scenario-reference.md is out of date; {advice}"
    );
}

/// Every verb's example, in a scenario that has what the examples need.
#[test]
fn every_example_of_the_reference_page_loads() {
    let page = reference();
    let examples: Vec<&str> = page
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert!(examples.len() >= 10, "{}", examples.len());
    for example in examples {
        let steps = example.replace('\n', "\n  ");
        let text = format!(
            "\
scenario: An example
vars: {{price: 5, ids: [1, 2], order: 7}}
use: [product, buyer]
steps:
  {steps}
---
fixtures:
  buyer:
    steps:
      - http: POST /api/auth/login/
        session: cookies
    outputs: {{email: a@shop.test}}
  product:
    steps:
      - http: POST /api/products/
        capture: {{id: $.id}}
    outputs: {{id: $id}}
"
        );
        let file = SourceFile {
            name: "example.styk.yaml".to_owned(),
            path: "example.styk.yaml".into(),
            text: renamed(&text, example),
        };
        let loaded = load(&[file], &LoadOptions::default());
        let errors: Vec<String> = loaded
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.code != "W0201")
            .map(Diagnostic::render)
            .collect();
        assert_eq!(errors.join("\n"), "", "{example}");
    }
}

/// An example that captures `order` itself must not find it bound.
fn renamed(text: &str, example: &str) -> String {
    if example.contains("capture: {order:") {
        text.replace(", order: 7}", "}")
    } else {
        text.to_owned()
    }
}

#[test]
fn the_schema_knows_every_verb_and_resolves_its_references() {
    let schema = json_schema();
    let kinds = schema["$defs"]["step"]["oneOf"].as_array().expect("a list");
    assert!(kinds.len() > 10);
    for name in references(&schema) {
        let pointer = name.trim_start_matches('#');
        assert!(schema.pointer(pointer).is_some(), "{name}");
    }
}

fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, member)| match member {
                Value::String(text) if name == "$ref" => vec![text.clone()],
                other => references(other),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}
