//! What `type:` names: JSON's own types, and texts of a known form.

use std::str::FromStr;

use serde_json::Value;

use super::compare::as_integer;

/// A type a value can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    String,
    Number,
    Integer,
    Boolean,
    Array,
    Object,
    Null,
    Uuid,
    DateTime,
    Date,
    Email,
    Url,
}

impl Shape {
    pub(super) const ALL: [(&'static str, Self); 12] = [
        ("string", Self::String),
        ("number", Self::Number),
        ("integer", Self::Integer),
        ("boolean", Self::Boolean),
        ("array", Self::Array),
        ("object", Self::Object),
        ("null", Self::Null),
        ("uuid", Self::Uuid),
        ("datetime", Self::DateTime),
        ("date", Self::Date),
        ("email", Self::Email),
        ("url", Self::Url),
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter();
        all.find(|(known, _)| *known == name)
            .map(|(_, shape)| *shape)
    }

    pub(super) fn name(self) -> &'static str {
        let mut all = Self::ALL.iter();
        all.find(|(_, shape)| *shape == self)
            .map_or("value", |(name, _)| name)
    }

    pub(super) fn fits(self, value: &Value) -> bool {
        let text = value.as_str();
        match self {
            Self::String => value.is_string(),
            Self::Number => value.is_number(),
            Self::Integer => value
                .as_number()
                .is_some_and(|number| as_integer(number).is_some()),
            Self::Boolean => value.is_boolean(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
            Self::Null => value.is_null(),
            Self::Uuid => text.is_some_and(|text| uuid::Uuid::from_str(text).is_ok()),
            Self::DateTime => text.is_some_and(is_datetime),
            Self::Date => text.is_some_and(is_date),
            Self::Email => text.is_some_and(is_email),
            Self::Url => {
                text.is_some_and(|text| url::Url::parse(text).is_ok_and(|url| url.has_host()))
            }
        }
    }
}

/// The type of a value in a message: `text`, `a number`.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// RFC 3339, or ISO 8601 without an offset, as many shops write it.
fn is_datetime(text: &str) -> bool {
    text.contains(['T', ' ', 't'])
        && (jiff::Timestamp::from_str(text).is_ok()
            || jiff::civil::DateTime::from_str(text).is_ok())
}

fn is_date(text: &str) -> bool {
    text.len() == "2026-01-31".len() && jiff::civil::Date::from_str(text).is_ok()
}

/// One `@`, something before it, a domain with a dot after it, no blanks: enough to tell an address from
/// anything else.
fn is_email(text: &str) -> bool {
    let is_clean = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    text.split_once('@').is_some_and(|(local, domain)| {
        is_clean
            && !local.is_empty()
            && !domain.contains('@')
            && domain.split('.').count() > 1
            && domain.split('.').all(|label| !label.is_empty())
    })
}

/// A moment for `before` and `after`: RFC 3339; without an offset it is taken as UTC; a date is its midnight.
pub(super) fn moment(text: &str) -> Option<jiff::Timestamp> {
    if let Ok(moment) = jiff::Timestamp::from_str(text) {
        return Some(moment);
    }
    let civil = jiff::civil::DateTime::from_str(text)
        .or_else(|_| jiff::civil::Date::from_str(text).map(|date| date.at(0, 0, 0, 0)))
        .ok()?;
    let zoned = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use test_case::test_case;

    #[test_case("integer", json!(1.0), true; "no fraction")]
    #[test_case("integer", json!(1.5), false; "a fraction")]
    #[test_case("number", json!("1"), false; "text is no number")]
    #[test_case("uuid", json!("67e55044-10b1-426f-9247-bb680e5fe0c8"), true; "uuid")]
    #[test_case("uuid", json!("67e55044"), false; "short uuid")]
    #[test_case("datetime", json!("2026-01-31T10:00:00Z"), true; "with offset")]
    #[test_case("datetime", json!("2026-01-31T10:00:00.123"), true; "without offset")]
    #[test_case("datetime", json!("2026-01-31"), false; "a date alone")]
    #[test_case("date", json!("2026-01-31"), true; "date")]
    #[test_case("date", json!("2026-02-31"), false; "no such day")]
    #[test_case("email", json!("a@shop.test"), true; "email")]
    #[test_case("email", json!("a@b@shop.test"), false; "two at signs")]
    #[test_case("email", json!("a@shop"), false; "no dot")]
    #[test_case("url", json!("https://shop.test/a"), true; "url")]
    #[test_case("url", json!("/a"), false; "a path alone")]
    #[test_case("null", json!(null), true; "null")]
    fn shapes_are_told(name: &str, value: Value, expected: bool) {
        let shape = Shape::named(name).expect("a known type");
        assert_eq!(shape.fits(&value), expected);
        assert_eq!(shape.name(), name);
    }

    #[test]
    fn moments_with_and_without_offset_are_comparable() {
        assert_eq!(
            moment("2026-01-31T12:00:00+02:00"),
            moment("2026-01-31 10:00")
        );
        assert!(moment("2026-01-31") < moment("2026-01-31T00:00:01Z"));
        assert_eq!(moment("soon"), None);
    }
}
