//! A value as it is written, with `$name` and `${…}` in it.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;
use styk_core::Diagnostic;

use super::Scope;
use super::expression::{Expression, no_such_name};
use super::scalar::{self, Piece, Scalar};
use crate::codes::code;
use crate::{Diagnostics, Node, NodeValue, Span};

/// A value compiled once; rendering it needs only a [`Scope`].
#[derive(Clone, Debug)]
pub struct ValueTemplate {
    span: Span,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Constant(Value),
    Name(Name),
    Expression(Arc<Expression>),
    Mixed(Vec<Part>),
    List(Vec<ValueTemplate>),
    Object(Vec<(String, ValueTemplate)>),
}

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Name(Name),
    Expression(Arc<Expression>),
}

/// `name.field.other`, the everyday case, looked up without the expression engine.
#[derive(Clone, Debug)]
struct Name {
    path: String,
    span: Span,
    root_span: Span,
}

impl ValueTemplate {
    /// Compiles a node and everything in it. Errors go to `diagnostics`; the broken part then stands as plain
    /// text.
    #[must_use]
    pub fn compile(node: &Node, diagnostics: &mut Diagnostics) -> Self {
        let kind = match &node.value {
            NodeValue::Text(text) => compile_text(text, node, diagnostics),
            NodeValue::List(items) => {
                let items = items.iter().map(|item| Self::compile(item, diagnostics));
                fold_list(items.collect())
            }
            NodeValue::Map(entries) => {
                let members = entries
                    .iter()
                    .map(|(key, node)| (key.text.clone(), Self::compile(node, diagnostics)));
                fold_object(members.collect())
            }
            NodeValue::Null | NodeValue::Bool(_) | NodeValue::Number(_) => {
                Kind::Constant(node.to_json())
            }
        };
        Self {
            span: node.span.clone(),
            kind,
        }
    }

    /// A template for a part of a scalar's text: the path in `GET /orders/${order}`.
    #[must_use]
    pub fn compile_part(
        node: &Node,
        range: std::ops::Range<usize>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let text = node
            .as_text()
            .and_then(|text| text.get(range.clone()))
            .unwrap_or_default();
        let part = Node {
            span: node.part(range),
            value: NodeValue::Text(text.to_owned()),
        };
        Self::compile(&part, diagnostics)
    }

