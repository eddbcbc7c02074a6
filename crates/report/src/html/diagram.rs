//! The sequence diagram of an attempt: first what is drawn, then the drawing.

mod layout;
mod svg;

use maud::{Markup, html};

use super::scenario::{Anchor, Detail};
use crate::document::Attempt;
use crate::format::{count, number};

/// The most arrows of a diagram.
const ARROWS_MAX: usize = 200;
/// The most arrows where space is short.
const ARROWS_BRIEF_MAX: usize = 60;

/// The diagram as something that opens; open when there is something to find out.
pub(super) fn section(attempt: &Attempt, anchor: Anchor, open: bool, detail: Detail) -> Markup {
    let max = match detail {
        Detail::Full => ARROWS_MAX,
        Detail::Brief | Detail::Bare => ARROWS_BRIEF_MAX,
    };
    let diagram = layout::Diagram::new(attempt, max);
    html! {
        @if !diagram.arrows.is_empty() {
            details.block.fold open[open] {
                summary { h5 { "Sequence " span.count { (count(number(attempt.crossings.len()), "crossing")) } } }
                div.diagram tabindex="0" role="region" aria-label="Sequence diagram" {
                    (svg::drawing(&diagram, anchor))
                }
                @if diagram.hidden > 0 {
                    p.more { (count(number(diagram.hidden), "more crossing")) " not drawn, see report.json" }
                }
            }
        }
    }
}
