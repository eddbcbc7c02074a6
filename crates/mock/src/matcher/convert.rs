//! Bodies of other kinds as JSON, for the matchers that look at JSON.
//!
//! A form becomes an object of its names. An XML element becomes an object of its child elements, or its text; attributes
//! say nothing, and neither do elements without content. Texts that look like numbers, booleans or null become such.

use roxmltree::{Document, Node};

use super::subject::PairList;
use super::{style::ParameterStyle, xml};
use crate::json::{Json, Object};

/// A form as an object; a name given twice holds a list.
pub(super) fn form_json(pairs: &PairList<'_>) -> Json {
    styled_form_json(pairs, |_| None)
}

/// A form as an object, where values may be lists in the style that `style` knows for their name.
pub(super) fn styled_form_json<'s>(
    pairs: &PairList<'_>,
    style: impl Fn(&str) -> Option<&'s ParameterStyle>,
) -> Json {
    let mut object = Object::new();
    for (name, value) in pairs {
        match style(name) {
            Some(style) => {
                let parts = style.split(name, value);
                parts
                    .iter()
                    .for_each(|part| add(&mut object, name, scalar(part)));
            }
            None => add(&mut object, name, scalar(value)),
        }
    }
    Json::Object(object)
}

/// An XML document as JSON: the content of its root element. `None` when it is no XML.
pub(super) fn xml_json(text: &str) -> Option<Json> {
    let document = xml::parse(text)?;
    Some(element_json(&document).unwrap_or(Json::Null))
}

fn element_json(document: &Document<'_>) -> Option<Json> {
    content(document.root_element())
}

/// Recursion is as deep as the document, whose depth is bounded.
fn content(element: Node<'_, '_>) -> Option<Json> {
    let mut fields: Option<Object> = None;
    for child in element.children() {
        if child.is_element() && child.has_children() {
            let fields = fields.get_or_insert_default();
            if let Some(value) = content(child) {
                add(fields, xml::written_name(child), value);
            }
        }
    }
    let text = || {
        let mut texts = element.children().filter(Node::is_text);
        texts.next_back().and_then(|text| text.text())
    };
    match fields {
        Some(fields) => Some(Json::Object(fields)),
        None => text().map(|text| scalar(text.trim())),
    }
}

fn add(object: &mut Object, name: &str, value: Json) {
    match object.get_mut(name) {
        None => {
            object.insert(name.to_owned(), value);
        }
        Some(Json::Array(values)) => values.push(value),
        Some(first) => *first = Json::Array(vec![first.clone(), value]),
    }
}

/// The value a text stands for. Decimals are doubles, written as Java writes them.
pub(super) fn scalar(text: &str) -> Json {
    let trimmed = text.trim();
    if trimmed.eq_ignore_ascii_case("null") {
        return Json::Null;
    }
    for value in [true, false] {
        if trimmed.eq_ignore_ascii_case(&value.to_string()) {
            return Json::Bool(value);
        }
    }
    let unsigned = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Json::text(text);
    }
    if let Ok(integer) = trimmed.parse::<i64>() {
        return Json::number(integer);
    }
    let number = trimmed
        .strip_suffix(['d', 'D', 'f', 'F'])
        .unwrap_or(trimmed);
    match number.parse::<f64>() {
        Ok(value) if value.is_finite() => Json::Number(format!("{value:?}").into_boxed_str()),
        _ => Json::text(text),
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::super::query_pairs;
    use super::*;
    use crate::json::compact;

    #[test_case("<a>1</a>", "1")]
    #[test_case("<r><a>1</a></r>", r#"{"a":1}"#)]
    #[test_case("<r><a>1</a><a>2</a><b/></r>", r#"{"a":[1,2]}"#)]
    #[test_case("<r x='1'><a y='2'>t</a></r>", r#"{"a":"t"}"#; "attributes say nothing")]
    #[test_case("<r/>", "null")]
    #[test_case("<r><a/></r>", "null")]
    #[test_case("<r>t<a/>u</r>", "\"u\""; "the last text")]
    #[test_case("<r>t<a>1</a></r>", r#"{"a":1}"#)]
    #[test_case("<r><a>1<!--c-->2</a></r>", r#"{"a":2}"#)]
    #[test_case("<p:r xmlns:p='u'><p:a>1</p:a></p:r>", r#"{"p:a":1}"#; "names as they are written")]
    #[test_case("<r><a> </a></r>", r#"{"a":""}"#)]
    #[test_case("<r><a><b/></a></r>", "{}")]
    #[test_case("<r><a>x</a><a><b>1</b></a></r>", r#"{"a":["x",{"b":1}]}"#)]
    #[test_case(
        "<r><a>007</a><b>1e3</b><c>-0</c><d>+1</d><e>TRUE</e><f>0.10</f><g>null</g><h> x </h></r>",
        r#"{"a":7,"b":1000.0,"c":0,"d":1,"e":true,"f":0.1,"g":null,"h":"x"}"#
    )]
    fn xml_becomes_json(xml: &str, json: &str) {
        assert_eq!(compact(&xml_json(xml).expect("XML")), json);
    }

    #[test_case("<r><a>"; "cut off")]
    #[test_case("{}"; "another kind")]
    #[test_case("<!DOCTYPE r><r><a>1</a></r>"; "a document type")]
    fn what_is_no_xml_becomes_nothing(text: &str) {
        assert_eq!(xml_json(text), None);
    }

    #[test]
    fn texts_of_a_form_are_read() {
        let form = "a=007&b=1e3&c=-0&d=%2B1&e=1.0&f=TRUE&h=NaN&j=null&k= 1&l=.5&m=5.&n=0x1F&o=1_0&p=1d&q=Infinity&r=1L&s=-1.50&u&v=1&v=&w=x+y";
        assert_eq!(
            compact(&form_json(&query_pairs(form))),
            r#"{"a":7,"b":1000.0,"c":0,"d":1,"e":1.0,"f":true,"h":"NaN","j":null,"k":1,"l":0.5,"m":5.0,"n":"0x1F","o":"1_0","p":1.0,"q":"Infinity","r":"1L","s":-1.5,"u":"","v":[1,""],"w":"x y"}"#
        );
    }
}
