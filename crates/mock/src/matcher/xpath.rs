//! XPath 1.0 over XML bodies.
//!
//! Without prefixes of its own an expression sees no namespaces: `/a` and `local-name()` look at the part of a name behind
//! its colon, `name()` and a lone `//a` at the whole of it; so does the original. The expression is bounded in length and
//! nesting, and predicates are counted while they are evaluated: each may look at the whole document.

use std::cell::Cell;
use std::rc::Rc;

use roxmltree::{Node, NodeType};
use sxd_document::{Package, QName, dom};
use sxd_xpath::{Context, Factory, Value};

use super::xml;
use functions::{COUNT, Count, Name, PLAIN, Plain};
use rewrite::{counted, unknown_prefix, with_plain_names};

mod functions;
mod rewrite;

const LENGTH_MAX: usize = 2048;
/// Predicates times nodes in one evaluation.
const WORK_MAX: usize = 50_000_000;
/// Nodes of a document under axes that look at all of it from every node.
const NODES_MAX_WIDE: usize = 5_000;

/// A checked expression.
#[derive(Debug)]
pub(crate) struct XPath {
    counted: String,
    prefixes: Vec<(String, String)>,
    looks_wide: bool,
    /// A prefix without a URI: nothing matches then.
    unknown_prefix: Option<String>,
}

impl XPath {
    /// Checks an expression; `prefixes` gives the URIs of its namespaces.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(crate) fn compile(text: &str, prefixes: Vec<(String, String)>) -> Result<Self, String> {
        if text.len() > LENGTH_MAX {
            return Err(format!("an XPath longer than {LENGTH_MAX} bytes"));
        }
        let counted = if prefixes.is_empty() {
            counted(&with_plain_names(text))?
        } else {
            counted(text)?
        };
        match Factory::new().build(&counted) {
            Ok(Some(_)) => {}
            Ok(None) => return Err("an empty XPath".to_owned()),
            Err(error) => return Err(error.to_string()),
        }
        let wide = ["following", "preceding"];
        let looks_wide = wide.iter().any(|axis| text.contains(axis));
        Ok(Self {
            unknown_prefix: unknown_prefix(text, &prefixes),
            counted,
            prefixes,
            looks_wide,
        })
    }

    /// Whether the expression is true of the document: it finds a node, or is a number but zero, or a text but the empty
    /// one.
    pub(crate) fn is_true_of(&self, text: &str) -> bool {
        self.evaluate(text, |value| value.boolean())
            .unwrap_or_default()
    }

    /// The value as a text; of nodes, that of the first. `None` when `text` is no XML or the evaluation failed.
    pub(crate) fn text_in(&self, text: &str) -> Option<String> {
        self.evaluate(text, |value| value.string())
    }

    fn evaluate<T>(&self, text: &str, take: impl FnOnce(Value<'_>) -> T) -> Option<T> {
        if let Some(prefix) = &self.unknown_prefix {
            tracing::debug!(%prefix, "an XPath was not evaluated: its prefix has no URI");
            return None;
        }
        let parsed = xml::parse(text)?;
        let nodes = parsed.descendants().count();
        if self.looks_wide && nodes > NODES_MAX_WIDE {
            tracing::warn!(
                nodes,
                "an XPath was not evaluated: the document is too large for its axes"
            );
            return None;
        }
        let package = Package::new();
        let document = package.as_document();
        let is_aware = !self.prefixes.is_empty();
        for child in parsed.root().children() {
            copy_to_root(document, child, is_aware);
        }
        let mut context = Context::new();
        for (prefix, uri) in &self.prefixes {
            context.set_namespace(prefix, uri);
        }
        let left = Rc::new(Cell::new(WORK_MAX / nodes.max(1)));
        context.set_function(COUNT, Count(left));
        context.set_function(PLAIN, Plain);
        context.set_function("name", Name);
        // An expression cannot be kept: it belongs to one thread.
        let expression = Factory::new().build(&self.counted).ok().flatten()?;
        match expression.evaluate(&context, document.root()) {
            Ok(value) => Some(take(value)),
            Err(error) => {
                tracing::debug!(%error, "an XPath could not be evaluated: it counts as no match");
                None
            }
        }
    }
}

