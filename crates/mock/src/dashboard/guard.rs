//! Who may read the dashboard: pages of the server itself, and clients that are no browsers.
//!
//! A page of another origin is refused by its `Origin` or `Sec-Fetch-Site`. A page that has its own name resolve to this
//! machine (DNS rebinding) is refused by `Host`: over loopback, only names of the loopback count.

use std::net::IpAddr;

use styk_core::Request;

/// Why a request is refused, if it is.
pub(super) fn check(request: &Request) -> Result<(), String> {
    let headers = &request.headers;
    let named = headers.text("host").map(std::borrow::Cow::into_owned);
    let authority = || request.uri.authority().map(ToString::to_string);
    // Without a name for the server there is no browser behind the request.
    let host = named.or_else(authority).unwrap_or_default();
    let local = request.transport.as_ref().map(|ends| ends.local.ip());
    let is_loopback = local.is_some_and(|ip| ip.to_canonical().is_loopback());
    if is_loopback && !host.is_empty() && !is_loopback_name(&host) {
        return Err(format!(
            "the dashboard is not shown under the foreign name `{host}`; use http://localhost"
        ));
    }
    if let Some(origin) = headers.text("origin") {
        let given = origin.split_once("://").map(|(_, given)| given);
        if !given.is_some_and(|given| given.eq_ignore_ascii_case(&host)) {
            return Err(format!(
                "the dashboard is not shown to pages of other origins, such as `{origin}`"
            ));
        }
    }
    let site = headers.text("sec-fetch-site");
    let is_foreign = site.is_some_and(|site| !matches!(&*site, "same-origin" | "none"));
    // A person may follow a link to the page from anywhere.
    let is_link = headers.get("sec-fetch-mode") == Some(b"navigate")
        && headers.get("sec-fetch-dest") == Some(b"document");
    if is_foreign && !is_link {
        return Err("the dashboard is not shown to pages of other sites".to_owned());
    }
    Ok(())
}

/// Whether `host`, perhaps with a port, names the loopback.
fn is_loopback_name(host: &str) -> bool {
    let without_port = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let bare = without_port
        .strip_prefix('[')
        .and_then(|bare| bare.strip_suffix(']'))
        .unwrap_or(without_port);
    let name = bare.trim_end_matches('.').to_ascii_lowercase();
    let is_address = name
        .parse::<IpAddr>()
        .is_ok_and(|ip| ip.to_canonical().is_loopback());
    is_address || name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::Arc;

    use bytes::Bytes;
    use http::{Method, Uri};
    use styk_core::{Headers, Transport};
    use test_case::test_case;

    use super::*;

    fn is_allowed(local: [u8; 4], headers: &[(&str, &str)]) -> bool {
        let headers: Headers = headers.iter().copied().collect();
        let uri = Uri::from_static("/mockserver/dashboard");
        let mut request = Request::new(Method::GET, uri, headers, Bytes::new());
        let (local, remote) = (
            SocketAddr::from((local, 1080)),
            SocketAddr::from((local, 9)),
        );
        request.transport = Some(Arc::new(Transport::new(local, remote)));
        check(&request).is_ok()
    }

    const LOOPBACK: [u8; 4] = [127, 0, 0, 1];
    const LAN: [u8; 4] = [192, 0, 2, 1];

    #[test_case(LOOPBACK, &[("host", "localhost:1080")], true; "its name")]
    #[test_case(LOOPBACK, &[("host", "127.0.0.1:1080")], true; "its address")]
    #[test_case(LOOPBACK, &[("host", "[::1]:1080")], true; "its address of version 6")]
    #[test_case(LOOPBACK, &[("host", "app.localhost.")], true; "a name below localhost")]
    #[test_case(LOOPBACK, &[], true; "no browser")]
    #[test_case(LOOPBACK, &[("host", "evil.test:1080")], false; "a rebound name")]
    #[test_case(LOOPBACK, &[("host", "localhost.evil.test")], false; "a name that begins like it")]
    #[test_case(LOOPBACK, &[("host", "127.0.0.1.evil.test")], false; "a name that begins like an address")]
    #[test_case(LAN, &[("host", "mock.test:1080")], true; "any name beyond loopback")]
    #[test_case(LOOPBACK, &[("host", "localhost:1080"), ("origin", "http://localhost:1080")], true; "same origin")]
    #[test_case(LOOPBACK, &[("host", "localhost:1080"), ("origin", "http://localhost:3000")], false; "another port")]
    #[test_case(LAN, &[("host", "mock.test"), ("origin", "http://evil.test")], false; "another host")]
    #[test_case(LOOPBACK, &[("host", "localhost"), ("origin", "null")], false; "an origin without a name")]
    #[test_case(LOOPBACK, &[("host", "localhost"), ("sec-fetch-site", "cross-site")], false; "loaded by another site")]
    #[test_case(LOOPBACK, &[("host", "localhost"), ("sec-fetch-site", "same-site")], false; "loaded from another port")]
    #[test_case(LOOPBACK, &[("host", "localhost"), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")], true; "a link from another site")]
    #[test_case(LOOPBACK, &[("host", "localhost"), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")], false; "a frame in another site")]
    fn the_caller_is_checked(local: [u8; 4], headers: &[(&str, &str)], expected: bool) {
        assert_eq!(is_allowed(local, headers), expected);
    }
}
