//! The operators of matchers: their names, and how their arguments are read.

use regex::Regex;
use serde_json::Value;
use styk_core::Diagnostic;

use super::matcher::{Matcher, Place};
use super::shape::Shape;
use super::{Scope, ValueTemplate};
use crate::codes::code;
use crate::suggest::distance;
use crate::{Diagnostics, Key, Node, NodeValue, Span};

/// The names of all operators.
pub const OPERATORS: [&str; 28] = [
    "after",
    "all",
    "any",
    "before",
    "contains",
    "each",
    "empty",
    "ends_with",
    "eq",
    "exact",
    "excludes",
    "exists",
    "gt",
    "gte",
    "in",
    "len",
    "lt",
    "lte",
    "matches",
    "ne",
    "near",
    "none",
    "not",
    "not_in",
    "one_of",
    "starts_with",
    "type",
    "unordered",
];

/// Belongs to the language, but needs a validator that this version does not have.
const SCHEMA: &str = "schema";

/// One operator with its argument.
#[derive(Clone, Debug)]
pub(super) struct Operator {
    /// The place of the operator's name and argument: what a message marks.
    pub(super) span: Span,
    pub(super) check: Check,
}

#[derive(Clone, Debug)]
pub(super) enum Check {
    Equal(Matcher),
    Exact(Matcher),
    NotEqual(Matcher),
    In(Choice),
    NotIn(Choice),
    Order(Order, ValueTemplate),
    Near {
        value: ValueTemplate,
        within: ValueTemplate,
    },
    Before(ValueTemplate),
    After(ValueTemplate),
    Contains(Matcher),
    Excludes(Matcher),
    StartsWith(ValueTemplate),
    EndsWith(ValueTemplate),
    Matches(Pattern),
    Type(Vec<Shape>),
    Exists(bool),
    Empty(bool),
    Length(Matcher),
    Each(Matcher),
    Any(Matcher),
    NoneOf(Matcher),
    Unordered(Choice),
    Not(Matcher),
    All(Vec<Matcher>),
    OneOf(Vec<Matcher>),
    /// Its argument was wrong; the load failed, so it is never judged.
    Broken,
}

/// A list that is written down, or a variable that holds one.
#[derive(Clone, Debug)]
pub(super) enum Choice {
    Written(Vec<Matcher>),
    Variable(ValueTemplate),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// A regular expression: compiled at load, or at each use when variables stand in it.
#[derive(Clone, Debug)]
pub(super) enum Pattern {
    Fixed(Regex),
    Variable(ValueTemplate),
}

pub(super) fn is_operator(name: &str) -> bool {
    OPERATORS.contains(&name) || name == SCHEMA
}

/// The operator that is one slip of the finger away from `name`. Short names are left out: too many honest
/// members (`id`, `at`) are as close to them.
pub(super) fn looks_like_operator(name: &str) -> Option<&'static str> {
    const LENGTH_MIN: usize = 4;
    const HONEST: [&str; 2] = ["year", "note"];
    if HONEST.contains(&name) || is_operator(name) {
        return None;
    }
    let mut long = OPERATORS.iter().filter(|name| name.len() >= LENGTH_MIN);
    long.find(|operator| distance(name, operator) == 1).copied()
}

impl Operator {
    pub(super) fn compile(
        key: &Key,
        node: &Node,
        place: Place,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let span = Span::new(
            key.span.source(),
            key.span.range().start..node.span.range().end,
        );
        let check = compile_check(key, node, place, diagnostics).unwrap_or_else(|error| {
            diagnostics.push(error);
            Check::Broken
        });
        Self { span, check }
    }

    pub(super) fn collect_templates<'a>(&'a self, templates: &mut Vec<&'a ValueTemplate>) {
        match &self.check {
            Check::Equal(matcher)
            | Check::Exact(matcher)
            | Check::NotEqual(matcher)
            | Check::Contains(matcher)
            | Check::Excludes(matcher)
            | Check::Length(matcher)
            | Check::Each(matcher)
            | Check::Any(matcher)
            | Check::NoneOf(matcher)
            | Check::Not(matcher) => matcher.collect_templates(templates),
            Check::In(choice) | Check::NotIn(choice) | Check::Unordered(choice) => match choice {
                Choice::Written(matchers) => {
                    matchers.iter().for_each(|m| m.collect_templates(templates));
                }
                Choice::Variable(template) => templates.push(template),
            },
            Check::All(matchers) | Check::OneOf(matchers) => {
                matchers.iter().for_each(|m| m.collect_templates(templates));
            }
            Check::Near { value, within } => templates.extend([value, within]),
            Check::Order(_, template)
            | Check::Before(template)
            | Check::After(template)
            | Check::StartsWith(template)
            | Check::EndsWith(template)
            | Check::Matches(Pattern::Variable(template)) => templates.push(template),
            Check::Matches(Pattern::Fixed(_))
            | Check::Type(_)
            | Check::Exists(_)
            | Check::Empty(_)
            | Check::Broken => {}
        }
    }
}

