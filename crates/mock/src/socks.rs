//! SOCKS 4, 4a and 5: clients that come through us, and the proxy we may have to go through.
//!
//! Only the bytes of the handshake are read, never one more: what follows belongs to the protocol inside.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use tokio::io::{AsyncRead, AsyncReadExt};

mod client;
mod server;

pub(crate) use client::connect;
pub(crate) use server::accept;

/// Where a client wants to be connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// A host name, or an address without brackets.
    pub(crate) host: String,
    /// The port.
    pub(crate) port: u16,
}

impl Target {
    /// The target as it stands in a `CONNECT` request or a `Host` header.
    pub(crate) fn authority(&self) -> String {
        match self.host.parse() {
            Ok(IpAddr::V6(address)) => format!("[{address}]:{}", self.port),
            _ => format!("{}:{}", self.host, self.port),
        }
    }
}

/// Why a handshake did not come about. Where the protocol has an answer, the other side got it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SocksError {
    /// The connection broke.
    #[error("the connection broke during the SOCKS handshake: {0}")]
    Io(#[from] io::Error),
    /// The other side took too long.
    #[error("the SOCKS handshake took too long")]
    TimedOut,
    /// What came is no SOCKS.
    #[error("no SOCKS handshake: {0}")]
    Malformed(&'static str),
    /// No common way to authenticate.
    #[error("the SOCKS client and server have no way to authenticate in common")]
    NoCommonMethod,
    /// The password is wrong.
    #[error("the user or the password for SOCKS is wrong")]
    WrongCredentials,
    /// Something else than a connection was asked for.
    #[error("SOCKS command {0} is not supported, only 1 (connect) is")]
    Command(u8),
    /// An address of an unknown type.
    #[error("SOCKS address type {0} is not supported")]
    AddressType(u8),
    /// The proxy does not connect us.
    #[error("the SOCKS proxy refuses to connect to {target}: {reason}")]
    Refused {
        /// Where to.
        target: String,
        /// Its reason.
        reason: &'static str,
    },
    /// User, password or host do not fit into the protocol.
    #[error("the {0} is longer than the 255 bytes that SOCKS can carry")]
    TooLong(&'static str),
}

const VERSION_4: u8 = 4;
const VERSION_5: u8 = 5;
const CONNECT: u8 = 1;

/// Ways to authenticate (RFC 1928, section 3).
mod method {
    pub(super) const NONE: u8 = 0;
    pub(super) const PASSWORD: u8 = 2;
    pub(super) const NO_COMMON: u8 = 0xff;
}

/// Types of addresses (RFC 1928, section 5).
mod address_type {
    pub(super) const V4: u8 = 1;
    pub(super) const NAME: u8 = 3;
    pub(super) const V6: u8 = 4;
}

/// What can be said about an address in a SOCKS 5 message.
enum Address {
    Host(String),
    NotAHost,
    UnknownType(u8),
}

/// Reads an address without its port.
async fn read_address<S: AsyncRead + Unpin>(stream: &mut S) -> Result<Address, SocksError> {
    let host = match stream.read_u8().await? {
        address_type::V4 => {
            let mut octets = [0; 4];
            stream.read_exact(&mut octets).await?;
            Ipv4Addr::from(octets).to_string()
        }
        address_type::V6 => {
            let mut octets = [0; 16];
            stream.read_exact(&mut octets).await?;
            Ipv6Addr::from(octets).to_string()
        }
        address_type::NAME => {
            let name = read_counted(stream).await?;
            match host_name(name) {
                Some(name) => name,
                None => return Ok(Address::NotAHost),
            }
        }
        other => return Ok(Address::UnknownType(other)),
    };
    Ok(Address::Host(host))
}

/// Reads bytes that come after their number.
async fn read_counted<S: AsyncRead + Unpin>(stream: &mut S) -> Result<Vec<u8>, SocksError> {
    let mut bytes = vec![0; usize::from(stream.read_u8().await?)];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

/// The bytes as the name of a host, when they can be one. It goes into heads of requests: nothing else may be in it.
fn host_name(bytes: Vec<u8>) -> Option<String> {
    let name = String::from_utf8(bytes).ok()?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':');
    (!name.is_empty() && name.chars().all(fits)).then_some(name)
}
