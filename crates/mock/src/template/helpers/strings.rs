//! `strings`: trim, change case, encode and decode, cut and replace.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::json::Json;

use super::super::OUTPUT_BYTES_MAX;
use super::arguments::texts;
use super::{Called, too_long};

/// What a form leaves as it is, beside letters and digits; a blank becomes `+` afterwards.
const FORM: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'.')
    .remove(b'-')
    .remove(b'*')
    .remove(b'_')
    .remove(b' ');

/// Java's decoder needs no padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) fn call(method: &str, arguments: &[Json]) -> Called {
    let arguments = texts(arguments)?;
    let text = match (method, arguments.as_slice()) {
        ("trim", [text]) => Ok(text
            .unwrap_or_default()
            .trim_matches(|c| c <= ' ')
            .to_owned()),
        ("capitalize", [text]) => Ok(capitalize(text.unwrap_or_default())),
        ("uppercase", [text]) => Ok(text.unwrap_or_default().to_uppercase()),
        ("lowercase", [text]) => Ok(text.unwrap_or_default().to_lowercase()),
        ("urlEncode", [text]) => Ok(url_encode(text.unwrap_or_default())),
        ("urlDecode", [text]) => url_decode(text.unwrap_or_default()),
        ("base64Encode", [text]) => Ok(STANDARD.encode(text.unwrap_or_default())),
        ("base64Decode", [text]) => base64_decode(text.unwrap_or_default()),
        ("substringBefore", [text, separator]) => {
            let text = text.unwrap_or_default();
            let before = separator.and_then(|separator| text.split_once(separator));
            Ok(before.map_or(text, |(before, _)| before).to_owned())
        }
        ("substringAfter", [text, separator]) => {
            let text = text.unwrap_or_default();
            let after = separator.and_then(|separator| text.split_once(separator));
            Ok(after.map_or("", |(_, after)| after).to_owned())
        }
        ("replace", [text, target, by]) => {
            let text = text.unwrap_or_default();
            match target {
                Some(target) => replace(text, target, by.unwrap_or_default()),
                None => Ok(text.to_owned()),
            }
        }
        ("length", [text]) => {
            let length = text.unwrap_or_default().encode_utf16().count();
            return Some(Ok(Json::number(length)));
        }
        ("contains", [text, part]) => {
            let contains = text
                .zip(*part)
                .is_some_and(|(text, part)| text.contains(part));
            return Some(Ok(Json::Bool(contains)));
        }
        _ => return None,
    };
    Some(text.map(Json::Text))
}

fn capitalize(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(rest).collect()
    })
}

fn url_encode(text: &str) -> String {
    utf8_percent_encode(text, FORM)
        .to_string()
        .replace(' ', "+")
}

