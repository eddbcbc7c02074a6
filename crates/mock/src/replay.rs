//! A stream that first gives back what was already read from it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream whose first bytes were read to see what it is.
#[derive(Debug)]
pub(crate) struct Replay<S> {
    start: Bytes,
    stream: S,
}

impl<S> Replay<S> {
    /// Gives `start` to the reader before what `stream` still holds.
    pub(crate) fn new(start: Bytes, stream: S) -> Self {
        Self { start, stream }
    }

    /// What nobody has read yet, and the stream itself.
    pub(crate) fn into_parts(self) -> (Bytes, S) {
        (self.start, self.stream)
    }

    /// The stream itself.
    pub(crate) fn get_ref(&self) -> &S {
        &self.stream
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Replay<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.start.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, into);
        }
        let taken = self.start.len().min(into.remaining());
        into.put_slice(&self.start[..taken]);
        self.start.advance(taken);
        if self.start.is_empty() {
            // Lets the memory go.
            self.start = Bytes::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Replay<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::Replay;

    #[tokio::test]
    async fn the_reader_sees_one_stream() {
        let (near, mut far) = tokio::io::duplex(64);
        far.write_all(b" / HTTP/1.1").await.unwrap();
        let mut stream = Replay::new(Bytes::from_static(b"GET"), near);
        let mut byte = [0; 1];
        stream.read_exact(&mut byte).await.unwrap();
        assert_eq!(&byte, b"G");
        stream.write_all(b"answer").await.unwrap();
        let mut answer = [0; 6];
        far.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"answer");
        drop(far);
        let mut rest = String::new();
        stream.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "ET / HTTP/1.1");
    }
}
