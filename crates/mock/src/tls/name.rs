//! The names a certificate is made for.

use std::net::IpAddr;

use rcgen::SanType;
use rcgen::string::Ia5String;
use rustls::pki_types::DnsName;

/// A host name or an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Dns(String),
    Ip(IpAddr),
}

impl Name {
    /// Reads a host as it stands in a URL, a `Host` header or a setting; `None` for what cannot be a host.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let bare = text
            .strip_prefix('[')
            .and_then(|inner| inner.strip_suffix(']'))
            .unwrap_or(text);
        if let Ok(address) = bare.parse() {
            return Some(Self::Ip(address));
        }
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        let without_wildcard = name.strip_prefix("*.").unwrap_or(&name);
        DnsName::try_from(without_wildcard).ok()?;
        Some(Self::Dns(name))
    }

    /// The name as it stands in a certificate.
    pub(super) fn alternative(&self) -> Result<SanType, rcgen::Error> {
        match self {
            Self::Dns(name) => Ok(SanType::DnsName(Ia5String::try_from(name.as_str())?)),
            Self::Ip(address) => Ok(SanType::IpAddress(*address)),
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::Name;

    #[test_case("localhost", Some("localhost"))]
    #[test_case("Payment.Example.COM.", Some("payment.example.com"); "case and the final dot do not count")]
    #[test_case("shop_db", Some("shop_db"); "container names have underscores")]
    #[test_case("*.example.com", Some("*.example.com"))]
    #[test_case("*", None; "a bare wildcard")]
    #[test_case("a.*.com", None; "a wildcard inside")]
    #[test_case("", None; "empty")]
    #[test_case("a b", None; "a space")]
    #[test_case("a:443", None; "a port")]
    #[test_case("ü.example", None; "not ascii")]
    fn a_host_name_is_read(text: &str, expected: Option<&str>) {
        let expected = expected.map(|name| Name::Dns(name.to_owned()));
        assert_eq!(Name::parse(text), expected);
    }

    #[test_case("127.0.0.1", "127.0.0.1")]
    #[test_case("::1", "::1")]
    #[test_case("[::1]", "::1")]
    fn an_address_is_read(text: &str, expected: &str) {
        assert_eq!(Name::parse(text), expected.parse().ok().map(Name::Ip));
    }
}
