//! One notification in bytes, with both of its signatures.

use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{Method, StatusCode};
use serde::Serialize;
use sha2::Sha256;
use styk_core::Headers;

use super::settings::{HttpMethod, Setting, Type};
use crate::kit::{Endpoint, Try, Twist, WebhookRequest};
use crate::payments::cloudpayments::terminal::Terminal;

/// How letters become bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(in super::super) enum Encoding {
    #[default]
    #[serde(rename = "UTF8")]
    Utf8,
    Windows1251,
}

/// The fields of a notification, in their order.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Fields(Vec<(&'static str, Box<str>)>);

impl Fields {
    pub(in super::super) fn put(&mut self, name: &'static str, value: impl Into<Box<str>>) {
        self.0.push((name, value.into()));
    }

    /// Only when there is one.
    pub(in super::super) fn may(&mut self, name: &'static str, value: Option<&str>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.put(name, value);
        }
    }

    fn change(&mut self, name: &str, change: impl Fn(&str) -> String) {
        for (known, value) in &mut self.0 {
            if *known == name {
                *value = change(value).into();
            }
        }
    }
}

/// A notification.
#[derive(Debug)]
pub(in super::super) struct Message {
    kind: Type,
    setting: Setting,
    secret: Arc<str>,
    fields: Fields,
}

/// The code of the shop's answer: a JSON object with `code`.
pub(in super::super) fn code(body: &[u8]) -> Option<u64> {
    let answer: serde_json::Value = serde_json::from_slice(body).ok()?;
    answer.as_object()?.get("code")?.as_u64()
}

impl Message {
    pub(in super::super) fn new(terminal: &Terminal, kind: Type, fields: Fields) -> Arc<Self> {
        Arc::new(Self {
            kind,
            setting: terminal.settings.of(kind).clone(),
            secret: Arc::clone(&terminal.secret),
            fields,
        })
    }

    /// The fields, falsified on command.
    fn fields(&self, twist: Option<Twist>) -> Fields {
        let mut fields = self.fields.clone();
        match twist {
            Some(Twist::Foreign) => {
                let other = |id: &str| format!("9{}", id.chars().rev().collect::<String>());
                for name in ["TransactionId", "PaymentTransactionId", "Id"] {
                    fields.change(name, other);
                }
                for name in ["InvoiceId", "AccountId"] {
                    fields.change(name, |text| format!("foreign-{text}"));
                }
            }
            Some(Twist::AmountChanged) => {
                for name in ["Amount", "PaymentAmount"] {
                    fields.change(name, |amount| format!("1{amount}"));
                }
            }
            Some(Twist::UnknownType) => {
                for name in ["OperationType", "Status"] {
                    fields.change(name, |_| "Unknown".to_owned());
                }
            }
            Some(Twist::Reencoded) => fields.0.reverse(),
            Some(Twist::WrongSignature | Twist::NoSignature) | None => {}
        }
        fields
    }
}

impl crate::kit::Message for Message {
    fn request(&self, endpoint: &Endpoint, attempt: &Try) -> WebhookRequest {
        let is_unusual = attempt.twist == Some(Twist::Reencoded);
        let fields = self.fields(attempt.twist);
        let text = encode(&fields, self.setting.encoding, is_unusual);
        let mut headers = match attempt.twist {
            Some(Twist::NoSignature) => Vec::new(),
            Some(Twist::WrongSignature) => signatures("another secret", &text),
            _ => signatures(&self.secret, &text),
        };
        let mut url = endpoint.url.clone();
        if attempt.twist == Some(Twist::UnknownType)
            && self.setting.url(self.kind.lower()) == endpoint.url
        {
            url = self.setting.url("unknown");
        }
        let (method, body) = match self.setting.http_method {
            HttpMethod::Post => {
                let charset = match self.setting.encoding {
                    Encoding::Utf8 => "application/x-www-form-urlencoded; charset=utf-8",
                    Encoding::Windows1251 => {
                        "application/x-www-form-urlencoded; charset=windows-1251"
                    }
                };
                headers.push(("content-type", charset.to_owned()));
                (Method::POST, Bytes::from(text))
            }
            HttpMethod::Get => {
                let mark = if url.contains('?') { '&' } else { '?' };
                // Writing into a string cannot fail.
                let _ = write!(url, "{mark}{text}");
                (Method::GET, Bytes::new())
            }
        };
        WebhookRequest {
            method,
            url,
            headers: headers.into_iter().collect::<Headers>(),
            body,
        }
    }

