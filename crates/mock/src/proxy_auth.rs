//! The password of the proxy: who may use `CONNECT`, SOCKS and forwarding, and what is shown to the next proxy.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq;

/// The header with which a client authenticates.
pub(crate) const PROXY_AUTHORIZATION: &str = "proxy-authorization";
/// The header of a 407 answer.
pub(crate) const PROXY_AUTHENTICATE: &str = "proxy-authenticate";
/// A user and a password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credentials {
    username: String,
    password: String,
}

impl Credentials {
    /// The two settings; `None` unless both are given, as in the original.
    pub(crate) fn from_settings(username: &str, password: &str) -> Option<Self> {
        if username.trim().is_empty() || password.trim().is_empty() {
            return None;
        }
        Some(Self {
            username: username.to_owned(),
            password: password.to_owned(),
        })
    }

    /// Whether a request with this `proxy-authorization` may pass.
    pub(crate) fn accept_header(&self, value: Option<&[u8]>) -> bool {
        let Some((scheme, shown)) = value.and_then(|value| value.split_at_checked(6)) else {
            return false;
        };
        scheme.eq_ignore_ascii_case(b"basic ")
            && bool::from(shown.trim_ascii().ct_eq(self.token().as_bytes()))
    }

    /// Whether these are the user and the password.
    pub(crate) fn accept(&self, username: &[u8], password: &[u8]) -> bool {
        let user = username.ct_eq(self.username.as_bytes());
        let password = password.ct_eq(self.password.as_bytes());
        (user & password).into()
    }

    /// The value of `proxy-authorization` for the next proxy.
    pub(crate) fn header(&self) -> String {
        format!("Basic {}", self.token())
    }

    /// The user.
    pub(crate) fn username(&self) -> &str {
        &self.username
    }

    /// The password.
    pub(crate) fn password(&self) -> &str {
        &self.password
    }

    fn token(&self) -> String {
        STANDARD.encode(format!("{}:{}", self.username, self.password))
    }
}

/// The value of `proxy-authenticate` that goes with 407.
pub(crate) fn challenge(realm: &str) -> String {
    let realm = realm.replace('\\', "\\\\").replace('"', "\\\"");
    format!("Basic realm=\"{realm}\", charset=\"UTF-8\"")
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::{Credentials, challenge};

    fn joe() -> Credentials {
        Credentials::from_settings("joe", "s3cret").unwrap()
    }

    #[test_case(Some("Basic am9lOnMzY3JldA=="), true; "right")]
    #[test_case(Some("basic am9lOnMzY3JldA=="), true; "names of schemes have no case")]
    #[test_case(Some("Basic  am9lOnMzY3JldA== "), true; "spaces around")]
    #[test_case(Some("Basic am9lOnMzY3JldB=="), false; "wrong")]
    #[test_case(Some("Basic abc"), false; "short")]
    #[test_case(Some("Basic"), false; "the scheme alone")]
    #[test_case(Some("Bearer am9lOnMzY3JldA=="), false; "another scheme")]
    #[test_case(Some("äöü"), false; "no ascii")]
    #[test_case(None, false; "absent")]
    fn a_header_is_checked(value: Option<&str>, expected: bool) {
        assert_eq!(joe().accept_header(value.map(str::as_bytes)), expected);
    }

    #[test]
    fn the_header_for_the_next_proxy_is_accepted() {
        assert!(joe().accept_header(Some(joe().header().as_bytes())));
    }

    #[test_case("", "x")]
    #[test_case("x", " ")]
    fn half_of_the_settings_is_none(username: &str, password: &str) {
        assert_eq!(Credentials::from_settings(username, password), None);
    }

    #[test]
    fn the_challenge_is_that_of_the_original() {
        let expected = r#"Basic realm="MockServer HTTP Proxy", charset="UTF-8""#;
        assert_eq!(challenge("MockServer HTTP Proxy"), expected);
        assert_eq!(
            challenge(r#"a"b\"#),
            r#"Basic realm="a\"b\\", charset="UTF-8""#
        );
    }

    #[test]
    fn the_password_is_in_no_text() {
        assert_eq!(
            format!("{:?}", joe()),
            r#"Credentials { username: "joe", .. }"#
        );
    }
}
