//! Matchers: what a value has to look like.
//!
//! A literal compares numbers by value and types strictly; objects match partially, lists element by element. A
//! mapping whose keys are all operators is an operator mapping. Because a misspelt operator would make a literal,
//! and a literal that cannot match passes under a negation, negated places take no literal objects.

use serde_json::Value;
use styk_core::Diagnostic;

use super::operator::{Operator, is_operator, looks_like_operator};
use super::verdict::Trail;
use super::{Mismatch, Scope, ValueTemplate, parse_duration};
use crate::codes::code;
use crate::{Diagnostics, Node, NodeValue, Span};

/// A compiled matcher.
#[derive(Debug)]
pub struct Matcher {
    pub(super) span: Span,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// A scalar, or a variable that may hold anything.
    Value(ValueTemplate),
    List(Vec<Matcher>),
    Object(Vec<(String, Matcher)>),
    Operators(Vec<Operator>),
}

/// Where a matcher stands, as far as it changes what may be written there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Plain,
    /// Under `not`, `none`, `ne`, `excludes`, `not_in`.
    Negated,
}

impl Matcher {
    /// Compiles a node. Errors go to `diagnostics`.
    #[must_use]
    pub fn compile(node: &Node, diagnostics: &mut Diagnostics) -> Self {
        Self::compile_at(node, Place::Plain, diagnostics)
    }

    /// Compiles a status: a number, a class such as `2xx`, a list of both (any of them), or a matcher.
    #[must_use]
    pub fn compile_status(node: &Node, diagnostics: &mut Diagnostics) -> Self {
        match &node.value {
            NodeValue::List(items) => {
                let any = items
                    .iter()
                    .map(|item| Self::compile_status(item, diagnostics))
                    .collect();
                Self::of_operator(node, Operator::one_of(node.span.clone(), any))
            }
            NodeValue::Text(text) => match status_class(text) {
                Some(class) => {
                    Self::of_operator(node, Operator::status_class(node.span.clone(), class))
                }
                None if text.contains('$') => Self::compile(node, diagnostics),
                None => {
                    let message = format!("`{text}` is no status");
                    let advice = "write a number such as 201, a class such as 2xx, or a list of them";
                    diagnostics.push(node.span.error(code::MATCHER, message).help(advice));
                    Self::compile(node, diagnostics)
                }
            },
            NodeValue::Number(number) => {
                let is_status = number.as_u64().is_some_and(|n| (100..=999).contains(&n));
                if !is_status {
                    let message = format!("`{number}` is no status: statuses have three digits");
                    diagnostics.push(node.span.error(code::MATCHER, message));
                }
                Self::compile(node, diagnostics)
            }
            NodeValue::Null | NodeValue::Bool(_) | NodeValue::Map(_) => {
                Self::compile(node, diagnostics)
            }
        }
    }

    /// Compiles a matcher of a time: durations such as `500ms` stand for their milliseconds.
    #[must_use]
    pub fn compile_duration(node: &Node, diagnostics: &mut Diagnostics) -> Self {
        Self::compile(&durations_as_ms(node), diagnostics)
    }

    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> &Span {
        &self.span
    }

    /// Checks a value; `None` stands for one that is not there. `hidden` says that the value is a secret and must
    /// not be shown. An empty list means that it holds.
    ///
    /// # Errors
    /// A diagnostic when a variable in the matcher has no value, or an argument is of the wrong type.
    pub fn check(
        &self,
        actual: Option<&Value>,
        scope: &Scope,
        hidden: bool,
    ) -> Result<Vec<Mismatch>, Diagnostic> {
        let mut mismatches = Vec::new();
        let trail = Trail::root(hidden);
        self.judge(actual, scope, &trail, false, &mut mismatches)?;
        Ok(mismatches)
    }

    /// The variables it reads, with the place of each.
    pub fn names(&self) -> impl Iterator<Item = (&str, &Span)> {
        let mut templates = Vec::new();
        self.collect_templates(&mut templates);
        templates.into_iter().flat_map(ValueTemplate::names)
    }

