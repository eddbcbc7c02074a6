//! Exchanges that last: a stream of events, a websocket. Who serves one says when it ends.

use std::sync::Arc;
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use styk_core::{Attributes, Ending, Exchange, Outcome, Response, SharedFacts};

use crate::http1::Answer;
use crate::scope::Scope;
use crate::server::Shared;

/// What a record keeps of what was sent.
const RECORDED_MAX: usize = 1 << 20;

/// An exchange under way that outlives the matching of its request. Dropped early, it is recorded as broken off.
#[derive(Debug)]
pub(crate) struct Lasting {
    pub(crate) shared: Arc<Shared>,
    pub(crate) scope: Arc<Scope>,
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) started: Instant,
    pub(crate) facts: Option<SharedFacts>,
    pub(crate) attributes: Attributes,
    /// What was answered so far.
    pub(crate) response: Response,
    pub(crate) sent: BytesMut,
    pub(crate) is_over: bool,
}

/// An answer that is written piece by piece.
#[derive(Debug)]
pub(crate) struct Streaming {
    /// Everything but the body.
    pub(crate) head: Answer,
    pub(crate) pieces: Vec<Piece>,
    /// Whether the connection ends with it.
    pub(crate) closes: bool,
    pub(crate) lasting: Option<Lasting>,
}

/// A piece of a streamed body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// How long after the one before.
    pub(crate) delay: std::time::Duration,
    pub(crate) bytes: Bytes,
}

impl Lasting {
    /// Something was sent.
    pub(crate) fn sent(&mut self, bytes: &[u8]) {
        let room = RECORDED_MAX.saturating_sub(self.sent.len());
        self.sent
            .extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    /// Everything was sent.
    pub(crate) fn finish(mut self) {
        self.end(Outcome::Answered);
    }

    fn end(&mut self, outcome: Outcome) {
        if std::mem::replace(&mut self.is_over, true) {
            return;
        }
        let mut response = self.response.clone();
        response.body = self.sent.split().freeze();
        let ending = Ending {
            outcome,
            response: Some(response),
            duration: self.shared.clock.since(self.started),
            attributes: std::mem::take(&mut self.attributes),
        };
        let facts = self.facts.take();
        self.scope.recorder.end(&self.exchange, ending, facts);
    }
}

impl Drop for Lasting {
    fn drop(&mut self) {
        self.end(Outcome::Dropped);
    }
}
