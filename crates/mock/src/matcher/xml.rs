//! XML bodies, compared as XMLUnit's *similar* compares them: comments, white space, prefixes and the order of attributes
//! and of elements with different names say nothing.
//!
//! Documents with a document type are no XML here, so that there are no entities to expand. Depth and number of nodes
//! are bounded.

use std::collections::{HashMap, VecDeque};

use roxmltree::{Document, Node, NodeType, ParsingOptions};

mod placeholder;

use placeholder::ExpectedText;

const DEPTH_MAX: usize = 200;
const NODES_MAX: u32 = 1_000_000;
const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Reads a document; `None` when it is none, has a document type, or is beyond the bounds.
pub(super) fn parse(text: &str) -> Option<Document<'_>> {
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: NODES_MAX,
        ..ParsingOptions::default()
    };
    // A byte order mark is content to the original.
    if text.starts_with('\u{feff}') {
        return None;
    }
    let document = Document::parse_with_options(text, options).ok()?;
    let prolog = &text[..document.root_element().range().start];
    let is_fine = !prolog.contains("<!DOCTYPE") && is_within_depth(document.root(), DEPTH_MAX);
    is_fine.then_some(document)
}

fn is_within_depth(node: Node<'_, '_>, left: usize) -> bool {
    left > 0
        && node
            .children()
            .filter(Node::has_children)
            .all(|child| is_within_depth(child, left - 1))
}

/// The name of an element as it is written, with its prefix.
pub(super) fn written_name<'i>(element: Node<'_, 'i>) -> &'i str {
    let text = element.document().input_text();
    let start = element.range().start + 1;
    let rest = text.get(start..element.range().end).unwrap_or_default();
    let is_end = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>');
    &rest[..rest.find(is_end).unwrap_or(rest.len())]
}

/// A name with the URI of its namespace.
type Name = (Option<String>, String);

/// An expected document.
#[derive(Debug)]
pub(crate) struct XmlMatcher {
    nodes: Vec<Content<ExpectedText>>,
}

/// What a node holds. Texts are normalised; those of the expected document may be placeholders.
#[derive(Debug)]
enum Content<T> {
    Element {
        name: Name,
        attributes: Vec<(Name, T)>,
        children: Vec<Content<T>>,
    },
    Text(T),
    Instruction(String, String),
}

/// What pairs two nodes up.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Key<'a> {
    Element(&'a Name),
    Text,
    Instruction,
}

impl XmlMatcher {
    /// `None` when the expected text is no XML: then nothing matches.
    pub(crate) fn compile(text: &str) -> Option<Self> {
        let document = parse(text)?;
        let nodes = contents(document.root(), &ExpectedText::read);
        Some(Self { nodes })
    }

    /// What differs first in `text`; `None` when it matches.
    pub(crate) fn difference(&self, text: &str) -> Option<String> {
        let Some(document) = parse(text) else {
            return Some("expected XML, received none".to_owned());
        };
        let given = contents(document.root(), &str::to_owned);
        children_difference(&self.nodes, &given, "")
    }
}

/// The children of a node without what says nothing. Texts parted by comments are one text.
fn contents<T>(node: Node<'_, '_>, read: &impl Fn(&str) -> T) -> Vec<Content<T>> {
    let mut all = Vec::new();
    let mut text = String::new();
    let flush = |text: &mut String, all: &mut Vec<Content<T>>| {
        let normalised = normalised(text);
        text.clear();
        if !normalised.is_empty() {
            all.push(Content::Text(read(&normalised)));
        }
    };
    for child in node.children() {
        match child.node_type() {
            NodeType::Text => text.push_str(child.text().unwrap_or_default()),
            NodeType::Element => {
                flush(&mut text, &mut all);
                let attributes = child.attributes().filter(|attribute| {
                    let is_hint = matches!(
                        attribute.name(),
                        "schemaLocation" | "noNamespaceSchemaLocation"
                    );
                    !(is_hint && attribute.namespace() == Some(SCHEMA_INSTANCE))
                });
                let attributes = attributes.map(|attribute| {
                    let name = (
                        attribute.namespace().map(str::to_owned),
                        attribute.name().to_owned(),
                    );
                    (name, read(&normalised(attribute.value())))
                });
                let name = child.tag_name();
                all.push(Content::Element {
                    name: (name.namespace().map(str::to_owned), name.name().to_owned()),
                    attributes: attributes.collect(),
                    children: contents(child, read),
                });
            }
            NodeType::PI => {
                flush(&mut text, &mut all);
                if let Some(pi) = child.pi() {
                    let value = normalised(pi.value.unwrap_or_default());
                    all.push(Content::Instruction(pi.target.to_owned(), value));
                }
            }
            NodeType::Comment | NodeType::Root => {}
        }
    }
    flush(&mut text, &mut all);
    all
}