    pub(super) fn collect_templates<'a>(&'a self, templates: &mut Vec<&'a ValueTemplate>) {
        match &self.kind {
            Kind::Value(template) => templates.push(template),
            Kind::List(items) => {
                for item in items {
                    item.collect_templates(templates);
                }
            }
            Kind::Object(members) => {
                for (_, member) in members {
                    member.collect_templates(templates);
                }
            }
            Kind::Operators(operators) => {
                for operator in operators {
                    operator.collect_templates(templates);
                }
            }
        }
    }

    pub(super) fn compile_at(node: &Node, place: Place, diagnostics: &mut Diagnostics) -> Self {
        if let NodeValue::Map(entries) = &node.value
            && !entries.is_empty()
            && entries.iter().all(|(key, _)| is_operator(&key.text))
        {
            let operators = entries
                .iter()
                .map(|(key, node)| Operator::compile(key, node, place, diagnostics))
                .collect();
            return Self {
                span: node.span.clone(),
                kind: Kind::Operators(operators),
            };
        }
        Self::compile_literal(node, place, diagnostics)
    }

    /// Compiles a node that is a literal even if all its keys are operators: the argument of `eq` and `exact`.
    pub(super) fn compile_literal(
        node: &Node,
        place: Place,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let kind = match &node.value {
            NodeValue::Map(entries) => {
                if place == Place::Negated {
                    let message = "a negation takes a scalar or an operator, not a plain object";
                    let advice = "write it as `{eq: {…}}`: a misspelt operator would pass here by mistake";
                    diagnostics
                        .push(node.span.error(code::NEGATED_LITERAL, message).help(advice));
                }
                let member = |(key, node): &(crate::Key, Node)| {
                    if let Some(operator) = looks_like_operator(&key.text) {
                        let message = format!("`{}` is taken as a member's name", key.text);
                        let advice = format!("is the operator `{operator}` meant?");
                        diagnostics.push(
                            key.span
                                .warning(code::LOOKS_LIKE_AN_OPERATOR, message)
                                .help(advice),
                        );
                    }
                    let matcher = Self::compile_at(node, place, diagnostics);
                    (key.text.clone(), matcher)
                };
                Kind::Object(entries.iter().map(member).collect())
            }
            NodeValue::List(items) => Kind::List(
                items
                    .iter()
                    .map(|item| Self::compile_at(item, place, diagnostics))
                    .collect(),
            ),
            NodeValue::Null | NodeValue::Bool(_) | NodeValue::Number(_) | NodeValue::Text(_) => {
                Kind::Value(ValueTemplate::compile(node, diagnostics))
            }
        };
        Self {
            span: node.span.clone(),
            kind,
        }
    }

    fn of_operator(node: &Node, operator: Operator) -> Self {
        Self {
            span: node.span.clone(),
            kind: Kind::Operators(vec![operator]),
        }
    }
}

/// `2xx` as 2.
fn status_class(text: &str) -> Option<u64> {
    let class = text.strip_suffix("xx")?.parse().ok()?;
    (1..=5).contains(&class).then_some(class)
}

fn durations_as_ms(node: &Node) -> Node {
    let value = match &node.value {
        NodeValue::Text(text) => parse_duration(text)
            .and_then(|duration| serde_json::Number::from_f64(duration.as_secs_f64() * 1000.0))
            .map_or_else(|| NodeValue::Text(text.clone()), NodeValue::Number),
        NodeValue::List(items) => NodeValue::List(items.iter().map(durations_as_ms).collect()),
        NodeValue::Map(entries) => NodeValue::Map(
            entries
                .iter()
                .map(|(key, node)| (key.clone(), durations_as_ms(node)))
                .collect(),
        ),
        NodeValue::Null => NodeValue::Null,
        NodeValue::Bool(value) => NodeValue::Bool(*value),
        NodeValue::Number(number) => NodeValue::Number(number.clone()),
    };
    Node {
        span: node.span.clone(),
        value,
    }
}
