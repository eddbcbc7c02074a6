//! `mock`: the short form becomes a MockServer expectation.
//!
//! The expectation is built as a tree whose nodes keep the places of the words they came from, and compiled like
//! any other value; what is wrong in it is pointed at in the scenario.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Number;

use super::expectation::is_path;
use super::{Fields, Lower};
use crate::ast::MockSetup;
use crate::codes::code;
use crate::tree::{Key, Node, NodeValue, Span};
use crate::value::{JsonPath, OPERATORS};
use crate::words::{PATTERN, REPLY};

impl Lower<'_> {
    pub(super) fn mock(&mut self, subject: &Node, fields: Fields<'_>) -> Option<MockSetup> {
        let mock = self.name_of_mock(subject);
        self.only_one(fields, &["request", "httpRequest"]);
        let span = &subject.span;
        let mut members = Members::at(span);
        if let Some(node) = fields.get("httpRequest") {
            members.add("httpRequest", node.clone());
        } else {
            let pattern = fields.get("request").and_then(|node| self.pattern(node));
            members.add(
                "httpRequest",
                pattern.unwrap_or_else(|| Members::at(span).node()),
            );
        }
        if let Some(node) = fields.get("reply") {
            self.reply(node, &mut members);
        }
        if let Some(node) = fields.get("times") {
            let times = self.count(node, 1, 1_000_000)?;
            let mut limit = Members::at(&node.span);
            limit.add("remainingTimes", number(times, &node.span));
            limit.add("unlimited", boolean(false, &node.span));
            members.add("times", limit.node());
        }
        Some(MockSetup {
            mock: mock?,
            span: span.clone(),
            expectation: self.value(&members.node()),
        })
    }

    fn name_of_mock(&mut self, node: &Node) -> Option<String> {
        let text = self.text_as(node, "text: the name of a mock")?;
        if text.contains('$') {
            self.error(&node.span, code::BAD_NAME, "a mock is named, not computed");
            return None;
        }
        Some(text)
    }

    fn pattern(&mut self, node: &Node) -> Option<Node> {
        let fields = self.fields(node, "a mock's request", PATTERN)?;
        let mut members = Members::at(&node.span);
        for name in ["method", "path"] {
            if let Some(node) = fields.get(name) {
                self.template(node)?;
                members.add(name, node.clone());
            }
        }
        for (name, theirs) in [("query", "queryStringParameters"), ("headers", "headers")] {
            if let Some(node) = fields.get(name) {
                members.add(theirs, self.multi_values(node));
            }
        }
        if let Some(node) = fields.get("body") {
            members.add("body", self.mock_body(node)?);
        }
        Some(members.node())
    }

    /// Each value as a list of texts, which is MockServer's form.
    fn multi_values(&mut self, node: &Node) -> Node {
        let entries = self.entries(node, "a mapping of names to values");
        let mut members = Members::at(&node.span);
        for (key, value) in entries {
            let items = match &value.value {
                NodeValue::List(items) => items.iter().map(as_text).collect(),
                _ => vec![as_text(value)],
            };
            let list = Node {
                span: value.span.clone(),
                value: NodeValue::List(items),
            };
            members.0.push((key.clone(), list));
        }
        members.node()
    }

    fn mock_body(&mut self, node: &Node) -> Option<Node> {
        let Some(entries) = node.as_map() else {
            let is_list = node.as_list().is_some();
            return Some(if is_list {
                json_body(node.clone(), "ONLY_MATCHING_FIELDS")
            } else {
                as_text(node)
            });
        };
        if let [(key, value)] = entries {
            let operator = match key.text.as_str() {
                "exact" => Some(json_body(value.clone(), "STRICT")),
                "matches" => Some(typed_body("REGEX", "regex", value.clone())),
                "contains" => {
                    let mut body = typed_members("STRING", "string", value.clone());
                    body.add("subString", boolean(true, &value.span));
                    Some(body.node())
                }
                _ => None,
            };
            if operator.is_some() {
                return operator;
            }
        }
        let mut members = Members::at(&node.span);
        for (key, value) in entries {
            self.check_literal(value)?;
            if is_path(&key.text) {
                self.insert_path(&mut members, key, value)?;
            } else {
                members.0.push((key.clone(), value.clone()));
            }
        }
        Some(json_body(members.node(), "ONLY_MATCHING_FIELDS"))
    }

    /// A mock compares members; operators would be taken for members that the request does not have.
    fn check_literal(&mut self, value: &Node) -> Option<()> {
        let entries = value.as_map().unwrap_or_default();
        let is_operators = !entries.is_empty()
            && entries
                .iter()
                .all(|(key, _)| OPERATORS.contains(&key.text.as_str()));
        if !is_operators {
            return Some(());
        }
        let diagnostic = value
            .span
            .error(
                code::NOT_IN_VERSION,
                "a mock's body is matched by its members, without operators",
            )
            .help("give the members as they are, or check them with `verify` and `where`");
        self.diagnostics.push(diagnostic);
        None
    }

    /// `$.a.b: 1` as the members `{a: {b: 1}}`.
    fn insert_path(&mut self, members: &mut Members, key: &Key, value: &Node) -> Option<()> {
        let path: JsonPath = self.path(&key.text, &key.span)?;
        let names: Vec<&str> = path
            .text()
            .trim_start_matches('$')
            .split('.')
            .skip(1)
            .collect();
        let is_plain = |name: &&str| super::is_name(name);
        if names.is_empty() || !names.iter().all(is_plain) {
            let diagnostic = key
                .span
                .error(code::NOT_IN_VERSION, format!("a mock cannot match `{}`", key.text))
                .help("give the members as they are: `{a: {b: 1}}`; only paths such as `$.a.b` are understood");
            self.diagnostics.push(diagnostic);
            return None;
        }
        members.insert(&names, key, value);
        Some(())
    }

    fn reply(&mut self, node: &Node, members: &mut Members) -> Option<()> {
        let fields = self.fields(node, "a reply", REPLY)?;
        self.only_one(fields, &["json", "text", "file"]);
        let delay = fields.get("delay").and_then(|node| {
            let duration = self.duration(node)?;
            let mut delay = Members::at(&node.span);
            delay.add("timeUnit", text("MILLISECONDS", &node.span));
            let millis = u32::try_from(duration.as_millis()).unwrap_or(u32::MAX);
            delay.add("value", number(millis, &node.span));
            Some(delay.node())
        });
        if fields.get("drop").and_then(|node| self.bool(node)) == Some(true) {
            for name in ["status", "headers", "json", "text", "file"] {
                if let Some((key, _)) = fields.entry(name) {
                    let message = format!("a dropped connection has no `{name}`");
                    self.error(&key.span, code::CONFLICT, message);
                }
            }
            let mut error = Members::at(&node.span);
            error.add("dropConnection", boolean(true, &node.span));
            if let Some(delay) = delay {
                error.add("delay", delay);
            }
            members.add("httpError", error.node());
            return Some(());
        }
        let mut response = Members::at(&node.span);
        let status = fields
            .get("status")
            .and_then(|node| self.reply_status(node));
        response.add(
            "statusCode",
            status.unwrap_or_else(|| number(200, &node.span)),
        );
        if let Some(node) = fields.get("headers") {
            response.add("headers", self.multi_values(node));
        }
        if let Some(body) = self.reply_body(fields) {
            response.add("body", body);
        }
        if let Some(delay) = delay {
            response.add("delay", delay);
        }
        members.add("httpResponse", response.node());
        Some(())
    }

    fn reply_status(&mut self, node: &Node) -> Option<Node> {
        let is_computed = node.as_text().is_some_and(|text| text.contains('$'));
        if !is_computed {
            self.count(node, 100, 599)?;
        }
        Some(node.clone())
    }

    fn reply_body(&mut self, fields: Fields<'_>) -> Option<Node> {
        if let Some((_, node)) = fields.entries.iter().find(|(key, _)| key.text == "json") {
            return Some(typed_body("JSON", "json", node.clone()));
        }
        if let Some(node) = fields.get("text") {
            self.template(node)?;
            return Some(typed_body("STRING", "string", as_text(node)));
        }
        let node = fields.get("file")?;
        let bytes = self.read_beside(node)?;
        Some(match String::from_utf8(bytes) {
            // A dollar sign in a file is a dollar sign.
            Ok(content) => typed_body(
                "STRING",
                "string",
                text(&content.replace('$', "$$"), &node.span),
            ),
            Err(error) => {
                let content = STANDARD.encode(error.into_bytes());
                typed_body("BINARY", "base64Bytes", text(&content, &node.span))
            }
        })
    }
}

