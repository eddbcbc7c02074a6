//! Sessions: a random token, of which the database knows the hash; sent as a bearer token or in our cookie.

use std::time::Duration;

use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderMap, HeaderValue};
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::clock::after;
use crate::db::{Conn, Tx, args};
use crate::error::ApiError;

const COOKIE_NAME: &str = "shop_session";
/// How long a session lasts.
pub(super) const SESSION_TTL: Duration = Duration::from_secs(24 * 3_600);

/// What a request shows to be let in. A bearer token wins over the cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Credentials<'a> {
    Bearer(&'a str),
    Cookie(&'a str),
}

impl<'a> Credentials<'a> {
    /// Looks into the headers.
    pub(crate) fn find(headers: &'a HeaderMap) -> Option<Self> {
        bearer(headers)
            .map(Self::Bearer)
            .or_else(|| cookie(headers).map(Self::Cookie))
    }

    pub(super) fn token(self) -> &'a str {
        match self {
            Self::Bearer(token) | Self::Cookie(token) => token,
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers
        .get(AUTHORIZATION)?
        .to_str()
        .ok()?
        .trim()
        .split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let all = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    all.flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE_NAME).then_some(value.trim_matches('"')))
}

/// What is kept of a token.
pub(super) fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// Opens a session and gives its token.
pub(super) async fn open(app: &App, tx: &mut Tx, user_id: &str) -> Result<String, ApiError> {
    let (token, now) = (app.random.token(), app.now());
    tx.execute(
        "INSERT INTO sessions (id, user_id, token_hash, expires_at, created_at) VALUES ($1, $2, $3, $4, $5)",
        args![app.id(), user_id, token_hash(&token), after(now, SESSION_TTL), now],
    )
    .await?;
    Ok(token)
}

/// Ends one session.
pub(super) async fn close(app: &App, conn: &mut Conn, session_id: &str) -> Result<(), ApiError> {
    conn.execute(
        "UPDATE sessions SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
        args![session_id, app.now()],
    )
    .await?;
    Ok(())
}

/// Ends all sessions of a user but one.
pub(super) async fn close_others(
    app: &App,
    tx: &mut Tx,
    user_id: &str,
    session_id: &str,
) -> Result<(), ApiError> {
    tx.execute(
        "UPDATE sessions SET revoked_at = $3 WHERE user_id = $1 AND id <> $2 AND revoked_at IS NULL",
        args![user_id, session_id, app.now()],
    )
    .await?;
    Ok(())
}

/// The `Set-Cookie` that brings `token` back to us; an empty token takes the cookie away.
pub(super) fn set_cookie(app: &App, token: &str) -> Result<HeaderValue, ApiError> {
    let secure = if app.app_url.scheme() == "https" {
        "; Secure"
    } else {
        ""
    };
    let max_age = if token.is_empty() {
        0
    } else {
        SESSION_TTL.as_secs()
    };
    let text =
        format!("{COOKIE_NAME}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}");
    HeaderValue::from_str(&text).map_err(ApiError::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(http::HeaderName, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    #[test]
    fn a_bearer_token_wins_over_the_cookie() {
        let cookie = (COOKIE, "theme=dark; shop_session=from-cookie");
        let both = headers(&[(AUTHORIZATION, "Bearer from-header"), cookie.clone()]);
        assert_eq!(
            Credentials::find(&both),
            Some(Credentials::Bearer("from-header"))
        );
        assert_eq!(
            Credentials::find(&headers(&[cookie])),
            Some(Credentials::Cookie("from-cookie"))
        );
        assert_eq!(
            Credentials::find(&headers(&[(AUTHORIZATION, "Basic eA==")])),
            None
        );
        assert_eq!(
            Credentials::find(&headers(&[(COOKIE, "xshop_session=1")])),
            None
        );
    }
}
