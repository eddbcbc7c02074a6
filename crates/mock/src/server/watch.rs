//! Ending connections that hold a place without using it.
//!
//! hyper's own head timeout also ends idle keep-alive connections and costs a timer per request. Here the socket and the
//! service leave marks, and one timer per connection looks at them a few times per limit.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::time::{Instant, Sleep, sleep};

/// Marks of what happens on a connection.
#[derive(Debug, Default)]
pub(super) struct Activity {
    /// Bytes have come that belong to no request yet.
    head_begun: AtomicBool,
    /// A request is being answered.
    busy: AtomicBool,
    requests: AtomicU64,
}

impl Activity {
    pub(super) fn request_begins(&self) {
        self.busy.store(true, Ordering::Relaxed);
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn request_ends(&self) {
        self.head_begun.store(false, Ordering::Relaxed);
        self.busy.store(false, Ordering::Relaxed);
    }
}

/// What a look at a connection found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing to object to.
    Fine,
    /// The head of a request has been under way for too long.
    HeadLate,
    /// There was no request for too long.
    Idle,
}

/// Looks at a connection from time to time.
#[derive(Debug)]
pub(super) struct Watch {
    activity: Arc<Activity>,
    head_timeout: Duration,
    idle_timeout: Duration,
    timer: Pin<Box<Sleep>>,
    requests_seen: u64,
    quiet_since: Instant,
    head_since: Option<Instant>,
}

impl Watch {
    pub(super) fn new(
        activity: Arc<Activity>,
        head_timeout: Duration,
        idle_timeout: Duration,
    ) -> Self {
        Self {
            activity,
            head_timeout,
            idle_timeout,
            timer: Box::pin(sleep(interval(head_timeout))),
            requests_seen: 0,
            quiet_since: Instant::now(),
            head_since: None,
        }
    }

    /// Waits for the next look, and takes it. Safe to cancel.
    pub(super) async fn look(&mut self) -> Verdict {
        self.timer.as_mut().await;
        let now = Instant::now();
        self.timer.as_mut().reset(now + interval(self.head_timeout));
        let requests = self.activity.requests.load(Ordering::Relaxed);
        let is_busy = self.activity.busy.load(Ordering::Relaxed);
        if is_busy || requests != self.requests_seen {
            self.requests_seen = requests;
            self.quiet_since = now;
            self.head_since = None;
            return Verdict::Fine;
        }
        if self.activity.head_begun.load(Ordering::Relaxed) {
            let since = *self.head_since.get_or_insert(now);
            if now - since >= self.head_timeout {
                return Verdict::HeadLate;
            }
        }
        if now - self.quiet_since >= self.idle_timeout {
            Verdict::Idle
        } else {
            Verdict::Fine
        }
    }
}

fn interval(limit: Duration) -> Duration {
    (limit / 4).max(Duration::from_millis(1))
}

/// A socket that marks when bytes come.
#[derive(Debug)]
pub(super) struct Watched<I> {
    io: I,
    activity: Arc<Activity>,
}

impl<I> Watched<I> {
    pub(super) fn new(io: I, activity: Arc<Activity>) -> Self {
        Self { io, activity }
    }

    pub(super) fn into_inner(self) -> I {
        self.io
    }
}

impl<I: Read + Unpin> Read for Watched<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.io).poll_read(cx, buffer);
        if polled.is_ready() {
            // The end of the stream sets the mark too, harmlessly: nothing is read after it.
            self.activity.head_begun.store(true, Ordering::Relaxed);
        }
        polled
    }
}

impl<I: Write + Unpin> Write for Watched<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, buffers)
    }
}
