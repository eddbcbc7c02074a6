//! The head of a message: from bytes to a method, a target and header fields.

use std::mem::MaybeUninit;

use bytes::{Buf, Bytes, BytesMut};
use http::{Method, Uri};
use styk_core::Headers;

use super::BodyLength;
use crate::settings::Settings;

/// The largest head of an answer that is read.
const ANSWER_HEAD_BYTES_MAX: usize = 256 << 10;
const FIELDS_MAX: usize = 256;

/// How large the head of a request may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HeadLimits {
    /// The first line, in bytes.
    pub(crate) line: usize,
    /// The fields, in bytes.
    pub(crate) fields: usize,
}

impl HeadLimits {
    pub(crate) fn of(settings: &Settings) -> Self {
        let size = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        Self {
            line: size(settings.max_initial_line_length),
            fields: size(settings.max_header_size),
        }
    }

    /// Whether a head, or what has come of it, is within the limits.
    ///
    /// # Errors
    ///
    /// When it is not.
    pub(crate) fn check(&self, head: &[u8]) -> Result<(), HeadError> {
        if head.len() <= self.line.min(self.fields) {
            return Ok(());
        }
        let line = head.iter().position(|byte| *byte == b'\n');
        let line = line.map_or(head.len(), |end| end + 1);
        if line > self.line {
            Err(HeadError::LineTooLong)
        } else if head.len() - line > self.fields {
            Err(HeadError::TooLarge)
        } else {
            Ok(())
        }
    }
}

/// Why a head was not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HeadError {
    /// It is not HTTP.
    #[error("the request is no HTTP/1.1")]
    Malformed,
    /// Its target is no URI.
    #[error("the target of the request is no URI")]
    Target,
    /// It is larger than a head may be.
    #[error("the head is larger than allowed, or has more than {FIELDS_MAX} fields")]
    TooLarge,
    /// Its first line is longer than it may be.
    #[error("the first line of the request is longer than allowed")]
    LineTooLong,
    /// Its length is told in two ways that disagree, or in none that is understood.
    #[error("the length of the body is not clear")]
    Length,
}

/// The head of a request.
#[derive(Debug)]
pub(crate) struct RequestHead {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    /// Whether the client speaks HTTP/1.0.
    pub(crate) is_old: bool,
    pub(crate) headers: Headers,
    pub(crate) body: BodyLength,
    pub(crate) keep_alive: bool,
    pub(crate) expects_continue: bool,
    /// Whether the body has a content coding.
    pub(crate) is_coded: bool,
}

/// The head of a response.
#[derive(Debug)]
pub(crate) struct ResponseHead {
    pub(crate) status: u16,
    pub(crate) reason: String,
    pub(crate) headers: Headers,
    /// `None`: the body lasts until the connection ends.
    pub(crate) body: Option<BodyLength>,
}

/// Takes the head of a request from the front of `buffer`; `None` when it has not come whole yet.
///
/// # Errors
///
/// When it will never be one.
pub(crate) fn parse_request(
    buffer: &mut BytesMut,
    limits: &HeadLimits,
) -> Result<Option<RequestHead>, HeadError> {
    let mut fields = [const { MaybeUninit::uninit() }; FIELDS_MAX];
    let mut request = httparse::Request::new(&mut []);
    let parsed = httparse::ParserConfig::default()
        .allow_multiple_spaces_in_request_line_delimiters(true)
        .parse_request_with_uninit_headers(&mut request, buffer, &mut fields);
    let length = match parsed {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return limits.check(buffer).map(|()| None),
        Err(httparse::Error::TooManyHeaders) => return Err(HeadError::TooLarge),
        Err(_) => return Err(HeadError::Malformed),
    };
    limits.check(buffer.get(..length).unwrap_or_default())?;
    let method = request.method.unwrap_or_default();
    let method = Method::from_bytes(method.as_bytes()).map_err(|_| HeadError::Malformed)?;
    let target = Bytes::copy_from_slice(request.path.unwrap_or_default().as_bytes());
    let uri = Uri::from_maybe_shared(target).map_err(|_| HeadError::Target)?;
    let is_old = request.version == Some(0);
    let mut facts = Facts::default();
    let headers = collect(request.headers, &mut facts);
    buffer.advance(length);
    Ok(Some(RequestHead {
        method,
        uri,
        is_old,
        headers,
        body: facts.length()?.unwrap_or(BodyLength::Bytes(0)),
        keep_alive: facts.keeps_alive(is_old),
        expects_continue: facts.expects_continue && !is_old,
        is_coded: facts.is_coded,
    }))
}

