//! Which expectation came closest to a request, and what kept it from matching.

use std::sync::Arc;

use bytes::Bytes;
use styk_core::Request;

use crate::expectation::Expectation;
use crate::http1::Answer;
use crate::json::{Json, pretty};
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

/// The header that names the fields that differ.
const DIFFERENCES_HEADER: &str = "x-mockserver-closest-match";

/// The longest hint.
const HINT_BYTES_MAX: usize = 256;

/// The active expectations of a scope in the order of serving, behind them those of the common ground.
pub(crate) fn candidates(shared: &Shared, scope: &Scope) -> Vec<Arc<Expectation>> {
    let mut active = scope.store.active();
    if scope.name.is_some() {
        active.extend(shared.scopes.common().store.active());
    }
    active
}

/// Says in the answer to a request that no expectation matched which one came closest, as far as that is wanted.
pub(crate) fn diagnose(shared: &Shared, scope: &Scope, request: &Request, answer: &mut Answer) {
    let settings = shared.settings();
    let (hints, attaches) = (
        settings.closest_match_hint_enabled && !shared.follows_5_15(),
        settings.attach_mismatch_diagnostic_to_response,
    );
    if !hints && !attaches {
        return;
    }
    let Some((id, differences)) = closest(shared, scope, request) else {
        return;
    };
    let mut headers = Vec::new();
    if attaches {
        let names: Vec<_> = differences.iter().map(|found| found.name).collect();
        let value = format!("fields differ: {}", names.join(", "));
        headers.push((DIFFERENCES_HEADER, value));
        answer.body = Bytes::from(pretty(&diagnostic(&differences)));
        answer.content_type = Some(Arc::from("application/json; charset=utf-8"));
    }
    if hints && let Some(first) = differences.first() {
        headers.push((HINT_HEADER, hint(&id, first)));
    }
    answer.headers = headers.into_iter().collect();
}

/// The id of the expectation that came closest, and how the request differs from it.
fn closest(
    shared: &Shared,
    scope: &Scope,
    request: &Request,
) -> Option<(Arc<str>, Vec<Difference>)> {
    let subject = Subject::new(request);
    let active = candidates(shared, scope);
    let looked_at = active.iter().take(LOOKED_AT_MAX);
    let ranked = looked_at.map(|expectation| (expectation.request.misses(&subject), expectation));
    let (missed, expectation) = ranked
        .filter(|(missed, _)| !missed.is_empty())
        .min_by_key(|(missed, _)| missed.len())?;
    let differences = Differences::among(&missed, &expectation.request, &subject);
    Some((Arc::clone(&expectation.id), differences))
}

fn hint(id: &str, first: &Difference) -> String {
    let reason = first.texts.first().map(|text| squeezed(text));
    let (name, reason) = (first.name, reason.unwrap_or_default());
    let mut hint = printable(&format!(
        "expectation {id}: {name} did not match ({reason})"
    ));
    if hint.len() > HINT_BYTES_MAX {
        hint.truncate(HINT_BYTES_MAX - 3);
        hint.push_str("...");
    }
    hint
}

fn diagnostic(differences: &[Difference]) -> Json {
    let matched = FIELDS_TOTAL.saturating_sub(differences.len());
    let texts = differences.iter().map(|difference| {
        let texts = difference.texts.iter();
        let texts = texts.map(|text| Json::Text(flat(text))).collect();
        (difference.name, Json::Array(texts))
    });
    Json::object([
        ("matchedFieldCount", Json::number(matched)),
        ("totalFieldCount", Json::number(FIELDS_TOTAL)),
        ("differences", Json::object(texts)),
    ])
}

/// The text on one line: line breaks become one space.
fn squeezed(text: &str) -> String {
    let lines: Vec<&str> = text.split('\n').filter(|line| !line.is_empty()).collect();
    let end = if text.ends_with('\n') { " " } else { "" };
    lines.join(" ") + end
}

/// What may stand in a header.
fn printable(text: &str) -> String {
    let is_plain = |c: char| c == ' ' || c.is_ascii_graphic();
    text.chars()
        .map(|c| if is_plain(c) { c } else { '?' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_is_one_line_that_fits_a_header() {
        let difference = |text: &str| Difference {
            name: "path",
            texts: vec![text.to_owned()],
        };
        let text = "  string or regex match failed expected:\n\n    /a\n\n   found:\n\n    /b\n";
        assert_eq!(
            hint("e", &difference(text)),
            "expectation e: path did not match (  string or regex match failed expected:     /a    found:     /b )"
        );
        let hint = hint("\r\nx: y", &difference(&"ä".repeat(1_000)));
        assert!(
            hint.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
            "{hint}"
        );
        assert_eq!(hint.len(), HINT_BYTES_MAX, "{hint}");
    }
}
