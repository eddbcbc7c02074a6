//! How the generic services sign webhooks.
//!
//! `X-Webhook-Signature: v1=<hex HMAC-SHA256(secret, id + "." + timestamp + "." + body)>`, with the id in
//! `X-Webhook-Id` and the time in `X-Webhook-Timestamp`, in Unix seconds. Several signatures may be given, separated
//! by commas, while a secret is being changed.

use http::HeaderMap;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::{Hook, Rejected, mac};

const ID: &str = "x-webhook-id";
const TIMESTAMP: &str = "x-webhook-timestamp";
const SIGNATURE: &str = "x-webhook-signature";
/// How far the time stamp may be from now, in seconds.
const AGE_MAX_S: i64 = 300;
const ID_CHARS_MAX: usize = 255;

/// An event as it is sent.
#[derive(Debug)]
pub(super) struct Envelope<T> {
    /// From the header, because that is what is signed and unique.
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) created_at: Option<Timestamp>,
    pub(super) data: T,
}

#[derive(Deserialize)]
struct Body<T> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    created_at: Option<Timestamp>,
    data: T,
}

/// Checks signature and time, and reads the body.
pub(super) fn open<T: DeserializeOwned>(
    hook: &Hook<'_>,
    secret: Option<&str>,
) -> Result<Envelope<T>, Rejected> {
    let secret = secret.ok_or(Rejected::NoSecret)?;
    let id = header(hook.headers, ID)?;
    let timestamp = header(hook.headers, TIMESTAMP)?;
    let signatures = header(hook.headers, SIGNATURE)?;
    if id.is_empty() || id.len() > ID_CHARS_MAX {
        return Err(Rejected::Malformed(format!(
            "{ID} must have 1 to {ID_CHARS_MAX} characters"
        )));
    }
    verify(secret, id, timestamp, hook.body, signatures)?;
    let sent: i64 = timestamp
        .parse()
        .map_err(|_| Rejected::Malformed(format!("{TIMESTAMP} must be Unix seconds")))?;
    if hook.now.as_second().abs_diff(sent) > AGE_MAX_S.unsigned_abs() {
        return Err(Rejected::Stale);
    }
    let body: Body<T> = serde_json::from_slice(hook.body)
        .map_err(|error| Rejected::Malformed(error.to_string()))?;
    Ok(Envelope {
        id: id.to_owned(),
        kind: body.kind,
        created_at: body.created_at,
        data: body.data,
    })
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, Rejected> {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.ok_or_else(|| Rejected::Malformed(format!("the header {name} is missing")))
}

fn verify(
    secret: &str,
    id: &str,
    timestamp: &str,
    body: &[u8],
    signatures: &str,
) -> Result<(), Rejected> {
    let genuine = |signature: &str| {
        let bytes = signature
            .trim()
            .strip_prefix("v1=")
            .and_then(|text| hex::decode(text).ok());
        let parts = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
        bytes.is_some_and(|bytes| mac::is_genuine(secret, &parts, &bytes))
    };
    if signatures.split(',').any(genuine) {
        Ok(())
    } else {
        Err(Rejected::BadSignature)
    }
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    use http::HeaderValue;
    use sha2::Sha256;
    use test_case::test_case;

    use super::*;

    const BODY: &[u8] = br#"{"id": "e", "type": "payment.succeeded", "data": {}}"#;
    /// `printf 'e-1.1800000000.<body>' | openssl dgst -sha256 -hmac secret` would give the same.
    fn sign(secret: &str, id: &str, at: &str, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(&[id.as_bytes(), b".", at.as_bytes(), b".", body].concat());
        format!("v1={}", hex::encode(mac.finalize().into_bytes()))
    }

    fn opened(
        id: &str,
        at: &str,
        signature: &str,
        body: &[u8],
        secret: Option<&str>,
    ) -> Result<(), Rejected> {
        let mut headers = HeaderMap::new();
        for (name, value) in [(ID, id), (TIMESTAMP, at), (SIGNATURE, signature)] {
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let hook = Hook {
            kind: None,
            headers: &headers,
            body,
            now,
        };
        open::<serde_json::Value>(&hook, secret).map(|_| ())
    }

    #[test_case("1800000000" => Ok(()); "now")]
    #[test_case("1799999700" => Ok(()); "at the limit")]
    #[test_case("1799999699" => Err(Rejected::Stale); "too old")]
    #[test_case("1800000301" => Err(Rejected::Stale); "from the future")]
    fn a_genuine_event_counts_for_five_minutes(at: &str) -> Result<(), Rejected> {
        opened(
            "e-1",
            at,
            &sign("secret", "e-1", at, BODY),
            BODY,
            Some("secret"),
        )
    }

    #[test]
    fn whatever_is_changed_spoils_the_signature() {
        let good = sign("secret", "e-1", "1800000000", BODY);
        let bad = Err(Rejected::BadSignature);
        assert_eq!(
            opened("e-2", "1800000000", &good, BODY, Some("secret")),
            bad
        );
        assert_eq!(
            opened("e-1", "1800000001", &good, BODY, Some("secret")),
            bad
        );
        assert_eq!(
            opened("e-1", "1800000000", &good, b"{}", Some("secret")),
            bad
        );
        assert_eq!(opened("e-1", "1800000000", &good, BODY, Some("other")), bad);
        assert_eq!(
            opened("e-1", "1800000000", "v1=00", BODY, Some("secret")),
            bad
        );
        assert_eq!(
            opened("e-1", "1800000000", &good, BODY, None),
            Err(Rejected::NoSecret)
        );
    }

    #[test]
    fn one_of_several_signatures_is_enough() {
        let both = format!(
            "{},{}",
            sign("old", "e-1", "1800000000", BODY),
            sign("new", "e-1", "1800000000", BODY)
        );
        assert_eq!(
            opened("e-1", "1800000000", &both, BODY, Some("new")),
            Ok(())
        );
    }
}
