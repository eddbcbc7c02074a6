//! Values as text, in the ways of the original: Java's `toString`, compact JSON, Java's form of decimals and instants.

use jiff::Timestamp;

use crate::json::{Json, Object, is_integer};

/// As Java prints the value: a list as `[a, b]`, a map as `{k=v}`, nothing for null.
pub(super) fn java(value: &Json) -> String {
    let mut out = String::new();
    match value {
        Json::Null => {}
        value => write_java(&mut out, value, Style::Java),
    }
    out
}

/// As the original prints what a JSONPath found: maps as Java does, but lists as compact JSON.
pub(super) fn found(value: &Json) -> String {
    let mut out = String::new();
    match value {
        Json::Null => {}
        value => write_java(&mut out, value, Style::Found),
    }
    out
}

/// The value with its numbers in Java's form, as of JSON that was read and written again.
pub(super) fn through_java(json: Json) -> Json {
    match json {
        Json::Number(text) => match number(&text) {
            // Too large for a double.
            text if text.ends_with("Infinity") => Json::Text(text),
            text => Json::Number(text.into_boxed_str()),
        },
        Json::Array(items) => Json::Array(items.into_iter().map(through_java).collect()),
        Json::Object(fields) => Json::Object(
            fields
                .into_iter()
                .map(|(name, value)| (name, through_java(value)))
                .collect::<Object>(),
        ),
        other => other,
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Style {
    Java,
    Found,
}

fn write_java(out: &mut String, value: &Json, style: Style) {
    match value {
        Json::Null => out.push_str("null"),
        Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Json::Number(text) => out.push_str(&number(text)),
        Json::Text(text) => out.push_str(text),
        Json::Array(_) if style == Style::Found => write_compact(out, value),
        Json::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { ", " });
                write_java(out, item, style);
            }
            out.push(']');
        }
        Json::Object(fields) => {
            out.push('{');
            for (place, (name, value)) in fields.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { ", " });
                out.push_str(name);
                out.push('=');
                write_java(out, value, style);
            }
            out.push('}');
        }
    }
}

/// JSON without blanks; numbers as [`number`] writes them.
pub(super) fn compact(value: &Json) -> String {
    let mut out = String::new();
    write_compact(&mut out, value);
    out
}

fn write_compact(out: &mut String, value: &Json) {
    match value {
        Json::Null => out.push_str("null"),
        Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Json::Number(text) => out.push_str(&number(text)),
        Json::Text(text) => write_quoted(out, text),
        Json::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { "," });
                write_compact(out, item);
            }
            out.push(']');
        }
        Json::Object(fields) => {
            out.push('{');
            for (place, (name, value)) in fields.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { "," });
                write_quoted(out, name);
                out.push(':');
                write_compact(out, value);
            }
            out.push('}');
        }
    }
}

fn write_quoted(out: &mut String, text: &str) {
    // The pretty form of a text has no blanks to leave out.
    out.push_str(&crate::json::pretty(&Json::text(text)));
}

/// A number after a way through Java: a whole number as it was written, any other as a double.
pub(crate) fn number(written: &str) -> String {
    match written {
        "-0" => "0".to_owned(),
        whole if is_integer(whole) => whole.to_owned(),
        decimal => decimal
            .parse()
            .map_or_else(|_not_a_number| decimal.to_owned(), double),
    }
}

/// A double as Java writes it: `1.0`, `1.0E7`, `9.5E-4`.
pub(super) fn double(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let magnitude = value.abs();
    if value == 0.0 || (1e-3..1e7).contains(&magnitude) {
        return format!("{value:?}");
    }
    let scientific = format!("{value:E}");
    match scientific.split_once('E') {
        Some((mantissa, exponent)) if !mantissa.contains('.') => format!("{mantissa}.0E{exponent}"),
        _ => scientific,
    }
}

/// An instant as Java writes it: a fraction of none, three, six or nine digits.
pub(super) fn instant(instant: Timestamp) -> String {
    let seconds = instant.strftime("%Y-%m-%dT%H:%M:%S");
    let nanoseconds = instant.subsec_nanosecond();
    if nanoseconds == 0 {
        format!("{seconds}Z")
    } else if nanoseconds % 1_000_000 == 0 {
        format!("{seconds}.{:03}Z", nanoseconds / 1_000_000)
    } else if nanoseconds % 1_000 == 0 {
        format!("{seconds}.{:06}Z", nanoseconds / 1_000)
    } else {
        format!("{seconds}.{nanoseconds:09}Z")
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::json::parse_strict;

    #[test_case(0.0, "0.0")]
    #[test_case(-0.0, "-0.0")]
    #[test_case(5.0, "5.0")]
    #[test_case(9_999_999.0, "9999999.0")]
    #[test_case(1e7, "1.0E7")]
    #[test_case(123_456_789.1, "1.234567891E8")]
    #[test_case(0.001, "0.001")]
    #[test_case(9.5e-4, "9.5E-4")]
    #[test_case(1e20, "1.0E20")]
    #[test_case(1.0 / 3.0, "0.3333333333333333")]
    fn doubles_are_written_as_java_does(value: f64, expected: &str) {
        assert_eq!(double(value), expected);
    }

    #[test_case("12345678901234567890", "12345678901234567890")]
    #[test_case("1.50", "1.5")]
    #[test_case("1e2", "100.0")]
    #[test_case("100000000000000000000.5", "1.0E20")]
    #[test_case("-0", "0")]
    fn numbers_go_through_java(written: &str, expected: &str) {
        assert_eq!(number(written), expected);
    }

    #[test_case("2026-11-25T22:55:33Z", "2026-11-25T22:55:33Z")]
    #[test_case("2026-11-25T22:55:33.5Z", "2026-11-25T22:55:33.500Z")]
    #[test_case("2026-11-25T22:55:33.5001Z", "2026-11-25T22:55:33.500100Z")]
    #[test_case("2026-11-25T22:55:33.000000001Z", "2026-11-25T22:55:33.000000001Z")]
    fn instants_have_whole_groups_of_digits(written: &str, expected: &str) {
        assert_eq!(instant(written.parse().expect("an instant")), expected);
    }

    #[test]
    fn maps_and_lists_have_javas_form() {
        let value = parse_strict(r#"{"q":["a b",null],"k":{"x":1.0}}"#).expect("JSON");
        assert_eq!(java(&value), "{q=[a b, null], k={x=1.0}}");
        assert_eq!(java(&Json::Null), "");
    }

    #[test]
    fn found_lists_are_json_and_found_maps_are_not() {
        let value =
            parse_strict(r#"{"k":{"kk":[1,{"x":null}]},"d":1.0,"s":"a\"b"}"#).expect("JSON");
        assert_eq!(found(&value), r#"{k={kk=[1,{"x":null}]}, d=1.0, s=a"b}"#);
    }
}
