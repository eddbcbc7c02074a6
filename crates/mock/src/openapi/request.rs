//! The request matchers of an operation, in the control plane's JSON: one per content type of its body.

use crate::json::{Json, Object};

use super::document::Node;
use super::operation::{Operation, Parameter};
use super::schema;

mod security;

use security::Demands;

/// The matchers; a request is one of the operation when one of them matches.
pub(super) fn matchers(operation: &Operation<'_>, context_path_prefix: Option<&str>) -> Vec<Json> {
    let demands = Demands::of(operation);
    let parameters = operation.parameters();
    let parameters = |place| values(&parameters, place);
    let mut head = Object::new();
    head.insert("method".to_owned(), Json::text(&operation.method));
    let path = operation.full_path(context_path_prefix);
    head.insert("path".to_owned(), Json::Text(path));
    put_values(
        &mut head,
        "pathParameters",
        Object::new(),
        parameters("path"),
    );
    let query = parameters("query");
    put_values(&mut head, "queryStringParameters", demands.query, query);
    put_values(&mut head, "headers", demands.headers, parameters("header"));
    let mut cookies = demands.cookies;
    cookies.extend(parameters("cookie"));
    if !cookies.is_empty() {
        head.insert("cookies".to_owned(), Json::Object(cookies));
    }
    if demands.client_certificate {
        let any = Json::object([("subject", Json::text(".+"))]);
        head.insert("clientCertificate".to_owned(), any);
    }
    let Some(body) = operation.node.get("requestBody") else {
        return vec![Json::Object(head)];
    };
    let required = body.flag("required") == Some(true);
    let content = body.get("content");
    let media_types = content.into_iter().flat_map(|content| {
        let types: Vec<_> = content.fields().collect();
        types
    });
    let matchers: Vec<Json> = media_types
        .map(|(name, media_type)| with_body(head.clone(), name, media_type, required))
        .collect();
    if matchers.is_empty() {
        return vec![Json::Object(head)];
    }
    matchers
}

