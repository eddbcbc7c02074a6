//! The shop's spans, written into the journal.
//!
//! A span enters when it starts, so that the journal's order is the order of happening, and is ended when the
//! span ends. Its edge has the module on both ends; who asks for crossings joins it with its parent.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry::trace::{Span as _, SpanKind, Status};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider, Span, SpanData, SpanProcessor};
use styk_core::{
    Attributes, Clock, Edge, Ending, Exchange, ExchangeDraft, ExchangeKind, Journal, Outcome, Seed,
    SpanId, TraceContext, TraceId,
};

use crate::ids::SeededIds;

/// Spans under way that are remembered; what comes beyond is recorded when it ends.
const LIVE_SPANS_MAX: usize = 10_000;

/// A tracer provider whose spans end up in `journal`.
pub(crate) fn journal_provider(journal: Journal, clock: Clock, seed: Seed) -> SdkTracerProvider {
    SdkTracerProvider::builder()
        .with_resource(Resource::builder_empty().build())
        .with_sampler(Sampler::AlwaysOn)
        .with_id_generator(SeededIds::new(seed))
        .with_span_processor(JournalSpans {
            journal,
            clock,
            live: Mutex::default(),
        })
        .build()
}

#[derive(Debug)]
struct JournalSpans {
    journal: Journal,
    clock: Clock,
    live: Mutex<HashMap<SpanId, Arc<Exchange>>>,
}

impl SpanProcessor for JournalSpans {
    fn on_start(&self, span: &mut Span, _context: &Context) {
        let id = span_id(span.span_context().span_id());
        let has_room = self.live(|live| live.len() < LIVE_SPANS_MAX);
        let Some(data) = span.exported_data().filter(|_| has_room) else {
            return;
        };
        let exchange = self.journal.begin(self.draft(&data));
        self.live(|live| live.insert(id, exchange));
    }

    fn on_end(&self, data: SpanData) {
        let begun = self.live(|live| live.remove(&span_id(data.span_context.span_id())));
        let exchange = begun.unwrap_or_else(|| self.journal.begin(self.draft(&data)));
        self.journal.end(&exchange, ending(&data));
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        self.live(HashMap::clear);
        Ok(())
    }
}

impl JournalSpans {
    fn live<T>(&self, work: impl FnOnce(&mut HashMap<SpanId, Arc<Exchange>>) -> T) -> T {
        work(&mut self.live.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn draft(&self, data: &SpanData) -> ExchangeDraft {
        let scope = data.instrumentation_scope.name();
        let module = module_of(scope);
        let parent = span_id(data.parent_span_id);
        ExchangeDraft {
            kind: ExchangeKind::Span,
            edge: Edge::new(module, module),
            operation: data.name.clone().into_owned(),
            started_at: self.clock.now(),
            request: None,
            trace: Some(TraceContext {
                trace_id: TraceId(u128::from_be_bytes(data.span_context.trace_id().to_bytes())),
                span_id: span_id(data.span_context.span_id()),
            }),
            parent_span: (parent.0 != 0).then_some(parent),
            attributes: Attributes::from([
                ("scope", scope),
                ("span_kind", kind_word(&data.span_kind)),
            ]),
        }
    }
}

/// `shop.orders` is the module `orders`: what stands before the first dot names the service.
fn module_of(scope: &str) -> &str {
    scope.split('.').nth(1).unwrap_or(scope)
}

fn ending(data: &SpanData) -> Ending {
    let attributes = data
        .attributes
        .iter()
        .map(|pair| {
            (
                pair.key.as_str().to_owned(),
                pair.value.as_str().into_owned(),
            )
        })
        .collect();
    let outcome = match &data.status {
        Status::Error { description } => Outcome::Failed {
            reason: description.clone().into_owned(),
        },
        Status::Ok | Status::Unset => Outcome::Answered,
    };
    Ending {
        outcome,
        response: None,
        duration: data
            .end_time
            .duration_since(data.start_time)
            .unwrap_or_default(),
        attributes,
    }
}

fn span_id(id: opentelemetry::trace::SpanId) -> SpanId {
    SpanId(u64::from_be_bytes(id.to_bytes()))
}

fn kind_word(kind: &SpanKind) -> &'static str {
    match kind {
        SpanKind::Client => "client",
        SpanKind::Server => "server",
        SpanKind::Producer => "producer",
        SpanKind::Consumer => "consumer",
        SpanKind::Internal => "internal",
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::KeyValue;
    use opentelemetry::trace::{TraceContextExt, Tracer, TracerProvider};

    use super::*;

    #[test]
    fn spans_enter_in_the_order_they_start_and_know_their_parents() {
        let journal = Journal::default();
        let provider = journal_provider(journal.clone(), Clock::system(), Seed::new(1));
        let orders = provider.tracer("shop.orders");
        let cart = provider.tracer("shop.cart");
        let parent = orders.start("create order");
        let context = Context::new().with_span(parent);
        let mut child = cart.start_with_context("read cart", &context);
        child.set_attribute(KeyValue::new("items", 3));
        child.set_status(Status::error("empty"));
        child.end();
        context.span().end();

        let spans = journal.exchanges();
        let [outer, inner] = spans.as_slice() else {
            panic!("two spans, got {spans:?}");
        };
        assert_eq!(outer.edge(), &Edge::new("orders", "orders"));
        assert_eq!(outer.parent_span(), None);
        assert_eq!(inner.edge(), &Edge::new("cart", "cart"));
        assert_eq!(inner.parent_span(), outer.trace().map(|t| t.span_id));
        assert_eq!(inner.trace_id(), outer.trace_id());
        assert_eq!(inner.attribute("items"), Some("3"));
        assert_eq!(inner.attribute("scope"), Some("shop.cart"));
        assert!(matches!(
            inner.outcome(),
            Some(Outcome::Failed { reason }) if reason == "empty"
        ));
        assert!(matches!(outer.outcome(), Some(Outcome::Answered)));
    }
}