    /// A value that needs no scope.
    #[must_use]
    pub fn constant(value: Value, span: Span) -> Self {
        Self {
            span,
            kind: Kind::Constant(value),
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> &Span {
        &self.span
    }

    /// The value, when nothing in it has to be replaced.
    #[must_use]
    pub fn as_constant(&self) -> Option<&Value> {
        match &self.kind {
            Kind::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// The names of its members, when it is a mapping as it stands.
    pub(crate) fn keys(&self) -> Option<Vec<String>> {
        match &self.kind {
            Kind::Constant(Value::Object(members)) => Some(members.keys().cloned().collect()),
            Kind::Object(members) => Some(members.iter().map(|(name, _)| name.clone()).collect()),
            _ => None,
        }
    }

    /// The value with everything replaced.
    ///
    /// # Errors
    /// A diagnostic that points at the part that has no value.
    pub fn render(&self, scope: &Scope) -> Result<Value, Diagnostic> {
        self.resolve(scope).map(Cow::into_owned)
    }

    /// Like [`ValueTemplate::render`], without copying what exists already.
    ///
    /// # Errors
    /// A diagnostic that points at the part that has no value.
    pub fn resolve<'a>(&'a self, scope: &'a Scope) -> Result<Cow<'a, Value>, Diagnostic> {
        match &self.kind {
            Kind::Constant(value) => Ok(Cow::Borrowed(value)),
            Kind::Name(name) => name.find(scope).map(Cow::Borrowed),
            Kind::Expression(expression) => expression.evaluate(scope).map(Cow::Owned),
            Kind::Mixed(parts) => mixed(parts, scope).map(|text| Cow::Owned(text.into())),
            Kind::List(items) => {
                let items: Result<Vec<Value>, _> =
                    items.iter().map(|item| item.render(scope)).collect();
                items.map(|items| Cow::Owned(items.into()))
            }
            Kind::Object(members) => {
                let mut object = serde_json::Map::with_capacity(members.len());
                for (name, member) in members {
                    object.insert(name.clone(), member.render(scope)?);
                }
                Ok(Cow::Owned(Value::Object(object)))
            }
        }
    }

    /// The value as text: text as it is, anything else as JSON.
    ///
    /// # Errors
    /// A diagnostic that points at the part that has no value.
    pub fn render_text(&self, scope: &Scope) -> Result<String, Diagnostic> {
        self.resolve(scope)
            .map(|value| as_text(&value).into_owned())
    }

    /// The variables it reads, with the place of each; functions are not among them.
    pub fn names(&self) -> impl Iterator<Item = (&str, &Span)> {
        let mut names = Vec::new();
        self.collect_names(&mut names);
        names.into_iter()
    }

    fn collect_names<'a>(&'a self, names: &mut Vec<(&'a str, &'a Span)>) {
        match &self.kind {
            Kind::Constant(_) => {}
            Kind::Name(name) => names.push((name.root(), &name.root_span)),
            Kind::Expression(expression) => names.extend(expression.names()),
            Kind::Mixed(parts) => {
                for part in parts {
                    match part {
                        Part::Text(_) => {}
                        Part::Name(name) => names.push((name.root(), &name.root_span)),
                        Part::Expression(expression) => names.extend(expression.names()),
                    }
                }
            }
            Kind::List(items) => items.iter().for_each(|item| item.collect_names(names)),
            Kind::Object(members) => members
                .iter()
                .for_each(|(_, member)| member.collect_names(names)),
        }
    }
}

fn compile_text(text: &str, node: &Node, diagnostics: &mut Diagnostics) -> Kind {
    let scanned = match scalar::scan(text) {
        Ok(scanned) => scanned,
        Err(bad) => {
            diagnostics.push(node.part(bad.range).error(code::EXPRESSION, bad.message));
            return Kind::Constant(text.into());
        }
    };
    let mut hole = |range: std::ops::Range<usize>| match compile_hole(text, node, range) {
        Ok(part) => part,
        Err(error) => {
            diagnostics.push(error);
            Part::Text(String::new())
        }
    };
    match scanned {
        Scalar::Plain(plain) => {
            if let Some(warning) = looks_like_a_name(text, node) {
                diagnostics.push(warning);
            }
            Kind::Constant(plain.into())
        }
        Scalar::Name(range) => Kind::Name(Name::new(text, node, range)),
        Scalar::Expression(range) => match hole(range) {
            Part::Text(text) => Kind::Constant(text.into()),
            Part::Name(name) => Kind::Name(name),
            Part::Expression(expression) => Kind::Expression(expression),
        },
        Scalar::Mixed(pieces) => Kind::Mixed(
            pieces
                .into_iter()
                .map(|piece| match piece {
                    Piece::Text(text) => Part::Text(text),
                    Piece::Expression(range) => hole(range),
                })
                .collect(),
        ),
    }
}

fn compile_hole(
    text: &str,
    node: &Node,
    range: std::ops::Range<usize>,
) -> Result<Part, Diagnostic> {
    let inner = &text[range.clone()];
    let trimmed = inner.trim();
    let start = range.start + (inner.len() - inner.trim_start().len());
    let range = start..start + trimmed.len();
    let is_word = matches!(
        trimmed,
        "true" | "false" | "none" | "True" | "False" | "None"
    );
    if scalar::is_dotted_path(trimmed) && !is_word {
        return Ok(Part::Name(Name::new(text, node, range)));
    }
    Expression::compile(trimmed, node.part(range))
        .map(|expression| Part::Expression(Arc::new(expression)))
}

/// `$ids[0]` and `$name@shop` look like variables and are not: say so before somebody wonders.
fn looks_like_a_name(text: &str, node: &Node) -> Option<Diagnostic> {
    let rest = text.strip_prefix('$')?;
    let first = rest.chars().next()?;
    if !(first.is_ascii_alphabetic() || first == '_') {
        return None;
    }
    let end = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(rest.len());
    let name = &rest[..end];
    let message = format!("this is plain text: `${name}` is replaced only when it stands alone");
    let advice = format!("inside text write `${{{name}}}`; for a plain dollar sign write `$$`");
    Some(
        node.span
            .warning(code::LOOKS_LIKE_A_NAME, message)
            .help(advice),
    )
}

fn fold_list(items: Vec<ValueTemplate>) -> Kind {
    let constants: Option<Vec<Value>> = items
        .iter()
        .map(|item| item.as_constant().cloned())
        .collect();
    constants.map_or(Kind::List(items), |items| Kind::Constant(items.into()))
}

fn fold_object(members: Vec<(String, ValueTemplate)>) -> Kind {
    let constants: Option<serde_json::Map<String, Value>> = members
        .iter()
        .map(|(name, member)| Some((name.clone(), member.as_constant()?.clone())))
        .collect();
    constants.map_or(Kind::Object(members), |members| {
        Kind::Constant(Value::Object(members))
    })
}

fn mixed(parts: &[Part], scope: &Scope) -> Result<String, Diagnostic> {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Text(plain) => text.push_str(plain),
            Part::Name(name) => text.push_str(&as_text(name.find(scope)?)),
            Part::Expression(expression) => text.push_str(&as_text(&expression.evaluate(scope)?)),
        }
    }
    Ok(text)
}

fn as_text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

impl Name {
    fn new(text: &str, node: &Node, range: std::ops::Range<usize>) -> Self {
        let path = text[range.clone()].to_owned();
        let root = path.find('.').unwrap_or(path.len());
        Self {
            span: node.part(range.clone()),
            root_span: node.part(range.start..range.start + root),
            path,
        }
    }