/// As [`parse_request`], for a response to a request of the given method.
///
/// # Errors
///
/// When it will never be one.
pub(crate) fn parse_response(
    buffer: &mut BytesMut,
    to: &Method,
) -> Result<Option<ResponseHead>, HeadError> {
    let mut fields = [const { MaybeUninit::uninit() }; FIELDS_MAX];
    let mut response = httparse::Response::new(&mut []);
    let parsed = httparse::ParserConfig::default()
        .allow_spaces_after_header_name_in_responses(true)
        .parse_response_with_uninit_headers(&mut response, buffer, &mut fields);
    let length = match parsed {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) if buffer.len() > ANSWER_HEAD_BYTES_MAX => {
            return Err(HeadError::TooLarge);
        }
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(HeadError::TooLarge),
        Err(_) => return Err(HeadError::Malformed),
    };
    let status = response.code.unwrap_or_default();
    let reason = response.reason.unwrap_or_default().to_owned();
    let mut facts = Facts::default();
    let headers = collect(response.headers, &mut facts);
    buffer.advance(length);
    let bodiless = to == Method::HEAD || matches!(status, 100..=199 | 204 | 304);
    Ok(Some(ResponseHead {
        status,
        reason,
        headers,
        body: if bodiless {
            Some(BodyLength::Bytes(0))
        } else {
            facts.length()?
        },
    }))
}