fn compile_check(
    key: &Key,
    node: &Node,
    place: Place,
    diagnostics: &mut Diagnostics,
) -> Result<Check, Diagnostic> {
    let plain = |diagnostics: &mut Diagnostics| Matcher::compile_at(node, place, diagnostics);
    let negated =
        |diagnostics: &mut Diagnostics| Matcher::compile_at(node, Place::Negated, diagnostics);
    let literal =
        |diagnostics: &mut Diagnostics| Matcher::compile_literal(node, Place::Plain, diagnostics);
    Ok(match key.text.as_str() {
        "eq" => Check::Equal(literal(diagnostics)),
        "exact" => Check::Exact(literal(diagnostics)),
        "ne" => Check::NotEqual(negated(diagnostics)),
        "in" => Check::In(choice(key, node, place, diagnostics)?),
        "not_in" => Check::NotIn(choice(key, node, Place::Negated, diagnostics)?),
        "gt" => Check::Order(Order::Greater, number(key, node, diagnostics)?),
        "gte" => Check::Order(Order::GreaterOrEqual, number(key, node, diagnostics)?),
        "lt" => Check::Order(Order::Less, number(key, node, diagnostics)?),
        "lte" => Check::Order(Order::LessOrEqual, number(key, node, diagnostics)?),
        "near" => near(key, node, diagnostics)?,
        "before" => Check::Before(moment(key, node, diagnostics)?),
        "after" => Check::After(moment(key, node, diagnostics)?),
        "contains" => Check::Contains(plain(diagnostics)),
        "excludes" => Check::Excludes(negated(diagnostics)),
        "starts_with" => Check::StartsWith(text(key, node, diagnostics)?),
        "ends_with" => Check::EndsWith(text(key, node, diagnostics)?),
        "matches" => Check::Matches(pattern(key, node, diagnostics)?),
        "type" => Check::Type(shapes(node)?),
        "exists" => Check::Exists(boolean(key, node)?),
        "empty" => Check::Empty(boolean(key, node)?),
        "len" => Check::Length(plain(diagnostics)),
        "each" => Check::Each(plain(diagnostics)),
        "any" => Check::Any(plain(diagnostics)),
        "none" => Check::NoneOf(negated(diagnostics)),
        "unordered" => Check::Unordered(choice(key, node, place, diagnostics)?),
        "not" => Check::Not(negated(diagnostics)),
        "all" => Check::All(several(key, node, place, diagnostics)?),
        "one_of" => Check::OneOf(several(key, node, place, diagnostics)?),
        _ => {
            let message = "the operator `schema` is not in this version";
            let advice = "check the members that matter with `type`, `each` and `exists`";
            return Err(key.span.error(code::NOT_IN_VERSION, message).help(advice));
        }
    })
}

fn wrong(key: &Key, node: &Node, wanted: &str) -> Diagnostic {
    let message = format!("`{}` takes {wanted}, here is {}", key.text, node.kind());
    node.span.error(code::MATCHER, message)
}

/// Whether a scalar may turn out as anything once its variables are replaced.
fn is_variable(node: &Node) -> bool {
    node.as_text().is_some_and(|text| text.contains('$'))
}

fn number(
    key: &Key,
    node: &Node,
    diagnostics: &mut Diagnostics,
) -> Result<ValueTemplate, Diagnostic> {
    if matches!(node.value, NodeValue::Number(_)) || is_variable(node) {
        return Ok(ValueTemplate::compile(node, diagnostics));
    }
    Err(wrong(key, node, "a number"))
}

fn text(
    key: &Key,
    node: &Node,
    diagnostics: &mut Diagnostics,
) -> Result<ValueTemplate, Diagnostic> {
    if matches!(node.value, NodeValue::Text(_)) {
        return Ok(ValueTemplate::compile(node, diagnostics));
    }
    let error = wrong(key, node, "text");
    Err(match node.value {
        NodeValue::Number(_) | NodeValue::Bool(_) => error.help("put it in quotes"),
        _ => error,
    })
}

fn boolean(key: &Key, node: &Node) -> Result<bool, Diagnostic> {
    match node.value {
        NodeValue::Bool(value) => Ok(value),
        _ => Err(wrong(key, node, "`true` or `false`")),
    }
}

fn moment(
    key: &Key,
    node: &Node,
    diagnostics: &mut Diagnostics,
) -> Result<ValueTemplate, Diagnostic> {
    let is_moment = node
        .as_text()
        .is_some_and(|text| super::shape::moment(text).is_some());
    if is_moment || is_variable(node) {
        return Ok(ValueTemplate::compile(node, diagnostics));
    }
    let wanted = "a time such as `2026-01-31T12:00:00Z` or `${now()}`";
    Err(wrong(key, node, wanted))
}