    fn root(&self) -> &str {
        self.path.split('.').next().unwrap_or_default()
    }

    fn find<'a>(&self, scope: &'a Scope) -> Result<&'a Value, Diagnostic> {
        let mut parts = self.path.split('.');
        let root = parts.next().unwrap_or_default();
        let mut value = scope
            .get(root)
            .ok_or_else(|| no_such_name(root, &self.root_span, scope))?;
        let mut so_far = root.to_owned();
        for part in parts {
            value = value
                .get(part)
                .ok_or_else(|| self.no_such_member(&so_far, part, value))?;
            so_far.push('.');
            so_far.push_str(part);
        }
        Ok(value)
    }

    fn no_such_member(&self, parent: &str, member: &str, value: &Value) -> Diagnostic {
        let diagnostic = Diagnostic::error(format!("`{parent}` has no member `{member}`"))
            .at(self.span.location());
        match value {
            Value::Object(members) if !members.is_empty() => {
                let names: Vec<&str> = members.keys().map(String::as_str).collect();
                diagnostic.note(format!("its members: {}", names.join(", ")))
            }
            other => {
                let hidden = styk_core::is_secret_name(parent);
                let text = super::shown(other, hidden);
                diagnostic.note(format!("`{parent}` is {text}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::value::context::tests_context;

    fn compile(yaml: &str) -> (ValueTemplate, Diagnostics) {
        let source = crate::Source::new("a.styk.yaml", "", yaml);
        let node = crate::value::tests_support::node(&source);
        let mut diagnostics = Diagnostics::default();
        (ValueTemplate::compile(&node, &mut diagnostics), diagnostics)
    }

    fn render(yaml: &str) -> Result<Value, Diagnostic> {
        let (template, diagnostics) = compile(yaml);
        assert!(!diagnostics.has_errors(), "{:?}", diagnostics.into_sorted());
        let mut scope = Scope::new(tests_context());
        scope.set("order", json!(17));
        scope.set("ids", json!([1, 2]));
        scope.set("buyer", json!({"email": "a@shop.test", "tags": null}));
        template.render(&scope)
    }

    #[test]
    fn a_scalar_alone_keeps_its_type_and_inside_text_it_becomes_text() {
        let yaml = "\
alone: $order
field: $buyer.email
list: $ids
sum: ${order + 1}
text: /orders/${order}/${buyer.email}?n=${ids[0]}
plain: [$1, $.x, cost $$5, true]
";
        let expected = json!({
            "alone": 17, "field": "a@shop.test", "list": [1, 2], "sum": 18,
            "text": "/orders/17/a@shop.test?n=1",
            "plain": ["$1", "$.x", "cost $5", true],
        });
        assert_eq!(render(yaml), Ok(expected));
    }

    #[test]
    fn a_value_without_variables_is_constant() {
        let (template, _) = compile("a: [1, {b: text}]\n");
        assert_eq!(
            template.as_constant(),
            Some(&json!({"a": [1, {"b": "text"}]}))
        );
    }

    #[test]
    fn what_is_missing_is_pointed_at() {
        let error = render("x: a ${buyer.emal}\n").expect_err("no such member");
        assert_eq!(
            error.render(),
            "\
error: `buyer` has no member `emal`
 --> a.styk.yaml:1:8
  |
1 | x: a ${buyer.emal}
  |        ^^^^^^^^^^
  = its members: email, tags"
        );
        let error = render("x: $uuid\n").expect_err("a function");
        assert_eq!(
            error.help.as_deref(),
            Some("`uuid` is a function: write `${uuid(…)}`")
        );
    }

    #[test]
    fn names_are_found_everywhere() {
        let (template, _) = compile("{a: [$x.y, 'b ${z + f}'], c: \"${unique(p)}\"}\n");
        let names: Vec<&str> = template.names().map(|(name, _)| name).collect();
        assert_eq!(names, ["x", "z", "f", "p"]);
    }

    #[test]
    fn something_that_looks_like_a_variable_is_warned_about() {
        let (template, diagnostics) = compile("x: $ids[0]\n");
        assert_eq!(template.as_constant(), Some(&json!({"x": "$ids[0]"})));
        let warnings = diagnostics.into_sorted();
        assert_eq!(warnings.len(), 1);
        assert_eq!(
            warnings[0].help.as_deref(),
            Some("inside text write `${ids}`; for a plain dollar sign write `$$`")
        );
    }
}
