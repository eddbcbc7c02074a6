//! The body of a message: so many bytes, or chunks.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

/// How long a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyLength {
    /// So many bytes.
    Bytes(u64),
    /// As many as its chunks hold.
    Chunked,
}

/// Why a body was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
    #[error("the body broke off: {0}")]
    Broken(String),
}

/// A stream of bytes with what was read ahead of need.
#[derive(Debug)]
pub(crate) struct Reader<S> {
    pub(crate) stream: S,
    pub(crate) buffer: BytesMut,
}

impl<S: AsyncRead + Unpin> Reader<S> {
    pub(crate) fn new(stream: S, buffer: BytesMut) -> Self {
        Self { stream, buffer }
    }

    /// Reads what is there; 0 at the end of the stream. Safe to cancel.
    pub(crate) async fn fill(&mut self) -> io::Result<usize> {
        if self.buffer.capacity() - self.buffer.len() < 1024 {
            self.buffer.reserve(8 << 10);
        }
        self.stream.read_buf(&mut self.buffer).await
    }

    /// Takes a body of the given length, of at most `limit` bytes.
    pub(crate) async fn body(
        &mut self,
        length: BodyLength,
        limit: usize,
    ) -> Result<Bytes, BodyError> {
        match length {
            BodyLength::Bytes(0) => Ok(Bytes::new()),
            BodyLength::Bytes(length) => {
                let length = usize::try_from(length)
                    .ok()
                    .filter(|length| *length <= limit);
                let length = length.ok_or(BodyError::TooLarge(limit))?;
                while self.buffer.len() < length {
                    self.more().await?;
                }
                // A copy of exact size: a record must not keep the connection's buffer alive.
                let body = Bytes::copy_from_slice(&self.buffer[..length]);
                self.buffer.advance(length);
                Ok(body)
            }
            BodyLength::Chunked => self.chunked(limit).await,
        }
    }

    /// Takes everything until the stream ends.
    pub(crate) async fn rest(&mut self, limit: usize) -> Result<Bytes, BodyError> {
        loop {
            if self.buffer.len() > limit {
                return Err(BodyError::TooLarge(limit));
            }
            match self.fill().await {
                Ok(0) => return Ok(self.buffer.split().freeze()),
                Ok(_) => {}
                Err(error) => return Err(BodyError::Broken(error.to_string())),
            }
        }
    }

    async fn chunked(&mut self, limit: usize) -> Result<Bytes, BodyError> {
        let mut chunks = ChunkReader::new(limit);
        loop {
            if chunks.take(&mut self.buffer)? {
                return Ok(Bytes::from(chunks.body));
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> Result<(), BodyError> {
        match self.fill().await {
            Ok(0) => Err(BodyError::Broken("the connection ended".to_owned())),
            Ok(_) => Ok(()),
            Err(error) => Err(BodyError::Broken(error.to_string())),
        }
    }
}

/// As a stream it gives first what was read ahead.
impl<S: AsyncRead + Unpin> AsyncRead for Reader<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.buffer.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, out);
        }
        let length = self.buffer.len().min(out.remaining());
        out.put_slice(&self.buffer[..length]);
        self.buffer.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Reader<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Puts chunks together (RFC 9112, section 7.1). Extensions and trailers are read over.
#[derive(Debug)]
pub(crate) struct ChunkReader {
    body: Vec<u8>,
    limit: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Size,
    Data(usize),
    DataEnd,
    Trailer,
    Done,
}

/// The longest line of a chunk's size with its extensions, or of a trailer.
const LINE_BYTES_MAX: usize = 8 << 10;

impl ChunkReader {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            body: Vec::new(),
            limit,
            state: State::Size,
        }
    }

    /// Takes what is there from `buffer`; `true` when the body is whole.
    pub(crate) fn take(&mut self, buffer: &mut BytesMut) -> Result<bool, BodyError> {
        loop {
            match self.state {
                State::Size => {
                    let Some(line) = line(buffer)? else {
                        return Ok(false);
                    };
                    let size = size_of_chunk(&line)?;
                    if size > self.limit - self.body.len() {
                        return Err(BodyError::TooLarge(self.limit));
                    }
                    self.state = if size == 0 {
                        State::Trailer
                    } else {
                        State::Data(size)
                    };
                }
                State::Data(left) => {
                    let length = left.min(buffer.len());
                    self.body.extend_from_slice(&buffer[..length]);
                    buffer.advance(length);
                    if length < left {
                        self.state = State::Data(left - length);
                        return Ok(false);
                    }
                    self.state = State::DataEnd;
                }
                State::DataEnd => {
                    let Some(line) = line(buffer)? else {
                        return Ok(false);
                    };
                    if !line.is_empty() {
                        return Err(BodyError::Broken(
                            "a chunk is longer than its size".to_owned(),
                        ));
                    }
                    self.state = State::Size;
                }
                State::Trailer => {
                    let Some(line) = line(buffer)? else {
                        return Ok(false);
                    };
                    if line.is_empty() {
                        self.state = State::Done;
                    }
                }
                State::Done => return Ok(true),
            }
        }
    }
}

