//! Comparing JSON values: numbers by value, types strictly.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// Whether two scalars are the same: `100` equals `100.0`, `"1"` differs from `1`.
pub(super) fn same_scalar(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => compare_numbers(a, b) == Some(Ordering::Equal),
        _ => a == b,
    }
}

/// Whether `actual` is what `expected` says. Objects may have more members unless `is_exact`; lists have the
/// same length.
pub(super) fn same(expected: &Value, actual: &Value, is_exact: bool) -> bool {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            (!is_exact || expected.len() == actual.len())
                && expected.iter().all(|(name, expected)| {
                    actual
                        .get(name)
                        .is_some_and(|actual| same(expected, actual, is_exact))
                })
        }
        (Value::Array(expected), Value::Array(actual)) => {
            expected.len() == actual.len()
                && expected
                    .iter()
                    .zip(actual)
                    .all(|(expected, actual)| same(expected, actual, is_exact))
        }
        _ => same_scalar(expected, actual),
    }
}

/// The order of two numbers by value, exact also where a float would round a large integer.
pub(super) fn compare_numbers(a: &Number, b: &Number) -> Option<Ordering> {
    match (as_integer(a), as_integer(b)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

/// The number as an integer, when it has no fraction.
pub(super) fn as_integer(number: &Number) -> Option<i128> {
    /// Whole numbers below this fit an i128, and every float there is exact.
    const LIMIT: f64 = 1e30;
    if let Some(value) = number.as_i64() {
        return Some(value.into());
    }
    if let Some(value) = number.as_u64() {
        return Some(value.into());
    }
    let value = number.as_f64()?;
    let is_whole = value.fract() == 0.0 && value.abs() < LIMIT;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a whole number below the limit"
    )]
    is_whole.then_some(value as i128)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_compare_by_value_and_types_are_strict() {
        assert!(same(&json!(100), &json!(100.0), false));
        assert!(!same(&json!(1), &json!("1"), false));
        assert!(!same(&json!(0), &json!(false), false));
        assert!(!same(
            &json!(9_007_199_254_740_993_u64),
            &json!(9_007_199_254_740_992.0),
            false
        ));
    }

    #[test]
    fn objects_are_partial_unless_exact_and_lists_never_are() {
        let (part, whole) = (json!([{"a": 1}]), json!([{"a": 1, "b": 2}]));
        assert!(same(&part, &whole, false));
        assert!(!same(&part, &whole, true));
        assert!(!same(&json!([1]), &json!([1, 2]), false));
    }
}
