//! Schemas of OpenAPI as JSON Schema, draft 7.
//!
//! Referred schemas become `definitions`, so that a schema may hold itself. Members of `allOf` are written out, without
//! their `additionalProperties`: MockServer merges them into one schema that allows more fields.

use std::collections::HashMap;

use crate::json::{Json, Object};

use super::document::Node;

/// The most schemas within that of a body, and of a parameter; what comes after allows everything.
const BODY_SCHEMAS_MAX: usize = 20_000;
const PARAMETER_SCHEMAS_MAX: usize = 1_000;

/// The deepest nesting of schemas.
const DEPTH_MAX: usize = 64;

const TYPES: &[&str] = &[
    "string", "number", "integer", "boolean", "array", "object", "null",
];

/// The schema of a body.
pub(super) fn of_body(schema: Node<'_>) -> Json {
    Writer::new(BODY_SCHEMAS_MAX).whole(schema, true)
}

/// The schema of a parameter, which is never null.
pub(super) fn of_parameter(schema: Node<'_>) -> Json {
    Writer::new(PARAMETER_SCHEMAS_MAX).whole(schema, false)
}

/// What a reference that leads nowhere allows.
fn nothing() -> Json {
    Json::object([("not", Json::Object(Object::new()))])
}

struct Writer<'a> {
    /// The names of the definitions, by reference.
    names: HashMap<&'a str, String>,
    /// Definitions that are still to be written.
    waiting: Vec<(String, Node<'a>)>,
    /// The references on the way to a member of `allOf`.
    members: Vec<&'a str>,
    schemas_left: usize,
}

impl<'a> Writer<'a> {
    fn new(schemas_left: usize) -> Self {
        Self {
            names: HashMap::new(),
            waiting: Vec::new(),
            members: Vec::new(),
            schemas_left,
        }
    }

    fn whole(mut self, schema: Node<'a>, nullable: bool) -> Json {
        let Some(schema) = schema.follow() else {
            return nothing();
        };
        let mut whole = match self.schema(schema, false, 0) {
            Json::Object(whole) => whole,
            other => return other,
        };
        if !nullable && let Some(kind) = schema.text("type").filter(|kind| TYPES.contains(kind)) {
            whole.insert("type".to_owned(), Json::text(kind));
        }
        let mut definitions = Object::new();
        while let Some((name, schema)) = self.waiting.pop() {
            let definition = self.schema(schema, false, 0);
            definitions.insert(name, definition);
        }
        if !definitions.is_empty() {
            definitions.sort_unstable_keys();
            whole.insert("definitions".to_owned(), Json::Object(definitions));
        }
        Json::Object(whole)
    }

    /// One schema, or what stands for it. `member` says that it stands within an `allOf`.
    fn schema(&mut self, schema: Node<'a>, member: bool, depth: usize) -> Json {
        if depth > DEPTH_MAX || self.schemas_left == 0 {
            return Json::Object(Object::new());
        }
        self.schemas_left -= 1;
        match schema.reference() {
            Some(reference) if member => self.written_out(schema, reference, depth),
            Some(reference) => self.definition(schema, reference),
            None if schema.is_object() => Json::Object(self.fields(schema, member, depth)),
            None if matches!(schema.json(), Json::Bool(_)) => schema.json().clone(),
            None => Json::Object(Object::new()),
        }
    }

    fn written_out(&mut self, schema: Node<'a>, reference: &'a str, depth: usize) -> Json {
        let Some(target) = schema.target() else {
            return nothing();
        };
        if self.members.contains(&reference) {
            return Json::Object(Object::new());
        }
        self.members.push(reference);
        let written = self.schema(target, true, depth + 1);
        self.members.pop();
        written
    }

    fn definition(&mut self, schema: Node<'a>, reference: &'a str) -> Json {
        let name = if let Some(name) = self.names.get(reference) {
            name.clone()
        } else {
            let Some(target) = schema.follow() else {
                return nothing();
            };
            let name = format!("d{}", self.names.len());
            self.names.insert(reference, name.clone());
            self.waiting.push((name.clone(), target));
            name
        };
        Json::object([("$ref", Json::Text(format!("#/definitions/{name}")))])
    }

