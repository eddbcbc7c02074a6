//! Secrets never reach a report or a log.
//!
//! What is secret is decided by name (headers, JSON members, form and query parameters), by shape (card
//! numbers) and by value (the [`Secrets`] a user declared). Masking happens wherever a recorded value
//! becomes text.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

/// What stands in place of a secret.
pub const MASK: &str = "***";

/// Whether the value of this header must not be shown.
#[must_use]
pub fn is_secret_header(name: &str) -> bool {
    const HEADERS: [&str; 6] = [
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "x-api-key",
        "x-webhook-signature",
    ];
    HEADERS
        .iter()
        .any(|secret| name.eq_ignore_ascii_case(secret))
        || is_secret_name(name)
}

/// Whether a JSON member or parameter of this name holds a secret.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    const PARTS: [&str; 8] = [
        "password",
        "passwd",
        "secret",
        "token",
        "apikey",
        "privatekey",
        "cvv",
        "cvc",
    ];
    const WHOLE: [&str; 6] = [
        "access",
        "card",
        "cardnumber",
        "pan",
        "authorization",
        "csc",
    ];
    let plain: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    // `token_type: bearer` and `expires` tell nothing; they help the reader.
    if plain == "tokentype" {
        return false;
    }
    PARTS.iter().any(|part| plain.contains(part)) || WHOLE.contains(&plain.as_str())
}

/// A copy of `value` with secrets masked: members by name, card numbers by shape.
#[must_use]
pub fn mask_json(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, member)| {
                    let is_leaf = !member.is_object() && !member.is_array() && !member.is_null();
                    let hidden = is_leaf && is_secret_name(name);
                    let shown = if hidden {
                        Value::from(MASK)
                    } else {
                        mask_json(member)
                    };
                    (name.clone(), shown)
                })
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(mask_json).collect()),
        Value::String(text) if is_card_number(text) => Value::from(MASK),
        other => other.clone(),
    }
}

/// A copy of a URL or of `path?query` with user information and secret parameters masked.
#[must_use]
pub fn mask_url(url: &str) -> String {
    let (base, query) = url
        .split_once('?')
        .map_or((url, None), |(base, query)| (base, Some(query)));
    let mut masked = match base.split_once("://") {
        Some((scheme, rest)) => match rest
            .split_once('/')
            .map_or((rest, ""), |(host, _)| (host, rest))
        {
            (authority, _) if authority.contains('@') => {
                let after = rest.split_once('@').map_or(rest, |(_, after)| after);
                format!("{scheme}://{MASK}@{after}")
            }
            _ => base.to_owned(),
        },
        None => base.to_owned(),
    };
    if let Some(query) = query {
        let pairs: Vec<String> = query
            .split('&')
            .map(|pair| match pair.split_once('=') {
                Some((name, _)) if is_secret_name(name) => format!("{name}={MASK}"),
                _ => pair.to_owned(),
            })
            .collect();
        masked.push('?');
        masked.push_str(&pairs.join("&"));
    }
    masked
}

/// Thirteen to nineteen digits, perhaps in groups, with a valid check digit (ISO/IEC 7812-1, annex B).
fn is_card_number(text: &str) -> bool {
    if !text
        .chars()
        .all(|c| c.is_ascii_digit() || c == ' ' || c == '-')
    {
        return false;
    }
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    if !(13..=19).contains(&digits.len()) {
        return false;
    }
    let doubled = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            if place % 2 == 1 {
                doubled(*digit)
            } else {
                *digit
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Values that a user declared secret (`secrets:` of a scenario, `env()`). Cheap to clone; clones share the list.
///
/// They are found in any text, also in percent-encoding and base64.
#[derive(Clone, Default)]
pub struct Secrets(Arc<Mutex<Vec<String>>>);

impl Secrets {
    /// Adds a value. Values under four characters are not hidden: masking them would shred ordinary text.
    pub fn add(&self, value: &str) {
        const LENGTH_MIN: usize = 4;
        if value.len() < LENGTH_MIN {
            return;
        }
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for form in [value.to_owned(), percent_encoded(value), base64(value)] {
            if !values.contains(&form) {
                values.push(form);
            }
        }
        // The longest first, so that a secret inside another leaves no rest.
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    }

    /// `text` with every declared value masked.
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        let values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut masked = text.to_owned();
        for value in values.iter().filter(|value| text.contains(value.as_str())) {
            masked = masked.replace(value.as_str(), MASK);
        }
        masked
    }

    /// Whether nothing was declared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_empty()
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secrets(..)")
    }
}

fn percent_encoded(value: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn base64(value: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for chunk in value.as_bytes().chunks(3) {
        let word = chunk
            .iter()
            .fold(0_u32, |word, byte| (word << 8) | u32::from(*byte));
        let word = word << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            let index = (word >> (18 - 6 * place)) & 0x3f;
            encoded.push(char::from(ALPHABET[index as usize]));
        }
    }
    while !encoded.len().is_multiple_of(4) {
        encoded.push('=');
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_with_secret_names_are_masked_at_any_depth() {
        let masked = mask_json(&json!({
            "email": "a@shop.test", "password": "hunter2", "token_type": "bearer",
            "user": {"accessToken": "abc", "card": {"number": "4242 4242 4242 4242", "cvc": 123}},
        }));
        assert_eq!(
            masked,
            json!({
                "email": "a@shop.test", "password": "***", "token_type": "bearer",
                "user": {"accessToken": "***", "card": {"number": "***", "cvc": "***"}},
            })
        );
    }

    #[test]
    fn long_numbers_that_are_no_cards_stay() {
        assert_eq!(
            mask_json(&json!("4242424242424241")),
            json!("4242424242424241")
        );
        assert_eq!(mask_json(&json!("4242424242424242")), json!("***"));
    }

    #[test]
    fn urls_lose_user_information_and_secret_parameters() {
        assert_eq!(
            mask_url("http://u:p@host/a?token=1&b=2"),
            "http://***@host/a?token=***&b=2"
        );
        assert_eq!(mask_url("/a?b=2"), "/a?b=2");
        assert_eq!(mask_url("/users/a@b.test"), "/users/a@b.test");
    }

    #[test]
    fn declared_values_are_found_in_all_their_forms() {
        let secrets = Secrets::default();
        secrets.add("p@ss word");
        assert_eq!(
            secrets.mask("x p@ss word y p%40ss%20word z cEBzcyB3b3Jk"),
            "x *** y *** z ***"
        );
        secrets.add("abc");
        assert_eq!(secrets.mask("abc"), "abc");
    }
}