fn near(key: &Key, node: &Node, diagnostics: &mut Diagnostics) -> Result<Check, Diagnostic> {
    let wanted = "`{value: a number, within: a number}`";
    let entries = node.as_map().ok_or_else(|| wrong(key, node, wanted))?;
    if let Some((odd, _)) = entries
        .iter()
        .find(|(key, _)| !matches!(key.text.as_str(), "value" | "within"))
    {
        let message = format!("`near` takes {wanted}, not `{}`", odd.text);
        return Err(odd.span.error(code::MATCHER, message));
    }
    match (node.get("value"), node.get("within")) {
        (Some(value), Some(within)) => Ok(Check::Near {
            value: number(key, value, diagnostics)?,
            within: number(key, within, diagnostics)?,
        }),
        _ => Err(node
            .span
            .error(code::MATCHER, format!("`near` takes {wanted}"))),
    }
}

fn pattern(key: &Key, node: &Node, diagnostics: &mut Diagnostics) -> Result<Pattern, Diagnostic> {
    let template = text(key, node, diagnostics)?;
    match template.as_constant().and_then(Value::as_str) {
        Some(pattern) => regex(pattern, &node.span).map(Pattern::Fixed),
        None => Ok(Pattern::Variable(template)),
    }
}

fn shapes(node: &Node) -> Result<Vec<Shape>, Diagnostic> {
    let named = |node: &Node| {
        let name = match &node.value {
            NodeValue::Null => "null",
            NodeValue::Text(text) => text,
            _ => "",
        };
        Shape::named(name).ok_or_else(|| {
            let known: Vec<&str> = Shape::ALL.iter().map(|(name, _)| *name).collect();
            let message = format!("`type` knows no `{}`", node.span.text());
            let error = node.span.error(code::MATCHER, message);
            error.help(format!("the types: {}", known.join(", ")))
        })
    };
    match &node.value {
        NodeValue::List(items) if !items.is_empty() => items.iter().map(named).collect(),
        _ => Ok(vec![named(node)?]),
    }
}

fn several(
    key: &Key,
    node: &Node,
    place: Place,
    diagnostics: &mut Diagnostics,
) -> Result<Vec<Matcher>, Diagnostic> {
    match node.as_list() {
        Some(items) if !items.is_empty() => Ok(items
            .iter()
            .map(|item| Matcher::compile_at(item, place, diagnostics))
            .collect()),
        _ => Err(wrong(key, node, "a list of matchers")),
    }
}

fn choice(
    key: &Key,
    node: &Node,
    place: Place,
    diagnostics: &mut Diagnostics,
) -> Result<Choice, Diagnostic> {
    if let Some(items) = node.as_list() {
        let matchers = items
            .iter()
            .map(|item| Matcher::compile_at(item, place, diagnostics));
        return Ok(Choice::Written(matchers.collect()));
    }
    if is_variable(node) {
        return Ok(Choice::Variable(ValueTemplate::compile(node, diagnostics)));
    }
    Err(wrong(key, node, "a list"))
}

fn regex(pattern: &str, span: &Span) -> Result<Regex, Diagnostic> {
    Regex::new(pattern).map_err(|error| {
        let text = error.to_string();
        let cause = text
            .lines()
            .last()
            .unwrap_or_default()
            .trim_start_matches("error: ");
        let message = format!("`{pattern}` is no regular expression: {cause}");
        span.error(code::BAD_REGEX, message)
    })
}

impl Pattern {
    /// Whether `text` has a match, and the pattern's text for a message.
    pub(super) fn find_in(&self, text: &str, scope: &Scope) -> Result<(bool, String), Diagnostic> {
        match self {
            Self::Fixed(pattern) => Ok((pattern.is_match(text), pattern.as_str().to_owned())),
            Self::Variable(template) => {
                let pattern = regex(&template.render_text(scope)?, template.span())?;
                Ok((pattern.is_match(text), pattern.as_str().to_owned()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("contians", Some("contains"); "swapped")]
    #[test_case("exist", Some("exists"); "left out")]
    #[test_case("start_with", Some("starts_with"); "left out inside")]
    #[test_case("typee", Some("type"); "added")]
    #[test_case("mathes", Some("matches"); "left out too")]
    #[test_case("id", None; "short names are honest")]
    #[test_case("year", None; "a common member")]
    #[test_case("type", None; "the operator itself")]
    #[test_case("status", None; "far from any")]
    fn misspelt_operators_are_recognised(name: &str, expected: Option<&str>) {
        assert_eq!(looks_like_operator(name), expected);
    }
}
