//! `styk mock health`: asks a running server whether it is ready, for images without curl.

use std::time::Duration;

use styk_core::Diagnostic;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

use super::settings;
use crate::args::{HealthArguments, RunArguments};
use crate::exit::Exit;
use crate::output::say;
use crate::trouble::Trouble;

/// How long a server that is well may take.
const LIMIT: Duration = Duration::from_secs(1);

pub(super) async fn health(arguments: &HealthArguments) -> Result<Exit, Trouble> {
    let address = address(arguments)?;
    let unwell = |why: String| {
        Trouble::not_ready(Diagnostic::error(format!(
            "the mock server at {address} is not ready: {why}"
        )))
    };
    match tokio::time::timeout(LIMIT, ask(&address)).await {
        Ok(Ok(200)) => {
            say("ready")?;
            Ok(Exit::OK)
        }
        Ok(Ok(status)) => Err(unwell(format!("it answers {status}"))),
        Ok(Err(error)) => Err(unwell(error.to_string())),
        Err(_) => Err(unwell("no answer within a second".to_owned())),
    }
}

/// Where to ask: as `host:port`.
fn address(arguments: &HealthArguments) -> Result<String, Trouble> {
    if let Some(text) = &arguments.url {
        let url = Url::parse(text).ok().filter(|url| url.scheme() == "http");
        let found = url
            .as_ref()
            .and_then(|url| Some((url.host_str()?, url.port_or_known_default()?)));
        return match found {
            Some((host, port)) => Ok(format!("{host}:{port}")),
            None => {
                let message =
                    format!("--url: expected an URL such as http://127.0.0.1:1080, got `{text}`");
                Err(Diagnostic::error(message).into())
            }
        };
    }
    if let Some(port) = arguments.port {
        return Ok(format!("127.0.0.1:{port}"));
    }
    // A health check in a container knows what the server was started with.
    let settings = settings::of(&RunArguments::default(), false)?;
    let host = match settings.local_bound_ip.as_str() {
        "0.0.0.0" => "127.0.0.1".to_owned(),
        "::" => "[::1]".to_owned(),
        host if host.contains(':') => format!("[{host}]"),
        host => host.to_owned(),
    };
    let port = settings.server_port.0.first().copied().unwrap_or(1080);
    Ok(format!("{host}:{port}"))
}

/// The status of the operation for probes; servers that do not know it are asked for their status.
async fn ask(address: &str) -> std::io::Result<u16> {
    match status_of(address, "GET /mockserver/ready").await? {
        404 => status_of(address, "PUT /mockserver/status").await,
        status => Ok(status),
    }
}

async fn status_of(address: &str, request: &str) -> std::io::Result<u16> {
    const HEAD: &str = "HTTP/1.1 ";
    let mut stream = TcpStream::connect(address).await?;
    let text = format!(
        "{request} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    );
    stream.write_all(text.as_bytes()).await?;
    let mut line = [0; HEAD.len() + 3];
    stream.read_exact(&mut line).await?;
    let status = std::str::from_utf8(&line)
        .ok()
        .and_then(|line| line.strip_prefix(HEAD));
    status
        .and_then(|status| status.parse().ok())
        .ok_or_else(|| {
            std::io::Error::new(std::io::ErrorKind::InvalidData, "it does not speak HTTP")
        })
}
