//! Money: integer minor units and a currency; the border to JSON numbers.
//!
//! A number on the wire is read from its text and written from integers; no floating point is involved anywhere.

use std::fmt;
use std::str::FromStr;

use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// The largest amount taken from outside, in minor units: sums of many such amounts still fit.
const MINOR_MAX: i64 = 100_000_000_000_000;

/// A currency the shop can trade in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Currency {
    Rub,
    Usd,
    Eur,
    Gbp,
    Kzt,
    Byn,
    Cny,
    Jpy,
}

impl Currency {
    /// The ISO 4217 code.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Rub => "RUB",
            Self::Usd => "USD",
            Self::Eur => "EUR",
            Self::Gbp => "GBP",
            Self::Kzt => "KZT",
            Self::Byn => "BYN",
            Self::Cny => "CNY",
            Self::Jpy => "JPY",
        }
    }

    /// How many digits follow the decimal point.
    pub(crate) fn decimals(self) -> u32 {
        match self {
            Self::Jpy => 0,
            Self::Rub | Self::Usd | Self::Eur | Self::Gbp | Self::Kzt | Self::Byn | Self::Cny => 2,
        }
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(code: &str) -> Result<Self, UnknownCurrency> {
        [
            Self::Rub,
            Self::Usd,
            Self::Eur,
            Self::Gbp,
            Self::Kzt,
            Self::Byn,
            Self::Cny,
            Self::Jpy,
        ]
        .into_iter()
        .find(|currency| currency.code() == code)
        .ok_or(UnknownCurrency)
    }
}

/// The code is none of the currencies the shop trades in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be one of RUB, USD, EUR, GBP, KZT, BYN, CNY, JPY")]
pub(crate) struct UnknownCurrency;

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// An amount of one currency. Serialises as a JSON number in major units, `100.00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Money {
    pub(crate) minor: i64,
    pub(crate) currency: Currency,
}

impl Money {
    pub(crate) fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }
}

/// The number alone, `100.00`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minor < 0 { "-" } else { "" };
        let minor = self.minor.unsigned_abs();
        match self.currency.decimals() {
            0 => write!(f, "{sign}{minor}"),
            decimals => {
                let unit = 10_u64.pow(decimals);
                let width = usize::try_from(decimals).unwrap_or(2);
                write!(f, "{sign}{}.{:0width$}", minor / unit, minor % unit)
            }
        }
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.to_string())
            .map_err(S::Error::custom)?
            .serialize(serializer)
    }
}

/// A JSON number as it was written: digits and how many of them follow the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    digits: i64,
    decimals: u32,
}

/// Why a number is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadAmount {
    #[error("must be a number such as 149.90, without sign, exponent or quotes")]
    NotANumber,
    #[error("must have at most {0} decimals")]
    TooManyDecimals(u32),
    #[error("must not be above 1000000000000")]
    TooLarge,
}

impl Decimal {
    /// Reads the text of a JSON number.
    pub(crate) fn parse(text: &str) -> Result<Self, BadAmount> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || text.ends_with('.') {
            return Err(BadAmount::NotANumber);
        }
        let digits: i64 = format!("{whole}{fraction}")
            .parse()
            .map_err(|_| BadAmount::TooLarge)?;
        let decimals = u32::try_from(fraction.len()).map_err(|_| BadAmount::TooLarge)?;
        Ok(Self { digits, decimals })
    }

    /// The amount in `currency`.
    pub(crate) fn in_currency(self, currency: Currency) -> Result<Money, BadAmount> {
        Ok(Money::new(self.scaled(currency.decimals())?, currency))
    }

    /// The number times ten to the power of `decimals`, if that is whole: 20.5 with 2 decimals is 2050.
    pub(crate) fn scaled(self, decimals: u32) -> Result<i64, BadAmount> {
        if self.decimals > decimals {
            return Err(BadAmount::TooManyDecimals(decimals));
        }
        10_i64
            .checked_pow(decimals - self.decimals)
            .and_then(|factor| self.digits.checked_mul(factor))
            .filter(|minor| *minor <= MINOR_MAX)
            .ok_or(BadAmount::TooLarge)
    }
}

/// The tax contained in `gross`, at `basis_points` of the net price, rounded half up.
pub(crate) fn contained_tax(gross_minor: i64, basis_points: i64) -> i64 {
    let gross = i128::from(gross_minor);
    let rate = i128::from(basis_points);
    let whole = 10_000 + rate;
    let tax = (gross * rate * 2 + whole) / (whole * 2);
    i64::try_from(tax).unwrap_or(gross_minor)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rubles(text: &str) -> Result<i64, BadAmount> {
        Decimal::parse(text)
            .and_then(|decimal| decimal.in_currency(Currency::Rub))
            .map(|money| money.minor)
    }

    #[test]
    fn an_amount_is_read_from_the_text_of_the_number() {
        assert_eq!(rubles("100.00"), Ok(10_000));
        assert_eq!(rubles("149.9"), Ok(14_990));
        assert_eq!(rubles("0.1"), Ok(10));
        assert_eq!(rubles("7"), Ok(700));
    }

    #[test]
    fn what_is_not_a_plain_number_is_refused() {
        for text in [
            "-1", "1e2", "1E2", "\"1\"", "", ".5", "5.", "null", "+1", "1.2.3", "١",
        ] {
            assert_eq!(rubles(text), Err(BadAmount::NotANumber), "{text}");
        }
        assert_eq!(rubles("1.001"), Err(BadAmount::TooManyDecimals(2)));
        assert_eq!(rubles("99999999999999999999"), Err(BadAmount::TooLarge));
        assert_eq!(rubles("1000000000000.01"), Err(BadAmount::TooLarge));
        assert_eq!(
            Decimal::parse("1.5").and_then(|decimal| decimal.in_currency(Currency::Jpy)),
            Err(BadAmount::TooManyDecimals(0))
        );
    }

    #[test]
    fn an_amount_is_written_with_all_its_decimals() {
        let json = |minor, currency| serde_json::to_string(&Money::new(minor, currency)).unwrap();
        assert_eq!(json(10_000, Currency::Rub), "100.00");
        assert_eq!(json(5, Currency::Rub), "0.05");
        assert_eq!(json(-1_234, Currency::Eur), "-12.34");
        assert_eq!(json(500, Currency::Jpy), "500");
    }

    #[test]
    fn three_times_ten_kopecks_are_thirty() {
        let minor = rubles("0.10").unwrap() * 3;
        assert_eq!(Money::new(minor, Currency::Rub).to_string(), "0.30");
    }

    #[test]
    fn tax_is_the_part_contained_in_the_price() {
        assert_eq!(contained_tax(12_000, 2_000), 2_000);
        assert_eq!(contained_tax(100, 2_000), 17);
        assert_eq!(contained_tax(100, 0), 0);
    }

    proptest! {
        #[test]
        fn writing_and_reading_an_amount_gives_the_same(minor in 0..=MINOR_MAX) {
            prop_assert_eq!(rubles(&Money::new(minor, Currency::Rub).to_string()), Ok(minor));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".*") {
            let _either = rubles(&text);
        }
    }
}