fn copy_to_root(document: dom::Document<'_>, node: Node<'_, '_>, is_aware: bool) {
    match node.node_type() {
        NodeType::Element => {
            let element = copied(document, node, is_aware);
            document.root().append_child(element);
        }
        NodeType::Comment => {
            let comment = document.create_comment(node.text().unwrap_or_default());
            document.root().append_child(comment);
        }
        NodeType::PI => {
            if let Some(pi) = node.pi() {
                let pi = document.create_processing_instruction(pi.target, pi.value);
                document.root().append_child(pi);
            }
        }
        NodeType::Root | NodeType::Text => {}
    }
}

/// Recursion is as deep as the document, whose depth is bounded.
fn copied<'d>(document: dom::Document<'d>, node: Node<'_, '_>, is_aware: bool) -> dom::Element<'d> {
    let name = node.tag_name();
    let namespace = name.namespace().filter(|_| is_aware);
    let element = document.create_element(QName::with_namespace_uri(namespace, name.name()));
    if let Some((prefix, _)) = xml::written_name(node).split_once(':') {
        element.set_preferred_prefix(Some(prefix));
    }
    for attribute in node.attributes() {
        let namespace = attribute.namespace().filter(|_| is_aware);
        let name = QName::with_namespace_uri(namespace, attribute.name());
        element.set_attribute_value(name, attribute.value());
    }
    for child in node.children() {
        match child.node_type() {
            NodeType::Element => element.append_child(copied(document, child, is_aware)),
            NodeType::Text => {
                element.append_child(document.create_text(child.text().unwrap_or_default()));
            }
            NodeType::Comment => {
                element.append_child(document.create_comment(child.text().unwrap_or_default()));
            }
            NodeType::PI => {
                if let Some(pi) = child.pi() {
                    let pi = document.create_processing_instruction(pi.target, pi.value);
                    element.append_child(pi);
                }
            }
            NodeType::Root => {}
        }
    }
    element
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    const DOCUMENT: &str = "<r><a id='1'>x</a><a id='2'>y</a><n>5</n><e/><b>true</b></r>";

    fn compiled(text: &str) -> XPath {
        XPath::compile(text, Vec::new()).expect("an expression")
    }

    // What MockServer 8.0.0 makes of them.
    #[test_case("/r", true)]
    #[test_case("r", true)]
    #[test_case(".", true)]
    #[test_case("//a[@id='2']", true)]
    #[test_case("/r/q", false)]
    #[test_case("count(//a)", true; "a number")]
    #[test_case("count(//q)", false; "zero")]
    #[test_case("count(//a) = 2", true)]
    #[test_case("count(//a) = 3", false)]
    #[test_case("/r/n > 4", true)]
    #[test_case("/r/n/text()", true)]
    #[test_case("/r/e", true)]
    #[test_case("/r/e/text()", false)]
    #[test_case("/r/a/@id", true)]
    #[test_case("'x'", true)]
    #[test_case("''", false)]
    #[test_case("string(/r/q)", false)]
    #[test_case("not(//q)", true)]
    #[test_case("//a[text()='x']", true)]
    #[test_case("//*[local-name()='a']", true)]
    #[test_case("/r/a[1]", true)]
    #[test_case("/r/a[last()]", true)]
    #[test_case("/r/a[3]", false)]
    #[test_case("contains(/r/a,'x')", true)]
    #[test_case("starts-with(/r/a, 'y')", false)]
    #[test_case("//a | //q", true)]
    #[test_case("//p:a", false; "a prefix without a namespace")]
    #[test_case("$v", false)]
    #[test_case("foo()", false)]
    #[test_case("sum(//n)", true)]
    #[test_case("/r/a[@id=1 and text()='x']", true)]
    #[test_case("//a[position() < 2]", true)]
    #[test_case("/r/a/following-sibling::n", true)]
    #[test_case("ancestor::r", false)]
    #[test_case("normalize-space(/r/a) = 'x'", true)]
    fn an_expression_is_true_or_not(text: &str, expected: bool) {
        assert_eq!(compiled(text).is_true_of(DOCUMENT), expected);
    }

    #[test_case("//a[", false)]
    #[test_case("", false)]
    #[test_case("//a]", false)]
    fn some_texts_are_no_expressions(text: &str, expected: bool) {
        assert_eq!(XPath::compile(text, Vec::new()).is_ok(), expected);
    }

    #[test]
    fn prefixes_make_it_see_namespaces() {
        let prefixes = vec![("p".to_owned(), "u".to_owned())];
        let aware = |text| XPath::compile(text, prefixes.clone()).expect("an expression");
        for (document, expected) in [
            ("<p:a xmlns:p='u'/>", true),
            ("<q:a xmlns:q='u'/>", true),
            ("<a xmlns='u'/>", true),
            ("<a/>", false),
            ("<p:a xmlns:p='v'/>", false),
        ] {
            assert_eq!(aware("//p:a").is_true_of(document), expected, "{document}");
        }
        let plain = [
            ("<a xmlns='u'/>", true),
            ("<a/>", true),
            ("<p:a xmlns:p='u'/>", false),
        ];
        for (document, expected) in plain {
            assert_eq!(compiled("//a").is_true_of(document), expected, "{document}");
        }
        assert!(!aware("//a").is_true_of("<a xmlns='u'/>"));
    }

    // What MockServer 8.0.0 makes of names with prefixes.
    #[test_case("/a/b", true)]
    #[test_case("//a/b", true)]
    #[test_case("//b[1]", true)]
    #[test_case("/a//b", true)]
    #[test_case("/*/b", true)]
    #[test_case("//b", false)]
    #[test_case(".//b", false)]
    #[test_case("//b[.=1]", false)]
    #[test_case("count(//b)", false)]
    #[test_case("not(//b)", true)]
    #[test_case("/a[.//b=1]", false)]
    #[test_case("(//b)[1]", false)]
    #[test_case("//c", true)]
    #[test_case("//*[local-name()='b']", true)]
    #[test_case("//*[name()='n:b']", true)]
    #[test_case("//*[name()='b']", false)]
    #[test_case("name(/*)='n:a'", true)]
    #[test_case("//*[namespace-uri()='urn:n']", false)]
    #[test_case("/n:a/n:b", false)]
    fn prefixes_of_a_document_say_little(text: &str, expected: bool) {
        let document = "<n:a xmlns:n='urn:n'><n:b>1</n:b><c>2</c></n:a>";
        assert_eq!(compiled(text).is_true_of(document), expected);
    }

    #[test]
    fn values_become_texts() {
        assert_eq!(compiled("/r/a[2]").text_in(DOCUMENT).as_deref(), Some("y"));
        assert_eq!(
            compiled("count(//a)").text_in(DOCUMENT).as_deref(),
            Some("2")
        );
        assert_eq!(compiled("//q").text_in(DOCUMENT).as_deref(), Some(""));
        assert_eq!(compiled("//q").text_in("no XML"), None);
    }

    #[test]
    fn an_evaluation_ends() {
        let wide = format!("<r>{}</r>", "<a><b/><b/></a>".repeat(20_000));
        assert!(!compiled("//a[//b[//a[//b[. = 'x']]]]").is_true_of(&wide));
        assert!(!compiled("//a/following::b/preceding::a/following::b[2]/q").is_true_of(&wide));
        for text in [
            "(".repeat(500),
            format!("1{}", "+1".repeat(900)),
            "-".repeat(1500) + "1",
        ] {
            if let Ok(expression) = XPath::compile(&text, Vec::new()) {
                expression.is_true_of(DOCUMENT);
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[/ab@.*:\\[\\]()'=<>|+ 0-9,$-]{0,20}") {
            if let Ok(expression) = XPath::compile(&text, Vec::new()) {
                expression.is_true_of(DOCUMENT);
            }
        }
    }
}
