//! Spans by module, and what travels on to the outside and through the queue.
//!
//! Everything belongs to one shop: the tracer provider comes with the configuration, no global is set. The current
//! span, the baggage and the request id live in the OpenTelemetry context, which follows the work.

mod carrier;

use std::borrow::Cow;
use std::fmt::Display;
use std::sync::Arc;

use opentelemetry::trace::{
    FutureExt as _, Span as _, SpanBuilder, SpanKind, Status, TraceContextExt as _, Tracer as _,
    TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

pub(crate) use self::carrier::{Carrier, REQUEST_ID, carrier};
use crate::random::Random;

/// The instrumentation scope of a span: one a module. A span whose parent has the scope of another module is a
/// crossing between them; `Http`, the server span, is not a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Http,
    Auth,
    Users,
    Products,
    Cart,
    Orders,
    Payments,
    Shipping,
    Notifications,
    Inventory,
    Analytics,
}

impl Scope {
    const ALL: [Self; 11] = [
        Self::Http,
        Self::Auth,
        Self::Users,
        Self::Products,
        Self::Cart,
        Self::Orders,
        Self::Payments,
        Self::Shipping,
        Self::Notifications,
        Self::Inventory,
        Self::Analytics,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Http => "shop.http",
            Self::Auth => "shop.auth",
            Self::Users => "shop.users",
            Self::Products => "shop.products",
            Self::Cart => "shop.cart",
            Self::Orders => "shop.orders",
            Self::Payments => "shop.payments",
            Self::Shipping => "shop.shipping",
            Self::Notifications => "shop.notifications",
            Self::Inventory => "shop.inventory",
            Self::Analytics => "shop.analytics",
        }
    }
}

/// Opens spans; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Telemetry(Option<Arc<[SdkTracer]>>);

impl Telemetry {
    /// Records into `provider`, or nowhere.
    pub(crate) fn new(provider: Option<&SdkTracerProvider>) -> Self {
        Self(provider.map(|provider| {
            Scope::ALL
                .iter()
                .map(|scope| provider.tracer(scope.name()))
                .collect()
        }))
    }

    /// Runs `work` in a span of `scope`, a child of the current one. An error marks the span.
    pub(crate) fn span<T, E: Display>(
        &self,
        scope: Scope,
        name: impl Into<Cow<'static, str>>,
        work: impl Future<Output = Result<T, E>>,
    ) -> impl Future<Output = Result<T, E>> {
        self.span_of(scope, SpanKind::Internal, name, work)
    }

    /// Like [`Telemetry::span`], for clients, producers and consumers.
    pub(crate) fn span_of<T, E: Display>(
        &self,
        scope: Scope,
        kind: SpanKind,
        name: impl Into<Cow<'static, str>>,
        work: impl Future<Output = Result<T, E>>,
    ) -> impl Future<Output = Result<T, E>> {
        // Spans lie within spans; boxed here, the future of a request stays small.
        let work = Box::pin(work);
        async move {
            let Some(cx) = self.start(scope, kind, name, &Context::current()) else {
                return work.await;
            };
            let result = work.with_context(cx.clone()).await;
            if let Err(error) = &result {
                cx.span().set_status(Status::error(error.to_string()));
            }
            cx.span().end();
            result
        }
    }

    /// The context of work that goes on where `carrier` comes from. When nothing is recorded, a trace id is made up
    /// if there is none, so that calls to the outside always carry one.
    pub(crate) fn resume(&self, carrier: Carrier, random: &Random) -> Context {
        let cx = carrier.into_context();
        if self.0.is_some() || cx.has_active_span() {
            cx
        } else {
            carrier::begin_trace(&cx, random)
        }
    }

    /// A context with a new span in it, a child of the one in `parent`; `None` when nothing is recorded.
    pub(crate) fn start(
        &self,
        scope: Scope,
        kind: SpanKind,
        name: impl Into<Cow<'static, str>>,
        parent: &Context,
    ) -> Option<Context> {
        let tracer = self.0.as_ref()?.get(scope as usize)?;
        let span = tracer.build_with_context(SpanBuilder::from_name(name).with_kind(kind), parent);
        span.is_recording().then(|| parent.with_span(span))
    }
}

/// Adds a fact to the current span.
pub(crate) fn attribute(key: &'static str, value: impl Into<opentelemetry::Value>) {
    Context::map_current(|cx| cx.span().set_attribute(KeyValue::new(key, value)));
}
