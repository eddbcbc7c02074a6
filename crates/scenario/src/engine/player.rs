//! What one attempt shares: the world, the trace, the client, and what has to be undone.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::HeaderValue;
use rand::RngExt as _;
use rand::rngs::StdRng;
use styk_core::{Exchange, ExchangeKind, Seed, SpanId, TraceContext, TraceId};

use super::attribution::{OtherTests, Own};
use super::fake::Armed;
use super::fixture::Teardown;
use super::http::HttpClient;
use super::{Interrupt, World};
use crate::Context;
use crate::ast::Fixtures;

/// One attempt at a scenario, or one set-up of a shared fixture.
pub(super) struct Player<'w> {
    pub(super) world: &'w World,
    pub(super) interrupt: &'w Interrupt,
    pub(super) client: HttpClient,
    pub(super) trace_id: TraceId,
    pub(super) baggage: HeaderValue,
    pub(super) fixtures: Arc<Fixtures>,
    /// Time and chance for expressions.
    pub(super) context: Context,
    /// The last exchange before it began.
    first_seq: u64,
    others: Mutex<OtherTests>,
    span_ids: Mutex<StdRng>,
    undo: Mutex<Undo>,
    /// The next expectation's priority: the newest wins.
    priority: AtomicI64,
}

/// What has to be undone at the end.
#[derive(Debug, Default)]
pub(super) struct Undo {
    /// Expectations: mock and id.
    pub(super) mocks: Vec<(String, String)>,
    /// Faults at fakes.
    pub(super) faults: Vec<Armed>,
    /// Fixtures in the order they were set up.
    pub(super) teardowns: Vec<Teardown>,
}

/// Who plays: for trace, baggage and chance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Identity<'a> {
    /// The scenario's id.
    pub(super) id: &'a str,
    pub(super) attempt: u32,
}

/// Shared fixtures set their mocks up below those of scenarios.
pub(super) const PRIORITY_OF_SHARED: i64 = 1;
pub(super) const PRIORITY_OF_SCENARIOS: i64 = 10_000;

impl<'w> Player<'w> {
    pub(super) fn new(
        world: &'w World,
        interrupt: &'w Interrupt,
        identity: Identity<'_>,
        folder: &camino::Utf8Path,
        fixtures: Arc<Fixtures>,
        first_priority: i64,
    ) -> Result<Self, String> {
        let Identity { id, attempt } = identity;
        let seed = world.seed.derive(id).derive(&format!("attempt {attempt}"));
        let mut span_ids = seed.derive("trace").rng();
        // Zero is no valid id (W3C Trace Context, section 3.2.2.3).
        let trace_id = TraceId(span_ids.random_range(1..=u128::MAX));
        let first_seq = world.journal.last_seq();
        Ok(Self {
            world,
            interrupt,
            client: HttpClient::new()?,
            trace_id,
            baggage: baggage(id, attempt)?,
            fixtures,
            context: values_context(world, seed, folder),
            first_seq,
            others: Mutex::new(OtherTests::new(trace_id, first_seq)),
            span_ids: Mutex::new(span_ids),
            undo: Mutex::default(),
            priority: AtomicI64::new(first_priority),
        })
    }

    /// A new span of the attempt's trace.
    pub(super) fn next_span(&self) -> TraceContext {
        let mut generator = self.span_ids.lock().unwrap_or_else(PoisonError::into_inner);
        TraceContext {
            trace_id: self.trace_id,
            span_id: SpanId(generator.random_range(1..=u64::MAX)),
        }
    }

    pub(super) fn next_priority(&self) -> i64 {
        self.priority.fetch_add(1, Ordering::Relaxed)
    }

    /// What has to be undone at the end.
    pub(super) fn undo(&self) -> MutexGuard<'_, Undo> {
        self.undo.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The exchanges of this attempt so far.
    pub(super) fn own(&self) -> Own {
        self.own_after(self.first_seq)
    }

    /// The exchanges of this attempt that came after `seq`.
    pub(super) fn own_after(&self, seq: u64) -> Own {
        let journal = &self.world.journal;
        let exchanges = journal.after(seq.max(self.first_seq));
        // Alone on the stage, only those who were there before can still leave exchanges behind; other traces
        // that begin now are set-ups of shared fixtures, on our behalf.
        let last_seq = if self.world.exclusive {
            self.first_seq
        } else {
            journal.last_seq()
        };
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        others.learn(journal, last_seq);
        others.leave(journal, exchanges)
    }

    /// Whether an exchange of this attempt is under way.
    pub(super) fn is_busy(&self) -> bool {
        let own = self.own().exchanges;
        own.iter().any(|exchange| exchange.outcome().is_none())
    }

    /// Whether the journal shows what goes on inside the shop, and nobody else is at work there: only then does
    /// silence say something.
    pub(super) fn sees_all(&self) -> bool {
        let is_span = |exchange: &Arc<Exchange>| exchange.kind() == ExchangeKind::Span;
        self.world.exclusive && self.own().exchanges.iter().any(is_span)
    }
}

/// Time and chance for the expressions of one attempt.
pub(super) fn values_context(world: &World, seed: Seed, folder: &camino::Utf8Path) -> Context {
    Context::new(
        world.clock.clone(),
        seed.derive("values"),
        world.secrets.clone(),
        folder,
    )
}

/// W3C Baggage: values are percent-encoded where they are not plain.
fn baggage(id: &str, attempt: u32) -> Result<HeaderValue, String> {
    let mut text = "styk.scenario=".to_owned();
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    // Writing to a String cannot fail.
    let _ = write!(text, ",styk.attempt={attempt}");
    HeaderValue::from_str(&text).map_err(|error| format!("no baggage header can be made: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_baggage_names_scenario_and_attempt() {
        let header = baggage("orders/paid, Ж#2", 3).expect("ASCII");
        assert_eq!(
            header,
            "styk.scenario=orders/paid%2C%20%D0%96%232,styk.attempt=3"
        );
    }
}
