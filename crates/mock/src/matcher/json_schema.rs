//! JSON Schema, draft 7 unless `$schema` names another draft; formats are checked, and nothing is fetched.
//!
//! The original differs in corners: it wants a known top-level domain in `email`, and knows `color` and `phone`.

use std::sync::LazyLock;

use jsonschema::{Draft, PatternOptions, Validator};
use regex::Regex;

use crate::json::{Json, parse_strict};

const BACKTRACK_STEPS_MAX: usize = 100_000;
const COMPILED_BYTES_MAX: usize = 4 << 20;

/// A compiled schema.
#[derive(Debug)]
pub(crate) struct JsonSchema {
    validator: Validator,
    is_for_texts: bool,
    written: Json,
}

impl JsonSchema {
    /// Compiles a schema.
    ///
    /// # Errors
    ///
    /// Why it is no schema that can be used here.
    pub(crate) fn compile(schema: &Json) -> Result<Self, String> {
        let mut value = value(schema);
        drop_wrong_required(&mut value);
        let names_draft = value.get("$schema").is_some();
        let options = jsonschema::options()
            .offline()
            .should_validate_formats(true)
            .with_pattern_options(
                PatternOptions::fancy_regex()
                    .backtrack_limit(BACKTRACK_STEPS_MAX)
                    .size_limit(COMPILED_BYTES_MAX),
            )
            // Formats of later drafts that the original checks in draft 7 too.
            .with_format("uuid", |text: &str| is_like(&UUID, text))
            .with_format("duration", |text: &str| is_like(&DURATION, text));
        let options = if names_draft {
            options
        } else {
            options.with_draft(Draft::Draft7)
        };
        let validator = options.build(&value).map_err(|error| error.to_string())?;
        Ok(Self {
            validator,
            is_for_texts: value.get("type").and_then(|kind| kind.as_str()) == Some("string"),
            written: schema.clone(),
        })
    }

    pub(crate) fn accepts(&self, json: &Json) -> bool {
        self.validator.is_valid(&value(json))
    }

    /// Whether the schema accepts what a text stands for: itself if the schema asks for a string, else the JSON value that
    /// it is, if it is one. An empty text is never accepted.
    pub(crate) fn accepts_text(&self, text: &str) -> bool {
        if text.is_empty() {
            return false;
        }
        let json = if self.is_for_texts {
            None
        } else {
            parse_strict(text).ok()
        };
        self.accepts(&json.unwrap_or_else(|| Json::text(text)))
    }

    /// The first violation, with its place; `None` when there is none.
    pub(crate) fn difference(&self, json: &Json) -> Option<String> {
        let value = value(json);
        let error = self.validator.validate(&value).err()?;
        let place = error.instance_path().to_string().replace('/', ".");
        Some(format!("${place}: {error}"))
    }

    /// The schema as it was given.
    pub(crate) fn written(&self) -> &Json {
        &self.written
    }
}

static UUID: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$").ok());
static DURATION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let time = r"T(\d+H(\d+M(\d+S)?)?|\d+M(\d+S)?|\d+S)";
    let date = r"(\d+D|\d+M(\d+D)?|\d+Y(\d+M(\d+D)?)?)";
    Regex::new(&format!(r"^P({date}({time})?|{time}|\d+W)$")).ok()
});

fn is_like(regex: &Option<Regex>, text: &str) -> bool {
    regex.as_ref().is_some_and(|regex| regex.is_match(text))
}