    fn fields(&mut self, schema: Node<'a>, member: bool, depth: usize) -> Object {
        let mut out = Object::new();
        let merges = member || schema.raw("allOf").is_some();
        for (name, value) in schema.fields() {
            let written = match name {
                "properties" | "patternProperties" => Some(self.map(value, depth)),
                "allOf" => self.list(value, true, depth),
                "oneOf" | "anyOf" => self.list(value, false, depth),
                "additionalProperties" if merges => None,
                "items" | "additionalProperties" | "not" | "contains" | "propertyNames" => {
                    Some(self.schema(value, false, depth + 1))
                }
                _ => plain(name, value.json()),
            };
            if let Some(written) = written {
                out.insert(name.to_owned(), written);
            }
        }
        exclusive(&mut out, schema, "minimum", "exclusiveMinimum");
        exclusive(&mut out, schema, "maximum", "exclusiveMaximum");
        if !out.contains_key("type")
            && let Some(kind) = member_type(out.get("allOf"))
        {
            out.insert("type".to_owned(), kind);
        }
        if schema.flag("nullable") == Some(true) {
            allow_null(&mut out);
        }
        out
    }

    fn map(&mut self, schemas: Node<'a>, depth: usize) -> Json {
        let mut out = Object::new();
        for (name, schema) in schemas.fields() {
            out.insert(name.to_owned(), self.schema(schema, false, depth + 1));
        }
        Json::Object(out)
    }

    /// The schemas of a list; an empty list is none.
    fn list(&mut self, schemas: Node<'a>, member: bool, depth: usize) -> Option<Json> {
        let mut out = Vec::new();
        for schema in schemas.items() {
            out.push(self.schema(schema, member, depth + 1));
        }
        (!out.is_empty()).then_some(Json::Array(out))
    }
}

/// A keyword whose value is no schema, when JSON Schema has it and its value is of the right kind.
fn plain(name: &str, value: &Json) -> Option<Json> {
    let fits = match (name, value) {
        ("type", Json::Text(kind)) => TYPES.contains(&kind.as_str()),
        ("type", Json::Array(kinds)) => kinds
            .iter()
            .all(|kind| matches!(kind, Json::Text(kind) if TYPES.contains(&kind.as_str()))),
        ("enum", Json::Array(values)) => !values.is_empty(),
        ("required", Json::Array(names)) => names.iter().all(|name| matches!(name, Json::Text(_))),
        ("const", _) | ("pattern" | "format", Json::Text(_)) | ("uniqueItems", Json::Bool(_)) => {
            true
        }
        ("minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum", Json::Number(_)) => true,
        ("multipleOf", Json::Number(text)) => text.parse().is_ok_and(|value: f64| value > 0.0),
        (
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties",
            Json::Number(text),
        ) => text.parse::<u64>().is_ok(),
        _ => false,
    };
    fits.then(|| value.clone())
}

/// The bound of OpenAPI 3.0 with its flag as the exclusive bound of JSON Schema.
fn exclusive(out: &mut Object, schema: Node<'_>, bound: &str, flag: &str) {
    if schema.flag(flag) == Some(true)
        && let Some(limit) = out.shift_remove(bound)
    {
        out.insert(flag.to_owned(), limit);
    }
}

/// The type that members of an `allOf` have.
fn member_type(members: Option<&Json>) -> Option<Json> {
    let Some(Json::Array(members)) = members else {
        return None;
    };
    members.iter().find_map(|member| match member {
        Json::Object(fields) => fields.get("type").cloned(),
        _ => None,
    })
}

/// Lets null be a value, as `nullable` says.
fn allow_null(out: &mut Object) {
    if let Some(kind @ Json::Text(_)) = out.get("type").cloned() {
        let kinds = Json::Array(vec![kind, Json::text("null")]);
        out.insert("type".to_owned(), kinds);
    }
    if let Some(Json::Array(values)) = out.get_mut("enum")
        && !values.contains(&Json::Null)
    {
        values.push(Json::Null);
    }
}
