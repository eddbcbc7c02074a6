//! `crypto`: digests of a text's UTF-8 bytes, in lower-case hexadecimal digits.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

use crate::json::Json;

use super::Called;
use super::arguments::texts;

pub(super) fn call(method: &str, arguments: &[Json]) -> Called {
    let arguments = texts(arguments)?;
    let result = match (method, arguments.as_slice()) {
        ("md5" | "sha1" | "sha256" | "sha512", [None]) | ("hmacSha256", [_, None] | [None, _]) => {
            Ok(String::new())
        }
        ("md5", [Some(text)]) => Ok(hexadecimal(&Md5::digest(text))),
        ("sha1", [Some(text)]) => Ok(hexadecimal(&<Sha1 as sha1::Digest>::digest(text))),
        ("sha256", [Some(text)]) => Ok(hexadecimal(&Sha256::digest(text))),
        ("sha512", [Some(text)]) => Ok(hexadecimal(&Sha512::digest(text))),
        ("hmacSha256", [Some(""), Some(_)]) => Err("an empty key".to_owned()),
        ("hmacSha256", [Some(key), Some(text)]) => hmac_sha256(key, text),
        _ => return None,
    };
    Some(result.map(Json::Text))
}

fn hmac_sha256(key: &str, text: &str) -> Result<String, String> {
    let mut hmac = Hmac::<Sha256>::new_from_slice(key.as_bytes())
        .map_err(|error| format!("no key: {error}"))?;
    hmac.update(text.as_bytes());
    Ok(hexadecimal(&hmac.finalize().into_bytes()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        // Writing to a text cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("md5", &["a"], "0cc175b9c0f1b6a831c399e269772661")]
    #[test_case("sha1", &["a"], "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8")]
    #[test_case("sha256", &["a"], "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb")]
    #[test_case("sha512", &["a"], "1f40fc92da241694750979ee6cf582f2d5d7d28e18335de05abc54d0560e0f5302860c652bf08d560252aa5e74210546f369fbbbce8c12cfc7957b2652fe9a75")]
    #[test_case("hmacSha256", &["a", "k"], "5c6ef15fb723c157311b6f4a8fe11c70a524a331e1182f28f3f88c3a915bd099")]
    #[test_case("hmacSha256", &["secret", "payload"], "b82fcb791acec57859b989b430a826488ce2e479fdf92326bd0a2e8375a42ba4"; "the key comes first")]
    fn digests_are_right(method: &str, arguments: &[&str], expected: &str) {
        let arguments: Vec<_> = arguments.iter().map(|text| Json::text(*text)).collect();
        assert_eq!(call(method, &arguments), Some(Ok(Json::text(expected))));
    }

    #[test]
    fn a_missing_text_has_no_digest() {
        assert_eq!(call("md5", &[Json::Null]), Some(Ok(Json::text(""))));
        let empty_key = call("hmacSha256", &[Json::text(""), Json::text("a")]);
        assert!(matches!(empty_key, Some(Err(_))));
    }
}