/// Drops each `required` that is no list, as of old drafts; the original passes over them. Recursion is as deep as the
/// value.
fn drop_wrong_required(schema: &mut serde_json::Value) {
    /// Keywords whose values are no schemas, and which may hold fields of this name.
    const DATA: &[&str] = &["const", "enum", "default", "examples"];
    /// Keywords whose values hold schemas under names of the user.
    const NAMED: &[&str] = &[
        "properties",
        "patternProperties",
        "definitions",
        "$defs",
        "dependentSchemas",
    ];
    match schema {
        serde_json::Value::Object(fields) => {
            if fields
                .get("required")
                .is_some_and(|required| !required.is_array())
            {
                fields.remove("required");
            }
            for (name, value) in fields {
                if NAMED.contains(&name.as_str()) {
                    if let serde_json::Value::Object(named) = value {
                        named.values_mut().for_each(drop_wrong_required);
                    }
                } else if !DATA.contains(&name.as_str()) {
                    drop_wrong_required(value);
                }
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(drop_wrong_required),
        _ => {}
    }
}

/// The value in the form the library takes. Numbers beyond 64 bits become doubles, as in most JSON libraries. Recursion is
/// as deep as the value, whose depth the reader bounds.
fn value(json: &Json) -> serde_json::Value {
    match json {
        Json::Null => serde_json::Value::Null,
        Json::Bool(value) => (*value).into(),
        Json::Number(text) => serde_json::from_str(text)
            .unwrap_or_else(|_out_of_range| serde_json::Value::String(text.to_string())),
        Json::Text(text) => text.as_str().into(),
        Json::Array(items) => items.iter().map(value).collect(),
        Json::Object(fields) => serde_json::Value::Object(
            fields
                .iter()
                .map(|(name, field)| (name.clone(), value(field)))
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::json::parse_lenient;

    fn schema(text: &str) -> JsonSchema {
        JsonSchema::compile(&parse_lenient(text).expect("JSON")).expect("a schema")
    }

    // What MockServer 8.0.0 makes of them.
    #[test_case("{type:'object',required:['a'],properties:{a:{type:'integer'}}}", &["{\"a\":1}", "{\"a\":1.0}"], &["{\"a\":1.5}", "{\"a\":\"1\"}", "{}", "[]"])]
    #[test_case("{format:'date'}", &["\"2020-01-01\"", "1"], &["\"2020-13-01\"", "\"x\""])]
    #[test_case("{format:'date-time'}", &["\"2020-01-01T00:00:00Z\""], &["\"2020-01-01\""])]
    #[test_case("{format:'time'}", &["\"10:00:00Z\""], &["\"25:00:00Z\"", "\"10:00:00\""])]
    #[test_case("{format:'ipv4'}", &["\"1.2.3.4\""], &["\"1.2.3.400\""])]
    #[test_case("{format:'uuid'}", &["\"123e4567-e89b-12d3-a456-426614174000\""], &["\"x\""])]
    #[test_case("{format:'uri'}", &["\"http://a/b\""], &["\"a b\""])]
    #[test_case("{format:'hostname'}", &["\"a.b\""], &["\"-a-\""])]
    #[test_case("{format:'regex'}", &["\"a+\""], &["\"(a\""])]
    #[test_case("{format:'json-pointer'}", &["\"/a\""], &["\"a\""])]
    #[test_case("{format:'duration'}", &["\"P1D\""], &["\"x\""])]
    #[test_case("{format:'unknown'}", &["\"x\""], &[])]
    #[test_case("{multipleOf:0.01}", &["0.07"], &["0.075"])]
    #[test_case("{const:1}", &["1", "1.0"], &["\"1\""])]
    #[test_case("{enum:[1,'a']}", &["1", "1.0", "\"a\""], &["\"b\""])]
    #[test_case("{$ref:'#/definitions/x',definitions:{x:{type:'string'}}}", &["\"a\""], &["1"])]
    #[test_case("{$schema:'http://json-schema.org/draft-04/schema#',minimum:1,exclusiveMinimum:true}", &["2"], &["1"])]
    #[test_case("{exclusiveMinimum:1}", &["2"], &["1"])]
    #[test_case("{$schema:'https://json-schema.org/draft/2020-12/schema',dependentRequired:{a:['b']}}", &["{\"a\":1,\"b\":1}"], &["{\"a\":1}"])]
    #[test_case("{dependentRequired:{a:['b']}}", &["{\"a\":1}"], &[]; "not in draft 7")]
    #[test_case("{if:{required:['a']},then:{required:['b']}}", &["{\"a\":1,\"b\":1}"], &["{\"a\":1}"])]
    #[test_case("{contains:{type:'number'}}", &["[\"a\",1]"], &["[\"a\"]"])]
    #[test_case("{propertyNames:{maxLength:1}}", &["{\"a\":1}"], &["{\"aa\":1}"])]
    #[test_case("{pattern:'b'}", &["\"abc\""], &["\"x\""])]
    #[test_case("{maxLength:1}", &["\"😀\""], &["\"ab\""])]
    #[test_case("{uniqueItems:true}", &["[1,2]"], &["[1,1]", "[1,1.0]"])]
    fn values_are_accepted_or_not(text: &str, accepted: &[&str], refused: &[&str]) {
        let schema = schema(text);
        for json in accepted {
            assert!(schema.accepts(&parse_strict(json).expect("JSON")), "{json}");
        }
        for json in refused {
            assert!(
                !schema.accepts(&parse_strict(json).expect("JSON")),
                "{json}"
            );
        }
    }

    #[test_case("{type:'integer',minimum:5}", "7", "3 z 7.5 true")]
    #[test_case("{type:'number'}", "7 3 7.5", "z true")]
    #[test_case("{type:'boolean'}", "true", "7 z")]
    #[test_case("{type:'string'}", "7 3 z 7.5 true", "")]
    #[test_case("{minimum:5}", "7 z 7.5 true", "3")]
    #[test_case("{type:['integer','string']}", "7 3 z", "7.5 true")]
    #[test_case("{enum:['7','z']}", "z", "7")]
    #[test_case("{enum:[7]}", "7", "3 z")]
    #[test_case("{type:'array',items:{type:'integer'}}", "[1,2]", "1,2 7")]
    #[test_case("{type:'object'}", "{}", "7 z")]
    #[test_case("{type:'string',format:'date'}", "2020-01-01", "7 z")]
    fn texts_are_read_first(text: &str, accepted: &str, refused: &str) {
        let schema = schema(text);
        for text in accepted.split_ascii_whitespace() {
            assert!(schema.accepts_text(text), "{text}");
        }
        for text in refused.split_ascii_whitespace().chain([""]) {
            assert!(!schema.accepts_text(text), "{text}");
        }
    }

    #[test_case("{type:'nonsense'}")]
    #[test_case("{type:1}")]
    #[test_case("{minimum:'x'}")]
    #[test_case("{$ref:'http://127.0.0.1:1/none.json'}"; "nothing is fetched")]
    #[test_case("{$ref:'file:///etc/passwd'}"; "no file either")]
    #[test_case("{$schema:'http://x/y'}")]
    #[test_case("'text'")]
    fn some_values_are_no_schemas(text: &str) {
        assert!(JsonSchema::compile(&parse_lenient(text).expect("JSON")).is_err());
    }

    #[test]
    fn a_schema_that_means_itself_ends() {
        for text in [
            "{$ref:'#'}",
            "{allOf:[{$ref:'#'},{$ref:'#'}]}",
            "{pattern:'(a+)+$'}",
        ] {
            if let Ok(schema) = JsonSchema::compile(&parse_lenient(text).expect("JSON")) {
                schema.accepts(&Json::text("a".repeat(64) + "!"));
            }
        }
    }

    #[test]
    fn a_violation_has_its_place() {
        let schema = schema("{properties:{a:{items:{type:'integer'}}}}");
        let json = parse_strict(r#"{"a":[1,"x"]}"#).expect("JSON");
        assert_eq!(
            schema.difference(&json).as_deref(),
            Some("$.a.1: \"x\" is not of type \"integer\"")
        );
    }
}