    /// Only `{"code":0}` ends the tries.
    fn is_accepted(&self, status: StatusCode, body: &[u8]) -> bool {
        status.is_success() && code(body) == Some(0)
    }
}

/// Both signatures: of the bytes as they are sent, and of the same decoded.
fn signatures(secret: &str, text: &str) -> Vec<(&'static str, String)> {
    vec![
        ("content-hmac", mac(secret, text.as_bytes())),
        ("x-content-hmac", mac(secret, &decode(text))),
    ]
}

fn mac(secret: &str, message: &[u8]) -> String {
    match Hmac::<Sha256>::new_from_slice(secret.as_bytes()) {
        Ok(mut mac) => {
            mac.update(message);
            STANDARD.encode(mac.finalize().into_bytes())
        }
        // A key of any length is one.
        Err(_) => String::new(),
    }
}

/// As forms are decoded: `+` is a space, `%XX` a byte.
fn decode(text: &str) -> Vec<u8> {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).collect()
}

/// The fields as a form. Unusual bytes mean the same: `%20` for a space, small hexadecimal digits, letters escaped.
fn encode(fields: &Fields, encoding: Encoding, is_unusual: bool) -> String {
    let mut text = String::with_capacity(1024);
    for (name, value) in &fields.0 {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        let bytes = match encoding {
            Encoding::Utf8 => value.as_bytes().into(),
            Encoding::Windows1251 => encoding_rs::WINDOWS_1251.encode(value).0,
        };
        for byte in bytes.iter() {
            let is_plain = byte.is_ascii_alphanumeric() || b"-._".contains(byte);
            // Writing into a string cannot fail.
            let _ = match (byte, is_unusual) {
                (b' ', false) => write!(text, "+"),
                (b'a', true) => write!(text, "%61"),
                (byte, _) if is_plain => write!(text, "{}", char::from(*byte)),
                (byte, true) => write!(text, "%{byte:02x}"),
                (byte, false) => write!(text, "%{byte:02X}"),
            };
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> Fields {
        let mut fields = Fields::default();
        fields.put("Name", "Анна a");
        fields.put("Amount", "10.00");
        fields
    }

    #[test]
    fn forms_are_written_in_both_encodings() {
        let utf = encode(&fields(), Encoding::Utf8, false);
        assert_eq!(utf, "Name=%D0%90%D0%BD%D0%BD%D0%B0+a&Amount=10.00");
        let windows = encode(&fields(), Encoding::Windows1251, false);
        assert_eq!(windows, "Name=%C0%ED%ED%E0+a&Amount=10.00");
        let unusual = encode(&fields(), Encoding::Utf8, true);
        assert_eq!(unusual, "Name=%d0%90%d0%bd%d0%bd%d0%b0%20%61&Amount=10.00");
    }

    #[test]
    fn the_signatures_are_of_the_bytes_sent_and_of_the_same_decoded() {
        // Known answers, made with Python's hmac.
        let codes = signatures("secret", "Name=%D0%90+b&Amount=1.00");
        assert_eq!(
            codes[0],
            (
                "content-hmac",
                "jMo6zErY4NKzSuq8ADQxsPd3Hp9Az7nYggG7E+pNbFM=".to_owned()
            )
        );
        assert_eq!(
            codes[1],
            (
                "x-content-hmac",
                "N/SMKwWT4S25kNX61AePjtELbqTEgMUHzaURi/rWYqw=".to_owned()
            )
        );
    }

    #[test]
    fn only_code_zero_is_accepted() {
        assert_eq!(code(br#"{"code":0}"#), Some(0));
        assert_eq!(code(br#"{"code": 13}"#), Some(13));
        for bad in ["", "OK", "0", "{}", r#"{"code":"0"}"#] {
            assert_eq!(code(bad.as_bytes()), None, "{bad}");
        }
    }
}