/// The next line without its end; `None` when it has not come whole yet.
fn line(buffer: &mut BytesMut) -> Result<Option<Bytes>, BodyError> {
    let Some(end) = buffer.iter().position(|byte| *byte == b'\n') else {
        return if buffer.len() > LINE_BYTES_MAX {
            Err(BodyError::Broken(
                "a line between chunks is too long".to_owned(),
            ))
        } else {
            Ok(None)
        };
    };
    let mut line = buffer.split_to(end + 1);
    line.truncate(end);
    if line.last() == Some(&b'\r') {
        line.truncate(end - 1);
    }
    Ok(Some(line.freeze()))
}

fn size_of_chunk(line: &[u8]) -> Result<usize, BodyError> {
    let digits = line
        .split(|byte| *byte == b';')
        .next()
        .unwrap_or_default()
        .trim_ascii();
    let text = std::str::from_utf8(digits).unwrap_or_default();
    let is_hex = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let size = if is_hex {
        usize::from_str_radix(text, 16).ok()
    } else {
        None
    };
    size.ok_or_else(|| BodyError::Broken("the size of a chunk is no hexadecimal number".to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::*;

    #[test_case("0\r\n\r\n", Ok("") ; "empty")]
    #[test_case("3\r\nabc\r\n2;x=y\r\nde\r\n0\r\ntrailer: 1\r\n\r\n", Ok("abcde"); "extensions and trailers")]
    #[test_case("3\r\nabcd\r\n0\r\n\r\n", Err(()); "too long a chunk")]
    #[test_case("x\r\nabc\r\n0\r\n\r\n", Err(()); "no size")]
    #[test_case("ffffffffffffffffff\r\n", Err(()); "a size beyond all numbers")]
    #[test_case("b\r\neleven byte\r\n0\r\n\r\n", Err(()); "over the limit")]
    fn chunks(wire: &str, expected: Result<&str, ()>) {
        let mut chunks = ChunkReader::new(10);
        let taken = chunks.take(&mut BytesMut::from(wire));
        let body = taken.map(|whole| whole.then(|| String::from_utf8(chunks.body).expect("text")));
        assert_eq!(
            body.map_err(|_| ()),
            expected.map(|text| Some(text.to_owned()))
        );
    }

    proptest! {
        #[test]
        fn chunks_may_come_in_any_pieces(cuts in prop::collection::vec(1_usize..5, 0..20)) {
            let wire = b"3\r\nabc\r\n8\r\n12345678\r\n0\r\nx: y\r\n\r\n";
            let (mut chunks, mut buffer, mut at) = (ChunkReader::new(100), BytesMut::new(), 0);
            for cut in cuts {
                let end = (at + cut).min(wire.len());
                buffer.extend_from_slice(&wire[at..end]);
                at = end;
                let whole = chunks.take(&mut buffer).expect("chunks");
                prop_assert_eq!(whole, at == wire.len());
            }
            buffer.extend_from_slice(&wire[at..]);
            prop_assert!(chunks.take(&mut buffer).expect("chunks"));
            prop_assert_eq!(chunks.body, b"abc12345678");
        }
    }
}
