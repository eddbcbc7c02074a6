//! An event in the bytes that a shop gets, signed anew for each try (Webhooks, Verify signatures).

use std::sync::Arc;

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use styk_core::Headers;

use crate::kit::{Endpoint, Message, Try, Twist, WebhookRequest};
use crate::payments::stripe::events::{Event, Shown};

/// An event and the secret that it is signed with.
#[derive(Debug)]
pub(super) struct Signed {
    pub(super) event: Arc<Event>,
    pub(super) secret: Arc<str>,
}

impl Message for Signed {
    fn request(&self, endpoint: &Endpoint, attempt: &Try) -> WebhookRequest {
        let body = body(&self.event, attempt.twist);
        let secret = match attempt.twist {
            Some(Twist::WrongSignature) => "whsec_of_somebody_else",
            _ => &self.secret,
        };
        let signature = signature(secret, attempt.at.as_second(), &body);
        let mut headers = vec![
            ("Content-Type", "application/json; charset=utf-8"),
            (
                "User-Agent",
                "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            ),
            ("Accept", "*/*; q=0.5, application/xml"),
            ("Cache-Control", "no-cache"),
        ];
        if attempt.twist != Some(Twist::NoSignature) {
            headers.push(("Stripe-Signature", &signature));
        }
        WebhookRequest {
            method: Method::POST,
            url: endpoint.url.clone(),
            headers: headers.into_iter().collect::<Headers>(),
            body,
        }
    }
}

/// `t=…,v1=…`: the time, and the hash of time, dot and body under the secret as it is.
fn signature(secret: &str, at: i64, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return format!("t={at}");
    };
    mac.update(format!("{at}.").as_bytes());
    mac.update(body);
    format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
}

fn body(event: &Event, twist: Option<Twist>) -> Bytes {
    let shown = Shown { event, pending: 1 };
    let Some(twist) = twist else {
        return serde_json::to_vec_pretty(&shown).unwrap_or_default().into();
    };
    let mut value = serde_json::to_value(&shown).unwrap_or_default();
    let object = &mut value["data"]["object"];
    match twist {
        Twist::WrongSignature | Twist::NoSignature => {}
        Twist::Foreign => {
            let id = object["id"].as_str().unwrap_or_default();
            let prefix = id.split_once('_').map_or("", |(prefix, _)| prefix);
            object["id"] = format!("{prefix}_000000000000000000000000").into();
            object["metadata"] = json!({});
        }
        Twist::AmountChanged => {
            for name in [
                "amount",
                "amount_received",
                "amount_captured",
                "amount_total",
            ] {
                if object.get(name).is_some_and(Value::is_number) {
                    object[name] = 1.into();
                }
            }
        }
        Twist::UnknownType => value["type"] = "styk.unknown".into(),
        Twist::Reencoded => {
            let text = serde_json::to_string(&value).unwrap_or_default();
            return text.replace('/', "\\/").into();
        }
    }
    serde_json::to_vec_pretty(&value).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_signed_with_the_secret_as_it_is() {
        // printf '1800000000.{}' | openssl dgst -sha256 -hmac whsec_test
        let expected = "482e6337ac5272392d375c6fdc4d52a7e615dc2facedab0ffe155ddfd6a56e66";
        let signed = signature("whsec_test", 1_800_000_000, b"{}");
        assert_eq!(signed, format!("t=1800000000,v1={expected}"));
    }
}
