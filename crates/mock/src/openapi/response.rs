//! The answer of an operation: status, headers and body of one of its responses.

use crate::json::{Json, Object, pretty};

use super::document::Node;
use super::operation::Operation;
use super::sample;

/// The response in the control plane's JSON. `choice` is a status code, or `{statusCode, exampleName}`; without it, and
/// for a code the operation does not have, the first response is taken.
pub(super) fn of(operation: &Operation<'_>, choice: Option<&Json>) -> Json {
    let (code, example) = chosen(choice);
    let mut out = Object::new();
    let mut responses: Vec<(&str, Node<'_>)> = match operation.node.get("responses") {
        Some(responses) => responses.fields().collect(),
        None => Vec::new(),
    };
    responses.retain(|(name, _)| !name.starts_with("x-"));
    let wanted = responses.iter().find(|(name, _)| Some(*name) == code);
    let Some((name, response)) = wanted.or_else(|| responses.first()) else {
        return Json::Object(out);
    };
    if let Some(code) = status(name) {
        out.insert("statusCode".to_owned(), Json::number(code));
    }
    let Some(response) = response.follow() else {
        return Json::Object(out);
    };
    let mut headers = headers(response);
    let content = response.get("content");
    let media_type = content.and_then(|content| content.fields().next());
    if let Some((content_type, media_type)) = media_type {
        add_header(&mut headers, "content-type", content_type.to_owned());
        let media_type = media_type.follow();
        if let Some(body) = media_type.and_then(|m| body(content_type, m, example)) {
            out.insert("body".to_owned(), body);
        }
    }
    if !headers.is_empty() {
        out.insert("headers".to_owned(), Json::Object(headers));
    }
    Json::Object(out)
}

fn chosen(choice: Option<&Json>) -> (Option<&str>, Option<&str>) {
    match choice {
        Some(Json::Text(code)) => (Some(code), None),
        Some(Json::Object(fields)) => {
            let field = |name: &str| match fields.get(name) {
                Some(Json::Text(text)) => Some(text.as_str()),
                _ => None,
            };
            (field("statusCode"), field("exampleName"))
        }
        _ => (None, None),
    }
}

/// The status code a response is named by; of a range (`4XX`) the first, of `default` none.
fn status(name: &str) -> Option<u16> {
    let name = name.to_ascii_uppercase().replace("XX", "00");
    let code: u16 = name.parse().ok().filter(|_| name.len() == 3)?;
    (100..=999).contains(&code).then_some(code)
}

fn headers(response: Node<'_>) -> Object {
    let mut headers = Object::new();
    let Some(declared) = response.get("headers") else {
        return headers;
    };
    for (name, header) in declared.fields() {
        let Some(header) = header.follow() else {
            continue;
        };
        let value = match example(header, None) {
            Some(given) => Some(plain(given)),
            None => header
                .raw("schema")
                .and_then(sample::header)
                .map(|sample| one_line(&sample.to_json())),
        };
        if let Some(value) = value {
            add_header(&mut headers, name, value);
        }
    }
    headers
}

/// Adds a value to the header of that name, however it is written.
fn add_header(headers: &mut Object, name: &str, value: String) {
    let known = headers
        .iter_mut()
        .find(|(n, _)| n.eq_ignore_ascii_case(name));
    if let Some((_, Json::Array(values))) = known {
        values.push(Json::Text(value));
        return;
    }
    headers.insert(name.to_owned(), Json::Array(vec![Json::Text(value)]));
}

/// The example of a header or media type: the named one, else the first, else the only one.
fn example<'a>(node: Node<'a>, name: Option<&str>) -> Option<&'a Json> {
    let examples = node.get("examples");
    let named = examples.and_then(|all| all.get(name?));
    let first = examples.and_then(|all| all.fields().next());
    let first = first.and_then(|(_, example)| example.follow());
    let value = named.or(first).and_then(|example| example.raw("value"));
    value.or_else(|| node.raw("example")).map(Node::json)
}

/// The body in the control plane's JSON.
fn body(content_type: &str, media_type: Node<'_>, name: Option<&str>) -> Option<Json> {
    let media = content_type.to_ascii_lowercase();
    let essence = media.split(';').next().unwrap_or_default().trim();
    let is_xml = essence.ends_with("/xml") || essence.ends_with("+xml");
    let is_json = media.contains("json") && !media.contains("ndjson");
    if let Some(given) = example(media_type, name) {
        return if is_json {
            Some(json_body(given.clone()))
        } else {
            text_body(plain(given))
        };
    }
    let sample = sample::body(media_type.raw("schema")?)?;
    if is_json {
        return Some(json_body(sample.to_json()));
    }
    let xml = is_xml.then(|| sample::to_xml(&sample));
    let text = xml.flatten();
    text_body(text.unwrap_or_else(|| readable(&sample.to_json())))
}

/// A JSON body; the type is named, since the value may look like a typed body itself.
fn json_body(value: Json) -> Json {
    let value = match value {
        // A text under `json` is taken for JSON source.
        Json::Text(_) | Json::Null => Json::Text(compact(&value)),
        value => value,
    };
    Json::object([("type", Json::text("JSON")), ("json", value)])
}

fn text_body(text: String) -> Option<Json> {
    (!text.is_empty()).then_some(Json::Text(text))
}

/// An example as text: a text as it is, everything else as compact JSON.
fn plain(value: &Json) -> String {
    match value {
        Json::Text(text) => text.clone(),
        other => compact(other),
    }
}

/// A sample as text: a text as it is, everything else as pretty JSON.
fn readable(value: &Json) -> String {
    match value {
        Json::Text(text) => text.clone(),
        other => pretty(other),
    }
}

/// A sample as the value of a header, which is one line.
fn one_line(value: &Json) -> String {
    let text = readable(value);
    if text.contains('\n') {
        return plain(value);
    }
    text
}

/// JSON without blanks.
pub(super) fn compact(value: &Json) -> String {
    match value {
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(compact).collect();
            format!("[{}]", items.join(","))
        }
        Json::Object(fields) => {
            let field = |(name, value): (&String, &Json)| {
                format!("{}:{}", pretty(&Json::text(name)), compact(value))
            };
            let fields: Vec<String> = fields.iter().map(field).collect();
            format!("{{{}}}", fields.join(","))
        }
        scalar => pretty(scalar),
    }
}