fn collect(fields: &[httparse::Header<'_>], facts: &mut Facts) -> Headers {
    for field in fields {
        facts.learn(field.name, field.value);
    }
    fields
        .iter()
        .map(|field| (field.name, field.value))
        .collect()
}

/// What the fields say about the connection and the length of the body.
#[derive(Debug, Default)]
struct Facts {
    length: Option<u64>,
    is_chunked: bool,
    is_contradictory: bool,
    says_close: bool,
    says_keep_alive: bool,
    expects_continue: bool,
    is_coded: bool,
}

impl Facts {
    fn learn(&mut self, name: &str, value: &[u8]) {
        // The length of a name tells most of them apart without a comparison.
        match name.len() {
            14 if name.eq_ignore_ascii_case("content-length") => self.learn_length(value),
            17 if name.eq_ignore_ascii_case("transfer-encoding") => {
                let last = value
                    .rsplit(|byte| *byte == b',')
                    .next()
                    .unwrap_or_default();
                let is_chunked = last.trim_ascii().eq_ignore_ascii_case(b"chunked");
                self.is_contradictory |= !is_chunked;
                self.is_chunked |= is_chunked;
            }
            10 if name.eq_ignore_ascii_case("connection") => {
                for word in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
                    self.says_close |= word.eq_ignore_ascii_case(b"close");
                    self.says_keep_alive |= word.eq_ignore_ascii_case(b"keep-alive");
                }
            }
            16 if name.eq_ignore_ascii_case("content-encoding") => self.is_coded = true,
            6 if name.eq_ignore_ascii_case("expect") => {
                self.expects_continue |= value.trim_ascii().eq_ignore_ascii_case(b"100-continue");
            }
            _ => {}
        }
    }

    fn learn_length(&mut self, value: &[u8]) {
        let digits = std::str::from_utf8(value.trim_ascii()).ok();
        let digits =
            digits.filter(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()));
        let length = digits.and_then(|text| text.parse::<u64>().ok());
        self.is_contradictory |=
            length.is_none() || self.length.is_some_and(|known| Some(known) != length);
        self.length = length;
    }

    /// How long the body is, where the fields tell (RFC 9112, section 6.3).
    fn length(&self) -> Result<Option<BodyLength>, HeadError> {
        if self.is_contradictory {
            Err(HeadError::Length)
        } else if self.is_chunked {
            Ok(Some(BodyLength::Chunked))
        } else {
            Ok(self.length.map(BodyLength::Bytes))
        }
    }

    fn keeps_alive(&self, is_old: bool) -> bool {
        !self.says_close && (!is_old || self.says_keep_alive)
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    const LIMITS: HeadLimits = HeadLimits {
        line: 1000,
        fields: 2000,
    };

    fn head(text: &str) -> Result<Option<RequestHead>, HeadError> {
        parse_request(&mut BytesMut::from(text), &LIMITS)
    }

    #[test]
    fn a_head_is_taken_from_the_front_and_the_rest_stays() {
        let mut buffer =
            BytesMut::from("POST /a?b=1 HTTP/1.1\r\nHoSt: x\r\nContent-Length: 3\r\n\r\nabcGET");
        let head = parse_request(&mut buffer, &LIMITS)
            .expect("HTTP")
            .expect("whole");
        assert_eq!(
            (head.method, head.uri.to_string()),
            (Method::POST, "/a?b=1".to_owned())
        );
        assert_eq!(head.headers.iter().next(), Some(("HoSt", b"x".as_slice())));
        assert_eq!(head.body, BodyLength::Bytes(3));
        assert!(head.keep_alive);
        assert_eq!(&buffer[..], b"abcGET");
    }

    #[test_case("GET / HTTP/1.1\r\nhost: a", true; "a head under way")]
    #[test_case("", true; "nothing yet")]
    fn what_may_still_become_a_head_is_waited_for(text: &str, waits: bool) {
        assert_eq!(head(text).map(|head| head.is_none()), Ok(waits));
    }

    #[test_case("GET / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", HeadError::Length; "two lengths")]
    #[test_case("GET / HTTP/1.1\r\ncontent-length: -1\r\n\r\n", HeadError::Length; "a negative length")]
    #[test_case("GET / HTTP/1.1\r\ntransfer-encoding: gzip\r\n\r\n", HeadError::Length; "an unknown coding")]
    #[test_case("GET nonsense\r\n\r\n", HeadError::Malformed; "no version")]
    fn what_is_no_head_is_refused(text: &str, error: HeadError) {
        assert_eq!(head(text).map(|_| ()), Err(error));
    }

    #[test_case("HTTP/1.0\r\n", false; "old clients close")]
    #[test_case("HTTP/1.0\r\nconnection: Keep-Alive\r\n", true; "unless they ask")]
    #[test_case("HTTP/1.1\r\nconnection: foo, CLOSE\r\n", false; "asked to close")]
    fn who_keeps_the_connection(rest: &str, kept: bool) {
        let head = head(&format!("GET / {rest}\r\n"))
            .expect("HTTP")
            .expect("whole");
        assert_eq!(head.keep_alive, kept);
    }

    #[test_case("GET / HTTP/1.1\r\na: ", 2000, "", HeadError::TooLarge; "fields under way")]
    #[test_case("GET / HTTP/1.1\r\na: ", 2000, "\r\n\r\n", HeadError::TooLarge; "whole fields")]
    #[test_case("GET /", 1000, "", HeadError::LineTooLong; "a line under way")]
    #[test_case("GET /", 1000, " HTTP/1.1\r\n\r\n", HeadError::LineTooLong; "a whole line")]
    fn a_head_beyond_the_limit_is_refused(start: &str, size: usize, end: &str, error: HeadError) {
        let long = format!("{start}{}{end}", "x".repeat(size));
        assert_eq!(head(&long).map(|_| ()), Err(error));
    }

    #[test]
    fn a_head_within_the_limits_is_taken() {
        let head = head(&format!(
            "GET /{} HTTP/1.1\r\na: {}\r\n\r\n",
            "x".repeat(900),
            "x".repeat(1900)
        ));
        assert!(head.expect("within the limits").is_some());
    }

    #[test]
    fn a_response_without_length_lasts_until_the_end() {
        let mut buffer = BytesMut::from("HTTP/1.1 200 Fine\r\n\r\nrest");
        let head = parse_response(&mut buffer, &Method::GET)
            .expect("HTTP")
            .expect("whole");
        assert_eq!(
            (head.status, head.reason.as_str(), head.body),
            (200, "Fine", None)
        );
    }
}
