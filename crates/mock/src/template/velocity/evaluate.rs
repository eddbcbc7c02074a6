//! Works expressions and references out.

use std::cmp::Ordering;

use super::ast::{Expression, Operator, Reference, Step};
use super::number::Number;
use super::render::Interpreter;
use super::tool::Tool;
use super::value::{Entries, MapKind, Value};
use crate::template::TemplateError;

/// Items of a range.
const RANGE_MAX: i128 = 1_000_000;

pub(super) type Evaluated = Result<Value, TemplateError>;

impl Interpreter<'_> {
    pub(super) fn evaluate(&mut self, expression: &Expression) -> Evaluated {
        self.enter()?;
        self.work(0)?;
        let value = match expression {
            Expression::Bool(value) => Value::Bool(*value),
            Expression::Integer(text) => Value::Number(integer(text)?),
            Expression::Double(value) => Value::Number(Number::Double(*value)),
            Expression::Text(text) => self.heap.text(text)?,
            Expression::Interpolated(block) => {
                let mut text = String::new();
                self.nested(&mut text, block)?;
                self.heap.text(&text)?
            }
            Expression::List(items) => {
                let items = items.iter().map(|item| self.evaluate(item));
                let items = items.collect::<Result<_, _>>()?;
                self.heap.new_list(items)?
            }
            Expression::Range(from, to) => self.range(from, to)?,
            Expression::Map(entries) => self.map(entries)?,
            Expression::Reference(reference) => self.reference(reference)?,
            Expression::Not(operand) => Value::Bool(!self.holds(operand)?),
            Expression::Negate(operand) => self.negate(operand)?,
            Expression::Chain(first, rest) => self.chain(first, rest)?,
        };
        self.leave();
        Ok(value)
    }

    fn range(&mut self, from: &Expression, to: &Expression) -> Evaluated {
        let (from, to) = (self.evaluate(from)?, self.evaluate(to)?);
        let (from, to) = (self.number_of(&from)?, self.number_of(&to)?);
        let (Some(from), Some(to)) = (from, to) else {
            return Ok(Value::Null);
        };
        let (from, to) = (from.truncated(), to.truncated());
        if from.abs_diff(to) >= RANGE_MAX.unsigned_abs() {
            return Err(TemplateError::Limit(format!(
                "a range has more than {RANGE_MAX} items"
            )));
        }
        let mut items: Vec<Value> = (from.min(to)..=from.max(to)).map(Value::integer).collect();
        if from > to {
            items.reverse();
        }
        self.heap.new_list(items)
    }

    fn map(&mut self, written: &[(Expression, Expression)]) -> Evaluated {
        let mut entries = Entries::new();
        for (key, value) in written {
            let key = self.evaluate(key)?;
            let value = self.evaluate(value)?;
            if let Some(key) = key.as_key() {
                entries.insert(key, value);
            }
        }
        self.heap.new_map(entries, MapKind::Plain)
    }

    fn negate(&mut self, operand: &Expression) -> Evaluated {
        let operand = self.evaluate(operand)?;
        let number = self.number_of(&operand)?;
        let negated = number.and_then(Number::negated);
        Ok(negated.map_or(Value::Null, Value::Number))
    }

    fn chain(&mut self, first: &Expression, rest: &[(Operator, Expression)]) -> Evaluated {
        if matches!(rest, [(Operator::And | Operator::Or, _), ..]) {
            return self.logic(first, rest);
        }
        let mut left = self.evaluate(first)?;
        let mut left_source = first;
        for (operator, operand) in rest {
            left = match operator {
                Operator::Add => {
                    let right = self.evaluate(operand)?;
                    self.add((&left, left_source), (&right, operand))?
                }
                operator => {
                    let right = self.evaluate(operand)?;
                    self.binary(&left, *operator, &right)?
                }
            };
            left_source = operand;
        }
        Ok(left)
    }

    fn logic(&mut self, first: &Expression, rest: &[(Operator, Expression)]) -> Evaluated {
        let mut result = self.holds(first)?;
        for (operator, operand) in rest {
            if result == (*operator == Operator::And) {
                result = self.holds(operand)?;
            }
        }
        Ok(Value::Bool(result))
    }

    /// Whether a condition holds. As in the original, a sum and a range are no conditions: they never hold.
    pub(super) fn holds(&mut self, condition: &Expression) -> Result<bool, TemplateError> {
        match condition {
            Expression::Range(..) => Ok(false),
            Expression::Chain(_, rest) if rest.first().is_some_and(|next| next.0.rank() > 3) => {
                Ok(false)
            }
            Expression::Negate(operand) => self.holds(operand),
            condition => {
                let value = self.evaluate(condition)?;
                Ok(self.is_true(&value))
            }
        }
    }

    fn binary(&mut self, left: &Value, operator: Operator, right: &Value) -> Evaluated {
        use Operator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        Ok(Value::Bool(match operator {
            Equal => self.is_equal(left, right)?,
            NotEqual => !self.is_equal(left, right)?,
            Less => self.compare(left, right)? == Some(Ordering::Less),
            Greater => self.compare(left, right)? == Some(Ordering::Greater),
            LessOrEqual => self.compare(left, right)?.is_some_and(Ordering::is_le),
            GreaterOrEqual => self.compare(left, right)?.is_some_and(Ordering::is_ge),
            operator => return self.arithmetic(left, operator, right),
        }))
    }

    /// Only numbers and texts that write one have an order.
    fn compare(&mut self, left: &Value, right: &Value) -> Result<Option<Ordering>, TemplateError> {
        let numbers = self.number_of(left)?.zip(self.number_of(right)?);
        Ok(numbers.and_then(|(left, right)| left.compare(right)))
    }

    fn arithmetic(&mut self, left: &Value, operator: Operator, right: &Value) -> Evaluated {
        let Some((left, right)) = self.number_of(left)?.zip(self.number_of(right)?) else {
            return Ok(Value::Null);
        };
        if matches!(operator, Operator::Divide | Operator::Modulo) && right.is_zero() {
            return Ok(Value::Null);
        }
        let result = left.apply(operator, right);
        let result = result.map_err(|why| TemplateError::Failed(why.to_owned()))?;
        Ok(Value::Number(result))
    }

    /// A sum, or the joined texts when one side is a text. A side without value is written as it stands.
    fn add(&mut self, left: (&Value, &Expression), right: (&Value, &Expression)) -> Evaluated {
        let is_text = |value: &Value| matches!(value, Value::Text(_));
        if !is_text(left.0) && !is_text(right.0) {
            return self.arithmetic(left.0, Operator::Add, right.0);
        }
        let mut text = String::new();
        for (value, source) in [left, right] {
            match (value, source) {
                (Value::Null, Expression::Reference(reference)) => {
                    text.push_str(&reference.literal);
                }
                (value, _) => self.write(&mut text, value)?,
            }
        }
        self.heap.text(&text)
    }

    /// The number that a value is, or that a text writes.
    pub(super) fn number_of(&mut self, value: &Value) -> Result<Option<Number>, TemplateError> {
        Ok(match value {
            Value::Number(number) => Some(*number),
            Value::Text(text) => Number::decimal(text.trim()),
            Value::Dynamic(_) => {
                let text = self.text_of(value)?;
                Number::decimal(&text)
            }
            _ => None,
        })
    }

    pub(super) fn is_true(&self, value: &Value) -> bool {
        match value {
            Value::Null => false,
            Value::Bool(value) => *value,
            Value::Number(number) => !number.is_zero(),
            Value::Text(text) => !text.is_empty(),
            Value::List(id) => !self.heap.list(*id).is_empty(),
            Value::Map(id) => !self.heap.entries(*id).is_empty(),
            _ => true,
        }
    }

    /// Equality of `==`: numbers by value, the rest as it is written.
    pub(super) fn is_equal(&mut self, left: &Value, right: &Value) -> Result<bool, TemplateError> {
        match (left, right) {
            (Value::Null, other) | (other, Value::Null) => return Ok(other.is_null()),
            (Value::Text(left), Value::Text(right)) => {
                self.work(left.len())?;
                return Ok(left == right);
            }
            (Value::Dynamic(left), Value::Dynamic(right)) => return Ok(left == right),
            (Value::Number(_), _) | (_, Value::Number(_)) => {
                if let Some((left, right)) = self.number_of(left)?.zip(self.number_of(right)?) {
                    return Ok(left.compare(right) == Some(Ordering::Equal));
                }
            }
            _ => {}
        }
        Ok(self.text_of(left)? == self.text_of(right)?)
    }

    pub(super) fn reference(&mut self, reference: &Reference) -> Evaluated {
        let value = self.follow(&reference.name, &reference.steps)?;
        match &reference.alternate {
            Some(alternate) if !self.is_true(&value) => self.evaluate(alternate),
            _ => Ok(value),
        }
    }

    /// The value at the end of a name and its steps.
    pub(super) fn follow(&mut self, name: &str, steps: &[Step]) -> Evaluated {
        let mut value = self.root(name)?;
        for step in steps {
            if value.is_null() {
                break;
            }
            value = self.step(&value, step)?;
        }
        match value {
            // Any unknown name may be that of a helper object, until here.
            Value::Helper(object) if (self.helpers)(&object, "toString", &[]).is_none() => {
                Ok(Value::Null)
            }
            value => Ok(value),
        }
    }

    fn step(&mut self, value: &Value, step: &Step) -> Evaluated {
        self.work(0)?;
        match step {
            Step::Property(name) => self.property(value, name),
            Step::Method(name, arguments) => {
                let arguments = self.arguments(arguments)?;
                self.method(value, name, &arguments)
            }
            Step::Index(index) => {
                let index = self.evaluate(index)?;
                self.index(value, &index)
            }
        }
    }

    fn arguments(&mut self, written: &[Expression]) -> Result<Vec<Value>, TemplateError> {
        written
            .iter()
            .map(|written| self.evaluate(written))
            .collect()
    }

    /// A variable of the template or of the scope, a dynamic value, a tool, else perhaps a helper object.
    fn root(&mut self, name: &str) -> Evaluated {
        if let Some(value) = self.variables.get(name) {
            return Ok(value.clone());
        }
        if let Some(json) = self.scope.variables.get(name) {
            let value = self.heap.bean(json)?;
            // Read once: what a template changes in it must stay.
            self.variables.insert(name.into(), value.clone());
            return Ok(value);
        }
        if self.scope.dynamic(name).is_some() {
            return Ok(Value::Dynamic(name.into()));
        }
        Ok(match Tool::named(name) {
            Some(tool) => Value::Tool(tool),
            None => Value::Helper(name.into()),
        })
    }

    /// A method of a helper object. Objects go one level deep: `$faker.name().firstName()` is the method `firstName` of `faker.name`.
    pub(super) fn helper_method(
        &mut self,
        object: &str,
        method: &str,
        arguments: &[Value],
    ) -> Evaluated {
        let written = arguments.iter().map(|argument| self.json_of(argument));
        let written: Vec<_> = written.collect::<Result<_, _>>()?;
        match (self.helpers)(object, method, &written) {
            Some(Ok(json)) => self.heap.value_of(&json),
            Some(Err(why)) => Err(TemplateError::Failed(why)),
            None if arguments.is_empty() => Ok(Value::Helper(format!("{object}.{method}").into())),
            None => Ok(Value::Null),
        }
    }

    fn json_of(&mut self, value: &Value) -> Result<crate::json::Json, TemplateError> {
        self.work(0)?;
        if matches!(
            value,
            Value::Dynamic(_) | Value::Block(_) | Value::Helper(_)
        ) {
            return Ok(crate::json::Json::Text(self.text_of(value)?));
        }
        self.heap.to_json(value)
    }
}

fn integer(text: &str) -> Result<Number, TemplateError> {
    let value = text.parse().map(Number::Whole);
    value.map_err(|_| TemplateError::Failed(format!("the number {text} is too large")))
}