fn normalised(text: &str) -> String {
    text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

impl<T> Content<T> {
    fn key(&self) -> Key<'_> {
        match self {
            Self::Element { name, .. } => Key::Element(name),
            Self::Text(_) => Key::Text,
            Self::Instruction(..) => Key::Instruction,
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Element { name, .. } => format!("<{}>", name.1),
            Self::Text(_) => "a text".to_owned(),
            Self::Instruction(target, _) => format!("<?{target}?>"),
        }
    }
}

/// The first difference between the children of two nodes. The first of each kind and name is paired with the first of the
/// same, the second with the second, and so on.
fn children_difference(
    expected: &[Content<ExpectedText>],
    given: &[Content<String>],
    path: &str,
) -> Option<String> {
    let at = if path.is_empty() { "/" } else { path };
    // A placeholder may stand for no text at all.
    if let ([Content::Text(only)], []) = (expected, given) {
        let is_met = only.is_placeholder() && only.accepts("");
        return (!is_met).then(|| format!("{at}: expected {}, received no text", only.written()));
    }
    let mut free: HashMap<Key<'_>, VecDeque<&Content<String>>> = HashMap::new();
    for node in given {
        free.entry(node.key()).or_default().push_back(node);
    }
    for wanted in expected {
        let next = free.get_mut(&wanted.key()).and_then(VecDeque::pop_front);
        let Some(node) = next else {
            return Some(format!("{at}: expected {}, received none", wanted.shown()));
        };
        let difference = node_difference(wanted, node, path);
        if difference.is_some() {
            return difference;
        }
    }
    let mut left = free.values().filter_map(|nodes| nodes.front());
    let left = left.next()?;
    Some(format!(
        "{at}: received {}, which is not expected",
        left.shown()
    ))
}

fn node_difference(
    expected: &Content<ExpectedText>,
    given: &Content<String>,
    path: &str,
) -> Option<String> {
    match (expected, given) {
        (Content::Text(expected), Content::Text(given)) => (!expected.accepts(given))
            .then(|| format!("{path}: expected {}, received {given}", expected.written())),
        (Content::Instruction(target, value), Content::Instruction(given, given_value)) => {
            ((target, value) != (given, given_value)).then(|| {
                format!("{path}: expected <?{target} {value}?>, received <?{given} {given_value}?>")
            })
        }
        (
            Content::Element {
                name,
                attributes,
                children,
            },
            Content::Element {
                attributes: given_attributes,
                children: given_children,
                ..
            },
        ) => {
            let path = format!("{path}/{}", name.1);
            attributes_difference(attributes, given_attributes, &path)
                .or_else(|| children_difference(children, given_children, &path))
        }
        _ => Some(format!("{path}: the kinds of nodes differ")),
    }
}

fn attributes_difference(
    expected: &[(Name, ExpectedText)],
    given: &[(Name, String)],
    path: &str,
) -> Option<String> {
    for (name, wanted) in expected {
        let value = given.iter().find(|(given, _)| given == name);
        let is_met = match value {
            Some((_, value)) => wanted.accepts(value),
            None => wanted.is_placeholder() && wanted.accepts(""),
        };
        if !is_met {
            let received = value.map_or("none", |(_, value)| value);
            let wanted = wanted.written();
            return Some(format!(
                "{path}/@{}: expected {wanted}, received {received}",
                name.1
            ));
        }
    }
    let is_expected = |name: &Name| expected.iter().any(|(expected, _)| expected == name);
    let (extra, _) = given.iter().find(|(name, _)| !is_expected(name))?;
    Some(format!(
        "{path}: received @{}, which is not expected",
        extra.1
    ))
}

#[cfg(test)]
mod tests;
