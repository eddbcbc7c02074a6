//! Where a mock of the stage comes from: started here, or found running.

use std::io;
use std::net::IpAddr;

use styk_core::{Clock, Journal, Seed};
use styk_mock::{MockServer, StartError};
use url::{Host, Url};

use crate::foreign::ForeignMock;
use crate::outside::{PlacedMock, Server};
use crate::{MockAddress, MockSpec, StageError};

/// What a mock needs from its stage.
pub(crate) struct Ground<'a> {
    pub(crate) client: &'a reqwest::Client,
    pub(crate) journal: &'a Journal,
    pub(crate) clock: &'a Clock,
    pub(crate) seed: Seed,
}

/// Brings one mock up and gives it its first expectations.
pub(crate) async fn place(spec: &MockSpec, ground: &Ground<'_>) -> Result<PlacedMock, StageError> {
    let mut placed = match &spec.address {
        MockAddress::Free => start(spec, 0, ground)
            .await
            .map_err(|error| not_started(spec, 0, &error))?,
        MockAddress::Port(port) => {
            let url = local_url(*port);
            start_or_attach(spec, *port, &url, ground).await?
        }
        MockAddress::At(url) if is_loopback(url) => {
            let port = url.port_or_known_default().unwrap_or(80);
            start_or_attach(spec, port, url, ground).await?
        }
        MockAddress::At(url) => {
            attach(spec, url, ground)
                .await
                .map_err(|answer| StageError::NoMockServer {
                    mock: spec.name.clone(),
                    url: url.to_string(),
                    answer,
                })?
        }
    };
    expect_first(spec, &mut placed).await?;
    Ok(placed)
}

/// Ours when the port is free; else whatever listens there, if it is a MockServer.
async fn start_or_attach(
    spec: &MockSpec,
    port: u16,
    url: &Url,
    ground: &Ground<'_>,
) -> Result<PlacedMock, StageError> {
    match start(spec, port, ground).await {
        Ok(placed) => Ok(placed),
        Err(StartError::Bind { source, .. }) if source.kind() == io::ErrorKind::AddrInUse => {
            attach(spec, url, ground)
                .await
                .map_err(|answer| StageError::PortInUse {
                    mock: spec.name.clone(),
                    port,
                    answer,
                })
        }
        Err(error) => Err(not_started(spec, port, &error)),
    }
}

async fn start(spec: &MockSpec, port: u16, ground: &Ground<'_>) -> Result<PlacedMock, StartError> {
    let server = MockServer::builder(spec.name.as_str())
        .port(port)
        .journal(ground.journal.clone())
        .clock(ground.clock.clone())
        .seed(ground.seed.derive(&spec.name))
        .start()
        .await?;
    Ok(PlacedMock {
        name: spec.name.clone(),
        url: local_url(server.port()),
        server: Server::Own(server),
    })
}

fn not_started(spec: &MockSpec, port: u16, error: &StartError) -> StageError {
    let cause = match error {
        StartError::Bind { source, .. } => source.to_string(),
        StartError::NoPort { .. } | StartError::Tls { .. } | StartError::Initialization { .. } => {
            error.to_string()
        }
    };
    StageError::MockStart {
        mock: spec.name.clone(),
        port,
        cause,
    }
}

async fn attach(spec: &MockSpec, url: &Url, ground: &Ground<'_>) -> Result<PlacedMock, String> {
    let id_stem = format!("{:016x}", ground.seed.derive(&spec.name).value());
    let foreign = ForeignMock::attach(
        &spec.name,
        url,
        ground.client,
        ground.journal,
        ground.clock,
        id_stem,
    )
    .await?;
    Ok(PlacedMock {
        name: spec.name.clone(),
        url: url.clone(),
        server: Server::Foreign(Box::new(foreign), Vec::new()),
    })
}

async fn expect_first(spec: &MockSpec, placed: &mut PlacedMock) -> Result<(), StageError> {
    for (index, expectation) in spec.expectations.iter().enumerate() {
        let refused = |cause: String| StageError::Expectation {
            mock: spec.name.clone(),
            number: index + 1,
            cause,
        };
        match &mut placed.server {
            Server::Own(server) => {
                server
                    .expect(expectation)
                    .map_err(|error| refused(error.to_string()))?;
            }
            Server::Foreign(server, ids) => {
                ids.extend(server.expect(expectation).await.map_err(refused)?);
            }
        }
    }
    Ok(())
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => IpAddr::from(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::from(ip).is_loopback(),
        None => false,
    }
}

/// The address of a port of this machine.
fn local_url(port: u16) -> Url {
    let text = format!("http://127.0.0.1:{port}/");
    text.parse()
        .expect("a loopback address with a port is a URL")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_counts_as_loopback() {
        for (url, is_local) in [
            ("http://localhost:1080", true),
            ("http://127.0.0.1:1080", true),
            ("http://127.9.9.9:1080", true),
            ("http://[::1]:1080", true),
            ("http://mock-payment:1080", false),
            ("http://10.0.0.7:1080", false),
        ] {
            let url = url.parse().expect("a URL");
            assert_eq!(is_loopback(&url), is_local, "{url}");
        }
    }
}
