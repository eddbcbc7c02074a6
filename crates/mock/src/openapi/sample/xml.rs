//! A sample as XML, named and shaped by the `xml` objects of its schemas.

use crate::json::Json;
use crate::openapi::document::Node;
use crate::openapi::response::compact;

use super::{Content, Sample, kind};

/// The sample as an XML document; `None` when it is a plain text, or an example of the document.
pub(in crate::openapi) fn to_xml(sample: &Sample<'_>) -> Option<String> {
    if matches!(
        sample.content,
        Content::Given(_) | Content::Scalar("string", _)
    ) {
        return None;
    }
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    element(&mut out, sample, None);
    Some(out)
}

/// What the schema says about its element.
fn setting<'a>(schema: Node<'a>, name: &str) -> Option<Node<'a>> {
    schema.get("xml")?.raw(name)
}

fn flag(schema: Node<'_>, name: &str) -> bool {
    schema.get("xml").and_then(|xml| xml.flag(name)) == Some(true)
}

fn name_of(sample: &Sample<'_>, name: Option<&str>) -> String {
    let own = setting(sample.schema, "name").and_then(Node::as_text);
    let kind = match &sample.content {
        Content::Scalar(kind, _) => kind,
        Content::Given(_) => kind(sample.schema),
        Content::List(_) => "array",
        Content::Object(_) => "object",
    };
    let local = own.or(name).unwrap_or(kind);
    match setting(sample.schema, "prefix").and_then(Node::as_text) {
        Some(prefix) => format!("{prefix}:{local}"),
        None => local.to_owned(),
    }
}

/// Writes the element; `name` is what the place calls it.
fn element(out: &mut String, sample: &Sample<'_>, name: Option<&str>) {
    let fields = match &sample.content {
        Content::List(items) => return list(out, sample, items, name),
        Content::Given(value) => return given(out, value, &name_of(sample, name)),
        Content::Scalar(_, value) => return given(out, value, &name_of(sample, name)),
        Content::Object(fields) => fields,
    };
    let tag = name_of(sample, name);
    out.push_str(&format!("<{tag}"));
    if let Some(namespace) = setting(sample.schema, "namespace").and_then(Node::as_text) {
        let prefix = setting(sample.schema, "prefix").and_then(Node::as_text);
        let prefix = prefix.map_or_else(String::new, |prefix| format!(":{prefix}"));
        out.push_str(&format!(" xmlns{prefix}=\"{}\"", escaped(namespace)));
    }
    let mut inner = Vec::new();
    for (name, field) in fields {
        match plain(field) {
            Some(value) if flag(field.schema, "attribute") => {
                let name = name_of(field, Some(name));
                out.push_str(&format!(" {name}=\"{}\"", escaped(&value)));
            }
            _ => inner.push((name, field)),
        }
    }
    out.push('>');
    let properties = sample.schema.get("properties");
    for (name, field) in inner {
        let is_declared = properties.is_some_and(|all| all.raw(name).is_some());
        let is_additional = name.starts_with("additionalProp") && !is_declared;
        element(out, field, (!is_additional).then_some(name));
    }
    out.push_str(&format!("</{tag}>"));
}

/// Writes the items, within an element of their own when the schema wants them wrapped.
fn list(out: &mut String, sample: &Sample<'_>, items: &[Sample<'_>], name: Option<&str>) {
    let wrapper = flag(sample.schema, "wrapped").then(|| name_of(sample, name));
    if let Some(tag) = &wrapper {
        out.push_str(&format!("<{tag}>"));
    }
    for item in items {
        element(out, item, name);
    }
    if let Some(tag) = &wrapper {
        out.push_str(&format!("</{tag}>"));
    }
}

/// Writes a value that has no schema of its own.
fn given(out: &mut String, value: &Json, tag: &str) {
    match value {
        Json::Array(items) => {
            for item in items {
                given(out, item, tag);
            }
        }
        Json::Object(fields) => {
            out.push_str(&format!("<{tag}>"));
            for (name, value) in fields {
                given(out, value, name);
            }
            out.push_str(&format!("</{tag}>"));
        }
        scalar => out.push_str(&format!("<{tag}>{}</{tag}>", escaped(&text(scalar)))),
    }
}

/// The text of a value that has no fields.
fn plain(sample: &Sample<'_>) -> Option<String> {
    match &sample.content {
        Content::Given(Json::Array(_) | Json::Object(_)) => None,
        Content::Scalar(_, value) | Content::Given(value) => Some(text(value)),
        Content::List(_) | Content::Object(_) => None,
    }
}

fn text(value: &Json) -> String {
    match value {
        Json::Text(text) => text.clone(),
        other => compact(other),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
