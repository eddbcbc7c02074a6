//! JSON as MockServer reads and writes it.
//!
//! The tree keeps the text of numbers, so that `0.00` stays `0.00` and `1` stays apart from `1.0`. The reader is
//! lenient for control requests and strict for recorded bodies; the printer writes Jackson's pretty form.

use indexmap::IndexMap;

mod parse;
mod print;

pub(crate) use parse::{parse_lenient, parse_strict};
pub(crate) use print::{compact, pretty, spread};

/// An object; keys in the order they came, the last of equal keys wins.
pub(crate) type Object = IndexMap<String, Json>;

/// One JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// A number as it was written.
    Number(Box<str>),
    Text(String),
    Array(Vec<Json>),
    Object(Object),
}

impl Json {
    pub(crate) fn text(value: impl Into<String>) -> Self {
        Self::Text(value.into())
    }

    pub(crate) fn number(value: impl std::fmt::Display) -> Self {
        Self::Number(value.to_string().into_boxed_str())
    }

    /// An object of the given fields, in their order.
    pub(crate) fn object<'a>(fields: impl IntoIterator<Item = (&'a str, Json)>) -> Self {
        Self::Object(
            fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }

    /// What the value is, in the words of JSON Schema.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(text) if is_integer(text) => "integer",
            Self::Number(_) => "number",
            Self::Text(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }
}

impl From<&serde_json::Value> for Json {
    fn from(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(value) => Self::number(value),
            serde_json::Value::String(value) => Self::Text(value.clone()),
            serde_json::Value::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            serde_json::Value::Object(fields) => Self::Object(
                fields
                    .iter()
                    .map(|(name, value)| (name.clone(), Self::from(value)))
                    .collect(),
            ),
        }
    }
}

/// Whether a number is written without fraction and exponent.
pub(crate) fn is_integer(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-')
}

/// Whether two numbers are the same: an integer never equals a number with fraction or exponent, while `1.0`, `1.00`
/// and `1e0` are equal.
pub(crate) fn same_number(left: &str, right: &str) -> bool {
    left == right || (is_integer(left) == is_integer(right) && decimal(left) == decimal(right))
}

/// Sign, significant digits and scale of a number; zeros at either end of the digits say nothing.
fn decimal(text: &str) -> (bool, String, i64) {
    let (negative, text) = text
        .strip_prefix('-')
        .map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let length = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX / 4);
    let written = format!("{whole}{fraction}");
    let digits = written.trim_end_matches('0');
    let zeros = length(&written) - length(digits);
    let digits = digits.trim_start_matches('0').to_owned();
    if digits.is_empty() {
        return (false, digits, 0);
    }
    let limit = i64::MAX / 4;
    let exponent = exponent
        .parse::<i64>()
        .unwrap_or(limit)
        .clamp(-limit, limit);
    (negative, digits, length(fraction) - zeros - exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_by_kind_and_value() {
        let equal = [
            ("1", "1"),
            ("-0", "0"),
            ("1e2", "1E2"),
            ("1.0", "1.00"),
            ("1.0", "1e0"),
            ("100.0", "1e2"),
            ("0.0", "0.00"),
            ("0.50", "5e-1"),
        ];
        for (left, right) in equal {
            assert!(same_number(left, right), "{left} and {right}");
        }
        for (left, right) in [
            ("1", "1.0"),
            ("1.0", "-1.0"),
            ("1", "-1"),
            ("100", "1e2"),
            ("1.0", "1.01"),
            ("10.0", "1.0"),
        ] {
            assert!(!same_number(left, right), "{left} and {right}");
        }
    }
}
