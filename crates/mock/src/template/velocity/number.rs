//! Numbers as Java has them: integers that grow, doubles and decimals.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::ast::Operator;

/// How many digits a decimal may have behind its point.
const SCALE_MAX: i32 = 1000;

#[derive(Clone, Copy, Debug)]
pub(super) enum Number {
    /// `Integer`, `Long` or `BigInteger`, as long as it fits.
    Whole(i128),
    Double(f64),
    Decimal(Decimal),
}

/// `digits` × 10^-`scale`
#[derive(Clone, Copy, Debug)]
pub(super) struct Decimal {
    digits: i128,
    scale: i32,
}

impl Number {
    /// A number as JSON or a decimal text writes it.
    pub(super) fn decimal(text: &str) -> Option<Self> {
        Decimal::parse(text).map(Self::Decimal)
    }

    pub(super) fn as_f64(self) -> f64 {
        match self {
            Self::Whole(value) => value as f64,
            Self::Double(value) => value,
            Self::Decimal(value) => value.to_string().parse().unwrap_or(f64::NAN),
        }
    }

    pub(super) fn is_zero(self) -> bool {
        match self {
            Self::Whole(value) => value == 0,
            Self::Double(value) => value == 0.0,
            Self::Decimal(value) => value.digits == 0,
        }
    }

    /// The whole number, without its fraction.
    pub(super) fn truncated(self) -> i128 {
        match self {
            Self::Whole(value) => value,
            Self::Double(value) => double_to_whole(value),
            Self::Decimal(_) => double_to_whole(self.as_f64()),
        }
    }

    pub(super) fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(left), Self::Whole(right)) => Some(left.cmp(&right)),
            (Self::Decimal(_), _) | (_, Self::Decimal(_)) => {
                let exact = self.to_decimal().zip(other.to_decimal());
                let aligned = exact.and_then(|(left, right)| left.aligned(right));
                match aligned {
                    Some((left, right, _)) => Some(left.cmp(&right)),
                    None => self.as_f64().partial_cmp(&other.as_f64()),
                }
            }
            _ => self.as_f64().partial_cmp(&other.as_f64()),
        }
    }

    pub(super) fn negated(self) -> Option<Self> {
        Some(match self {
            Self::Whole(value) => Self::Whole(value.checked_neg()?),
            Self::Double(value) => Self::Double(-value),
            Self::Decimal(value) => Self::Decimal(Decimal {
                digits: value.digits.checked_neg()?,
                ..value
            }),
        })
    }

    /// The result of an arithmetic operator.
    ///
    /// # Errors
    ///
    /// When there is none that fits.
    pub(super) fn apply(self, operator: Operator, other: Self) -> Result<Self, &'static str> {
        match (self, other) {
            (Self::Whole(left), Self::Whole(right)) => whole(left, operator, right),
            (Self::Decimal(_), _) | (_, Self::Decimal(_)) => {
                let (left, right) = self
                    .to_decimal()
                    .zip(other.to_decimal())
                    .ok_or("the number is too large")?;
                left.apply(operator, right).map(Self::Decimal)
            }
            _ => Ok(Self::Double(double(
                self.as_f64(),
                operator,
                other.as_f64(),
            ))),
        }
    }

    fn to_decimal(self) -> Option<Decimal> {
        match self {
            Self::Decimal(value) => Some(value),
            // Java goes by way of a double: 2 becomes 2.0.
            Self::Whole(_) | Self::Double(_) => {
                Decimal::parse(&Self::Double(self.as_f64()).to_string())
            }
        }
    }
}

fn whole(left: i128, operator: Operator, right: i128) -> Result<Number, &'static str> {
    let result = match operator {
        Operator::Add => left.checked_add(right),
        Operator::Subtract => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        Operator::Divide => left.checked_div(right),
        _ => left.checked_rem(right),
    };
    result.map(Number::Whole).ok_or("the number is too large")
}

fn double(left: f64, operator: Operator, right: f64) -> f64 {
    match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        _ => left % right,
    }
}

/// Cuts the fraction off; what is beyond all bounds stops at the bound, as in Java.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the cast saturates, as Java's does"
)]
fn double_to_whole(value: f64) -> i128 {
    value as i128
}

