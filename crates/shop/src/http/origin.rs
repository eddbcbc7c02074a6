//! The check against foreign pages: a browser sends our cookie along with requests of other sites, but also names the
//! site in `Origin`.

use http::HeaderMap;
use http::header::{HOST, ORIGIN};
use http::request::Parts;

use super::pipeline::changes_state;
use crate::app::App;
use crate::auth::Credentials;
use crate::error::{ApiError, Code};
use crate::payments;

/// Refuses a change that carries only the cookie and comes from a page that is not ours. Without an `Origin` it passes.
pub(super) fn check(app: &App, parts: &Parts) -> Result<(), ApiError> {
    let Some(origin) = parts.headers.get(ORIGIN) else {
        return Ok(());
    };
    let only_cookie = matches!(
        Credentials::find(&parts.headers),
        Some(Credentials::Cookie(_))
    );
    if !changes_state(&parts.method) || !only_cookie {
        return Ok(());
    }
    // The payer's bank sends the browser there, and what it carries is checked by the provider.
    if payments::is_page(parts.uri.path()) {
        return Ok(());
    }
    match origin.to_str() {
        Ok(origin) if origin == app.app_url.origin().ascii_serialization() => Ok(()),
        Ok(origin) if is_our_host(origin, &parts.headers) => Ok(()),
        _ => Err(ApiError::new(
            Code::Forbidden,
            "This request comes from a page of another site.",
        )),
    }
}

/// A page we served itself, under whatever name the shop was reached.
fn is_our_host(origin: &str, headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    host.is_some_and(|host| origin.strip_prefix("http://") == Some(host))
}
