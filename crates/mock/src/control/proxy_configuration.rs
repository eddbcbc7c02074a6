//! `GET /mockserver/proxyConfiguration`: what a client needs to use this server as a proxy.

use http::StatusCode;
use styk_core::Request;

use super::Reply;
use crate::json::Json;
use crate::proxy_setup::ProxySetup;
use crate::server::Shared;

/// JSON; for clients that want plain text, lines to paste into a shell.
pub(super) fn answer(shared: &Shared, request: &Request) -> Result<Reply, Reply> {
    let setup = ProxySetup::of(shared);
    let setup = setup.map_err(|error| Reply::bad_request_json(error.to_string()))?;
    let accept = request.headers.text("accept").unwrap_or_default();
    if accept.contains("text/plain") {
        return Ok(Reply::text(StatusCode::OK, setup.text()));
    }
    let environment = Json::object([
        ("unix", Json::text(setup.unix())),
        ("powershell", Json::text(setup.powershell())),
    ]);
    let path = setup.authority_path.as_ref();
    let path = path.map(|path| ("caCertificatePath", Json::text(path)));
    let rest = [
        ("caCertificatePem", Json::text(&setup.authority_pem)),
        ("httpsProxy", Json::text(&setup.proxy)),
        ("environmentVariables", environment),
        ("usingDefaultCa", Json::Bool(false)),
    ];
    Ok(Reply::object(StatusCode::OK, path.into_iter().chain(rest)))
}
