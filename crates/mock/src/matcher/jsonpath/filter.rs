//! Conditions in `[?(...)]`.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::evaluate::{Evaluation, Stop};
use super::{Path, Value};
use crate::json::{Json, is_integer, same_number};
use crate::pattern::JavaRegex;

/// What an item must be like.
#[derive(Debug)]
pub(super) enum Condition {
    Any(Vec<Condition>),
    All(Vec<Condition>),
    Not(Box<Condition>),
    Compare(Operand, Operator, Operand),
    /// Whether a path leads somewhere.
    Exists(Path, bool),
}

/// One side of a comparison.
#[derive(Debug)]
pub(super) enum Operand {
    Path(Path),
    Json(Json),
    Pattern(JavaRegex),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    /// `===`: a number never equals a text.
    Same,
    NotSame,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Matches,
    In,
    NotIn,
    Contains,
    SubsetOf,
    AnyOf,
    NoneOf,
    Size,
    Empty,
    /// Operators of Jayway that are never met by what can be written in a text: `all`, `type`, `exists`, `matches`.
    Never,
}

impl Operator {
    pub(super) fn named(word: &str) -> Option<Self> {
        Some(match word.to_ascii_uppercase().as_str() {
            "==" => Self::Equal,
            "!=" => Self::NotEqual,
            "===" => Self::Same,
            "!==" => Self::NotSame,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            "=~" => Self::Matches,
            "IN" => Self::In,
            "NIN" => Self::NotIn,
            "CONTAINS" => Self::Contains,
            "SUBSETOF" => Self::SubsetOf,
            "ANYOF" => Self::AnyOf,
            "NONEOF" => Self::NoneOf,
            "SIZE" => Self::Size,
            "EMPTY" => Self::Empty,
            "ALL" | "TYPE" | "EXISTS" | "MATCHES" => Self::Never,
            _ => return None,
        })
    }
}

/// The value of an operand.
enum Term<'a> {
    Json(Cow<'a, Json>),
    /// What an indefinite path found.
    List(Vec<Cow<'a, Json>>),
    Undefined,
    Pattern(&'a JavaRegex),
}

impl Condition {
    /// Whether `item` is like this. A comparison that cannot be made rejects the item.
    pub(super) fn accepts<'a>(
        &'a self,
        item: &'a Json,
        evaluation: &Evaluation<'a>,
    ) -> Result<bool, Stop> {
        match self.holds(item, evaluation) {
            Err(Stop::Absent | Stop::Mismatch) => Ok(false),
            other => other,
        }
    }

    fn holds<'a>(&'a self, item: &'a Json, evaluation: &Evaluation<'a>) -> Result<bool, Stop> {
        evaluation.step()?;
        match self {
            Self::Any(conditions) => {
                for condition in conditions {
                    if condition.holds(item, evaluation)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::All(conditions) => {
                for condition in conditions {
                    if !condition.holds(item, evaluation)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Not(condition) => Ok(!condition.holds(item, evaluation)?),
            Self::Exists(path, wanted) => match evaluation.value(path, item, true) {
                Ok(_) => Ok(*wanted),
                Err(Stop::Exhausted) => Err(Stop::Exhausted),
                Err(Stop::Absent | Stop::Mismatch) => Ok(!wanted),
            },
            Self::Compare(left, operator, right) => {
                let left = left.term(item, evaluation)?;
                let right = right.term(item, evaluation)?;
                compare(&left, *operator, &right, evaluation)
            }
        }
    }
}

impl Operand {
    fn term<'a>(&'a self, item: &'a Json, evaluation: &Evaluation<'a>) -> Result<Term<'a>, Stop> {
        match self {
            Self::Json(json) => Ok(Term::Json(Cow::Borrowed(json))),
            Self::Pattern(pattern) => Ok(Term::Pattern(pattern)),
            Self::Path(path) => match evaluation.value(path, item, false) {
                Ok(Value::One(one)) => Ok(Term::Json(one)),
                Ok(Value::Many(many)) => Ok(Term::List(many)),
                Err(Stop::Absent) => Ok(Term::Undefined),
                Err(other) => Err(other),
            },
        }
    }
}

impl Term<'_> {
    fn json(&self) -> Option<&Json> {
        match self {
            Self::Json(json) => Some(json),
            _ => None,
        }
    }

    fn list(&self) -> Option<Vec<&Json>> {
        match self {
            Self::Json(json) => match &**json {
                Json::Array(items) => Some(items.iter().collect()),
                _ => None,
            },
            Self::List(items) => Some(items.iter().map(|item| &**item).collect()),
            Self::Undefined | Self::Pattern(_) => None,
        }
    }

    fn needed_list(&self) -> Result<Vec<&Json>, Stop> {
        self.list().ok_or(Stop::Mismatch)
    }
}

fn compare(
    left: &Term<'_>,
    operator: Operator,
    right: &Term<'_>,
    evaluation: &Evaluation<'_>,
) -> Result<bool, Stop> {
    use Operator as O;
    let has = |items: &[&Json], wanted: &Json| -> Result<bool, Stop> {
        for item in items {
            evaluation.step()?;
            if equal(wanted, item) {
                return Ok(true);
            }
        }
        Ok(false)
    };
    Ok(match operator {
        O::Equal => terms_equal(left, right),
        O::NotEqual => !terms_equal(left, right),
        O::Same => same_kind(left, right) && terms_equal(left, right),
        O::NotSame => !(same_kind(left, right) && terms_equal(left, right)),
        O::Less => order(left, right) == Some(Ordering::Less),
        O::LessOrEqual => order(left, right).is_some_and(Ordering::is_le),
        O::Greater => order(left, right) == Some(Ordering::Greater),
        O::GreaterOrEqual => order(left, right).is_some_and(Ordering::is_ge),
        O::Matches => matches(left, right),
        O::In | O::NotIn => {
            let items = right.needed_list()?;
            let is_in = match left {
                Term::Json(wanted) => has(&items, wanted)?,
                _ => false,
            };
            is_in == (operator == O::In)
        }
        O::Contains => match (left.json(), right.json()) {
            (Some(Json::Text(text)), Some(Json::Text(part))) => text.contains(part),
            (_, Some(wanted)) => left.list().map_or(Ok(false), |items| has(&items, wanted))?,
            _ => false,
        },
        O::SubsetOf => {
            let (left, right) = (left.needed_list()?, right.needed_list()?);
            for item in left {
                if !has(&right, item)? {
                    return Ok(false);
                }
            }
            true
        }
        O::AnyOf | O::NoneOf => {
            let (left, right) = (left.needed_list()?, right.needed_list()?);
            for item in left {
                if has(&right, item)? {
                    return Ok(operator == O::AnyOf);
                }
            }
            operator == O::NoneOf
        }
        O::Size => {
            let wanted = match right.json() {
                Some(Json::Number(text)) => text.parse::<f64>().ok(),
                _ => None,
            };
            let size = match left.json() {
                Some(Json::Text(text)) => Some(text.encode_utf16().count()),
                _ => left.list().map(|items| items.len()),
            };
            #[expect(clippy::cast_precision_loss, reason = "no list is that long")]
            let size = size.map(|size| size as f64);
            size.is_some() && size == wanted
        }
        O::Empty => {
            let is_empty = match left.json() {
                Some(Json::Text(text)) => Some(text.is_empty()),
                _ => left.list().map(|items| items.is_empty()),
            };
            match (is_empty, right.json()) {
                (None, _) => false,
                (Some(is_empty), Some(Json::Bool(wanted))) => is_empty == *wanted,
                (Some(_), _) => return Err(Stop::Mismatch),
            }
        }
        O::Never => false,
    })
}

fn terms_equal(left: &Term<'_>, right: &Term<'_>) -> bool {
    match (left.json(), right.json()) {
        (Some(left), Some(right)) => equal(left, right),
        _ => match (left.list(), right.list()) {
            (Some(left), Some(right)) => {
                let mut pairs = left.iter().zip(&right);
                left.len() == right.len() && pairs.all(|(left, right)| deeply_equal(left, right))
            }
            _ => false,
        },
    }
}

/// Equality of a filter: a number equals the text that writes it.
fn equal(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => numbers(left, right) == Some(Ordering::Equal),
        (Json::Number(left), Json::Text(right)) => numbers(left, right) == Some(Ordering::Equal),
        (Json::Text(text), Json::Number(number)) => **text == **number || is_double(number, text),
        _ => deeply_equal(left, right),
    }
}

