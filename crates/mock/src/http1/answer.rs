//! An answer, and how it is written.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use http::StatusCode;
use styk_core::Headers;

const CONTENT_TYPE: &str = "content-type";
const SET_COOKIE: &str = "set-cookie";

/// What a request is answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// Instead of the usual words for the status.
    pub(crate) reason: Option<Arc<str>>,
    /// The header fields that were asked for; those of the connection are added when it is written.
    pub(crate) headers: Headers,
    /// What kind of body it is, when the header fields do not say so.
    pub(crate) content_type: Option<Arc<str>>,
    /// Cookies, each as the value of its `set-cookie` field.
    pub(crate) cookies: Arc<[String]>,
    pub(crate) body: Bytes,
    pub(crate) trailers: Headers,
    pub(crate) options: Option<Arc<ConnectionOptions>>,
    /// Head and body as they go out on an HTTP/1.1 connection that stays open.
    pub(crate) ready: Option<Bytes>,
}

/// How an answer treats the connection (MockServer's `connectionOptions`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ConnectionOptions {
    pub(crate) suppress_content_length: bool,
    pub(crate) content_length: Option<i64>,
    pub(crate) suppress_connection: bool,
    /// Whether the answer says that the connection stays open, whatever the client wished.
    pub(crate) keep_alive: Option<bool>,
    pub(crate) close_socket: Option<bool>,
    pub(crate) close_socket_delay: Option<Duration>,
    pub(crate) chunk_size: Option<usize>,
    pub(crate) chunk_delay: Option<Duration>,
}

/// How the body is framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// By a length in the head (or by the end of the connection, where the head has none).
    Length,
    /// In chunks of at most so many bytes.
    Chunks(usize),
}

impl Answer {
    pub(crate) fn new(status: StatusCode) -> Self {
        Self {
            status,
            reason: None,
            headers: Headers::new(),
            content_type: None,
            cookies: Arc::default(),
            body: Bytes::new(),
            trailers: Headers::new(),
            options: None,
            ready: None,
        }
    }

    /// The answer as the journal keeps it.
    pub(crate) fn recorded(&self) -> styk_core::Response {
        let headers = if self.content_type.is_none() && self.cookies.is_empty() {
            self.headers.clone()
        } else {
            let content_type = self
                .content_type
                .iter()
                .map(|value| (CONTENT_TYPE, value.as_bytes()));
            let cookies = self
                .cookies
                .iter()
                .map(|value| (SET_COOKIE, value.as_bytes()));
            self.headers
                .iter()
                .chain(content_type)
                .chain(cookies)
                .collect()
        };
        styk_core::Response {
            status: self.status,
            headers,
            body: self.body.clone(),
        }
    }

    /// Makes head and body ready in advance, for an answer that is sent many times.
    pub(crate) fn prepare(&mut self) {
        const SMALL: usize = 16 << 10;
        if self.options.is_none() && self.trailers.is_empty() && self.body.len() <= SMALL {
            let mut wire = BytesMut::with_capacity(256 + self.body.len());
            write_answer(self, true, false, &mut wire);
            self.ready = Some(wire.freeze());
        }
    }

    /// Whether the connection is to stay open after this answer.
    pub(crate) fn keeps_alive(&self, wished: bool) -> bool {
        let options = self.options.as_deref();
        let closes = options
            .and_then(|options| options.close_socket)
            .unwrap_or(!wished);
        // A body without length ends with the connection.
        let has_length =
            options.is_none_or(|o| !o.suppress_content_length || o.chunk_size.is_some());
        !closes && (has_length || self.is_bodiless())
    }

    fn is_bodiless(&self) -> bool {
        self.status.is_informational() || matches!(self.status.as_u16(), 204 | 304)
    }
}

/// Writes the whole answer. For a HEAD request the body is left out, its length is not.
pub(crate) fn write_answer(answer: &Answer, keep_alive: bool, is_head: bool, out: &mut BytesMut) {
    let framing = write_head(answer, keep_alive, out);
    if is_head || answer.is_bodiless() {
        return;
    }
    match framing {
        Framing::Length => out.put_slice(&answer.body),
        Framing::Chunks(size) => {
            for chunk in answer.body.chunks(size.max(1)) {
                write_chunk(chunk, out);
            }
            write_last_chunk(&answer.trailers, out);
        }
    }
}

