//! Connections to other servers.

use std::io;
use std::net::IpAddr;

use rustls::pki_types::ServerName;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::Instant;
use tokio_rustls::TlsConnector;

use super::way::{Way, is_private};
use super::{Target, Upstream, UpstreamError};
use crate::server::BoxedStream;
use crate::settings::{HostPort, Settings};
use crate::{http_proxy, socks};

impl Upstream {
    /// A stream to the server, or to the proxy that takes requests for it.
    pub(super) async fn connect(
        &self,
        way: &Way,
        target: &Target,
        settings: &Settings,
    ) -> Result<BoxedStream, UpstreamError> {
        let blocks_private = settings.forward_proxy_block_private_networks;
        let stream = match way {
            Way::Straight => dial(&target.host, target.port, blocks_private, target).await?,
            Way::HttpProxy { proxy, .. }
            | Way::HttpTunnel { proxy, .. }
            | Way::Socks { proxy, .. } => {
                if blocks_private {
                    refuse_private(target).await?;
                }
                self.proxied(way, proxy, target).await?
            }
        };
        if target.secure {
            self.encrypted(stream, target).await
        } else {
            Ok(Box::new(stream))
        }
    }

    /// A stream through a proxy. The proxy itself is the user's choice, so it may be anywhere.
    async fn proxied(
        &self,
        way: &Way,
        proxy: &HostPort,
        target: &Target,
    ) -> Result<TcpStream, UpstreamError> {
        let mut stream = dial(&proxy.host, proxy.port, false, target).await?;
        let deadline = Instant::now() + self.connect_timeout;
        let inner = socks::Target {
            host: target.host.clone(),
            port: target.port,
        };
        let refused = |reason: String| UpstreamError::Way {
            target: target.clone(),
            reason,
        };
        match way {
            Way::Straight | Way::HttpProxy { .. } => {}
            Way::HttpTunnel { credentials, .. } => {
                http_proxy::connect(&mut stream, &inner, credentials.as_ref(), deadline)
                    .await
                    .map_err(|error| refused(error.to_string()))?;
            }
            Way::Socks { credentials, .. } => {
                socks::connect(&mut stream, &inner, credentials.as_ref(), deadline)
                    .await
                    .map_err(|error| refused(error.to_string()))?;
            }
        }
        Ok(stream)
    }

    async fn encrypted(
        &self,
        stream: TcpStream,
        target: &Target,
    ) -> Result<BoxedStream, UpstreamError> {
        let refused = |reason: String| UpstreamError::Way {
            target: target.clone(),
            reason,
        };
        let config = self
            .tls
            .client_config()
            .map_err(|error| refused(error.to_string()))?;
        let name = ServerName::try_from(target.host.clone())
            .map_err(|error| refused(error.to_string()))?;
        let connected = TlsConnector::from(config).connect(name, stream).await;
        match connected {
            Ok(stream) => Ok(Box::new(stream)),
            Err(error) => Err(refused(error.to_string())),
        }
    }
}

/// Connects to the first address of a host that can be reached. Where private networks are blocked, the very addresses that
/// were looked at are dialled: a second look-up could give others.
async fn dial(
    host: &str,
    port: u16,
    blocks_private: bool,
    target: &Target,
) -> Result<TcpStream, UpstreamError> {
    let refused = |source: io::Error| UpstreamError::Connect {
        target: target.clone(),
        source,
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let stream = if blocks_private {
        let addresses = lookup_host((bare, port)).await.map_err(refused)?;
        let addresses: Vec<_> = addresses.collect();
        if addresses.iter().any(|address| is_private(address.ip())) {
            return Err(UpstreamError::Private {
                target: target.clone(),
            });
        }
        TcpStream::connect(addresses.as_slice()).await
    } else {
        TcpStream::connect((bare, port)).await
    };
    let stream = stream.map_err(refused)?;
    stream.set_nodelay(true).map_err(refused)?;
    Ok(stream)
}

/// Refuses a target in a private network, as far as it can be told from here: behind a proxy, names may mean something else.
async fn refuse_private(target: &Target) -> Result<(), UpstreamError> {
    let is_private = match target.host.parse::<IpAddr>() {
        Ok(address) => is_private(address),
        Err(_) => match lookup_host((target.host.as_str(), target.port)).await {
            Ok(mut addresses) => addresses.any(|address| is_private(address.ip())),
            Err(_) => false,
        },
    };
    if is_private {
        return Err(UpstreamError::Private {
            target: target.clone(),
        });
    }
    Ok(())
}
