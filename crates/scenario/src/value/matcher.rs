//! Matchers: what a value has to look like.
//!
//! A literal compares numbers by value and types strictly; objects match partially, lists element by element. A
//! mapping whose keys are all operators is an operator mapping. Because a misspelt operator would make a literal,
//! and a literal that cannot match passes under a negation, negated places take no literal objects.

use serde_json::Value;
use styk_core::Diagnostic;

use super::operator::{Operator, is_operator, looks_like_operator};
use super::verdict::Trail;
use super::{Mismatch, Scope, ValueTemplate};
use crate::codes::code;
use crate::{Diagnostics, Node, NodeValue, Span};

/// A compiled matcher.
#[derive(Clone, Debug)]
pub struct Matcher {
    pub(super) span: Span,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug)]
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

    /// The text it wants, when it wants nothing but one plain text.
    pub(crate) fn plain_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Value(template) => template.as_constant()?.as_str(),
            _ => None,
        }
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
                    let advice =
                        "write it as `{eq: {…}}`: a misspelt operator would pass here by mistake";
                    diagnostics.push(node.span.error(code::NEGATED_LITERAL, message).help(advice));
                }
                let member = |(key, node): &(crate::Key, Node)| {
                    if let Some(operator) = looks_like_operator(&key.text) {
                        let message = format!("`{}` is taken as a member's name", key.text);
                        let advice = format!("is the operator `{operator}` meant?");
                        diagnostics.push(key.span.warning(code::NEAR_WORD, message).help(advice));
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
}
