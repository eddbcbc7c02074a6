//! Content types, and the encodings in which bodies go out and come in.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use encoding_rs::{EncoderResult, Encoding, UTF_16BE, UTF_16LE};

/// A content type: `text/html; charset=utf-8`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MediaType {
    /// Type and subtype, in lower case.
    name: String,
    parameters: BTreeMap<String, String>,
}

impl MediaType {
    /// `None` for a text that names no subtype.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(';');
        let name = parts.next()?.trim().to_ascii_lowercase();
        let pairs = parts.filter_map(|part| part.trim().split_once('='));
        let parameters = pairs.map(|(key, value)| {
            let key = key.trim().to_ascii_lowercase();
            let value = value.trim().trim_matches('"');
            if key == "charset" {
                (key, value.to_ascii_lowercase())
            } else {
                (key, value.to_owned())
            }
        });
        let parameters = parameters.collect();
        let is_whole = name.contains('/');
        is_whole.then_some(Self { name, parameters })
    }

    fn charset(&self) -> Option<Charset> {
        Charset::named(self.parameters.get("charset")?)
    }

    /// Whether it is UTF-8 where it does not say otherwise.
    fn is_json_or_xml(&self) -> bool {
        ["json", "xml"].iter().any(|kind| self.name.contains(kind))
    }
}

/// The spelling of MockServer: parameters by name, without quotes.
impl fmt::Display for MediaType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.name)?;
        for (key, value) in &self.parameters {
            write!(out, "; {key}={value}")?;
        }
        Ok(())
    }
}

/// The encodings a body can be sent in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charset {
    Utf8,
    Ascii,
    Latin1,
    Utf16,
    Utf16Be,
    Utf16Le,
    Utf32,
    Other(&'static Encoding),
}

impl Charset {
    /// The charset of a body's own content type, else that of the header. A header that names none means ISO-8859-1,
    /// but for JSON and XML.
    pub(crate) fn of(own: Option<&str>, header: Option<&str>) -> Self {
        let own = own.and_then(MediaType::parse);
        if let Some(charset) = own.and_then(|own| own.charset()) {
            return charset;
        }
        match header.and_then(MediaType::parse) {
            None => Self::Utf8,
            Some(header) => header.charset().unwrap_or(if header.is_json_or_xml() {
                Self::Utf8
            } else {
                Self::Latin1
            }),
        }
    }

    /// The charset that a content type names.
    pub(crate) fn named_by(content_type: &str) -> Option<Self> {
        MediaType::parse(content_type)?.charset()
    }

    /// The text of bytes in this encoding. In UTF-16 a byte order mark decides, where there is one.
    pub(crate) fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Latin1 => bytes.iter().map(|byte| char::from(*byte)).collect(),
            // The big end comes first, as Java has it.
            Self::Utf16 | Self::Utf16Be => UTF_16BE.decode(bytes).0,
            Self::Utf16Le => UTF_16LE.decode(bytes).0,
            Self::Other(encoding) => encoding.decode(bytes).0,
            Self::Utf8 | Self::Ascii | Self::Utf32 => String::from_utf8_lossy(bytes),
        }
    }

    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "utf-8" | "utf8" => Self::Utf8,
            "us-ascii" | "ascii" => Self::Ascii,
            "iso-8859-1" | "iso8859-1" | "iso8859_1" | "latin1" => Self::Latin1,
            "utf-16" | "utf16" => Self::Utf16,
            "utf-16be" => Self::Utf16Be,
            "utf-16le" => Self::Utf16Le,
            "utf-32" | "utf-32be" => Self::Utf32,
            other => Self::Other(Encoding::for_label(other.as_bytes())?),
        })
    }

    /// The text in this encoding; `?` for what it does not have.
    pub(crate) fn encode(self, text: &str) -> Bytes {
        let units = text.encode_utf16();
        let up_to = |last: u32| {
            let byte = move |char: char| u8::try_from(u32::from(char)).ok();
            let known = move |byte: &u8| u32::from(*byte) <= last;
            text.chars()
                .map(move |char| byte(char).filter(known).unwrap_or(b'?'))
                .collect()
        };
        match self {
            Self::Utf8 => Bytes::copy_from_slice(text.as_bytes()),
            Self::Ascii => up_to(0x7f),
            Self::Latin1 => up_to(0xff),
            // Java writes a byte order mark and then the big end first.
            Self::Utf16 => std::iter::once(0xfeff)
                .chain(units)
                .flat_map(u16::to_be_bytes)
                .collect(),
            Self::Utf16Be => units.flat_map(u16::to_be_bytes).collect(),
            Self::Utf16Le => units.flat_map(u16::to_le_bytes).collect(),
            Self::Utf32 => text
                .chars()
                .flat_map(|char| u32::from(char).to_be_bytes())
                .collect(),
            Self::Other(encoding) => encode_by(encoding, text),
        }
    }
}

