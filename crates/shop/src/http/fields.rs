//! The fields of a JSON body, read one by one. What is wrong is collected, so that a client learns everything at once.
//!
//! A getter whose field is missing or wrong notes the error and gives an empty value; [`Fields::finish`] then refuses
//! the request, so such a value is never used. Unknown fields are ignored, `null` is as good as missing.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use serde_json::value::RawValue;

use crate::error::{ApiError, Code, FieldErrors};
use crate::money::{Currency, Decimal, Money};

/// The JSON object of a request, or an object within it.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    values: HashMap<String, Box<RawValue>>,
    prefix: String,
    errors: FieldErrors,
}

impl Fields {
    /// Reads a body; an empty one is an empty object.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::default());
        }
        let values = serde_json::from_slice(body).map_err(|error| {
            ApiError::new(
                Code::InvalidJson,
                format!("The body is not a JSON object: {error}."),
            )
        })?;
        Ok(Self {
            values,
            ..Self::default()
        })
    }

    /// Refuses the request when any field was wrong.
    pub(crate) fn finish(&mut self) -> Result<(), ApiError> {
        match std::mem::take(&mut self.errors) {
            errors if errors.is_empty() => Ok(()),
            errors => Err(ApiError::fields(errors)),
        }
    }

    /// Notes that a field is wrong.
    pub(crate) fn reject(&mut self, name: &str, message: impl Into<String>) {
        self.errors
            .entry(format!("{}{name}", self.prefix))
            .or_default()
            .push(message.into());
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// A text that must be there, trimmed, with its length in characters within `length`.
    pub(crate) fn text(&mut self, name: &str, length: RangeInclusive<usize>) -> String {
        let text = self
            .text_as_sent(name, length.clone())
            .map(|text| text.trim().to_owned());
        match text {
            Some(text) if text.chars().count() < *length.start() => {
                self.reject(name, too_short(&length));
                String::new()
            }
            Some(text) => text,
            None => self.missing(name),
        }
    }

    /// A secret that must be there: not trimmed.
    pub(crate) fn secret(&mut self, name: &str, length: RangeInclusive<usize>) -> String {
        match self.text_as_sent(name, length) {
            Some(text) => text,
            None => self.missing(name),
        }
    }

    /// A text that may be missing; an empty one counts as missing.
    pub(crate) fn optional_text(&mut self, name: &str, max: usize) -> Option<String> {
        let text = self.text_as_sent(name, 0..=max)?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// Somebody else's identifier, that may be missing: a text, or a whole number, which is taken as its digits.
    pub(crate) fn optional_foreign_id(&mut self, name: &str, max: usize) -> Option<String> {
        let is_digits = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit());
        let digits = self.raw(name).filter(is_digits).map(ToOwned::to_owned);
        match digits {
            Some(digits) if digits.len() <= max => Some(digits),
            _ => self.optional_text(name, max),
        }
    }

    /// A whole number that must be there.
    pub(crate) fn integer(&mut self, name: &str, range: RangeInclusive<i64>) -> i64 {
        if !self.has(name) {
            self.missing(name);
        }
        self.optional_integer(name, range).unwrap_or_default()
    }

    /// A whole number that may be missing.
    pub(crate) fn optional_integer(
        &mut self,
        name: &str,
        range: RangeInclusive<i64>,
    ) -> Option<i64> {
        let number = self
            .raw(name)?
            .parse::<i64>()
            .ok()
            .filter(|number| range.contains(number));
        if number.is_none() {
            self.reject(
                name,
                format!(
                    "must be a whole number from {} to {}",
                    range.start(),
                    range.end()
                ),
            );
        }
        number
    }

    /// A number with decimals that may be missing.
    pub(crate) fn optional_decimal(&mut self, name: &str) -> Option<Decimal> {
        match Decimal::parse(self.raw(name)?) {
            Ok(decimal) => Some(decimal),
            Err(error) => {
                self.reject(name, error.to_string());
                None
            }
        }
    }

    /// An amount that must be there.
    pub(crate) fn money(&mut self, name: &str, currency: Currency) -> Money {
        if !self.has(name) {
            self.missing(name);
        }
        self.optional_money(name, currency)
            .unwrap_or(Money::new(0, currency))
    }

    /// An amount that may be missing.
    pub(crate) fn optional_money(&mut self, name: &str, currency: Currency) -> Option<Money> {
        let amount = self.optional_decimal(name)?.in_currency(currency);
        amount
            .map_err(|error| self.reject(name, error.to_string()))
            .ok()
    }

    /// A currency; the ruble when it is missing.
    pub(crate) fn currency(&mut self, name: &str) -> Currency {
        let Some(code) = self.optional_text(name, 3) else {
            return Currency::Rub;
        };
        code.parse()
            .unwrap_or_else(|error: crate::money::UnknownCurrency| {
                self.reject(name, error.to_string());
                Currency::Rub
            })
    }

    /// An object within this one. Give it back with [`Fields::absorb`].
    pub(crate) fn object(&mut self, name: &str) -> Option<Self> {
        let raw = self.raw(name)?;
        let object = serde_json::from_str(raw);
        let prefix = format!("{}{name}.", self.prefix);
        match object {
            Ok(values) => Some(Self {
                values,
                prefix,
                errors: FieldErrors::new(),
            }),
            Err(_) => {
                self.reject(name, "must be an object");
                None
            }
        }
    }

    /// The objects of a list within this one, at most `max`. Give each back with [`Fields::absorb`].
    pub(crate) fn objects(&mut self, name: &str, max: usize) -> Option<Vec<Self>> {
        let parsed = serde_json::from_str::<Vec<HashMap<String, Box<RawValue>>>>(self.raw(name)?);
        match parsed {
            Ok(list) if list.len() <= max => {
                let prefix = |index| format!("{}{name}[{index}].", self.prefix);
                let object = |(index, values)| Self {
                    values,
                    prefix: prefix(index),
                    errors: FieldErrors::new(),
                };
                Some(list.into_iter().enumerate().map(object).collect())
            }
            Ok(_) => {
                self.reject(name, format!("must have at most {max} entries"));
                None
            }
            Err(_) => {
                self.reject(name, "must be a list of objects");
                None
            }
        }
    }

    /// Takes over what was wrong in an object within this one.
    pub(crate) fn absorb(&mut self, inner: Self) {
        for (name, messages) in inner.errors {
            self.errors.entry(name).or_default().extend(messages);
        }
    }

    fn raw(&self, name: &str) -> Option<&str> {
        self.values
            .get(name)
            .map(|raw| raw.get().trim())
            .filter(|text| *text != "null")
    }

    fn missing(&mut self, name: &str) -> String {
        let full = format!("{}{name}", self.prefix);
        self.errors
            .entry(full)
            .or_insert_with(|| vec!["is required".to_owned()]);
        String::new()
    }

    fn text_as_sent(&mut self, name: &str, length: RangeInclusive<usize>) -> Option<String> {
        let Ok(text) = serde_json::from_str::<String>(self.raw(name)?) else {
            self.reject(name, "must be a text");
            return None;
        };
        let chars = text.chars().count();
        let wrong = if chars < *length.start() {
            too_short(&length)
        } else if chars > *length.end() {
            format!("must have at most {} characters", length.end())
        } else if text.contains('\0') {
            // PostgreSQL cannot keep it.
            "must not contain a zero character".to_owned()
        } else {
            return Some(text);
        };
        self.reject(name, wrong);
        None
    }
}

