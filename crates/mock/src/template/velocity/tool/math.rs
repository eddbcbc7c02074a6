//! `$math`: integers stay integers where the result is one.

use rand::RngExt as _;

use super::super::evaluate::Evaluated;
use super::super::number::Number;
use super::super::render::Interpreter;
use super::super::value::Value;
use crate::template::TemplateError;

impl Interpreter<'_> {
    pub(super) fn math_tool(&mut self, name: &str, arguments: &[Value]) -> Evaluated {
        let is_listed = matches!(name, "getTotal" | "getAverage");
        let arguments = match arguments {
            [Value::List(id)] if is_listed => self.heap.list(*id).to_vec(),
            arguments => arguments.to_vec(),
        };
        let mut numbers = Vec::new();
        let mut is_whole = true;
        for argument in &arguments {
            let Some(number) = self.number_of(argument)? else {
                return Ok(Value::Null);
            };
            is_whole = is_whole && !number.to_string().contains('.');
            numbers.push(number);
        }
        if is_listed && numbers.is_empty() {
            return Ok(Value::Null);
        }
        if name == "random" {
            return self.random_between(&numbers);
        }
        Ok(calculated(name, &numbers, is_whole)?.map_or(Value::Null, Value::Number))
    }

    pub(super) fn random_double(&self) -> Value {
        Value::Number(Number::Double(self.scope.random.borrow_mut().random()))
    }

    fn random_between(&self, numbers: &[Number]) -> Evaluated {
        let [from, to] = numbers else {
            return Ok(Value::Null);
        };
        let (from, to) = (*from, *to);
        let mut random = self.scope.random.borrow_mut();
        Ok(Value::Number(match (from, to) {
            (Number::Whole(from), Number::Whole(to)) if from <= to => {
                Number::Whole(random.random_range(from..=to))
            }
            _ => {
                let share: f64 = random.random();
                Number::Double(from.as_f64() + share * (to.as_f64() - from.as_f64()))
            }
        }))
    }
}

/// The result of a method; `None` where the original has none.
fn calculated(
    name: &str,
    numbers: &[Number],
    is_whole: bool,
) -> Result<Option<Number>, TemplateError> {
    let values: Vec<f64> = numbers.iter().map(|number| number.as_f64()).collect();
    let fold = |combine: fn(f64, f64) -> f64| values.iter().copied().reduce(combine);
    let result = match (name, values.as_slice()) {
        ("add" | "getTotal", [_, ..]) => fold(|a, b| a + b),
        ("sub", [_, ..]) => fold(|a, b| a - b),
        ("mul", [_, ..]) => fold(|a, b| a * b),
        ("max", [_, ..]) => fold(f64::max),
        ("min", [_, ..]) => fold(f64::min),
        ("div", [_, ..]) if !values[1..].contains(&0.0) => fold(|a, b| a / b),
        ("getAverage", _) => fold(|a, b| a + b).map(|sum| sum / values.len() as f64),
        ("pow", [base, power]) => Some(base.powf(*power)),
        ("abs", [value]) => Some(value.abs()),
        ("roundTo", [places, value]) => Some(round_to(*places, *value)),
        ("toDouble", [value]) => Some(*value),
        ("toNumber", [_]) => return Ok(numbers.first().copied()),
        _ => return Ok(integral(name, &values)),
    };
    let whole = result.filter(|value| is_whole && value.fract() == 0.0 && value.abs() < 1e15);
    Ok(match whole {
        Some(value) if !matches!(name, "toDouble" | "roundTo") => {
            Some(Number::Whole(Number::Double(value).truncated()))
        }
        _ => result.map(Number::Double),
    })
}

/// Methods whose result is always an integer.
fn integral(name: &str, values: &[f64]) -> Option<Number> {
    let value = match (name, values) {
        ("mod", [left, right]) if right.trunc() != 0.0 => left.trunc() % right.trunc(),
        ("idiv", [left, right]) if right.trunc() != 0.0 => (left.trunc() / right.trunc()).trunc(),
        ("ceil", [value]) => value.ceil(),
        ("floor", [value]) => value.floor(),
        ("round", [value]) => value.round_ties_even(),
        ("toInteger" | "toLong", [value]) => value.trunc(),
        _ => return None,
    };
    Some(Number::Whole(Number::Double(value).truncated()))
}

/// No places leave the number as it is: so does the original.
fn round_to(places: f64, value: f64) -> f64 {
    if places <= 0.0 || places > 15.0 {
        return value;
    }
    let factor = 10_f64.powf(places.trunc());
    (value * factor + 0.5).floor() / factor
}