fn url_decode(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = rest.get(..2).ok_or("an escape (%) without two digits")?;
                let digits = std::str::from_utf8(digits).unwrap_or_default();
                let byte = u8::from_str_radix(digits, 16).map_err(|_not_hexadecimal| {
                    "an escape (%) without two hexadecimal digits".to_owned()
                })?;
                bytes.push(byte);
                rest = &rest[2..];
            }
            other => bytes.push(other),
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn base64_decode(text: &str) -> Result<String, String> {
    let bytes = BASE64
        .decode(text)
        .map_err(|error| format!("no base64: {error}"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Replaces all, unless the result would be too long to make.
fn replace(text: &str, target: &str, by: &str) -> Result<String, String> {
    let added = text.matches(target).count().saturating_mul(by.len());
    if text.len().saturating_add(added) > OUTPUT_BYTES_MAX {
        return Err(too_long());
    }
    Ok(text.replace(target, by))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn of(method: &str, arguments: &[&str]) -> Json {
        let arguments: Vec<_> = arguments.iter().map(|text| Json::text(*text)).collect();
        call(method, &arguments)
            .expect("a method")
            .expect("a value")
    }

    #[test_case("trim", &["  a b \n\u{1}"], "a b")]
    #[test_case("trim", &["\u{a0}x\u{2003}"], "\u{a0}x\u{2003}"; "wide blanks stay")]
    #[test_case("capitalize", &["hELLO world"], "HELLO world")]
    #[test_case("capitalize", &["ßa"], "SSa")]
    #[test_case("capitalize", &[""], "")]
    #[test_case("uppercase", &["aß"], "ASS")]
    #[test_case("lowercase", &["AÉΣ"], "aéς"; "lower case with a final sigma")]
    #[test_case("urlEncode", &["a b&c=ü/~*'()!-_."], "a+b%26c%3D%C3%BC%2F%7E*%27%28%29%21-_.")]
    #[test_case("urlDecode", &["a+b%26%c3%bc"], "a b&ü")]
    #[test_case("urlDecode", &["%c3%28日"], "\u{fffd}(日")]
    #[test_case("base64Encode", &["hé"], "aMOp")]
    #[test_case("base64Decode", &["aMOp"], "hé")]
    #[test_case("base64Decode", &["aGk"], "hi"; "without padding")]
    #[test_case("base64Decode", &["/w=="], "\u{fffd}")]
    #[test_case("substringBefore", &["a.b.c", "."], "a")]
    #[test_case("substringBefore", &["abc", "x"], "abc")]
    #[test_case("substringBefore", &["abc", ""], "")]
    #[test_case("substringAfter", &["a.b.c", "."], "b.c")]
    #[test_case("substringAfter", &["abc", "x"], "")]
    #[test_case("substringAfter", &["abc", ""], "abc")]
    #[test_case("replace", &["a.b.c", ".", "-"], "a-b-c")]
    #[test_case("replace", &["abc", "", "-"], "-a-b-c-")]
    fn texts_come_out_as_of_the_original(method: &str, arguments: &[&str], expected: &str) {
        assert_eq!(of(method, arguments), Json::text(expected));
    }

    #[test]
    fn lengths_are_counted_as_java_does_and_contains_is_a_boolean() {
        assert_eq!(of("length", &["aé😀"]), Json::number(4));
        assert_eq!(of("contains", &["abc", "b"]), Json::Bool(true));
        assert_eq!(of("contains", &["abc", "x"]), Json::Bool(false));
    }

    #[test_case("trim", &[Json::Null], "")]
    #[test_case("substringBefore", &[Json::text("abc"), Json::Null], "abc")]
    #[test_case("substringAfter", &[Json::text("abc"), Json::Null], "")]
    #[test_case("replace", &[Json::text("abc"), Json::Null, Json::text("x")], "abc")]
    #[test_case("replace", &[Json::text("abc"), Json::text("b"), Json::Null], "ac")]
    fn null_is_a_missing_text(method: &str, arguments: &[Json], expected: &str) {
        assert_eq!(call(method, arguments), Some(Ok(Json::text(expected))));
    }

    #[test_case("urlDecode", "%zz")]
    #[test_case("urlDecode", "a%4")]
    #[test_case("base64Decode", "a")]
    #[test_case("base64Decode", "a_-_")]
    #[test_case("base64Decode", "aGk = ")]
    fn what_cannot_be_decoded_is_an_error(method: &str, text: &str) {
        assert!(matches!(call(method, &[Json::text(text)]), Some(Err(_))));
    }

    #[test]
    fn other_arguments_are_no_method() {
        assert_eq!(call("trim", &[Json::number(12)]), None);
        assert_eq!(call("trim", &[]), None);
        assert_eq!(call("nope", &[Json::text("x")]), None);
    }

    #[test]
    fn a_replacement_without_end_is_refused() {
        let long = Json::text("a".repeat(100_000));
        let result = call("replace", &[long.clone(), Json::text("a"), long]);
        assert!(matches!(result, Some(Err(_))));
    }
}
