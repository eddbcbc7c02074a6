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
use crate::server::answering::UnderWay;

/// Pieces of a body, with a pause after each where it was asked for, and the trailers.
pub(super) struct Frames {
    rest: Bytes,
    piece: usize,
    delay: Option<Duration>,
    clock: Clock,
    pause: Option<Pause>,
    trailers: Option<HeaderMap>,
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
            _under_way: under_way,
        }
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
            let trailers = self.trailers.take();
            return Poll::Ready(trailers.map(|trailers| Ok(Frame::trailers(trailers))));
        }
        let length = self.piece.min(self.rest.len());
        let piece = self.rest.split_to(length);
        if let Some(delay) = self.delay {
            let clock = self.clock.clone();
            self.pause = Some(Box::pin(async move { clock.sleep(delay).await }));
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.trailers.is_none() && self.pause.is_none()
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
