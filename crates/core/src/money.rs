//! Money outside the shop: integer minor units and a currency.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A currency by its ISO 4217 code, kept in upper case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

/// The text is no currency code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no currency code: three letters, such as RUB")]
pub struct BadCurrency(String);

impl Currency {
    /// The code in upper case, `RUB`.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// How many digits follow the decimal point when people write an amount.
    #[must_use]
    pub fn decimals(self) -> u32 {
        const NONE: [&str; 16] = [
            "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND",
            "VUV", "XAF", "XOF", "XPF",
        ];
        const THREE: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];
        match self.code() {
            code if NONE.contains(&code) => 0,
            code if THREE.contains(&code) => 3,
            _ => 2,
        }
    }
}

impl FromStr for Currency {
    type Err = BadCurrency;

    fn from_str(text: &str) -> Result<Self, BadCurrency> {
        <[u8; 3]>::try_from(text.as_bytes())
            .ok()
            .filter(|code| code.iter().all(u8::is_ascii_alphabetic))
            .map(|code| Self(code.map(|letter| letter.to_ascii_uppercase())))
            .ok_or_else(|| BadCurrency(text.to_owned()))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// An amount of one currency, in its minor unit. Negative when money goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units: kopecks, cents.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// An amount in minor units.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// The amount in major units without the currency, `1990.00`.
    #[must_use]
    pub fn decimal(&self) -> String {
        let sign = if self.minor < 0 { "-" } else { "" };
        let minor = self.minor.unsigned_abs();
        match self.currency.decimals() {
            0 => format!("{sign}{minor}"),
            decimals => {
                let unit = 10_u64.pow(decimals);
                let width = usize::try_from(decimals).unwrap_or(2);
                format!("{sign}{}.{:0width$}", minor / unit, minor % unit)
            }
        }
    }

    /// Reads an amount in major units as it is written, `1990`, `1990.5` or `1990.00`, without floating point. `None`
    /// for anything that is no decimal number, has more digits than the currency, or does not fit.
    #[must_use]
    pub fn parse(text: &str, currency: Currency) -> Option<Self> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let decimals = usize::try_from(currency.decimals()).ok()?;
        if whole.is_empty() || !is_number(whole) || !is_number(fraction) {
            return None;
        }
        let (kept, rest) = fraction.split_at(fraction.len().min(decimals));
        if rest.bytes().any(|digit| digit != b'0') {
            return None;
        }
        let minor: i64 = format!("{whole}{kept:0<decimals$}").parse().ok()?;
        Some(Self::new(sign * minor, currency))
    }
}

/// With the currency, thousands apart: `1 990.00 RUB`.
impl fmt::Display for Money {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = self.decimal();
        let (sign, plain) = plain
            .strip_prefix('-')
            .map_or(("", &*plain), |rest| ("-", rest));
        let (whole, fraction) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
        formatter.write_str(sign)?;
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at) % 3 == 0 {
                formatter.write_str(" ")?;
            }
            write!(formatter, "{digit}")?;
        }
        write!(formatter, "{fraction} {}", self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str, code: &str) -> Option<i64> {
        Money::parse(text, code.parse().expect("a currency")).map(|money| money.minor)
    }

    #[test]
    fn amounts_are_read_from_their_digits() {
        assert_eq!(money("1990", "RUB"), Some(199_000));
        assert_eq!(money("1990.5", "rub"), Some(199_050));
        assert_eq!(money("0.10", "USD"), Some(10));
        assert_eq!(money("-3.00", "USD"), Some(-300));
        assert_eq!(money("500", "JPY"), Some(500));
        assert_eq!(money("1.234", "KWD"), Some(1234));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", ".", "1,5", "1e3", "1.005", "+1", "99999999999999999999"] {
            assert_eq!(money(text, "RUB"), None, "{text}");
        }
        assert_eq!(money("1.5", "JPY"), None);
        assert!("RU".parse::<Currency>().is_err() && "R1B".parse::<Currency>().is_err());
    }

    #[test]
    fn people_read_them_with_thousands_apart() {
        let text =
            |minor, code: &str| Money::new(minor, code.parse().expect("a currency")).to_string();
        assert_eq!(text(199_000, "RUB"), "1 990.00 RUB");
        assert_eq!(text(-123_456_789, "usd"), "-1 234 567.89 USD");
        assert_eq!(text(500, "JPY"), "500 JPY");
    }
}
