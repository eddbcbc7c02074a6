//! The steps of an attempt as a tree.

use maud::{Markup, html};

use super::scenario::{Anchor, Detail, sign};
use crate::document::Step;
use crate::format::{count, duration, number, printable, shortened};

/// The most steps of one list; the first and those that did not pass are the telling ones.
const LIST_MAX: usize = 60;
/// How deep the tree is drawn.
const DEPTH_MAX: usize = 8;

/// The tree.
pub(super) fn tree(steps: &[Step], anchor: Anchor, detail: Detail) -> Markup {
    list(steps, anchor, detail, 0)
}

fn list(steps: &[Step], anchor: Anchor, detail: Detail, depth: usize) -> Markup {
    let shown = |place: usize, step: &Step| place < LIST_MAX || !step.result.is_success();
    let hidden = steps
        .iter()
        .enumerate()
        .filter(|(place, step)| !shown(*place, step))
        .count();
    html! {
        ol.steps {
            @for (place, one) in steps.iter().enumerate() {
                @if shown(place, one) && place < 4 * LIST_MAX { (step(one, anchor, detail, depth)) }
            }
            @if hidden > 0 {
                li.more { (count(number(hidden), "more step")) " that passed" }
            }
        }
    }
}

fn step(step: &Step, anchor: Anchor, detail: Detail, depth: usize) -> Markup {
    let word = step.result.word();
    html! {
        li class=(word) {
            @if step.children.is_empty() || depth >= DEPTH_MAX {
                div.step { (line(step, anchor, detail)) }
            } @else {
                details open[!step.result.is_success()] {
                    summary.step { (line(step, anchor, detail)) }
                    (list(&step.children, anchor, detail, depth + 1))
                }
            }
        }
    }
}

fn line(step: &Step, anchor: Anchor, detail: Detail) -> Markup {
    let label = shortened(&printable(&step.label), 160);
    // A step with others inside opens on a click; its calls are those of its children.
    let leads = detail != Detail::Bare && step.children.is_empty();
    let target = step.exchanges.first().filter(|_| leads);
    html! {
        span.sign aria-hidden="true" { (sign(step.result)) }
        span.visually-hidden { (step.result.word()) " " }
        span.path { (shortened(&step.path, 24)) }
        span.label {
            @if let Some(seq) = target {
                a href={ "#" (anchor.exchange(*seq)) } { (label) }
            } @else { (label) }
            @if let Some(note) = &step.note { span.digest { (shortened(&printable(note), 200)) } }
        }
        @if let Some(line) = step.line {
            span.at title=[step.file.as_deref()] { "line " (line) }
        }
        span.time { (duration(step.duration_seconds.0)) }
    }
}
