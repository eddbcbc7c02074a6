//! This server as a proxy: for whom it is one, and where a request goes that no expectation matches.
//!
//! Nothing leaves the machine unless somebody asked for it, by `proxyRemoteHost`/`proxyRemotePort`, by
//! `attemptToProxyIfNoMatchingExpectation` (which the original has on), or by a mode that forwards.

use http::StatusCode;
use http::uri::Authority;
use styk_core::{Headers, Request};

use crate::action::ActionError;
use crate::http1::Answer;
use crate::proxy_auth::{Credentials, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, challenge};
use crate::server::Shared;
use crate::settings::Settings;
use crate::upstream::{Outbound, Target};

/// Names the servers a request was forwarded by, so that none forwards it twice.
const FORWARDED_BY: &str = "x-forwarded-by";

/// Where a request goes that no expectation matches.
#[derive(Debug)]
pub(crate) enum Route {
    /// Nowhere: it is not found.
    Nowhere,
    /// Its client may not use this server as a proxy.
    Refused(Box<Answer>),
    /// To another server.
    To(Target),
}

/// Decides where a request goes that no expectation matches.
pub(crate) fn route(shared: &Shared, request: &Request) -> Route {
    let settings = shared.settings();
    let remote = settings.remote().map(|remote| Target {
        secure: settings.proxy_remote_secure,
        host: bare(&remote.host).to_owned(),
        port: remote.port,
    });
    if remote.is_none() && !shared.mode.get().forwards() {
        return Route::Nowhere;
    }
    let mut forwarders = request.headers.get_all(FORWARDED_BY);
    if forwarders.any(|name| name == shared.forwarder.as_bytes()) {
        return Route::Nowhere;
    }
    let target = remote.or_else(|| meant_for(request));
    let Some(target) = target.filter(|target| !is_this_server(shared, request, target)) else {
        return Route::Nowhere;
    };
    // Whoever came through a tunnel has shown a password there.
    let is_in_tunnel = request
        .transport
        .as_ref()
        .is_some_and(|transport| transport.meant_for.is_some());
    match challenge_for(&settings, &request.headers).filter(|_| !is_in_tunnel) {
        Some(refusal) => Route::Refused(Box::new(refusal)),
        None => Route::To(target),
    }
}

/// Hands on a request that no expectation matches.
pub(crate) async fn forward(
    shared: &Shared,
    target: &Target,
    request: &Request,
) -> Result<Answer, ActionError> {
    let mut outbound = Outbound::of(request);
    outbound.headers.push((
        FORWARDED_BY.to_owned(),
        shared.forwarder.clone().into_bytes(),
    ));
    shared.forward(target, &outbound).await
}

/// The server that the client itself has in mind.
fn meant_for(request: &Request) -> Option<Target> {
    let transport = request.transport.as_ref();
    let secure = transport.is_some_and(|transport| transport.secure);
    if let Some(authority) = request.uri.authority() {
        let secure = secure || request.uri.scheme_str() == Some("https");
        return Target::from_authority(authority.as_str(), secure);
    }
    let tunnel = transport.and_then(|transport| transport.meant_for.as_ref());
    match tunnel.map(Authority::as_str) {
        Some(authority) => Target::from_authority(authority, secure),
        None => Target::from_authority(&request.headers.text("host")?, secure),
    }
}

/// Whether a request would come back here. Other names of this machine are told by the header that forwarding adds.
fn is_this_server(shared: &Shared, request: &Request, target: &Target) -> bool {
    let is_here = |host: &str| ["localhost", "127.0.0.1", "::1", "0.0.0.0"].contains(&host);
    let dialled = request.transport.as_ref();
    let is_dialled =
        |host: &str| dialled.is_some_and(|transport| host.parse() == Ok(transport.local.ip()));
    (is_here(&target.host) || is_dialled(&target.host)) && shared.ports().contains(&target.port)
}

/// Who may use this server as a proxy; everybody without it.
pub(crate) fn credentials(settings: &Settings) -> Option<Credentials> {
    let password = settings.proxy_authentication_password.reveal();
    Credentials::from_settings(&settings.proxy_authentication_username, password)
}

/// The refusal of a request whose client does not show what a proxy asks for.
pub(crate) fn challenge_for(settings: &Settings, headers: &Headers) -> Option<Answer> {
    let credentials = credentials(settings)?;
    if credentials.accept_header(headers.get(PROXY_AUTHORIZATION)) {
        return None;
    }
    let challenge = challenge(&settings.proxy_authentication_realm);
    Some(Answer {
        headers: [(PROXY_AUTHENTICATE, challenge)].into_iter().collect(),
        ..Answer::new(StatusCode::PROXY_AUTHENTICATION_REQUIRED)
    })
}

/// The answer to plain HTTP where every client has to show a certificate. As in the original, the control plane has its own
/// rules.
pub(crate) fn upgrade_required() -> Answer {
    Answer {
        headers: [("Upgrade", "TLS/1.2, HTTP/1.1")].into_iter().collect(),
        ..Answer::new(StatusCode::UPGRADE_REQUIRED)
    }
}

/// An address without the brackets of IPv6.
fn bare(host: &str) -> &str {
    let inner = host.strip_prefix('[');
    inner
        .and_then(|inner| inner.strip_suffix(']'))
        .unwrap_or(host)
}
