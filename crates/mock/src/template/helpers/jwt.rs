//! `jwt`: signed tokens, and the key set to check them with.
//!
//! The original signs with RS256 and a key that it ships. Here the algorithm is ES256 and the key is made anew by every
//! process, so that no private key lies about: who checks tokens must take the key from `jwt.jwks`, and what was signed
//! proves nothing outside a test.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use sha2::{Digest, Sha256};

use crate::json::{Json, Object, pretty};

use super::super::text::compact;
use super::super::{Scope, dynamic};
use super::Called;

const ALGORITHM: &str = "ES256";
const ISSUER: &str = "https://www.mock-server.com";
/// The default token is valid from so long before now until so long after.
const VALIDITY_SECONDS: i64 = 14_400;

/// The key of this process.
static KEY: LazyLock<Result<Key, String>> = LazyLock::new(Key::generate);

/// A pair of keys on the curve P-256.
struct Key {
    pair: EcdsaKeyPair,
    random: SystemRandom,
    /// The coordinates of the public key.
    x: String,
    y: String,
    /// The thumbprint of the public key (RFC 7638).
    id: String,
}

pub(super) fn call(scope: &Scope, method: &str, arguments: &[Json]) -> Called {
    let token = match (method, arguments) {
        ("generate", []) => token(Some("JWT"), &default_claims(scope)),
        ("generate", [Json::Object(claims)]) => token(None, claims),
        ("jwks", []) => key_set(),
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
    let key = KEY.as_ref().map_err(Clone::clone)?;
    let mut header = vec![("kid", Json::text(&key.id))];
    header.extend(kind.map(|kind| ("typ", Json::text(kind))));
    header.push(("alg", Json::text(ALGORITHM)));
    let header = URL_SAFE_NO_PAD.encode(compact(&Json::object(header)));
    let claims = URL_SAFE_NO_PAD.encode(compact(&Json::Object(claims.clone())));
    let signed = format!("{header}.{claims}");
    let signature = key.sign(signed.as_bytes())?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

fn key_set() -> Result<String, String> {
    let key = KEY.as_ref().map_err(Clone::clone)?;
    let key = Json::object([
        ("kty", Json::text("EC")),
        ("crv", Json::text("P-256")),
        ("use", Json::text("sig")),
        ("kid", Json::text(&key.id)),
        ("alg", Json::text(ALGORITHM)),
        ("x", Json::text(&key.x)),
        ("y", Json::text(&key.y)),
    ]);
    let set = Json::object([("keys", Json::Array(vec![key]))]);
    Ok(pretty(&set))
}

impl Key {
    fn generate() -> Result<Self, String> {
        let failed = |error: &dyn std::fmt::Display| format!("no key for tokens: {error}");
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document =
            EcdsaKeyPair::generate_pkcs8(algorithm, &random).map_err(|error| failed(&error))?;
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random)
            .map_err(|error| failed(&error))?;
        // An uncompressed point: a byte that says so, then the coordinates.
        let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
        let (x, y) = point.split_at(point.len() / 2);
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        let id = URL_SAFE_NO_PAD.encode(Sha256::digest(canonical));
        Ok(Self {
            pair,
            random,
            x,
            y,
            id,
        })
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        let signature = self.pair.sign(&self.random, message);
        let signature = signature.map_err(|error| format!("the token was not signed: {error}"))?;
        Ok(signature.as_ref().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use rand::SeedableRng as _;
    use rand::rngs::StdRng;
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;
    use crate::json::parse_strict;

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
        let id = &KEY.as_ref().expect("a key").id;
        assert_eq!(
            header,
            format!(r#"{{"kid":"{id}","typ":"JWT","alg":"ES256"}}"#)
        );
        let rest = claims.split_once(r#","aud""#).expect("a subject first").1;
        assert_eq!(
            rest,
            r#":"https://www.mock-server.com","nbf":1795632933,"iss":"https://www.mock-server.com","exp":1795661733,"iat":1795647333}"#
        );
        assert_eq!(signature.len(), 64);
    }

    #[test]
    fn own_claims_stand_alone() {
        let claims = Json::object([("sub", Json::text("me")), ("n", Json::number(5))]);
        let (header, claims, _) = parts(call(&scope(), "generate", &[claims]));
        assert!(header.ends_with(r#"","alg":"ES256"}"#), "{header}");
        assert_eq!(claims, r#"{"sub":"me","n":5}"#);
    }

    #[test]
    fn who_has_the_key_set_can_check_a_token() {
        let text = |called: Called| match called {
            Some(Ok(Json::Text(text))) => text,
            other => panic!("no text: {other:?}"),
        };
        let token = text(call(&scope(), "generate", &[]));
        let set = parse_strict(&text(call(&scope(), "jwks", &[]))).expect("JSON");
        let Json::Object(set) = set else {
            panic!("no object");
        };
        let Some(Json::Array(keys)) = set.get("keys") else {
            panic!("no keys");
        };
        let [Json::Object(key)] = keys.as_slice() else {
            panic!("not one key");
        };
        let field = |name: &str| match key.get(name) {
            Some(Json::Text(text)) => text.clone(),
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!((field("kty"), field("crv")), ("EC".into(), "P-256".into()));
        let coordinate = |name: &str| URL_SAFE_NO_PAD.decode(field(name)).expect("base64");
        let point = [vec![4], coordinate("x"), coordinate("y")].concat();
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
        let (signed, signature) = token.rsplit_once('.').expect("three parts");
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64");
        assert_eq!(public.verify(signed.as_bytes(), &signature), Ok(()));
        assert!(public.verify(b"another text", &signature).is_err());
        let (header, _, _) = parts(Some(Ok(Json::Text(token))));
        assert!(header.contains(&field("kid")), "{header}");
    }
}