/// Writes the head and says how the body is to be framed. The order of the fields is MockServer's: those asked for, then
/// those of the connection and the body, then cookies.
pub(crate) fn write_head(answer: &Answer, keep_alive: bool, out: &mut BytesMut) -> Framing {
    let options = answer.options.as_deref();
    out.put_slice(b"HTTP/1.1 ");
    out.put_slice(answer.status.as_str().as_bytes());
    out.put_u8(b' ');
    put_reason(answer, out);
    out.put_slice(b"\r\n");
    let (mut has_length, mut has_coding) = (false, false);
    for (name, value) in answer.headers.iter() {
        if name.eq_ignore_ascii_case("connection") {
            continue;
        }
        if name.eq_ignore_ascii_case("transfer-encoding") {
            has_coding = true;
            continue;
        }
        has_length |= name.eq_ignore_ascii_case("content-length");
        put_field(name, value, out);
    }
    if options.is_none_or(|options| !options.suppress_connection) {
        let stays = options
            .and_then(|options| options.keep_alive)
            .unwrap_or(keep_alive);
        put_field(
            "connection",
            if stays { b"keep-alive" } else { b"close" },
            out,
        );
    }
    if let Some(content_type) = &answer.content_type {
        put_field(CONTENT_TYPE, content_type.as_bytes(), out);
    }
    let framing = match options.and_then(|options| options.chunk_size) {
        Some(size) => Framing::Chunks(size),
        None if has_coding || !answer.trailers.is_empty() => Framing::Chunks(usize::MAX),
        None => Framing::Length,
    };
    match framing {
        Framing::Chunks(_) => put_field("transfer-encoding", b"chunked", out),
        Framing::Length if has_length => {}
        Framing::Length => put_length(answer, options, out),
    }
    if !answer.trailers.is_empty() {
        let names: Vec<&str> = answer.trailers.iter().map(|(name, _)| name).collect();
        put_field("trailer", names.join(", ").as_bytes(), out);
    }
    for cookie in &*answer.cookies {
        out.put_slice(b"set-cookie: ");
        put_latin1(cookie, out);
        out.put_slice(b"\r\n");
    }
    out.put_slice(b"\r\n");
    framing
}

fn put_reason(answer: &Answer, out: &mut BytesMut) {
    match &answer.reason {
        Some(reason) => put_latin1(reason, out),
        None => put_latin1(&reason(answer.status), out),
    }
}

/// Heads are ISO-8859-1.
fn put_latin1(text: &str, out: &mut BytesMut) {
    let byte = |char: char| u8::try_from(u32::from(char)).unwrap_or(b'?');
    out.extend(text.chars().map(byte));
}

fn put_length(answer: &Answer, options: Option<&ConnectionOptions>, out: &mut BytesMut) {
    if options.is_some_and(|options| options.suppress_content_length) {
        return;
    }
    let status = answer.status;
    let length = match options.and_then(|options| options.content_length) {
        Some(length) => length.to_string(),
        None if status.is_informational() || status == StatusCode::NO_CONTENT => return,
        None => answer.body.len().to_string(),
    };
    put_field("content-length", length.as_bytes(), out);
}

fn put_field(name: &str, value: &[u8], out: &mut BytesMut) {
    out.put_slice(name.as_bytes());
    out.put_slice(b": ");
    out.put_slice(value);
    out.put_slice(b"\r\n");
}

/// One chunk of a body.
pub(crate) fn write_chunk(chunk: &[u8], out: &mut BytesMut) {
    out.put_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
    out.put_slice(chunk);
    out.put_slice(b"\r\n");
}

/// The end of a body in chunks.
pub(crate) fn write_last_chunk(trailers: &Headers, out: &mut BytesMut) {
    out.put_slice(b"0\r\n");
    for (name, value) in trailers.iter() {
        put_field(name, value, out);
    }
    out.put_slice(b"\r\n");
}

/// The usual words for a status, in the edition that MockServer has: some words are older, some are not there.
pub(crate) fn reason(status: StatusCode) -> Cow<'static, str> {
    let words = match status.as_u16() {
        203 => Some("Non-Authoritative Information"),
        413 => Some("Request Entity Too Large"),
        414 => Some("Request-URI Too Long"),
        416 => Some("Requested Range Not Satisfiable"),
        425 => Some("Unordered Collection"),
        208 | 226 | 418 | 451 | 508 => None,
        _ => status.canonical_reason(),
    };
    words.map_or_else(
        || Cow::from(format!("{} ({})", class_reason(status), status.as_str())),
        Cow::from,
    )
}

/// Words for a status that has none of its own.
fn class_reason(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..=199 => "Informational",
        200..=299 => "Success",
        300..=399 => "Redirection",
        400..=499 => "Client Error",
        500..=599 => "Server Error",
        _ => "Unknown Status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(options: ConnectionOptions) -> Answer {
        Answer {
            headers: [("X-A", "1")].into_iter().collect(),
            body: Bytes::from_static(b"hello"),
            options: Some(Arc::new(options)),
            ..Answer::new(StatusCode::OK)
        }
    }

    fn wire(answer: &Answer) -> String {
        let mut out = BytesMut::new();
        write_answer(answer, true, false, &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn names_keep_their_case_and_the_length_comes_last() {
        let plain = wire(&answer(ConnectionOptions::default()));
        assert_eq!(
            plain,
            "HTTP/1.1 200 OK\r\nX-A: 1\r\nconnection: keep-alive\r\ncontent-length: 5\r\n\r\nhello"
        );
    }

    #[test]
    fn the_options_bend_the_head() {
        let bent = answer(ConnectionOptions {
            content_length: Some(50),
            keep_alive: Some(false),
            ..ConnectionOptions::default()
        });
        assert!(wire(&bent).contains("connection: close\r\ncontent-length: 50\r\n"));
        let bare = answer(ConnectionOptions {
            suppress_content_length: true,
            suppress_connection: true,
            ..ConnectionOptions::default()
        });
        assert_eq!(wire(&bare), "HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\nhello");
        assert!(
            !bare.keeps_alive(true),
            "its end is the end of the connection"
        );
        let chunked = answer(ConnectionOptions {
            chunk_size: Some(3),
            ..ConnectionOptions::default()
        });
        assert!(
            wire(&chunked)
                .ends_with("transfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n")
        );
    }
}
