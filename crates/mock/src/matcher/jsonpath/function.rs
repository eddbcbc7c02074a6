//! Functions at the end of a path.

use super::evaluate::{Evaluation, Stop, place};
use super::{Argument, Call, Value};
use crate::json::{Json, compact};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Length,
    Minimum,
    Maximum,
    Average,
    Deviation,
    Sum,
    Keys,
    Concat,
    Append,
    First,
    Last,
    Index,
}

impl Function {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "length" | "size" => Self::Length,
            "min" => Self::Minimum,
            "max" => Self::Maximum,
            "avg" => Self::Average,
            "stddev" => Self::Deviation,
            "sum" => Self::Sum,
            "keys" => Self::Keys,
            "concat" => Self::Concat,
            "append" => Self::Append,
            "first" => Self::First,
            "last" => Self::Last,
            "index" => Self::Index,
            _ => return None,
        })
    }
}

impl Call {
    /// The result for `node`; null when the function has none for such a value.
    pub(super) fn invoke<'a>(
        &'a self,
        node: &Json,
        evaluation: &Evaluation<'a>,
    ) -> Result<Json, Stop> {
        match self.function {
            Function::Length => self.length(node, evaluation),
            Function::Keys => Ok(match node {
                Json::Object(fields) => Json::Array(fields.keys().map(Json::text).collect()),
                _ => Json::Null,
            }),
            Function::Concat => {
                let own = match node {
                    Json::Array(items) => items.iter().filter_map(text).collect(),
                    _ => String::new(),
                };
                let given = self.given(evaluation)?;
                let given = given.iter().filter(|value| !matches!(value, Json::Null));
                Ok(Json::Text(
                    given.fold(own, |all, value| all + &text_of(value)),
                ))
            }
            Function::Append => match node {
                Json::Array(items) => {
                    let copies = items.iter().map(|item| evaluation.copy(item));
                    let mut items: Vec<Json> = copies.collect::<Result<_, _>>()?;
                    for argument in &self.arguments {
                        items.push(value(argument, evaluation)?);
                    }
                    Ok(Json::Array(items))
                }
                other => evaluation.copy(other),
            },
            Function::First => item(node, 0, evaluation),
            Function::Last => item(node, -1, evaluation),
            Function::Index => {
                let given = self.given(evaluation)?;
                let index = given.iter().find_map(number).ok_or(Stop::Mismatch)?;
                #[expect(clippy::cast_possible_truncation, reason = "so does the original")]
                item(node, index as i64, evaluation)
            }
            _ => self.aggregate(node, evaluation),
        }
    }

    /// Jayway counts what lies one level below a path among the arguments, and looks at the value itself for the rest.
    fn length<'a>(&'a self, node: &Json, evaluation: &Evaluation<'a>) -> Result<Json, Stop> {
        if let Some(Argument::Path(path)) = self.arguments.first()
            && path.function.is_none()
            && let Value::Many(many) = evaluation.argument(path)?
        {
            let below = many.iter().map(|value| length(value).unwrap_or_default());
            return Ok(Json::number(below.sum::<usize>()));
        }
        Ok(length(node).map_or(Json::Null, Json::number))
    }

    fn aggregate<'a>(&'a self, node: &Json, evaluation: &Evaluation<'a>) -> Result<Json, Stop> {
        let mut numbers: Vec<f64> = match node {
            Json::Array(items) => items.iter().filter_map(number).collect(),
            _ => Vec::new(),
        };
        numbers.extend(self.given(evaluation)?.iter().filter_map(number));
        if numbers.is_empty() {
            return Err(Stop::Mismatch);
        }
        #[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^52")]
        let count = numbers.len() as f64;
        let sum: f64 = numbers.iter().sum();
        let result = match self.function {
            Function::Minimum => numbers.into_iter().fold(f64::INFINITY, f64::min),
            Function::Maximum => numbers.into_iter().fold(f64::NEG_INFINITY, f64::max),
            Function::Average => sum / count,
            Function::Deviation => {
                let squares: f64 = numbers.iter().map(|number| number * number).sum();
                (squares / count - sum * sum / count / count).sqrt()
            }
            _ => sum,
        };
        Ok(decimal(result))
    }

    /// The values of all arguments; a list among them counts as its items.
    fn given<'a>(&'a self, evaluation: &Evaluation<'a>) -> Result<Vec<Json>, Stop> {
        let mut all = Vec::new();
        for argument in &self.arguments {
            match value(argument, evaluation)? {
                Json::Array(items) => all.extend(items),
                one => all.push(one),
            }
        }
        Ok(all)
    }
}

fn value<'a>(argument: &'a Argument, evaluation: &Evaluation<'a>) -> Result<Json, Stop> {
    match argument {
        Argument::Json(json) => Ok(json.clone()),
        Argument::Path(path) => Ok(match evaluation.argument(path)? {
            Value::One(one) => evaluation.copy(&one)?,
            Value::Many(many) => {
                let mut items = Vec::with_capacity(many.len());
                for item in many {
                    items.push(evaluation.copy(&item)?);
                }
                Json::Array(items)
            }
        }),
    }
}

fn item(node: &Json, index: i64, evaluation: &Evaluation<'_>) -> Result<Json, Stop> {
    let Json::Array(items) = node else {
        return Err(Stop::Mismatch);
    };
    let place = place(index, items.len()).ok_or(Stop::Mismatch)?;
    evaluation.copy(items.get(place).ok_or(Stop::Mismatch)?)
}

fn length(node: &Json) -> Option<usize> {
    match node {
        Json::Array(items) => Some(items.len()),
        Json::Object(fields) => Some(fields.len()),
        _ => None,
    }
}

fn text(value: &Json) -> Option<&str> {
    match value {
        Json::Text(text) => Some(text),
        _ => None,
    }
}

fn text_of(value: &Json) -> String {
    match value {
        Json::Text(text) => text.clone(),
        other => compact(other),
    }
}

fn number(value: &Json) -> Option<f64> {
    match value {
        Json::Number(text) => text.parse().ok(),
        _ => None,
    }
}

/// A number with a fraction, as Java writes it; what is no number becomes null.
fn decimal(value: f64) -> Json {
    if value.is_finite() {
        Json::Number(format!("{value:?}").into_boxed_str())
    } else {
        Json::Null
    }
}
