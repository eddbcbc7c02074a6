//! The exchanges of an attempt: each opens to its request and answer.

use std::collections::HashMap;

use maud::{Markup, PreEscaped, html};
use styk_core::ExchangeKind;

use super::scenario::{Anchor, Detail};
use crate::body::{Body, BodyKind};
use crate::document::{Attempt, ExchangeView, Message};
use crate::format::{bytes, count, duration, number, prefix, printable, shortened};
use crate::json_text;

/// The most exchanges of one list.
const LIST_MAX: usize = 150;

/// The list. Spans are in the diagram; as exchanges they have nothing to open.
pub(super) fn section(attempt: &Attempt, anchor: Anchor, detail: Detail) -> Markup {
    let all: Vec<&ExchangeView> = attempt
        .exchanges
        .iter()
        .filter(|exchange| exchange.kind != ExchangeKind::Span)
        .collect();
    let callers: HashMap<u64, &str> = attempt
        .crossings
        .iter()
        .map(|crossing| (crossing.seq, crossing.edge.as_str()))
        .collect();
    html! {
        @if !all.is_empty() {
            div.block {
                h5 { "Exchanges " span.count { (all.len()) } }
                div.exchanges {
                    @for exchange in all.iter().take(LIST_MAX) {
                        @let edge = callers.get(&exchange.seq).copied().unwrap_or(&exchange.edge);
                        (row(exchange, edge, anchor, detail))
                    }
                }
                @if all.len() > LIST_MAX {
                    p.more { (count(number(all.len() - LIST_MAX), "more exchange")) " in report.json" }
                }
            }
        }
    }
}

/// How an outcome is coloured.
pub(super) fn outcome_class(outcome: &str) -> &'static str {
    match outcome {
        "1xx" | "2xx" | "3xx" | "ok" => "good",
        "4xx" => "warn",
        "open" => "open",
        _ => "bad",
    }
}

/// The outcome in a word or two: the status, and what else is to be said.
pub(super) fn outcome_text(exchange: &ExchangeView) -> String {
    match (exchange.status, exchange.outcome) {
        (Some(status), "unmatched") => format!("{status} unmatched"),
        (Some(status), "1xx" | "2xx" | "3xx" | "4xx" | "5xx") => status.to_string(),
        (Some(status), other) => format!("{status} {other}"),
        (None, "open") => "no answer yet".to_owned(),
        (None, other) => other.to_owned(),
    }
}

fn row(exchange: &ExchangeView, edge: &str, anchor: Anchor, detail: Detail) -> Markup {
    html! {
        details.exchange id=(anchor.exchange(exchange.seq)) {
            summary {
                span.seq { (exchange.seq) }
                span class={ "status " (outcome_class(exchange.outcome)) } { (outcome_text(exchange)) }
                span.operation { (shortened(&printable(&exchange.operation), 200)) }
                span.edge { (printable(edge)) }
                @if let Some(time) = exchange.duration_seconds { span.time { (duration(time.0)) } }
            }
            div.halves {
                @if let Some(reason) = &exchange.reason { p.reason { (printable(reason)) } }
                @if let Some((method, url)) = target(exchange) {
                    p.target { strong { (method) } " " (shortened(&printable(url), 2_000)) }
                }
                @if let Some(request) = &exchange.request { (half("Request", request, detail)) }
                @if let Some(response) = &exchange.response { (half("Response", response, detail)) }
                (facts(exchange))
            }
        }
    }
}

/// Method and URL, when the operation's name does not say them already.
fn target(exchange: &ExchangeView) -> Option<(&str, &str)> {
    let (method, url) = (exchange.method.as_deref()?, exchange.url.as_deref()?);
    let is_new = exchange.operation.strip_prefix(method).map(str::trim_start) != Some(url);
    is_new.then_some((method, url))
}

fn half(title: &str, message: &Message, detail: Detail) -> Markup {
    html! {
        div.half {
            h6 { (title) }
            @if detail == Detail::Full && !message.headers.is_empty() {
                dl.headers {
                    @for header in &message.headers {
                        div {
                            dt { (printable(&header.name)) }
                            dd { (shortened(&printable(&header.value), 400)) }
                        }
                    }
                }
            }
            @match &message.body {
                None => p.none { "no body" },
                Some(body) => (body_text(body, detail)),
            }
        }
    }
}

fn body_text(body: &Body, detail: Detail) -> Markup {
    let max = match detail {
        Detail::Full => 6 << 10,
        Detail::Brief | Detail::Bare => 400,
    };
    let laid_out = match body.kind {
        BodyKind::Json if body.omitted_bytes == 0 => json_text::pretty(&body.text, max),
        BodyKind::Json | BodyKind::Form | BodyKind::Text | BodyKind::Binary => None,
    };
    let (text, rest) = match &laid_out {
        Some(pretty) => (pretty.text.as_str(), pretty.rest),
        None => (body.text.as_str(), 0),
    };
    let kept = prefix(text, max);
    let is_cut = kept.len() < text.len() || rest > 0 || body.omitted_bytes > 0;
    html! {
        @if body.kind == BodyKind::Binary {
            p.none { (bytes(body.size_bytes)) ", no text" }
        } @else {
            // What is long scrolls inside its frame, and the keyboard must reach it.
            @let scrolls = (kept.len() > 900).then_some("0");
            pre.body tabindex=[scrolls] { (plain_text(kept)) @if is_cut { "…" } }
            @if is_cut { p.more { "cut here; " (bytes(body.size_bytes)) " in all, see report.json" } }
        }
    }
}

/// A text between tags. There quotes need no escape, and bodies of JSON are full of them.
fn plain_text(text: &str) -> Markup {
    let text = printable(text);
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
    PreEscaped(escaped.replace('>', "&gt;"))
}

/// Facts that an observer recorded.
fn facts(exchange: &ExchangeView) -> Markup {
    let facts: Vec<String> = exchange
        .attributes
        .iter()
        .filter(|(name, _)| name.as_str() != "server")
        .map(|(name, value)| {
            let value = shortened(&printable(value), 200);
            format!("{}: {value}", printable(name))
        })
        .collect();
    html! {
        @if !facts.is_empty() { p.attributes { (facts.join(" · ")) } }
    }
}
