//! Draws a diagram as SVG. Colours come from the page's style, so that the drawing follows light and dark.

use maud::{Markup, html};

use super::layout::{Arrow, Diagram, Role};
use crate::format::{duration, printable, shortened};
use crate::html::exchanges::{outcome_class, outcome_text};
use crate::html::scenario::Anchor;

const MARGIN: usize = 56;
const HEAD: usize = 26;
const ROW: usize = 27;
/// Room to the right of the last lifeline, for its head and for labels.
const MARGIN_RIGHT: usize = 130;
/// The width a diagram should have on a desk, when it can.
const WIDTH: usize = 1074;
/// The width of a character of a label, in tenths of a pixel, generously.
const CHARACTER: usize = 65;

/// An operation is shown with at least so many characters, whatever the room, and at most with so many.
const OPERATION_MIN: usize = 12;
const OPERATION_MAX: usize = 60;

/// Where things stand, in pixels.
struct Places {
    gap: usize,
    width: usize,
    height: usize,
    /// The line of each arrow.
    rows: Vec<usize>,
    /// The end of what happened inside each arrow.
    ends: Vec<usize>,
}

impl Places {
    fn new(diagram: &Diagram<'_>) -> Self {
        let gaps = diagram.lifelines.len().saturating_sub(1).max(1);
        let gap = ((WIDTH - MARGIN - MARGIN_RIGHT) / gaps).clamp(88, 220);
        let mut y = HEAD + 12;
        let mut rows = Vec::with_capacity(diagram.arrows.len());
        let mut ends = vec![0; diagram.arrows.len()];
        let mut open: Vec<usize> = Vec::new();
        for (place, arrow) in diagram.arrows.iter().enumerate() {
            let is_over = |top: usize| place > top + diagram.arrows[top].inside;
            close(diagram, &mut open, &mut ends, &mut y, is_over);
            if arrow.depth == 0 && place > 0 {
                y += 10;
            }
            y += ROW;
            rows.push(y);
            open.push(place);
        }
        close(diagram, &mut open, &mut ends, &mut y, |_| true);
        Self {
            gap,
            width: MARGIN + gap * (diagram.lifelines.len().saturating_sub(1)) + MARGIN_RIGHT,
            height: y + 16,
            rows,
            ends,
        }
    }

    fn x(&self, lifeline: usize) -> usize {
        MARGIN + self.gap * lifeline
    }
}

/// Ends the innermost arrows for which `is_over` holds, and makes room for what leads back.
fn close(
    diagram: &Diagram<'_>,
    open: &mut Vec<usize>,
    ends: &mut [usize],
    y: &mut usize,
    is_over: impl Fn(usize) -> bool,
) {
    while let Some(top) = open.pop_if(|top| is_over(*top)) {
        let arrow = &diagram.arrows[top];
        *y += match (arrow.inside, arrow.is_span) {
            (0, _) => 0,
            (_, true) => 5,
            (_, false) => 12,
        };
        ends[top] = *y;
    }
}

/// The drawing.
pub(super) fn drawing(diagram: &Diagram<'_>, anchor: Anchor) -> Markup {
    let places = Places::new(diagram);
    html! {
        svg width=(places.width) height=(places.height) viewBox={ "0 0 " (places.width) " " (places.height) } {
            @for (place, lifeline) in diagram.lifelines.iter().enumerate() {
                @let x = places.x(place);
                @let head = (places.gap - 8).min(2 * MARGIN - 4);
                @let class = match lifeline.role {
                    Role::Test => "who test",
                    Role::Shop => "who shop",
                    Role::Module => "who module",
                    Role::Mock => "who mock",
                };
                g class=(class) {
                    path d={ "M" (x) " " (HEAD) "V" (places.height) } {}
                    rect x=(x - head / 2) y="1" width=(head) height=(HEAD - 2) rx="6" {}
                    text x=(x) y="17" { (shortened(&printable(&lifeline.name), head / 6)) }
                }
            }
            @for (place, arrow) in diagram.arrows.iter().enumerate() {
                @if arrow.inside > 0 {
                    rect.busy x=(places.x(arrow.to) - 4) y=(places.rows[place]) width="8" height=(places.ends[place] - places.rows[place]) rx="2" {}
                }
            }
            @for (place, arrow) in diagram.arrows.iter().enumerate() {
                (call(arrow, &places, places.rows[place], places.ends[place], anchor))
            }
        }
    }
}

fn call(arrow: &Arrow<'_>, places: &Places, y: usize, end: usize, anchor: Anchor) -> Markup {
    let exchange = arrow.exchange;
    let kind = if arrow.is_span { "span " } else { "" };
    let class = format!("call {kind}{}", outcome_class(exchange.outcome));
    let (x1, x2) = (places.x(arrow.from), places.x(arrow.to));
    let left = x1.min(x2) + 9;
    let room = (places.width - left) * 10 / CHARACTER;
    let is_lost = exchange.outcome == "dropped";
    html! {
        g class=(class) {
            path d=(line(x1, x2, y, is_lost)) {}
            @if arrow.inside > 0 && !arrow.is_span {
                path.back d=(format!("M{} {end}H{}", x2, x1 + 5)) {}
            }
            text x=(left) y=(y - 6) {
                title { (tip(arrow)) }
                (label(arrow, room, anchor))
            }
        }
    }
}

/// A line with its head; one that got lost ends in a cross.
fn line(from: usize, to: usize, y: usize, is_lost: bool) -> String {
    if from == to {
        return format!("M{from} {}h26v9h-20m0 0l6-3v6z", y - 5);
    }
    let (tip, head) = match (from < to, is_lost) {
        (true, false) => (to - 5, "m0 0l-7-4v8z"),
        (false, false) => (to + 5, "m0 0l7-4v8z"),
        (true, true) => (to - 14, "m-5-5l10 10m0-10l-10 10"),
        (false, true) => (to + 14, "m-5-5l10 10m0-10l-10 10"),
    };
    format!("M{from} {y}H{tip}{head}")
}

fn label(arrow: &Arrow<'_>, room: usize, anchor: Anchor) -> Markup {
    let exchange = arrow.exchange;
    let outcome = outcome_text(exchange);
    let is_told = !(arrow.is_span && exchange.outcome == "ok");
    let times = if arrow.times > 1 {
        format!(" ×{}", arrow.times)
    } else {
        String::new()
    };
    let room = room.saturating_sub(outcome.chars().count() + times.chars().count() + 1);
    let operation = shortened(
        &printable(&exchange.operation),
        room.clamp(OPERATION_MIN, OPERATION_MAX),
    );
    html! {
        @if arrow.is_span { (operation) } @else {
            a href={ "#" (anchor.exchange(exchange.seq)) } { (operation) }
        }
        @if is_told { " " tspan.outcome { (outcome) } }
        @if arrow.times > 1 { tspan.times { (times) } }
    }
}

/// What a pointer that rests on a label is told, beyond the label.
fn tip(arrow: &Arrow<'_>) -> String {
    let exchange = arrow.exchange;
    let mut parts: Vec<String> = Vec::new();
    if exchange.operation.chars().count() > OPERATION_MIN {
        parts.push(printable(&exchange.operation));
    }
    parts.extend(exchange.reason.as_ref().map(|reason| printable(reason)));
    parts.extend(exchange.duration_seconds.map(|time| duration(time.0)));
    parts.join(", ")
}
