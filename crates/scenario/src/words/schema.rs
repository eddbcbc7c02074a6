//! The JSON Schema of scenario files, for editors.
//!
//! It says what the table says. What it cannot say (unknown names, misspelt operators, paths and expressions) the loader
//! does.

use serde_json::{Map, Value, json};

use super::{
    EXPECTATION, FIXTURE, HTTP_LONG, Kind, MODIFIERS, MULTIPART_FILE, PARALLEL, PATTERN, POLL,
    REPLY, RESULT_MODIFIERS, SCENARIO, SESSION, SKIP, VERBS, VerbWord, Word,
};

const NAME_PATTERN: &str = "^[A-Za-z_][A-Za-z0-9_]*$";
const DURATION_PATTERN: &str = r"^([0-9]+(\.[0-9]+)?(us|ms|s|m|h|d))+$";
const EDGE_PATTERN: &str = r"^\s*[^\s>→]+\s*(→|->|>)\s*[^\s>→]+\s*$";
const METHOD_PATTERN: &str = r"^\s*(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\s+(/|https?://|\$).*$";

/// The schema of one document of a scenario file, as JSON Schema 2020-12.
#[must_use]
pub fn json_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "styk scenario",
        "description": "A scenario, or a set of fixtures, for `styk test`.",
        "if": {"type": "object", "required": ["fixtures"]},
        "then": {
            "type": "object",
            "required": ["fixtures"],
            "additionalProperties": false,
            "properties": {
                "fixtures": {
                    "type": "object",
                    "description": "Fixtures by name.",
                    "propertyNames": {"pattern": NAME_PATTERN},
                    "additionalProperties": mapping(FIXTURE, &[]),
                },
            },
        },
        "else": mapping(SCENARIO, &[]),
        "$defs": {
            "step": step(),
            "expectation": expectation(),
            "status": status(),
            "captures": captures(),
            "duration": {"type": "string", "pattern": DURATION_PATTERN},
            "name": {"type": "string", "pattern": NAME_PATTERN},
        },
    })
}

fn step() -> Value {
    let mut kinds: Vec<Value> = VERBS
        .iter()
        .filter(|verb| verb.is_supported)
        .map(verb)
        .collect();
    let steps = Word::required("steps", Kind::Steps, "The steps.");
    let mut block = mapping(MODIFIERS, &[&steps]);
    block["description"] = json!("Steps in a plain loop or under a condition.");
    block["anyOf"] = ["each", "repeat", "when"]
        .map(|name| json!({"required": [name]}))
        .to_vec()
        .into();
    kinds.push(block);
    json!({"type": "object", "oneOf": kinds})
}

fn verb(verb: &VerbWord) -> Value {
    let results: Vec<&Word> = RESULT_MODIFIERS
        .iter()
        .filter(|word| verb.results.contains(&word.name))
        .collect();
    let itself = Word::required(verb.name, verb.subject, verb.doc);
    let mut words: Vec<&Word> = vec![&itself];
    words.extend(results);
    words.extend(MODIFIERS);
    let mut schema = mapping(verb.arguments, &words);
    schema["description"] = json!(verb.doc);
    schema
}

/// A mapping of these words and no others.
fn mapping(words: &[Word], more: &[&Word]) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for word in more.iter().copied().chain(words) {
        let mut schema = kind(word.kind);
        if let Value::Object(members) = &mut schema {
            members.insert("description".to_owned(), word.doc.into());
        }
        properties.insert(word.name.to_owned(), schema);
        if word.is_required {
            required.push(word.name);
        }
    }
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    })
}

