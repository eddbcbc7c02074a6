//! What travels with the work: `traceparent`, `baggage` and the request id, over HTTP and in queue rows.

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::Context;
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
};

use crate::random::Random;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const BAGGAGE: HeaderName = HeaderName::from_static("baggage");
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// More baggage than this is not carried on (the limit of the specification).
const BAGGAGE_BYTES_MAX: usize = 8_192;

/// The travelling facts as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Carrier {
    pub(crate) traceparent: Option<String>,
    /// Passed on as it came.
    pub(crate) baggage: Option<String>,
    pub(crate) request_id: Option<String>,
}

/// Kept in the context beside the span.
struct Luggage {
    baggage: Option<String>,
    request_id: Option<String>,
}

/// The facts of the work under way.
pub(crate) fn carrier() -> Carrier {
    Context::map_current(|cx| {
        let luggage = cx.get::<Luggage>();
        Carrier {
            traceparent: format_traceparent(cx.span().span_context()),
            baggage: luggage.and_then(|luggage| luggage.baggage.clone()),
            request_id: luggage.and_then(|luggage| luggage.request_id.clone()),
        }
    })
}

impl Carrier {
    /// The facts in the headers of a request.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Self {
        let text = |name: &HeaderName| Some(headers.get(name)?.to_str().ok()?.to_owned());
        let baggage = headers
            .get_all(BAGGAGE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect::<Vec<_>>();
        let baggage = baggage.join(",");
        Self {
            traceparent: text(&TRACEPARENT),
            baggage: Some(baggage)
                .filter(|baggage| !baggage.is_empty() && baggage.len() <= BAGGAGE_BYTES_MAX),
            request_id: text(&REQUEST_ID),
        }
    }

    /// Writes the facts into the headers of a call to the outside.
    pub(crate) fn inject(&self, headers: &mut HeaderMap) {
        let facts = [
            (TRACEPARENT, &self.traceparent),
            (BAGGAGE, &self.baggage),
            (REQUEST_ID, &self.request_id),
        ];
        for (name, value) in facts {
            if let Some(value) = value
                .as_deref()
                .and_then(|value| HeaderValue::from_str(value).ok())
            {
                headers.insert(name, value);
            }
        }
    }

    /// A context that goes on where the facts came from.
    pub(super) fn into_context(self) -> Context {
        let cx = Context::new().with_value(Luggage {
            baggage: self.baggage,
            request_id: self.request_id,
        });
        match self.traceparent.as_deref().and_then(parse_traceparent) {
            Some(parent) => cx.with_remote_span_context(parent),
            None => cx,
        }
    }
}

/// Gives the work a trace of its own that nobody records.
pub(super) fn begin_trace(cx: &Context, random: &Random) -> Context {
    let trace = TraceId::from_bytes(random.bytes());
    let span = SpanId::from_bytes(random.bytes());
    cx.with_remote_span_context(SpanContext::new(
        trace,
        span,
        TraceFlags::SAMPLED,
        true,
        TraceState::NONE,
    ))
}

/// `00-<32 hex>-<16 hex>-<2 hex>`; later versions may have more parts.
fn parse_traceparent(text: &str) -> Option<SpanContext> {
    let mut parts = text.trim().split('-');
    let (version, trace, span, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let lengths = [version, trace, span, flags].map(str::len);
    if lengths != [2, 32, 16, 2] || version == "ff" || (version == "00" && parts.next().is_some()) {
        return None;
    }
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?) & TraceFlags::SAMPLED;
    let (trace, span) = (TraceId::from_hex(trace).ok()?, SpanId::from_hex(span).ok()?);
    Some(SpanContext::new(trace, span, flags, true, TraceState::NONE)).filter(SpanContext::is_valid)
}

fn format_traceparent(span: &SpanContext) -> Option<String> {
    let flags = span.trace_flags().to_u8();
    span.is_valid()
        .then(|| format!("00-{}-{}-{flags:02x}", span.trace_id(), span.span_id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_traceparent_comes_out_as_it_went_in() {
        let span = parse_traceparent(PARENT).unwrap();
        assert_eq!(format_traceparent(&span).as_deref(), Some(PARENT));
    }

    #[test]
    fn a_broken_traceparent_begins_a_new_trace() {
        for text in [
            "",
            "00-1-2-3",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        ] {
            assert_eq!(parse_traceparent(text), None, "{text}");
        }
        let cx = begin_trace(
            &Carrier::default().into_context(),
            &Random::new(Some(1)).unwrap(),
        );
        assert!(cx.span().span_context().is_valid());
    }

    #[test]
    fn the_facts_travel_from_headers_through_the_context_to_headers() {
        let mut headers = HeaderMap::new();
        headers.insert(TRACEPARENT, HeaderValue::from_static(PARENT));
        headers.insert(BAGGAGE, HeaderValue::from_static("run=7,step=a%20b;p=1"));
        headers.insert(REQUEST_ID, HeaderValue::from_static("r-1"));
        let cx = Carrier::from_headers(&headers).into_context();
        let _current = cx.attach();
        let mut out = HeaderMap::new();
        carrier().inject(&mut out);
        assert_eq!(out, headers);
    }
}
