//! The way to another server: straight, or through a proxy.

use std::net::IpAddr;

use super::Target;
use crate::proxy_auth::Credentials;
use crate::settings::{HostPort, Settings};

/// How a server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Straight,
    /// A proxy takes the request and hands it on.
    HttpProxy {
        proxy: HostPort,
        credentials: Option<Credentials>,
    },
    /// A proxy makes a tunnel, by `CONNECT`.
    HttpTunnel {
        proxy: HostPort,
        credentials: Option<Credentials>,
    },
    /// A proxy makes a tunnel, by SOCKS 5.
    Socks {
        proxy: HostPort,
        credentials: Option<Credentials>,
    },
}

impl Way {
    /// The way that the settings have for a server.
    pub(super) fn to(target: &Target, settings: &Settings) -> Self {
        if is_excepted(&target.host, &settings.no_proxy_hosts) {
            return Self::Straight;
        }
        let credentials = Credentials::from_settings(
            &settings.forward_proxy_authentication_username,
            settings.forward_proxy_authentication_password.reveal(),
        );
        let proxy = if target.secure {
            &settings.forward_https_proxy
        } else {
            &settings.forward_http_proxy
        };
        match (proxy.clone(), settings.forward_socks_proxy.clone()) {
            (Some(proxy), _) if target.secure => Self::HttpTunnel { proxy, credentials },
            (Some(proxy), _) => Self::HttpProxy { proxy, credentials },
            (None, Some(proxy)) => Self::Socks { proxy, credentials },
            (None, None) => Self::Straight,
        }
    }
}

/// Whether a host is on the list: as it stands there, or under a domain that begins with `.` or `*.`.
fn is_excepted(host: &str, list: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let mut entries = list
        .split(',')
        .map(|entry| entry.trim().to_ascii_lowercase());
    entries.any(|entry| match entry.strip_prefix('*').unwrap_or(&entry) {
        "" => entry == "*",
        suffix if suffix.starts_with('.') => host.ends_with(suffix),
        whole => whole == host,
    })
}

/// Whether an address belongs to no public server.
pub(super) fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_broadcast()
                || address.is_multicast()
                || first == 0
                // Shared by the customers of a provider (RFC 6598).
                || (first == 100 && (64..128).contains(&second))
        }
        IpAddr::V6(address) => {
            let [first, ..] = address.segments();
            address.is_loopback()
                || address.is_unspecified()
                || address.is_multicast()
                // Unique local and link-local addresses.
                || first & 0xfe00 == 0xfc00
                || first & 0xffc0 == 0xfe80
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("shop.test", "a.test, shop.test", true; "by name")]
    #[test_case("SHOP.test", "shop.TEST", true; "in any case")]
    #[test_case("api.shop.test", ".shop.test", true; "under a domain")]
    #[test_case("api.shop.test", "*.shop.test", true; "under a domain with a star")]
    #[test_case("shop.test", "*.shop.test", false; "the domain itself")]
    #[test_case("eshop.test", "shop.test", false; "a longer name")]
    #[test_case("anything", "*", true; "everybody")]
    #[test_case("shop.test", "", false; "an empty list")]
    fn hosts_without_proxy(host: &str, list: &str, expected: bool) {
        assert_eq!(is_excepted(host, list), expected);
    }

    #[test_case("10.1.2.3", true)]
    #[test_case("172.16.0.1", true)]
    #[test_case("172.32.0.1", false)]
    #[test_case("192.168.1.1", true)]
    #[test_case("127.0.0.1", true)]
    #[test_case("169.254.169.254", true; "the metadata of clouds")]
    #[test_case("100.64.0.1", true)]
    #[test_case("0.0.0.0", true)]
    #[test_case("93.184.216.34", false)]
    #[test_case("::1", true)]
    #[test_case("fd00::1", true)]
    #[test_case("fe80::1", true)]
    #[test_case("::ffff:10.0.0.1", true; "an IPv4 address in the clothes of IPv6")]
    #[test_case("2606:2800:220:1::1", false)]
    fn private_addresses(address: &str, expected: bool) {
        assert_eq!(is_private(address.parse().unwrap()), expected);
    }

    #[test]
    fn each_kind_of_target_has_its_proxy() {
        let proxy = |port| HostPort {
            host: "proxy.test".to_owned(),
            port,
        };
        let mut settings = Settings::default();
        settings.forward_http_proxy = Some(proxy(1));
        settings.forward_https_proxy = Some(proxy(2));
        settings.no_proxy_hosts = "near.test".to_owned();
        let to = |text: &str, secure| {
            let target = Target::from_authority(text, secure).unwrap();
            Way::to(&target, &settings)
        };
        let credentials = None;
        assert_eq!(to("near.test", true), Way::Straight);
        assert_eq!(
            to("far.test", false),
            Way::HttpProxy {
                proxy: proxy(1),
                credentials: credentials.clone()
            }
        );
        assert_eq!(
            to("far.test", true),
            Way::HttpTunnel {
                proxy: proxy(2),
                credentials
            }
        );
    }
}
