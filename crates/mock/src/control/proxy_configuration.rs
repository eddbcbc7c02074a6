//! `GET /mockserver/proxyConfiguration`: what a client needs to use this server as a proxy.

use http::StatusCode;
use styk_core::Request;

use super::Reply;
use crate::json::Json;
use crate::server::Shared;

/// JSON; for clients that want plain text, the lines for a shell.
pub(super) fn answer(shared: &Shared, request: &Request) -> Result<Reply, Reply> {
    let pem = shared
        .tls
        .authority_pem()
        .map_err(|error| Reply::bad_request_json(error.to_string()))?;
    let path = shared.tls.authority_path();
    let path = path.map(|path| path.display().to_string());
    let port = shared.ports().first().copied().unwrap_or_default();
    let proxy = format!("http://localhost:{port}");
    let unix = variables(&proxy, path.as_deref(), |name, value| {
        format!("export {name}={value}")
    });
    let accept = request.headers.text("accept").unwrap_or_default();
    if accept.contains("text/plain") {
        return Ok(Reply::text(StatusCode::OK, unix));
    }
    let powershell = variables(&proxy, path.as_deref(), |name, value| {
        format!("$env:{name} = \"{value}\"")
    });
    let environment = Json::object([
        ("unix", Json::text(unix)),
        ("powershell", Json::text(powershell)),
    ]);
    let path = path.map(|path| ("caCertificatePath", Json::text(path)));
    let rest = [
        ("caCertificatePem", Json::text(pem)),
        ("httpsProxy", Json::text(proxy)),
        ("environmentVariables", environment),
        ("usingDefaultCa", Json::Bool(false)),
    ];
    Ok(Reply::object(StatusCode::OK, path.into_iter().chain(rest)))
}

/// One line for each variable that programs look at. Without a file of the authority there is nothing to trust it by.
fn variables(proxy: &str, path: Option<&str>, line: impl Fn(&str, &str) -> String) -> String {
    const TRUST: [&str; 3] = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"];
    let trust = path
        .into_iter()
        .flat_map(|path| TRUST.map(|name| (name, path)));
    let lines = std::iter::once(("HTTPS_PROXY", proxy)).chain(trust);
    let lines: Vec<String> = lines.map(|(name, value)| line(name, value)).collect();
    lines.join("\n")
}