impl Decimal {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.len() + fraction.len() > 40 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let digits = format!("{whole}{fraction}").parse().ok()?;
        let exponent: i32 = exponent.parse().ok()?;
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        (scale.abs() <= SCALE_MAX).then_some(Self { digits, scale })
    }

    /// Both at the larger scale.
    fn aligned(self, other: Self) -> Option<(i128, i128, i32)> {
        let scale = self.scale.max(other.scale);
        Some((self.at_scale(scale)?, other.at_scale(scale)?, scale))
    }

    fn at_scale(self, scale: i32) -> Option<i128> {
        let more = u32::try_from(scale.checked_sub(self.scale)?).ok()?;
        self.digits.checked_mul(10_i128.checked_pow(more)?)
    }

    fn apply(self, operator: Operator, other: Self) -> Result<Self, &'static str> {
        const TOO_LARGE: &str = "the number is too large";
        let sum = |combine: fn(i128, i128) -> Option<i128>| {
            let (left, right, scale) = self.aligned(other)?;
            combine(left, right).map(|digits| Self { digits, scale })
        };
        match operator {
            Operator::Add => sum(i128::checked_add).ok_or(TOO_LARGE),
            Operator::Subtract => sum(i128::checked_sub).ok_or(TOO_LARGE),
            Operator::Multiply => {
                let digits = self.digits.checked_mul(other.digits).ok_or(TOO_LARGE)?;
                let scale = self.scale + other.scale;
                if scale.abs() > SCALE_MAX {
                    return Err(TOO_LARGE);
                }
                Ok(Self { digits, scale })
            }
            Operator::Divide => self.divided(other).ok_or(TOO_LARGE),
            _ => Err("cannot calculate the modulo of decimals"),
        }
    }

    /// The quotient with the digits of `self` behind the point, halves rounded down.
    fn divided(self, other: Self) -> Option<Self> {
        let (numerator, denominator) = if other.scale >= 0 {
            let factor = 10_i128.checked_pow(u32::try_from(other.scale).ok()?)?;
            (self.digits.checked_mul(factor)?, other.digits)
        } else {
            let factor = 10_i128.checked_pow(u32::try_from(-other.scale).ok()?)?;
            (self.digits, other.digits.checked_mul(factor)?)
        };
        let quotient = numerator.checked_div(denominator)?;
        let rest = numerator.checked_rem(denominator)?.checked_abs()?;
        let is_up = rest.checked_mul(2)? > denominator.checked_abs()?;
        let sign = if (numerator < 0) == (denominator < 0) {
            1
        } else {
            -1
        };
        let digits = if is_up {
            quotient.checked_add(sign)?
        } else {
            quotient
        };
        Some(Self {
            digits,
            scale: self.scale,
        })
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(value) => write!(f, "{value}"),
            Self::Double(value) => write_double(f, *value),
            Self::Decimal(value) => write!(f, "{value}"),
        }
    }
}

/// As Java's `Double.toString`.
fn write_double(f: &mut fmt::Formatter<'_>, value: f64) -> fmt::Result {
    if value.is_nan() {
        return f.write_str("NaN");
    }
    if value.is_infinite() {
        return f.write_str(if value > 0.0 { "Infinity" } else { "-Infinity" });
    }
    let size = value.abs();
    if size == 0.0 || (1e-3..1e7).contains(&size) {
        return write!(f, "{value:?}");
    }
    let text = format!("{value:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let point = if mantissa.contains('.') { "" } else { ".0" };
    write!(f, "{mantissa}{point}E{exponent}")
}

/// As Java's `BigDecimal.toString`.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.digits < 0 { "-" } else { "" };
        let digits = self.digits.unsigned_abs().to_string();
        let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
        let exponent = count - 1 - self.scale;
        if self.scale == 0 {
            write!(f, "{sign}{digits}")
        } else if self.scale > 0 && exponent >= -6 {
            let places = usize::try_from(self.scale).unwrap_or(0);
            let padded = format!("{digits:0>width$}", width = places + 1);
            let (whole, fraction) = padded.split_at(padded.len() - places);
            write!(f, "{sign}{whole}.{fraction}")
        } else {
            let (first, rest) = digits.split_at(1);
            let point = if rest.is_empty() { "" } else { "." };
            let plus = if exponent >= 0 { "+" } else { "" };
            write!(f, "{sign}{first}{point}{rest}E{plus}{exponent}")
        }
    }
}

/// The same as a key of a map: of one kind, and written alike.
impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Whole(left), Self::Whole(right)) => left == right,
            (Self::Double(left), Self::Double(right)) => left.to_bits() == right.to_bits(),
            (Self::Decimal(left), Self::Decimal(right)) => {
                (left.digits, left.scale) == (right.digits, right.scale)
            }
            _ => false,
        }
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Whole(value) => value.hash(state),
            Self::Double(value) => value.to_bits().hash(state),
            Self::Decimal(value) => (value.digits, value.scale).hash(state),
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(0.1 + 0.2, "0.30000000000000004")]
    #[test_case(1e7, "1.0E7")]
    #[test_case(1e-5, "1.0E-5")]
    #[test_case(123_456_789.0, "1.23456789E8")]
    #[test_case(0.001, "0.001")]
    #[test_case(-7.0, "-7.0")]
    #[test_case(0.0, "0.0")]
    fn doubles_are_written_as_java_does(value: f64, expected: &str) {
        assert_eq!(Number::Double(value).to_string(), expected);
    }

    #[test_case("1.50", "1.50")]
    #[test_case("1e3", "1E+3")]
    #[test_case("12345678901234567890", "12345678901234567890")]
    #[test_case("-0.05", "-0.05")]
    #[test_case("1.5e-9", "1.5E-9")]
    fn decimals_keep_their_form(written: &str, expected: &str) {
        let number = Number::decimal(written).expect("a number");
        assert_eq!(number.to_string(), expected);
    }
}
