//! Which protocol a client speaks, told from its first bytes: one port serves them all.

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    /// HTTP/1.x in clear text.
    Http1,
    /// HTTP/2 in clear text, by prior knowledge.
    Http2Preface,
    /// A TLS handshake.
    Tls,
    /// A greeting of SOCKS 5.
    Socks5,
    /// A request of SOCKS 4 or 4a.
    Socks4,
    /// Nothing that is served here.
    Unknown,
    /// Too few bytes to tell.
    NeedMore,
}

/// So many bytes always tell.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) const SNIFF_MAX: usize = PREFACE.len();

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const METHODS: [&[u8]; 9] = [
    b"GET ",
    b"POST ",
    b"PUT ",
    b"HEAD ",
    b"OPTIONS ",
    b"PATCH ",
    b"DELETE ",
    b"TRACE ",
    b"CONNECT ",
];

/// Tells the protocol from the `start` of what a client sent.
///
/// With `assumes_http`, every other method is taken for HTTP too. More bytes never change an answer once given.
pub(crate) fn sniff(start: &[u8], assumes_http: bool) -> Wire {
    match start {
        [] | [0x16 | 0x05 | 0x04] => Wire::NeedMore,
        [0x16, 0x03, ..] => Wire::Tls,
        // The second byte counts the ways to authenticate, of which there is at least one.
        [0x05, 1..=255, ..] => Wire::Socks5,
        // The second byte is the command: connect or bind.
        [0x04, 1 | 2, ..] => Wire::Socks4,
        [first, ..] if is_token(*first) => http(start, assumes_http),
        _ => Wire::Unknown,
    }
}

fn http(start: &[u8], assumes_http: bool) -> Wire {
    if start.starts_with(PREFACE) {
        Wire::Http2Preface
    } else if PREFACE.starts_with(start) {
        Wire::NeedMore
    } else if assumes_http || METHODS.iter().any(|method| start.starts_with(method)) {
        Wire::Http1
    } else if METHODS.iter().any(|method| method.starts_with(start)) {
        Wire::NeedMore
    } else {
        Wire::Unknown
    }
}

/// Whether a method may hold this character.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::{METHODS, PREFACE, SNIFF_MAX, Wire, sniff};

    #[test_case(b"", Wire::NeedMore; "nothing")]
    #[test_case(b"GET / HTTP/1.1\r\n", Wire::Http1; "a get")]
    #[test_case(b"CONNECT a:443 HTTP/1.1\r\n", Wire::Http1; "a connect")]
    #[test_case(b"GE", Wire::NeedMore; "half a method")]
    #[test_case(b"P", Wire::NeedMore; "post, put, patch or the preface")]
    #[test_case(b"get / HTTP/1.1\r\n", Wire::Unknown; "a method in lower case")]
    #[test_case(b"BREW /x HTTP/1.1\r\n", Wire::Unknown; "another method")]
    #[test_case(b"GETS", Wire::Unknown; "a longer method")]
    #[test_case(b"\r\nGET / HTTP/1.1\r\n", Wire::Unknown; "an empty line first")]
    #[test_case(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Wire::Http2Preface; "the preface")]
    #[test_case(b"PRI * HTTP/2.0\r\n\r\nSM\r\n", Wire::NeedMore; "most of the preface")]
    #[test_case(b"PRI * HTTP/2.0\r\n\r\nXX", Wire::Unknown; "nearly the preface")]
    #[test_case(&[0x16, 3, 1, 2, 0, 1], Wire::Tls; "a client hello")]
    #[test_case(&[0x16, 2], Wire::Unknown; "no version of TLS")]
    #[test_case(&[5, 1, 0], Wire::Socks5; "socks 5")]
    #[test_case(&[5, 0], Wire::Unknown; "socks 5 without a way to authenticate")]
    #[test_case(&[4, 1, 0, 80], Wire::Socks4; "socks 4")]
    #[test_case(&[4, 9], Wire::Unknown; "no command of socks 4")]
    #[test_case(&[0, 0, 0], Wire::Unknown; "zeros")]
    fn the_first_bytes_tell(start: &[u8], expected: Wire) {
        assert_eq!(sniff(start, false), expected);
    }

    #[test_case(b"BREW /x HTTP/1.1\r\n", Wire::Http1)]
    #[test_case(b"get / HTTP/1.1\r\n", Wire::Http1; "lower case")]
    #[test_case(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Wire::Http2Preface; "the preface all the same")]
    #[test_case(b"PRI * HTTP/1.1\r\n", Wire::Http1; "a method PRI")]
    #[test_case(&[0x16, 3, 1], Wire::Tls; "tls all the same")]
    #[test_case(b"\r\nGET / HTTP/1.1\r\n", Wire::Unknown; "no method")]
    #[test_case(&[0xff], Wire::Unknown; "no text")]
    fn all_may_be_taken_for_http(start: &[u8], expected: Wire) {
        assert_eq!(sniff(start, true), expected);
    }

    fn beginnings() -> impl Strategy<Value = Vec<u8>> {
        let known = prop_oneof![
            proptest::sample::select(METHODS.to_vec()).prop_map(<[u8]>::to_vec),
            Just(PREFACE.to_vec()),
            Just(vec![0x16, 3, 1]),
            Just(vec![5, 2]),
            Just(vec![4, 1]),
            Just(Vec::new()),
        ];
        let cut = (known, any::<proptest::sample::Index>()).prop_map(|(mut bytes, at)| {
            bytes.truncate(at.index(bytes.len() + 1));
            bytes
        });
        let rest = proptest::collection::vec(any::<u8>(), 0..40);
        (cut, rest).prop_map(|(mut bytes, rest)| {
            bytes.extend(rest);
            bytes
        })
    }

    proptest! {
        #[test]
        fn every_split_tells_the_same(bytes in beginnings(), assumes_http: bool) {
            let whole = sniff(&bytes, assumes_http);
            for end in 0..bytes.len() {
                let part = sniff(&bytes[..end], assumes_http);
                prop_assert!(part == Wire::NeedMore || part == whole, "{part:?} at {end}, then {whole:?}");
            }
            prop_assert!(bytes.len() < SNIFF_MAX || whole != Wire::NeedMore);
        }
    }
}
