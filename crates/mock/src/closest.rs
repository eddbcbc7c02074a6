//! Which expectation came closest to a request, and what kept it from matching.

use std::sync::Arc;

use styk_core::Request;

use crate::expectation::Expectation;
use crate::matcher::Subject;
use crate::scope::Scope;
use crate::server::Shared;

mod difference;
mod json;
mod pairs;

pub(crate) use difference::{Difference, Differences, flat};

/// Expectations that are looked at; more would slow down exactly the tests that are in trouble.
pub(crate) const LOOKED_AT_MAX: usize = 100;

/// How many fields the original compares.
pub(crate) const FIELDS_TOTAL: usize = 18;

/// The header that says which expectation came closest.
pub(crate) const HINT_HEADER: &str = "x-mockserver-closest-match-hint";

/// The longest reason in the hint.
const REASON_CHARS_MAX: usize = 200;

/// The active expectations of a scope in the order of serving, behind them those of the common ground.
pub(crate) fn candidates(shared: &Shared, scope: &Scope) -> Vec<Arc<Expectation>> {
    let mut active = scope.store.active();
    if scope.name.is_some() {
        active.extend(shared.scopes.common().store.active());
    }
    active
}

/// What to say about the closest expectation in the answer to a request that none matched; nothing when there is none,
/// or when such hints are not wanted.
pub(crate) fn hint(shared: &Shared, scope: &Scope, request: &Request) -> Option<String> {
    let settings = shared.settings();
    if !settings.closest_match_hint_enabled {
        return None;
    }
    let subject = Subject::new(request);
    let active = candidates(shared, scope);
    let looked_at = active.iter().take(LOOKED_AT_MAX);
    let ranked = looked_at.map(|expectation| (expectation.request.misses(&subject), expectation));
    let (missed, expectation) = ranked
        .filter(|(missed, _)| !missed.is_empty())
        .min_by_key(|(missed, _)| missed.len())?;
    let differences = Differences::among(&missed, &expectation.request, &subject);
    let first = differences.first()?;
    let reason = first.texts.first().map(|text| squeezed(text));
    let mut reason = reason.unwrap_or_default();
    if let Some((cut, _)) = reason.char_indices().nth(REASON_CHARS_MAX) {
        reason.truncate(cut);
        reason.push_str("...");
    }
    let id = printable(&expectation.id);
    Some(format!(
        "expectation {id}: {} did not match ({})",
        first.name,
        printable(&reason)
    ))
}

/// The text on one line: line breaks become one space.
fn squeezed(text: &str) -> String {
    let lines: Vec<&str> = text.split('\n').filter(|line| !line.is_empty()).collect();
    let ends_with_break = text.ends_with('\n');
    let end = if ends_with_break { " " } else { "" };
    format!("{}{end}", lines.join(" "))
}

/// What may stand in a header.
fn printable(text: &str) -> String {
    let is_plain = |c: char| c == ' ' || c.is_ascii_graphic();
    text.chars()
        .map(|c| if is_plain(c) { c } else { '?' })
        .collect()
}
