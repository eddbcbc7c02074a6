//! Content codings: what came compressed is matched, recorded and handed on as it was before.

use std::io::Read;

use bytes::Bytes;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::StatusCode;
use styk_core::Headers;

const CONTENT_ENCODING: &str = "content-encoding";

/// Why a body could not be decoded.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CodingError {
    #[error("the body is larger than {0} bytes when it is decompressed")]
    TooLarge(usize),
    #[error("the body is not in its content coding {0}")]
    Malformed(String),
}

impl CodingError {
    /// What the client of a request is answered.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
        }
    }
}

/// Header fields and body of a request, decoded; `None` when there is nothing to decode. As in the original, the field of
/// the coding stays, under its lower-case name, and the length becomes that of the decoded body.
pub(crate) fn decode_request(
    headers: &Headers,
    body: &[u8],
    limit: usize,
) -> Result<Option<(Headers, Bytes)>, CodingError> {
    let Some(coding) = headers.text(CONTENT_ENCODING) else {
        return Ok(None);
    };
    let Some(decoded) = decode(&coding, body, limit)? else {
        return Ok(None);
    };
    let length = decoded.len().to_string();
    let fields = headers.iter().map(|(name, value)| {
        if name.eq_ignore_ascii_case(CONTENT_ENCODING) {
            (CONTENT_ENCODING, value)
        } else if name.eq_ignore_ascii_case("content-length") {
            (name, length.as_bytes())
        } else {
            (name, value)
        }
    });
    Ok(Some((fields.collect(), decoded)))
}

/// The decoded body; `None` when the coding is not one of those known (gzip, deflate), so that the body stays as it is.
pub(crate) fn decode(
    coding: &str,
    body: &[u8],
    limit: usize,
) -> Result<Option<Bytes>, CodingError> {
    let coding = coding.trim().to_ascii_lowercase();
    let decoded = match coding.as_str() {
        "gzip" | "x-gzip" => read(MultiGzDecoder::new(body), limit),
        // In practice `deflate` means zlib's format (RFC 9110, section 8.4.1.2), but not for everybody.
        "deflate" => match read(ZlibDecoder::new(body), limit) {
            Err(Failure::Malformed) => read(DeflateDecoder::new(body), limit),
            decoded => decoded,
        },
        _ => return Ok(None),
    };
    match decoded {
        Ok(decoded) => Ok(Some(Bytes::from(decoded))),
        Err(Failure::TooLarge) => Err(CodingError::TooLarge(limit)),
        Err(Failure::Malformed) => Err(CodingError::Malformed(coding)),
    }
}

enum Failure {
    TooLarge,
    Malformed,
}

fn read(decoder: impl Read, limit: usize) -> Result<Vec<u8>, Failure> {
    let mut decoded = Vec::new();
    let enough = limit.saturating_add(1) as u64;
    decoder
        .take(enough)
        .read_to_end(&mut decoded)
        .map_err(|_| Failure::Malformed)?;
    if decoded.len() > limit {
        Err(Failure::TooLarge)
    } else {
        Ok(decoded)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    #[test]
    fn known_codings_are_undone() {
        let text = b"a shop breaks at its joints";
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(text).expect("written");
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(text).expect("written");
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
        raw.write_all(text).expect("written");
        let bodies = [
            ("GZIP", gzip.finish()),
            ("deflate", zlib.finish()),
            ("deflate", raw.finish()),
        ];
        for (coding, body) in bodies {
            let decoded = decode(coding, &body.expect("compressed"), 100);
            assert_eq!(decoded, Ok(Some(Bytes::from_static(text))), "{coding}");
        }
        assert_eq!(decode("br", text, 100), Ok(None));
    }

    #[test]
    fn a_bomb_is_stopped_at_the_limit_and_nonsense_is_refused() {
        let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
        bomb.write_all(&vec![0; 1 << 20]).expect("written");
        let bomb = bomb.finish().expect("compressed");
        assert_eq!(
            decode("gzip", &bomb, 1000),
            Err(CodingError::TooLarge(1000))
        );
        assert_eq!(
            decode("gzip", b"nonsense", 1000),
            Err(CodingError::Malformed("gzip".to_owned()))
        );
    }
}
