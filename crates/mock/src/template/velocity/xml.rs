//! `$xml.parse(…)`: elements of a document, walked by names, attributes and simple paths.

use std::collections::HashMap;
use std::rc::Rc;

use super::evaluate::Evaluated;
use super::number::Number;
use super::render::Interpreter;
use super::value::{Entries, Key, MapKind, Value};
use crate::template::TemplateError;

/// Recursion over elements stops here.
const DEPTH_MAX: usize = 100;
const PATH_BYTES_MAX: usize = 200;

/// Some elements of one document.
#[derive(Clone, Debug)]
pub(super) struct XmlNodes {
    elements: Rc<[Element]>,
    places: Vec<usize>,
}

#[derive(Debug)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Child>,
    parent: Option<usize>,
}

#[derive(Debug)]
enum Child {
    Text(String),
    Element(usize),
}

impl Interpreter<'_> {
    pub(super) fn xml_tool(&mut self, name: &str, arguments: &[Value]) -> Evaluated {
        let ("parse", [Value::Text(text)]) = (name, arguments) else {
            return Ok(Value::Null);
        };
        self.work(text.len())?;
        self.heap.charge(text.len() * 16)?;
        match roxmltree::Document::parse(text) {
            Ok(document) => Ok(Value::Xml(Rc::new(XmlNodes::read(&document)?))),
            Err(_) => Ok(Value::Null),
        }
    }

    pub(super) fn xml_property(&mut self, nodes: &Rc<XmlNodes>, name: &str) -> Evaluated {
        let getter = match name {
            "text" => "getText",
            "first" => "getFirst",
            "last" => "getLast",
            "parent" => "getParent",
            "name" | "nodeName" => "getName",
            "empty" => "isEmpty",
            "size" | "children" | "attributes" => name,
            name => return Ok(nodes.named(name)),
        };
        self.xml_method(nodes, getter, &[])
    }

    pub(super) fn xml_method(
        &mut self,
        nodes: &Rc<XmlNodes>,
        name: &str,
        arguments: &[Value],
    ) -> Evaluated {
        self.work(nodes.elements.len() * 8)?;
        Ok(match (name, arguments) {
            ("getText", []) => {
                let mut text = String::new();
                for place in &nodes.places {
                    nodes.text(*place, &mut text);
                }
                self.heap.text(&text)?
            }
            ("getName" | "getNodeName", []) => match nodes.first() {
                Some(first) => Value::plain_text(&first.name),
                None => Value::Null,
            },
            ("getFirst", []) => nodes.only(0),
            ("getLast", []) => nodes.only(nodes.places.len().wrapping_sub(1)),
            ("get", [Value::Number(Number::Whole(place))]) => {
                usize::try_from(*place).map_or(Value::Null, |place| nodes.only(place))
            }
            ("get", [Value::Text(name)]) => nodes.named(name),
            ("attr", [Value::Text(name)]) => nodes.attribute(name),
            ("find", [Value::Text(path)]) => nodes.find(path)?,
            ("size", []) => Value::length(nodes.places.len()),
            ("isEmpty", []) => Value::Bool(nodes.places.is_empty()),
            ("children", []) => nodes.at(nodes.all_children(&nodes.places)),
            ("getParent", []) => match nodes.first().and_then(|first| first.parent) {
                Some(parent) => nodes.at(vec![parent]),
                None => Value::Null,
            },
            ("attributes", []) => {
                let mut entries = Entries::new();
                for (name, value) in nodes.first().map_or(&[][..], |first| &first.attributes) {
                    entries.insert(Key::Text(name.as_str().into()), Value::plain_text(value));
                }
                self.heap.new_map(entries, MapKind::Plain)?
            }
            _ => Value::Null,
        })
    }
}

impl XmlNodes {
    fn read(document: &roxmltree::Document<'_>) -> Result<Self, TemplateError> {
        let mut elements: Vec<Element> = Vec::new();
        let mut places: HashMap<roxmltree::NodeId, usize> = HashMap::new();
        let mut depths: Vec<usize> = Vec::new();
        for node in document.descendants() {
            let parent = node
                .parent()
                .and_then(|parent| places.get(&parent.id()).copied());
            if let (Some(text), Some(parent), true) = (node.text(), parent, node.is_text()) {
                elements[parent].children.push(Child::Text(text.to_owned()));
            }
            if !node.is_element() {
                continue;
            }
            let depth = parent.map_or(0, |parent| depths[parent] + 1);
            if depth > DEPTH_MAX {
                return Err(TemplateError::Limit(format!(
                    "an XML document has more than {DEPTH_MAX} levels"
                )));
            }
            let place = elements.len();
            let attributes = node.attributes();
            elements.push(Element {
                name: node.tag_name().name().to_owned(),
                attributes: attributes
                    .map(|found| (found.name().to_owned(), found.value().to_owned()))
                    .collect(),
                children: Vec::new(),
                parent,
            });
            depths.push(depth);
            places.insert(node.id(), place);
            if let Some(parent) = parent {
                elements[parent].children.push(Child::Element(place));
            }
        }
        Ok(Self {
            elements: elements.into(),
            places: vec![0],
        })
    }

