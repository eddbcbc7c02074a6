//! Diagnostics on the page: message, place, the lines with the mark, evidence, advice.

use maud::{Markup, html};
use styk_core::{Diagnostic, Location, Severity};

use crate::format::{count, number, printable, shortened};

/// The most diagnostics shown in one place.
const SHOWN_MAX: usize = 12;
/// The most characters of one note.
const NOTE_MAX: usize = 4_000;

/// Several diagnostics.
pub(super) fn diagnostics(all: &[Diagnostic]) -> Markup {
    html! {
        @for one in all.iter().take(SHOWN_MAX) { (diagnostic(one)) }
        @if all.len() > SHOWN_MAX {
            p.more { (count(number(all.len() - SHOWN_MAX), "more message")) " in report.json" }
        }
    }
}

fn diagnostic(diagnostic: &Diagnostic) -> Markup {
    let class = match diagnostic.severity {
        Severity::Error => "diagnostic error",
        Severity::Warning => "diagnostic warning",
    };
    html! {
        div class=(class) {
            p.message {
                @if !diagnostic.code.is_empty() { span.code { (diagnostic.code) } " " }
                (inline(&diagnostic.message))
            }
            @if let Some(location) = &diagnostic.location {
                (place(location, diagnostic.label.as_deref()))
            }
            @if !diagnostic.notes.is_empty() {
                ul.notes { @for note in &diagnostic.notes { li { (text(note)) } } }
            }
            @if let Some(help) = &diagnostic.help {
                p.help { strong { "Try: " } (inline(help)) }
            }
        }
    }
}

fn place(location: &Location, label: Option<&str>) -> Markup {
    html! {
        p.place { (location.file) ":" (location.line) ":" (location.column) }
        @if !location.lines.is_empty() {
            pre.snippet tabindex="0" {
                @for line in &location.lines {
                    @let text = printable(&line.text);
                    @let is_marked = line.number == location.line;
                    span.line.marked[is_marked] {
                        span.number { (line.number) }
                        @if is_marked {
                            @let (before, mark, after) = split(&text, location);
                            (before) mark { (mark) } (after)
                            @if let Some(label) = label { span.label { (printable(label)) } }
                        } @else { (text) }
                    }
                    "\n"
                }
            }
        }
    }
}

/// The line before, under and after the mark. Columns count characters, from 1.
fn split(text: &str, location: &Location) -> (String, String, String) {
    let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let before = size(location.column.saturating_sub(1));
    let length = size(location.length).max(1);
    let mut rest = text.chars();
    let before: String = rest.by_ref().take(before).collect();
    let mark: String = rest.by_ref().take(length).collect();
    (before, mark, rest.collect())
}

/// A text in which what stands in back quotes is shown as code.
fn inline(message: &str) -> Markup {
    let message = text(message);
    let parts: Vec<&str> = message.split('`').collect();
    // An odd quote is no pair: then nothing is code.
    let is_paired = parts.len() % 2 == 1;
    html! {
        @if is_paired {
            @for (place, part) in parts.iter().enumerate() {
                @if place % 2 == 1 { code { (part) } } @else { (part) }
            }
        } @else { (message) }
    }
}

fn text(text: &str) -> String {
    shortened(&printable(text), NOTE_MAX)
}
