//! `$collection`: sorted copies and split texts.

use std::cmp::Ordering;

use super::super::evaluate::Evaluated;
use super::super::number::Number;
use super::super::render::Interpreter;
use super::super::value::Value;
use crate::template::TemplateError;

/// What a value is ordered by.
enum Rank {
    Nothing,
    Number(Number),
    Text(String),
}

impl Interpreter<'_> {
    pub(super) fn collection_tool(&mut self, name: &str, arguments: &[Value]) -> Evaluated {
        match (name, arguments) {
            ("split", [Value::Text(text)]) => {
                let pieces = text.split(',').map(|piece| self.heap.text(piece.trim()));
                let pieces = pieces.collect::<Result<_, _>>()?;
                self.heap.new_list(pieces)
            }
            ("sort", [container @ (Value::List(_) | Value::Map(_)), rest @ ..]) => {
                let items = self.items(container)?;
                let property = match rest {
                    [] => None,
                    [Value::Text(property)] => Some(property.to_string()),
                    _ => return Ok(Value::Null),
                };
                let sorted = self.sorted(items, property.as_deref())?;
                self.heap.new_list(sorted)
            }
            _ => Ok(Value::Null),
        }
    }

    /// Sorted by value, or by a property (`name`, `name:desc`).
    pub(in super::super) fn sorted(
        &mut self,
        items: Vec<Value>,
        property: Option<&str>,
    ) -> Result<Vec<Value>, TemplateError> {
        let (property, order) = match property {
            Some(property) => property.split_once(':').unwrap_or((property, "asc")),
            None => ("", "asc"),
        };
        let mut ranked = Vec::with_capacity(items.len());
        for item in items {
            let by = if property.is_empty() {
                item.clone()
            } else {
                self.property(&item, property)?
            };
            let rank = match by {
                Value::Null => Rank::Nothing,
                Value::Number(number) => Rank::Number(number),
                by => Rank::Text(self.text_of(&by)?),
            };
            ranked.push((rank, item));
        }
        ranked.sort_by(|left, right| compare(&left.0, &right.0));
        if order.eq_ignore_ascii_case("desc") {
            ranked.reverse();
        }
        Ok(ranked.into_iter().map(|(_, item)| item).collect())
    }
}

/// Numbers by value, before texts; nothing comes first.
fn compare(left: &Rank, right: &Rank) -> Ordering {
    match (left, right) {
        (Rank::Number(left), Rank::Number(right)) => left.as_f64().total_cmp(&right.as_f64()),
        (Rank::Text(left), Rank::Text(right)) => left.cmp(right),
        (left, right) => place(left).cmp(&place(right)),
    }
}

fn place(rank: &Rank) -> u8 {
    match rank {
        Rank::Nothing => 0,
        Rank::Number(_) => 1,
        Rank::Text(_) => 2,
    }
}
