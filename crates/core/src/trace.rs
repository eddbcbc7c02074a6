//! Trace context after W3C Trace Context: how an exchange is tied to the scenario that caused it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A 128-bit trace id, written as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TraceId(pub u128);

/// A 64-bit span id, written as 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SpanId(pub u64);

/// The `traceparent` header: which trace, and which span of it is the parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceContext {
    /// The trace this belongs to.
    pub trace_id: TraceId,
    /// The span that made the call.
    pub span_id: SpanId,
}

impl TraceContext {
    /// Reads a `traceparent` header value (W3C Trace Context, section 3.2). `None` for anything malformed, as
    /// the specification asks: a bad header is ignored, not refused.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let mut parts = header.trim().split('-');
        let version = parts.next()?;
        let trace_id: TraceId = parts.next()?.parse().ok()?;
        let span_id: SpanId = parts.next()?.parse().ok()?;
        let flags = parts.next()?;
        let is_hex_pair =
            |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let well_formed = is_hex_pair(version) && version != "ff" && is_hex_pair(flags);
        (well_formed && trace_id.0 != 0 && span_id.0 != 0).then_some(Self { trace_id, span_id })
    }

    /// The header value, marked as sampled.
    #[must_use]
    pub fn to_header(&self) -> String {
        format!("00-{}-{}-01", self.trace_id, self.span_id)
    }
}

macro_rules! hex_id {
    ($name:ident, $digits:literal, $number:ty) => {
        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, concat!("{:0", $digits, "x}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, formatter)
            }
        }

        impl FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                // A text of the wrong length becomes an empty one, which no radix accepts.
                let digits = if text.len() == $digits && !text.starts_with('+') {
                    text
                } else {
                    ""
                };
                <$number>::from_str_radix(digits, 16).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?
                    .parse()
                    .map_err(serde::de::Error::custom)
            }
        }
    };
}

hex_id!(TraceId, 32, u128);
hex_id!(SpanId, 16, u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_survives_the_round_trip() {
        let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let context = TraceContext::parse(text).expect("the example of the specification");
        assert_eq!(context.to_header(), text);
    }

    #[test]
    fn malformed_headers_are_ignored() {
        for text in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-short-01",
        ] {
            assert_eq!(TraceContext::parse(text), None, "{text}");
        }
    }
}