    /// Each element on its own.
    pub(super) fn each(&self) -> impl Iterator<Item = Self> {
        self.places.iter().map(|place| Self {
            elements: Rc::clone(&self.elements),
            places: vec![*place],
        })
    }

    fn at(&self, places: Vec<usize>) -> Value {
        if places.is_empty() {
            return Value::Null;
        }
        Value::Xml(Rc::new(Self {
            elements: Rc::clone(&self.elements),
            places,
        }))
    }

    fn only(&self, index: usize) -> Value {
        match self.places.get(index) {
            Some(place) => self.at(vec![*place]),
            None => Value::Null,
        }
    }

    fn first(&self) -> Option<&Element> {
        self.places.first().map(|place| &self.elements[*place])
    }

    fn attribute(&self, name: &str) -> Value {
        let attributes = self.first().map_or(&[][..], |first| &first.attributes);
        let found = attributes.iter().find(|(own, _)| own == name);
        found.map_or(Value::Null, |(_, value)| Value::plain_text(value))
    }

    /// The attribute, else the children of that name.
    fn named(&self, name: &str) -> Value {
        match self.attribute(name) {
            Value::Null => {
                let mut children = self.all_children(&self.places);
                children.retain(|place| self.elements[*place].name == name);
                self.at(children)
            }
            value => value,
        }
    }

    fn all_children(&self, places: &[usize]) -> Vec<usize> {
        let children = places
            .iter()
            .flat_map(|place| &self.elements[*place].children);
        let element = |child: &Child| match child {
            Child::Element(place) => Some(*place),
            Child::Text(_) => None,
        };
        children.filter_map(element).collect()
    }

    fn descendants(&self, places: &[usize]) -> Vec<usize> {
        let mut found = Vec::new();
        let mut level = self.all_children(places);
        while !level.is_empty() {
            let next = self.all_children(&level);
            found.append(&mut level);
            level = next;
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// A path of names: `/a/b`, `b/c`, `//b`, `*`.
    fn find(&self, path: &str) -> Result<Value, TemplateError> {
        let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '*' | '_' | '-' | '.');
        if path.is_empty() || path.len() > PATH_BYTES_MAX || !path.chars().all(is_plain) {
            return Err(TemplateError::Failed(format!(
                "the path `{path}` is not supported: `$xml` knows paths of names"
            )));
        }
        let is_absolute = path.starts_with('/');
        let mut places = self.places.clone();
        let mut is_root = is_absolute;
        let mut deep = false;
        for name in path.strip_prefix('/').unwrap_or(path).split('/') {
            if name.is_empty() {
                deep = true;
                continue;
            }
            let mut next = match (is_root, deep) {
                (true, true) => (0..self.elements.len()).collect(),
                (true, false) => vec![0],
                (false, true) => self.descendants(&places),
                (false, false) => self.all_children(&places),
            };
            next.retain(|place| name == "*" || self.elements[*place].name == name);
            places = next;
            is_root = false;
            deep = false;
        }
        Ok(self.at(places))
    }

    fn text(&self, place: usize, out: &mut String) {
        for child in &self.elements[place].children {
            match child {
                Child::Text(text) => out.push_str(text),
                Child::Element(place) => self.text(*place, out),
            }
        }
    }

    /// Writes the elements as XML.
    pub(super) fn write(&self, out: &mut String) {
        for place in &self.places {
            self.write_element(*place, out);
        }
    }

    fn write_element(&self, place: usize, out: &mut String) {
        let element = &self.elements[place];
        out.push('<');
        out.push_str(&element.name);
        for (name, value) in &element.attributes {
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            escape(value, out);
            out.push('"');
        }
        if element.children.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        for child in &element.children {
            match child {
                Child::Text(text) => escape(text, out),
                Child::Element(place) => self.write_element(*place, out),
            }
        }
        out.push_str("</");
        out.push_str(&element.name);
        out.push('>');
    }
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}