/// Whether `text` is how Java writes the decimal `number`.
fn is_double(number: &str, text: &str) -> bool {
    let value = number.parse::<f64>();
    !is_integer(number) && value.is_ok_and(|value| format!("{value:?}") == text)
}

fn deeply_equal(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => same_number(left, right),
        (Json::Array(left), Json::Array(right)) => {
            let mut pairs = left.iter().zip(right);
            left.len() == right.len() && pairs.all(|(left, right)| deeply_equal(left, right))
        }
        (Json::Object(left), Json::Object(right)) => {
            let in_right = |(name, left): (&String, &Json)| {
                right
                    .get(name)
                    .is_some_and(|right| deeply_equal(left, right))
            };
            left.len() == right.len() && left.iter().all(in_right)
        }
        _ => left == right,
    }
}

fn same_kind(left: &Term<'_>, right: &Term<'_>) -> bool {
    let kind = |term: &Term<'_>| match term.json() {
        Some(Json::Null) => Some(0),
        Some(Json::Bool(_)) => Some(1),
        Some(Json::Number(_)) => Some(2),
        Some(Json::Text(_)) => Some(3),
        Some(Json::Array(_) | Json::Object(_)) => Some(4),
        None => term.list().map(|_| 4),
    };
    kind(left).is_some() && kind(left) == kind(right)
}

fn order(left: &Term<'_>, right: &Term<'_>) -> Option<Ordering> {
    match (left.json()?, right.json()?) {
        (Json::Number(left), Json::Number(right)) => numbers(left, right),
        (Json::Text(left), Json::Text(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

/// The order of two numbers by value, whatever their form.
fn numbers(left: &str, right: &str) -> Option<Ordering> {
    match (left.parse::<i128>(), right.parse::<i128>()) {
        (Ok(left), Ok(right)) => Some(left.cmp(&right)),
        _ => left.parse::<f64>().ok()?.partial_cmp(&right.parse().ok()?),
    }
}

/// Whether one side is a pattern and the other matches it; of a list, one item.
fn matches(left: &Term<'_>, right: &Term<'_>) -> bool {
    let (pattern, other) = match (left, right) {
        (Term::Pattern(_), Term::Pattern(_)) => return false,
        (Term::Pattern(pattern), other) | (other, Term::Pattern(pattern)) => (pattern, other),
        _ => return false,
    };
    let is_match = |json: &Json| match json {
        Json::Text(text) => pattern.is_match(text),
        Json::Number(number) => pattern.is_match(number),
        Json::Bool(value) => pattern.is_match(&value.to_string()),
        _ => false,
    };
    match other.list() {
        Some(items) => items.into_iter().any(is_match),
        None => other.json().is_some_and(is_match),
    }
}