/// The members of an object that is being built.
struct Members(Vec<(Key, Node)>, Span);

impl Members {
    fn at(span: &Span) -> Self {
        Self(Vec::new(), span.clone())
    }

    fn add(&mut self, name: &str, node: Node) {
        let key = Key {
            span: node.span.clone(),
            text: name.to_owned(),
        };
        self.0.push((key, node));
    }

    fn node(self) -> Node {
        Node {
            span: self.1,
            value: NodeValue::Map(self.0),
        }
    }

    fn insert(&mut self, path: &[&str], key: &Key, value: &Node) {
        insert(&mut self.0, path, key, value);
    }
}

fn insert(entries: &mut Vec<(Key, Node)>, path: &[&str], key: &Key, value: &Node) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    let place = entries.iter().position(|(key, _)| key.text == *first);
    let place = place.unwrap_or_else(|| {
        let key = Key {
            span: key.span.clone(),
            text: (*first).to_owned(),
        };
        entries.push((key, Members::at(&value.span).node()));
        entries.len() - 1
    });
    let Some((_, member)) = entries.get_mut(place) else {
        return;
    };
    if rest.is_empty() {
        *member = value.clone();
        return;
    }
    if !matches!(member.value, NodeValue::Map(_)) {
        member.value = NodeValue::Map(Vec::new());
    }
    if let NodeValue::Map(members) = &mut member.value {
        insert(members, rest, key, value);
    }
}

fn typed_members(kind: &str, member: &str, content: Node) -> Members {
    let mut members = Members::at(&content.span);
    members.add("type", text(kind, &content.span));
    members.add(member, content);
    members
}

fn typed_body(kind: &str, member: &str, content: Node) -> Node {
    typed_members(kind, member, content).node()
}

fn json_body(content: Node, match_type: &str) -> Node {
    let mut body = typed_members("JSON", "json", content);
    body.add("matchType", text(match_type, &body.1.clone()));
    body.node()
}

fn text(text: &str, span: &Span) -> Node {
    Node {
        span: span.clone(),
        value: NodeValue::Text(text.to_owned()),
    }
}

fn number(value: u32, span: &Span) -> Node {
    Node {
        span: span.clone(),
        value: NodeValue::Number(Number::from(value)),
    }
}

fn boolean(value: bool, span: &Span) -> Node {
    Node {
        span: span.clone(),
        value: NodeValue::Bool(value),
    }
}

/// A scalar as text.
fn as_text(node: &Node) -> Node {
    match &node.value {
        NodeValue::Number(number) => text(&number.to_string(), &node.span),
        NodeValue::Bool(value) => text(&value.to_string(), &node.span),
        _ => node.clone(),
    }
}