fn kind(kind: Kind) -> Value {
    match kind {
        Kind::Value | Kind::Matcher | Kind::MockBody | Kind::Later => json!({}),
        Kind::Values | Kind::Conditions => json!({"type": "object"}),
        Kind::Variables => json!({"type": "object", "propertyNames": reference("name")}),
        Kind::Text => json!({"type": "string", "minLength": 1}),
        Kind::Template => json!({"type": ["string", "number", "boolean"]}),
        Kind::Name => reference("name"),
        Kind::Names => {
            json!({"anyOf": [reference("name"), {"type": "array", "items": reference("name")}]})
        }
        Kind::Slug => {
            json!({"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_./:-]*$", "maxLength": 200})
        }
        Kind::Texts => json!({"type": "array", "items": {"type": "string", "minLength": 1}}),
        Kind::Edges => {
            json!({"type": "array", "items": {"type": "string", "pattern": EDGE_PATTERN}})
        }
        Kind::Duration => reference("duration"),
        Kind::Bool => json!({"type": "boolean"}),
        Kind::Count(min, max) => json!({"type": "integer", "minimum": min, "maximum": max}),
        Kind::Factor => json!({"type": "number", "minimum": 1, "maximum": 100}),
        Kind::Day => json!({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
        Kind::Steps => json!({"type": "array", "minItems": 1, "items": reference("step")}),
        Kind::Expectation => reference("expectation"),
        Kind::Captures => reference("captures"),
        Kind::Status => reference("status"),
        Kind::TimeBounds => json!({"anyOf": [reference("duration"), time_bounds()]}),
        Kind::Each => json!({"anyOf": [
            {"type": "array"},
            {"type": "string", "pattern": r"^\$"},
            {"type": "object", "minProperties": 1, "maxProperties": 1, "propertyNames": reference("name")},
        ]}),
        Kind::Poll => json!({"anyOf": [reference("duration"), mapping(POLL, &[])]}),
        Kind::Skip => json!({"anyOf": [{"type": "string", "minLength": 1}, mapping(SKIP, &[])]}),
        Kind::Table => json!({"anyOf": [
            {"type": "string", "minLength": 1},
            {"type": "array", "minItems": 1, "items": {"type": "object", "propertyNames": reference("name")}},
        ]}),
        Kind::Uses => {
            json!({"type": "array", "items": {"anyOf": [reference("name"), {"type": "object"}]}})
        }
        Kind::Request => json!({"anyOf": [
            {"type": "string", "pattern": METHOD_PATTERN},
            mapping(HTTP_LONG, &[]),
        ]}),
        Kind::Method => {
            json!({"type": "string", "pattern": r"^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|.*\$.*)$"})
        }
        Kind::Session => json!({"anyOf": [{"const": "cookies"}, mapping(SESSION, &[])]}),
        Kind::Parts => json!({
            "type": "object",
            "additionalProperties": {"if": {"type": "object"}, "then": mapping(MULTIPART_FILE, &[])},
        }),
        Kind::Pattern => mapping(PATTERN, &[]),
        Kind::Reply => mapping(REPLY, &[]),
        Kind::Parallel => mapping(PARALLEL, &[]),
        Kind::WaitSubject => json!({"enum": ["call", "webhook", "queue_idle"]}),
        Kind::Fault => {
            let words = styk_core::FaultKind::ALL.iter();
            json!({"enum": words.map(|kind| kind.word()).collect::<Vec<_>>()})
        }
        Kind::VerifySubject => json!({"type": "string", "minLength": 1}),
        Kind::Scope => json!({"enum": ["scenario", "worker", "run"]}),
    }
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

fn expectation() -> Value {
    let mut checks = mapping(EXPECTATION, &[]);
    checks["minProperties"] = json!(1);
    checks["patternProperties"] = json!({
        r"^\$($|[.\[])": {"description": "A part of the JSON body."},
        r"^header\..+$": {"description": "A header."},
        r"^cookie\..+$": {"description": "A cookie that the answer sets."},
    });
    json!({"anyOf": [reference("status"), checks]})
}

fn status() -> Value {
    let one = json!({"anyOf": [
        {"type": "integer", "minimum": 100, "maximum": 599},
        {"type": "string", "pattern": r"^([1-5]xx|.*\$.*)$"},
    ]});
    json!({"anyOf": [one, {"type": "array", "minItems": 1, "items": one}, operators()]})
}

/// A mapping that is not one of checks: all its keys are operators.
fn operators() -> Value {
    json!({"type": "object", "minProperties": 1, "propertyNames": {"enum": crate::OPERATORS}})
}

fn time_bounds() -> Value {
    let bound = |word: &str| (word.to_owned(), reference("duration"));
    let bounds: Map<String, Value> = ["lt", "lte", "gt", "gte"].map(bound).into_iter().collect();
    json!({"type": "object", "additionalProperties": false, "properties": bounds})
}

fn captures() -> Value {
    let source = json!({
        "type": "string",
        "pattern": r"^(\$$|\$[.\[].*|header\..+|cookie\..+|status|time|text)$",
    });
    let long = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["from", "matches"],
        "properties": {"from": source, "matches": {"type": "string"}},
    });
    json!({
        "type": "object",
        "propertyNames": reference("name"),
        "additionalProperties": {"anyOf": [source, long]},
    })
}
