//! The amount an answer of a provider names, to be held against ours.

use serde_json::value::RawValue;

use crate::money::{Currency, Decimal, Money};

/// An amount as it came: the text of a JSON number (or of a string that holds one) and a currency code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClaimedAmount {
    amount: Option<String>,
    currency: Option<String>,
}

impl ClaimedAmount {
    pub(crate) fn new(amount: Option<&RawValue>, currency: Option<String>) -> Self {
        let amount = amount
            .map(|raw| raw.get().trim().trim_matches('"').to_owned())
            .filter(|text| text != "null");
        Self { amount, currency }
    }

    /// An amount as the text of a decimal number.
    pub(crate) fn decimal(amount: Option<String>, currency: Option<String>) -> Self {
        Self { amount, currency }
    }

    /// An amount in minor units.
    pub(crate) fn minor(minor: Option<i64>, currency: Option<String>) -> Self {
        let known = currency
            .as_deref()
            .and_then(|code| code.to_ascii_uppercase().parse::<Currency>().ok());
        // In a currency that we do not know it differs anyway.
        let write = |minor: i64| match known {
            Some(currency) => Money::new(minor, currency).to_string(),
            None => minor.to_string(),
        };
        Self {
            amount: minor.map(write),
            currency,
        }
    }

    /// How the claim differs from `ours`; `None` when it does not, or claims nothing.
    pub(crate) fn difference(&self, ours: Money) -> Option<String> {
        let amount_differs = self
            .amount
            .as_ref()
            .is_some_and(|text| read(text, ours) != Some(ours));
        let currency_differs = self
            .currency
            .as_ref()
            .is_some_and(|code| !code.eq_ignore_ascii_case(ours.currency.code()));
        (amount_differs || currency_differs).then(|| {
            let (amount, currency) = (self.amount.as_deref(), self.currency.as_deref());
            format!(
                "{} {} instead of {ours} {}",
                amount.unwrap_or("-"),
                currency.unwrap_or("-"),
                ours.currency.code()
            )
        })
    }
}

/// `1000.000` is read as `1000`: what matters is the value.
fn read(text: &str, ours: Money) -> Option<Money> {
    let shortened = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    };
    Decimal::parse(shortened)
        .ok()?
        .in_currency(ours.currency)
        .ok()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn difference(body: &str) -> Option<String> {
        let mut fields: HashMap<String, Box<RawValue>> = serde_json::from_str(body).unwrap();
        let currency = fields
            .remove("currency")
            .map(|raw| raw.get().trim_matches('"').to_owned());
        ClaimedAmount::new(fields.get("amount").map(|raw| &**raw), currency)
            .difference(Money::new(100_050, Currency::Rub))
    }

    #[test]
    fn the_same_value_is_no_difference_however_it_is_written() {
        for body in [
            r#"{"amount": 1000.5}"#,
            r#"{"amount": 1000.500, "currency": "rub"}"#,
            r#"{"amount": "1000.50", "currency": "RUB"}"#,
            r#"{"currency": "RUB"}"#,
            r#"{"amount": null}"#,
            "{}",
        ] {
            assert_eq!(difference(body), None, "{body}");
        }
    }

    #[test]
    fn minor_units_are_read_by_the_currency() {
        let rubles = Money::new(100_050, Currency::Rub);
        let claim = |minor, code: &str| ClaimedAmount::minor(Some(minor), Some(code.to_owned()));
        assert_eq!(claim(100_050, "rub").difference(rubles), None);
        assert!(claim(100_051, "rub").difference(rubles).is_some());
        assert!(claim(100_050, "usd").difference(rubles).is_some());
        assert!(claim(100_050, "xau").difference(rubles).is_some());
        let yen = Money::new(500, Currency::Jpy);
        assert_eq!(claim(500, "jpy").difference(yen), None);
    }

    #[test]
    fn another_value_currency_or_kind_is_a_difference() {
        for body in [
            r#"{"amount": 1000.51}"#,
            r#"{"amount": 1000.5, "currency": "USD"}"#,
            r#"{"amount": true}"#,
            r#"{"amount": 1e3}"#,
        ] {
            assert!(difference(body).is_some(), "{body}");
        }
        assert_eq!(
            difference(r#"{"amount": 1000}"#).unwrap(),
            "1000 - instead of 1000.50 RUB"
        );
    }
}
