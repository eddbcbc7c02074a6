//! `calc`: small arithmetic and chance. What Java calculates as a double is written as one: `ceil(1.2)` is `2.0`.

use rand::RngExt as _;
use rand::rngs::StdRng;

use crate::json::Json;

use super::super::text;
use super::arguments::{double, int};
use super::{Called, decimal_format};

pub(super) fn call(random: &mut StdRng, method: &str, arguments: &[Json]) -> Called {
    let result = match (method, arguments) {
        ("randomInt", [min, max]) => {
            let (min, max) = (int(min)?, int(max)?);
            if min > max {
                return Some(Err(WRONG_BOUNDS.to_owned()));
            }
            return Some(Ok(Json::number(random.random_range(min..=max))));
        }
        ("randomDouble", []) => Ok(random.random::<f64>()),
        ("randomDouble", [min, max]) => {
            let (min, max) = (double(min)?, double(max)?);
            if min < max && (max - min).is_finite() {
                Ok(random.random_range(min..max))
            } else {
                Err(WRONG_BOUNDS.to_owned())
            }
        }
        ("abs", [value]) => match int(value) {
            Some(value) => return Some(Ok(Json::number(value.wrapping_abs()))),
            None => Ok(double(value)?.abs()),
        },
        ("min", [left, right]) => return Some(Ok(Json::number(int(left)?.min(int(right)?)))),
        ("max", [left, right]) => return Some(Ok(Json::number(int(left)?.max(int(right)?)))),
        ("round", [value, scale]) => round(double(value)?, int(scale)?),
        ("ceil", [value]) => Ok(double(value)?.ceil()),
        ("floor", [value]) => Ok(double(value)?.floor()),
        ("format", [value, Json::Text(pattern)]) => {
            let text = decimal_format::format(double(value)?, pattern);
            return Some(text.map(Json::Text));
        }
        _ => return None,
    };
    Some(result.and_then(number))
}

const WRONG_BOUNDS: &str = "bound must be greater than origin";

fn number(value: f64) -> Result<Json, String> {
    if value.is_finite() {
        Ok(Json::number(text::double(value)))
    } else {
        Err("the result is no number".to_owned())
    }
}

/// Rounds the decimal as it is written, halves away from zero: `1.005` is 1.01.
fn round(value: f64, scale: i32) -> Result<f64, String> {
    let not_a_number = || "the value is no number".to_owned();
    let written = format!("{value:e}");
    let (mantissa, exponent) = written.split_once('e').ok_or_else(not_a_number)?;
    let fraction = mantissa
        .split_once('.')
        .map_or(0, |(_, fraction)| fraction.len());
    let digits: i64 = mantissa
        .chars()
        .filter(|c| *c != '.')
        .collect::<String>()
        .parse()
        .map_err(|_no_digits| not_a_number())?;
    let exponent: i64 = exponent.parse().map_err(|_no_digits| not_a_number())?;
    let places = i64::try_from(fraction).unwrap_or(i64::MAX) - exponent;
    let surplus = places - i64::from(scale);
    if surplus <= 0 {
        return Ok(value);
    }
    let Some(unit) = u32::try_from(surplus)
        .ok()
        .and_then(|surplus| 10_i64.checked_pow(surplus))
    else {
        return Ok(0.0);
    };
    let half = unit / 2;
    let rounded = (digits.abs() + half) / unit * digits.signum();
    format!("{rounded}e{}", -i64::from(scale))
        .parse()
        .map_err(|_no_digits| not_a_number())
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use test_case::test_case;

    use super::*;

    fn of(method: &str, arguments: &[&str]) -> Called {
        let arguments: Vec<_> = arguments.iter().map(Json::number).collect();
        call(&mut StdRng::seed_from_u64(1), method, &arguments)
    }

    #[test_case("abs", &["-5"], "5")]
    #[test_case("abs", &["-5.5"], "5.5")]
    #[test_case("abs", &["-10000000000"], "1.0E10")]
    #[test_case("min", &["1", "2"], "1")]
    #[test_case("max", &["1", "2"], "2")]
    #[test_case("ceil", &["1.2"], "2.0")]
    #[test_case("ceil", &["5"], "5.0")]
    #[test_case("ceil", &["-0.5"], "-0.0")]
    #[test_case("floor", &["-1.2"], "-2.0")]
    #[test_case("floor", &["1e10"], "1.0E10")]
    #[test_case("round", &["1.2345", "2"], "1.23")]
    #[test_case("round", &["2.5", "0"], "3.0")]
    #[test_case("round", &["-2.5", "0"], "-3.0")]
    #[test_case("round", &["1.005", "2"], "1.01")]
    #[test_case("round", &["1.115", "2"], "1.12")]
    #[test_case("round", &["12345", "-2"], "12300.0")]
    #[test_case("round", &["9.5e-4", "4"], "0.001")]
    #[test_case("round", &["1e20", "2"], "1.0E20")]
    #[test_case("round", &["5", "2"], "5.0")]
    #[test_case("round", &["1e-30", "2"], "0.0")]
    #[test_case("randomInt", &["7", "7"], "7")]
    fn numbers_come_out_as_of_the_original(method: &str, arguments: &[&str], expected: &str) {
        assert_eq!(of(method, arguments), Some(Ok(Json::number(expected))));
    }

    #[test]
    fn both_bounds_of_a_random_integer_can_come() {
        let mut random = StdRng::seed_from_u64(1);
        let bounds = [Json::number(1), Json::number(3)];
        let seen: std::collections::BTreeSet<_> = (0..100)
            .filter_map(|_| match call(&mut random, "randomInt", &bounds) {
                Some(Ok(Json::Number(text))) => Some(text),
                _ => None,
            })
            .collect();
        assert_eq!(
            seen.into_iter().collect::<Vec<_>>(),
            ["1".into(), "2".into(), "3".into()]
        );
    }

    #[test]
    fn wrong_bounds_are_an_error_and_other_kinds_no_method() {
        assert!(matches!(of("randomInt", &["5", "1"]), Some(Err(_))));
        assert!(matches!(of("randomDouble", &["1.0", "1.0"]), Some(Err(_))));
        assert_eq!(of("min", &["1", "2.5"]), None);
        assert_eq!(
            call(&mut StdRng::seed_from_u64(1), "abs", &[Json::text("5")]),
            None
        );
    }

    #[test]
    fn decimals_are_formatted_by_pattern() {
        let arguments = [Json::number("1234.5"), Json::text("#,##0.00")];
        let result = call(&mut StdRng::seed_from_u64(1), "format", &arguments);
        assert_eq!(result, Some(Ok(Json::text("1,234.50"))));
    }
}