fn encode_by(encoding: &'static Encoding, text: &str) -> Bytes {
    let mut encoder = encoding.new_encoder();
    let (mut rest, mut out, mut part) = (text, Vec::new(), [0; 1024]);
    loop {
        let (result, read, written) =
            encoder.encode_from_utf8_without_replacement(rest, &mut part, true);
        out.extend_from_slice(part.get(..written).unwrap_or_default());
        rest = rest.get(read..).unwrap_or_default();
        match result {
            EncoderResult::InputEmpty => return Bytes::from(out),
            EncoderResult::OutputFull => {}
            EncoderResult::Unmappable(_) => out.push(b'?'),
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("text/plain; charset=UTF-16", Some("text/plain; charset=utf-16"); "case of a charset")]
    #[test_case("Text/Plain; Q=1;CHARSET=Latin1", Some("text/plain; charset=latin1; q=1"); "order")]
    #[test_case("text/plain;charset=\"utf-8\"", Some("text/plain; charset=utf-8"); "quotes")]
    #[test_case("a/b/c", Some("a/b/c"); "two slashes")]
    #[test_case("nonsense", None; "no subtype")]
    #[test_case("", None; "nothing")]
    fn content_types_go_out_in_one_spelling(text: &str, expected: Option<&str>) {
        let media_type = MediaType::parse(text).map(|media_type| media_type.to_string());
        assert_eq!(media_type.as_deref(), expected);
    }

    #[test_case("application/json; charset=utf-16", b"\xff\xfea\0\xe4\0"; "the little end first, as it is marked")]
    #[test_case("application/json; charset=utf-16", b"\0a\0\xe4"; "the big end first without a mark")]
    #[test_case("application/json; charset=utf-16le", b"a\0\xe4\0"; "the little end first, as it is named")]
    #[test_case("application/json; charset=iso-8859-1", b"a\xe4"; "latin1")]
    #[test_case("application/json; charset=windows-1252", b"a\xe4"; "windows")]
    #[test_case("application/json; charset=utf-8", "aä".as_bytes(); "utf-8")]
    fn a_body_is_decoded_as_its_content_type_says(content_type: &str, bytes: &[u8]) {
        let charset = Charset::named_by(content_type).expect("a charset");
        assert_eq!(charset.decode(bytes), "aä");
    }

    #[test_case(None, None, "ä€".as_bytes(); "neither")]
    #[test_case(None, Some("text/html"), b"\xe4?"; "a header without charset")]
    #[test_case(None, Some("application/hal+json"), "ä€".as_bytes(); "a header of JSON")]
    #[test_case(None, Some("nonsense"), "ä€".as_bytes(); "a header that is none")]
    #[test_case(None, Some("text/plain; charset=nonsense"), b"\xe4?"; "a header with an unknown charset")]
    #[test_case(Some("text/plain"), None, "ä€".as_bytes(); "a type without charset")]
    #[test_case(Some("text/plain; charset=us-ascii"), None, b"??"; "ascii")]
    #[test_case(Some("text/plain; charset=windows-1252"), None, b"\xe4\x80"; "windows")]
    #[test_case(Some("text/plain; charset=koi8-r"), None, b"??"; "koi8")]
    #[test_case(Some("text/plain; charset=utf-32"), None, b"\0\0\0\xe4\0\0\x20\xac"; "utf-32")]
    #[test_case(Some("text/plain; charset=utf-16"), Some("text/plain; charset=utf-8"), b"\xfe\xff\0\xe4\x20\xac"; "its own wins")]
    fn a_body_is_encoded_as_its_content_type_says(
        own: Option<&str>,
        header: Option<&str>,
        expected: &[u8],
    ) {
        assert_eq!(&Charset::of(own, header).encode("ä€")[..], expected);
    }
}
