//! Parameters: JSON or a form, names in any case of letters, null as absent, numbers as text and text as numbers.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use styk_core::{Currency, Money};

use super::currencies;
use super::reply::Refusal;
use crate::kit::Call;

/// No amount is larger, in minor units: larger ones are not exact as JSON numbers.
const AMOUNT_MAX: i64 = 1_000_000_000_000;

/// The parameters of a call, by their names in lower case.
#[derive(Clone, Debug, Default)]
pub(super) struct Params(HashMap<String, Value>);

impl Params {
    /// Reads the body of a call.
    pub(super) fn read(call: &Call) -> Result<Self, Refusal> {
        let body = &call.request.body;
        let media_type = call.header("content-type").unwrap_or_default();
        let is_form = media_type
            .to_ascii_lowercase()
            .contains("x-www-form-urlencoded");
        let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
        match first {
            None => Ok(Self::default()),
            Some(_) if is_form => Self::form(body),
            Some(b'{') => match serde_json::from_slice(body) {
                Ok(Value::Object(members)) => Ok(Self::object(members)),
                _ => Err(Refusal::new("The request body is not valid JSON")),
            },
            Some(_) if media_type.is_empty() => Self::form(body),
            Some(_) => Err(Refusal::new("The request body must be a JSON object")),
        }
    }

    fn object(members: Map<String, Value>) -> Self {
        let present = members.into_iter().filter(|(_, value)| !value.is_null());
        Self(
            present
                .map(|(name, value)| (name.to_ascii_lowercase(), value))
                .collect(),
        )
    }

    /// Reads a form; `Receiver[Phone]` and `Receiver.Phone` are the same.
    pub(super) fn form(body: &[u8]) -> Result<Self, Refusal> {
        let mut params = HashMap::new();
        for (name, value) in form_urlencoded::parse(body) {
            if name.contains('\u{fffd}') || value.contains('\u{fffd}') {
                return Err(Refusal::new("The request body is not valid UTF-8"));
            }
            let name = name.to_ascii_lowercase().replace('[', ".").replace(']', "");
            params.insert(name, Value::from(value.into_owned()));
        }
        Ok(Self(params))
    }

    /// The names of parameters, in lower case.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0
            .keys()
            .map(|name| name.split('.').next().unwrap_or(name))
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(&name.to_ascii_lowercase())
    }

    /// Text; a number counts as its digits. Empty is absent.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let text = match self.get(name)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    /// The same, compact for what is kept.
    pub(super) fn kept(&self, name: &str) -> Option<Box<str>> {
        self.text(name).map(String::into_boxed_str)
    }

    pub(super) fn need_text(&self, name: &str) -> Result<String, Refusal> {
        self.text(name).ok_or_else(|| Refusal::missing(name))
    }

    /// A whole number; a fraction is rounded (CloudPayments API, Data types).
    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let whole = text.parse::<i64>().ok();
        let rounded = || {
            let number = text.parse::<f64>().ok()?.round();
            format!("{number:.0}").parse::<i64>().ok()
        };
        let number = whole.or_else(rounded);
        number.map(Some).ok_or_else(|| Refusal::invalid(name))
    }

    pub(super) fn need_integer(&self, name: &str) -> Result<i64, Refusal> {
        self.integer(name)?.ok_or_else(|| Refusal::missing(name))
    }

    /// True or false, also as text or number.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "on" => Ok(Some(true)),
            "false" | "0" => Ok(Some(false)),
            _ => Err(Refusal::invalid(name)),
        }
    }

    /// `Currency`, roubles when there is none.
    pub(super) fn currency(&self) -> Result<Currency, Refusal> {
        let code = self.text("Currency");
        let code = code.as_deref().unwrap_or("RUB");
        currencies::known(code).ok_or_else(|| Refusal::invalid("Currency"))
    }

    /// `Amount` of a currency, at least 0.01.
    pub(super) fn amount(&self, currency: Currency) -> Result<Money, Refusal> {
        let text = self.need_text("Amount")?;
        let money = Money::parse(&text, currency);
        money
            .filter(|money| (1..=AMOUNT_MAX).contains(&money.minor))
            .ok_or_else(|| Refusal::invalid("Amount"))
    }

    /// A time: with a zone, or in UTC; a day is its beginning.
    pub(super) fn time(&self, name: &str) -> Result<Option<Timestamp>, Refusal> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let with_zone = text.parse::<Timestamp>().ok();
        let utc = |time: DateTime| Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp());
        let without = || utc(text.parse::<DateTime>().ok()?);
        let time = with_zone.or_else(without);
        time.map(Some).ok_or_else(|| Refusal::invalid(name))
    }

    pub(super) fn need_time(&self, name: &str) -> Result<Timestamp, Refusal> {
        self.time(name)?.ok_or_else(|| Refusal::missing(name))
    }

    pub(super) fn need_day(&self, name: &str) -> Result<Date, Refusal> {
        let text = self.need_text(name)?;
        let day = text.get(..10).and_then(|day| day.parse().ok());
        day.ok_or_else(|| Refusal::invalid(name))
    }

    /// JSON as text: an object is written, text is taken as it is.
    pub(super) fn json(&self, name: &str) -> Option<Box<str>> {
        match self.get(name)? {
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(text.as_str().into()),
            other => Some(other.to_string().into()),
        }
    }

    /// The texts of a list.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        match self.get(name) {
            Some(Value::Array(items)) => items
                .iter()
                .filter_map(|item| item.as_str().map(str::to_owned))
                .collect(),
            Some(Value::String(text)) => text
                .split(',')
                .map(|item| item.trim().to_owned())
                .filter(|item| !item.is_empty())
                .collect(),
            _ => Vec::new(),
        }
    }

    /// A member of an object: `Receiver`, `Phone`.
    pub(super) fn within(&self, name: &str, member: &str) -> Option<String> {
        match self.get(name) {
            Some(Value::Object(members)) => Self::object(members.clone()).text(member),
            _ => self.text(&format!("{name}.{member}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(value: Value) -> Params {
        let Value::Object(members) = value else {
            panic!("no object");
        };
        Params::object(members)
    }

    #[test]
    fn names_match_in_any_case_and_values_in_any_shape() {
        let params =
            of(json!({"aMOUNT": "65.98", "InvoiceId": 17, "Currency": null, "PageNumber": 1.6}));
        let money = params.amount(params.currency().expect("roubles"));
        assert_eq!(money.expect("an amount").to_string(), "65.98 RUB");
        assert_eq!(params.text("invoiceid").as_deref(), Some("17"));
        assert_eq!(params.integer("pagenumber"), Ok(Some(2)));
        assert_eq!(
            params.need_text("Token"),
            Err(Refusal::new("Token is required"))
        );
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        let amounts = [
            json!(-1),
            json!(0),
            json!(1e30),
            json!("1.005"),
            json!("x"),
            json!(1.234),
        ];
        for amount in amounts {
            let params = of(json!({"Amount": amount}));
            let refused = params.amount(params.currency().expect("roubles"));
            assert_eq!(refused, Err(Refusal::new("Invalid Amount value")));
        }
    }
}