fn too_short(length: &RangeInclusive<usize>) -> String {
    match length.start() {
        1 => "must not be empty".to_owned(),
        min => format!("must have at least {min} characters"),
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let content_type = request.headers().get(CONTENT_TYPE).cloned();
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(|error| {
            ApiError::new(Code::Invalid, "The body could not be read.").because(error)
        })?;
        let is_json = content_type.and_then(|value| value.to_str().map(is_json).ok());
        if !body.is_empty() && is_json != Some(true) {
            return Err(ApiError::new(
                Code::UnsupportedMediaType,
                "Send the body as Content-Type: application/json.",
            ));
        }
        Self::parse(&body)
    }
}

fn is_json(content_type: &str) -> bool {
    let kind = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(fields: &mut Fields) -> serde_json::Value {
        fields.finish().unwrap_err().body("r")["error"]["fields"].clone()
    }

    #[test]
    fn everything_wrong_with_a_body_is_told_at_once() {
        let body = br#"{"name": 5, "quantity": 1.5, "price": "100", "email": "  ", "note": null}"#;
        let mut fields = Fields::parse(body).unwrap();
        fields.text("name", 1..=10);
        fields.text("sku", 1..=10);
        fields.text("email", 1..=10);
        fields.integer("quantity", 1..=100);
        fields.money("price", Currency::Rub);
        assert_eq!(fields.optional_text("note", 10), None);
        assert_eq!(
            errors(&mut fields),
            serde_json::json!({
                "name": ["must be a text"],
                "sku": ["is required"],
                "email": ["must not be empty"],
                "quantity": ["must be a whole number from 1 to 100"],
                "price": ["must be a number such as 149.90, without sign, exponent or quotes"],
            })
        );
    }

    #[test]
    fn errors_inside_lists_and_objects_carry_their_path() {
        let body = br#"{"items": [{"quantity": 1}, {"quantity": 0}], "address": {"city": ""}, "other": 3}"#;
        let mut fields = Fields::parse(body).unwrap();
        for mut item in fields.objects("items", 10).unwrap() {
            item.integer("quantity", 1..=5);
            fields.absorb(item);
        }
        let mut address = fields.object("address").unwrap();
        address.text("city", 1..=50);
        fields.absorb(address);
        assert!(fields.object("other").is_none());
        assert_eq!(
            errors(&mut fields),
            serde_json::json!({
                "items[1].quantity": ["must be a whole number from 1 to 5"],
                "address.city": ["must not be empty"],
                "other": ["must be an object"],
            })
        );
    }

    #[test]
    fn a_body_that_is_no_object_is_invalid_json() {
        for body in ["[1]", "{", "\"a\"", "{\"a\": 1} x"] {
            assert_eq!(
                Fields::parse(body.as_bytes()).unwrap_err().code(),
                Code::InvalidJson,
                "{body}"
            );
        }
        assert!(Fields::parse(b" \n").is_ok());
    }

    #[test]
    fn json_is_recognised_with_parameters_and_suffixes() {
        assert!(is_json("application/json; charset=utf-8"));
        assert!(is_json("application/merge-patch+json"));
        assert!(!is_json("text/plain"));
        assert!(!is_json("application/x-www-form-urlencoded"));
    }
}
