//! `jwt`: signed tokens, and the key set to check them with.
//!
//! The key is part of this program and therefore public, on purpose: every server signs with the same one, and what it signs
//! proves nothing outside a test. The algorithm is RS256.

use std::sync::{Arc, LazyLock};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rustls::SignatureScheme;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::SigningKey;

use crate::json::{Json, Object, pretty};

use super::super::text::compact;
use super::super::{Scope, dynamic};
use super::Called;

const KEY: &str = include_str!("jwt/public-test-key.b64");
const KEY_ID: &str = "public-test-key";
/// The modulus of the key.
const MODULUS: &str = concat!(
    "z7MoTfPTKbFCc0WOUSQyqdmvI4KXDWTyvWkJc79qDtHUNyEGEYthkvFKUHs94eXgWQ010LYyS5ezf3_6FrO3Ia_U5e",
    "ObWP48ofBt0MT2iVChNo1I8shXewvhJRvTSxbVBvyXUf_Y-Kur61JMgaPAkXvBZpVOs1ThLvEk5bR4A_eN1BZEDWL0",
    "VA6eMR_xKcXi9Pn2bbB9WDpaOxq-R9QbtWCGBvkhBkJ_YG1q-0uWtXtBDtyvSYy3c_87D7dMaDfQLbSTTOyV9YgMHM",
    "erh5ELEXSb_daToJeyf9kLJQ2n7BTe4oR09huYgY-irUjiS_9ixVRvV0_M3RPZ8wQEI7AHGw",
);
const ISSUER: &str = "https://www.mock-server.com";
/// The default token is valid from so long before now until so long after.
const VALIDITY_SECONDS: i64 = 14_400;

static SIGNING_KEY: LazyLock<Result<Arc<dyn SigningKey>, String>> = LazyLock::new(signing_key);

pub(super) fn call(scope: &Scope, method: &str, arguments: &[Json]) -> Called {
    let token = match (method, arguments) {
        ("generate", []) => token(Some("JWT"), &default_claims(scope)),
        ("generate", [Json::Object(claims)]) => token(None, claims),
        ("jwks", []) => Ok(pretty(&key_set())),
        _ => return None,
    };
    Some(token.map(Json::Text))
}

fn default_claims(scope: &Scope) -> Object {
    let now = scope.now.as_second();
    let subject = dynamic::uuid(&mut scope.random.borrow_mut());
    [
        ("sub", Json::Text(subject)),
        ("aud", Json::text(ISSUER)),
        ("nbf", Json::number(now - VALIDITY_SECONDS)),
        ("iss", Json::text(ISSUER)),
        ("exp", Json::number(now + VALIDITY_SECONDS)),
        ("iat", Json::number(now)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// Only the token of default claims says its type.
fn token(kind: Option<&str>, claims: &Object) -> Result<String, String> {
    let mut header = vec![("kid", Json::text(KEY_ID))];
    header.extend(kind.map(|kind| ("typ", Json::text(kind))));
    header.push(("alg", Json::text("RS256")));
    let header = URL_SAFE_NO_PAD.encode(compact(&Json::object(header)));
    let claims = URL_SAFE_NO_PAD.encode(compact(&Json::Object(claims.clone())));
    let signed = format!("{header}.{claims}");
    let signature = sign(signed.as_bytes())?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

fn sign(message: &[u8]) -> Result<Vec<u8>, String> {
    let key = SIGNING_KEY.as_ref().map_err(Clone::clone)?;
    let signer = key
        .choose_scheme(&[SignatureScheme::RSA_PKCS1_SHA256])
        .ok_or("the key does not sign with RS256")?;
    signer.sign(message).map_err(|error| error.to_string())
}

fn signing_key() -> Result<Arc<dyn SigningKey>, String> {
    let text: String = KEY.split_whitespace().collect();
    let bytes = STANDARD.decode(text).map_err(|error| error.to_string())?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(bytes));
    any_supported_type(&key).map_err(|error| error.to_string())
}

fn key_set() -> Json {
    let key = Json::object([
        ("kty", Json::text("RSA")),
        ("e", Json::text("AQAB")),
        ("use", Json::text("sig")),
        ("kid", Json::text(KEY_ID)),
        ("alg", Json::text("RS256")),
        ("n", Json::text(MODULUS)),
    ]);
    Json::object([("keys", Json::Array(vec![key]))])
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;

    fn scope() -> Scope {
        Scope {
            variables: Object::new(),
            now: "2026-11-25T22:55:33Z".parse().expect("an instant"),
            random: RefCell::new(StdRng::seed_from_u64(1)),
        }
    }

    fn parts(called: Called) -> (String, String, Vec<u8>) {
        let Some(Ok(Json::Text(token))) = called else {
            panic!("no token: {called:?}");
        };
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).expect("base64");
        let parts: Vec<_> = token.split('.').map(decode).collect();
        let text = |at: usize| String::from_utf8(parts[at].clone()).expect("text");
        (text(0), text(1), parts[2].clone())
    }

    #[test]
    fn the_default_token_has_the_claims_of_the_original() {
        let (header, claims, signature) = parts(call(&scope(), "generate", &[]));
        assert_eq!(
            header,
            r#"{"kid":"public-test-key","typ":"JWT","alg":"RS256"}"#
        );
        let rest = claims.split_once(r#","aud""#).expect("a subject first").1;
        assert_eq!(
            rest,
            r#":"https://www.mock-server.com","nbf":1795632933,"iss":"https://www.mock-server.com","exp":1795661733,"iat":1795647333}"#
        );
        assert_eq!(signature.len(), 256);
    }

    #[test]
    fn own_claims_stand_alone() {
        let claims = Json::object([("sub", Json::text("me")), ("n", Json::number(5))]);
        let (header, claims, _) = parts(call(&scope(), "generate", &[claims]));
        assert_eq!(header, r#"{"kid":"public-test-key","alg":"RS256"}"#);
        assert_eq!(claims, r#"{"sub":"me","n":5}"#);
    }

    #[test]
    fn the_key_set_has_the_key_that_signs() {
        let key = SIGNING_KEY.as_ref().expect("a key");
        let public = key.public_key().expect("a public key");
        let modulus = URL_SAFE_NO_PAD.decode(MODULUS).expect("base64");
        let holds_modulus = public
            .windows(modulus.len())
            .any(|window| window == modulus);
        assert!(holds_modulus, "the modulus belongs to another key");
    }
}