/// The parameters of one place, by name; optional ones have a `?` in front. A parameter without a schema says nothing.
fn values(parameters: &[Parameter<'_>], place: &str) -> Object {
    let mut out = Object::new();
    for parameter in parameters.iter().filter(|p| p.place == place) {
        let node = parameter.node;
        let content = node.get("content");
        let media_type = content.and_then(|content| content.fields().next());
        let by_content = media_type.and_then(|(_, media_type)| media_type.follow()?.raw("schema"));
        let Some(schema) = node.raw("schema").or(by_content) else {
            continue;
        };
        let is_styled = node.raw("schema").is_some();
        let nullable = schema.follow().and_then(|schema| schema.flag("nullable"));
        let may_be_empty = nullable == Some(true) || node.flag("allowEmptyValue") == Some(true);
        let schema = Json::object([("schema", schema::of_parameter(schema))]);
        let required = node.flag("required") == Some(true);
        let name = format!("{}{}", if required { "" } else { "?" }, parameter.name);
        if place == "cookie" {
            out.insert(name, schema);
            continue;
        }
        let mut values = vec![schema];
        if may_be_empty {
            values.push(Json::text("^$"));
        }
        let mut value = Json::Array(values);
        if is_styled {
            let style = Json::text(parameter_style(node, place));
            value = Json::object([("parameterStyle", style), ("values", value)]);
        }
        out.insert(name, value);
    }
    out
}

/// How a parameter with several values is written, in the words of the control plane.
fn parameter_style(node: Node<'_>, place: &str) -> &'static str {
    let default = if place == "query" { "form" } else { "simple" };
    let style = node.text("style").unwrap_or(default);
    let explode = node.flag("explode").unwrap_or(style == "form");
    style_name(style, explode)
}

fn style_name(style: &str, explode: bool) -> &'static str {
    match (style, explode) {
        ("form", true) => "FORM_EXPLODED",
        ("form", false) => "FORM",
        ("spaceDelimited", true) => "SPACE_DELIMITED_EXPLODED",
        ("spaceDelimited", false) => "SPACE_DELIMITED",
        ("pipeDelimited", true) => "PIPE_DELIMITED_EXPLODED",
        ("pipeDelimited", false) => "PIPE_DELIMITED",
        ("deepObject", _) => "DEEP_OBJECT",
        ("label", true) => "LABEL_EXPLODED",
        ("label", false) => "LABEL",
        ("matrix", true) => "MATRIX_EXPLODED",
        ("matrix", false) => "MATRIX",
        (_, true) => "SIMPLE_EXPLODED",
        (_, false) => "SIMPLE",
    }
}

/// Puts the parameters, and what security demands, under `field`.
fn put_values(head: &mut Object, field: &str, mut demands: Object, parameters: Object) {
    let mut out = Object::new();
    if !parameters.is_empty() {
        // Beside parameters, one of several names is asked for whatever its value.
        if demands.len() > 1 {
            demands.retain(|name, _| !name.starts_with('?'));
        }
        out.insert("keyMatchStyle".to_owned(), Json::text("MATCHING_KEY"));
    }
    out.extend(demands);
    out.extend(parameters);
    if !out.is_empty() {
        head.insert(field.to_owned(), Json::Object(out));
    }
}

/// The matcher for a body of one content type. Only a required body must have the content type.
fn with_body(mut head: Object, content_type: &str, media_type: Node<'_>, required: bool) -> Json {
    if required && let Some(pattern) = content_type_pattern(content_type) {
        let headers = head
            .entry("headers".to_owned())
            .or_insert_with(|| Json::Object(Object::new()));
        if let Json::Object(headers) = headers {
            headers.insert("content-type".to_owned(), Json::Array(vec![pattern]));
        }
    }
    let media_type = media_type.follow();
    let schema = media_type.and_then(|media_type| media_type.raw("schema"));
    let body = schema.and_then(|schema| {
        if content_type
            .to_ascii_lowercase()
            .starts_with("multipart/form-data")
        {
            return multipart(schema);
        }
        let mut body = Object::new();
        body.insert("type".to_owned(), Json::text("JSON_SCHEMA"));
        body.insert("jsonSchema".to_owned(), schema::of_body(schema));
        if let Some(styles) = media_type.and_then(parameter_styles) {
            body.insert("parameterStyles".to_owned(), styles);
        }
        Some(body)
    });
    if let Some(mut body) = body {
        if !required {
            body.insert("optional".to_owned(), Json::Bool(true));
        }
        head.insert("body".to_owned(), Json::Object(body));
    }
    Json::Object(head)
}

/// A pattern for a content type that may have parameters behind it; any type needs none.
fn content_type_pattern(content_type: &str) -> Option<Json> {
    if content_type == "*/*" {
        return None;
    }
    let mut pattern = String::new();
    for c in content_type.chars() {
        match c {
            '*' => pattern.push_str(r"\.*"),
            c if c.is_alphanumeric() => pattern.push(c),
            c => pattern.extend(['\\', c]),
        }
    }
    pattern.push_str(".*");
    Some(Json::Text(pattern))
}

/// A multipart form is asked for its required parts only.
fn multipart(schema: Node<'_>) -> Option<Object> {
    let mut fields = Object::new();
    for name in schema.follow()?.list("required") {
        if let Some(name) = name.as_text() {
            let any = Json::Array(vec![Json::text(".*")]);
            fields.insert(name.to_owned(), any);
        }
    }
    let mut body = Object::new();
    body.insert("type".to_owned(), Json::text("MULTIPART"));
    body.insert("fields".to_owned(), Json::Object(fields.clone()));
    (!fields.is_empty()).then_some(body)
}

/// How the fields of a form with several values are written.
fn parameter_styles(media_type: Node<'_>) -> Option<Json> {
    let mut styles = Object::new();
    for (name, encoding) in media_type.get("encoding")?.fields() {
        let (style, explode) = (encoding.text("style"), encoding.flag("explode"));
        if style.is_none() && explode.is_none() {
            continue;
        }
        let style = style.unwrap_or("form");
        let explode = explode.unwrap_or(style == "form");
        styles.insert(name.to_owned(), Json::text(style_name(style, explode)));
    }
    (!styles.is_empty()).then_some(Json::Object(styles))
}
