//! The body of an answer, in frames.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use hyper::body::{Body, Frame, SizeHint};
use styk_core::Clock;

use super::Pause;
use crate::http1::Answer;
use crate::lasting::{Lasting, Piece};
use crate::server::answering::UnderWay;

/// Pieces of a body, with a pause after each where it was asked for, and the trailers.
pub(super) struct Frames {
    rest: Bytes,
    piece: usize,
    delay: Option<Duration>,
    clock: Clock,
    pause: Option<Pause>,
    trailers: Option<HeaderMap>,
    /// What comes later.
    later: std::vec::IntoIter<Piece>,
    lasting: Option<Lasting>,
    /// The answer is under way until its last frame is taken.
    _under_way: UnderWay,
}

impl Frames {
    pub(super) fn new(answer: &Answer, has_body: bool, clock: Clock, under_way: UnderWay) -> Self {
        let options = answer.options.as_deref();
        let trailers = answer.trailers.iter().filter_map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            Some((name, HeaderValue::from_bytes(value).ok()?))
        });
        let trailers: HeaderMap = trailers.collect();
        Self {
            rest: if has_body {
                answer.body.clone()
            } else {
                Bytes::new()
            },
            piece: options
                .and_then(|options| options.chunk_size)
                .unwrap_or(usize::MAX)
                .max(1),
            delay: options.and_then(|options| options.chunk_delay),
            clock,
            pause: None,
            trailers: Some(trailers).filter(|trailers| has_body && !trailers.is_empty()),
            later: Vec::new().into_iter(),
            lasting: None,
            _under_way: under_way,
        }
    }

    /// More pieces after these, each at its time.
    pub(super) fn then(mut self, pieces: Vec<Piece>, lasting: Option<Lasting>) -> Self {
        self.later = pieces.into_iter();
        self.lasting = lasting;
        self.wait();
        self
    }

    /// Begins to wait for the next of the later pieces.
    fn wait(&mut self) {
        let next = self.later.as_slice().first();
        if let Some(delay) = next
            .map(|piece| piece.delay)
            .filter(|delay| !delay.is_zero())
        {
            self.pause_for(delay);
        }
    }

    fn pause_for(&mut self, delay: Duration) {
        let clock = self.clock.clone();
        self.pause = Some(Box::pin(async move { clock.sleep(delay).await }));
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(context));
            self.pause = None;
        }
        if self.rest.is_empty() {
            if let Some(piece) = self.later.next() {
                if let Some(lasting) = &mut self.lasting {
                    lasting.sent(&piece.bytes);
                }
                self.wait();
                return Poll::Ready(Some(Ok(Frame::data(piece.bytes))));
            }
            if let Some(lasting) = self.lasting.take() {
                lasting.finish();
            }
            let trailers = self.trailers.take();
            return Poll::Ready(trailers.map(|trailers| Ok(Frame::trailers(trailers))));
        }
        let length = self.piece.min(self.rest.len());
        let piece = self.rest.split_to(length);
        if let Some(delay) = self.delay {
            self.pause_for(delay);
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
            && self.trailers.is_none()
            && self.pause.is_none()
            && self.later.as_slice().is_empty()
            && self.lasting.is_none()
    }

    /// Nothing: the head says the length where there is one to say.
    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

impl fmt::Debug for Frames {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Frames")
            .field("rest", &self.rest.len())
            .finish_non_exhaustive()
    }
}
