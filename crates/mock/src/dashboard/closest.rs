//! Which expectation came closest to a request that none matched, and which fields missed.

use std::cmp::Reverse;
use std::sync::Arc;

use styk_core::Request;

use super::masked;
use crate::describe::{self, Addresses};
use crate::expectation::Expectation;
use crate::json::{Json, compact};
use crate::matcher::{Field, Subject};
use crate::scope::Scope;
use crate::server::Shared;

/// More are not compared.
const LOOKED_AT_MAX: usize = 500;

/// The expectation that came closest.
#[derive(Debug)]
pub(super) struct Closest {
    pub(super) expectation: Arc<Expectation>,
    /// The name of its scope.
    pub(super) scope: Option<Arc<str>>,
    pub(super) missed: Vec<Field>,
}

/// The active expectation that comes closest: one on the request's path, with the fewest fields that miss.
pub(super) fn closest(shared: &Shared, scope: &Scope, request: &Request) -> Option<Closest> {
    let subject = Subject::new(request);
    let common = shared.scopes.common();
    let others = scope.name.is_some().then(|| common.store.active());
    let own = scope
        .store
        .active()
        .into_iter()
        .map(|found| (found, scope.name.clone()));
    let others = others.into_iter().flatten().map(|found| (found, None));
    let compared = own
        .chain(others)
        .take(LOOKED_AT_MAX)
        .map(|(expectation, scope)| Closest {
            missed: expectation.request.misses(&subject),
            expectation,
            scope,
        });
    compared.min_by_key(|candidate| {
        let is_elsewhere = |field: &Field| matches!(field, Field::Path | Field::PathParameters);
        let beginning = candidate.expectation.request.path_beginning();
        (
            candidate.missed.iter().any(is_elsewhere),
            candidate.missed.len(),
            Reverse(shared_beginning(&beginning, subject.path())),
        )
    })
}

fn shared_beginning(left: &str, right: &str) -> usize {
    let same = |(left, right): &(u8, u8)| left.eq_ignore_ascii_case(right);
    left.bytes().zip(right.bytes()).take_while(same).count()
}

impl Closest {
    /// The name of the expectation and of the fields that missed.
    pub(super) fn brief(&self) -> Json {
        let missed = self.missed.iter().map(|field| Json::text(field.name()));
        Json::object([
            ("id", Json::text(&*self.expectation.id)),
            (
                "scope",
                Json::text(self.scope.as_deref().unwrap_or_default()),
            ),
            ("missed", Json::Array(missed.collect())),
        ])
    }

    /// The fields that missed, what was expected of them and what came.
    pub(super) fn differences(&self, request: &Request) -> Json {
        let subject = Subject::new(request);
        let wanted = self.expectation.request.written();
        let received = describe::request(request, Addresses::Left);
        let difference = |field: &Field| {
            let name = field.name();
            // Path parameters are written in the path.
            let wanted_in = match field {
                Field::PathParameters => "path",
                _ => name,
            };
            let expected = member(&wanted, wanted_in);
            let received = received_of(member(&received, wanted_in), expected.as_ref());
            let text =
                |value: Option<Json>| value.map_or(Json::Null, |value| Json::Text(line(&value)));
            Json::object([
                ("field", Json::text(name)),
                ("expected", text(expected)),
                ("received", text(received)),
                (
                    "detail",
                    differing(&self.expectation.request.difference(*field, &subject)),
                ),
            ])
        };
        Json::Array(self.missed.iter().map(difference).collect())
    }
}

/// Where in a field the two differ: `$.items[0].price: expected 10, received 12`. Nothing when the field has no places, or
/// the place has the name of a secret.
fn differing(difference: &str) -> Json {
    let place = difference.split_once(": expected ").map(|(place, _)| place);
    let in_names = |place: &str| {
        let is_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
        place
            .split(|letter| !is_name(letter))
            .any(masked::is_secret)
    };
    match place {
        Some(place) if !in_names(place) => Json::Text(masked::line(&masked::text(difference))),
        _ => Json::Null,
    }
}

/// A member of an object, masked.
fn member(json: &Json, name: &str) -> Option<Json> {
    match masked::json(json) {
        Json::Object(mut fields) => fields.swap_remove(name),
        _ => None,
    }
}

/// What was received in a field, without what has nothing to do with the expectation: other headers and parameters, and
/// how a record wraps bodies.
fn received_of(received: Option<Json>, expected: Option<&Json>) -> Option<Json> {
    let Some(Json::Object(mut fields)) = received else {
        return received;
    };
    if fields.contains_key("type") {
        let inner = ["json", "string", "xml", "base64Bytes", "rawBytes"];
        return inner.into_iter().find_map(|name| fields.swap_remove(name));
    }
    let is_plain = |name: &str| {
        name.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    if let Some(Json::Object(expected)) = expected
        && expected.keys().all(|name| is_plain(name))
    {
        fields.retain(|name, _| {
            expected
                .keys()
                .any(|wanted| wanted.eq_ignore_ascii_case(name))
        });
    }
    (!fields.is_empty()).then_some(Json::Object(fields))
}

fn line(value: &Json) -> String {
    match value {
        Json::Text(text) => masked::line(text),
        value => masked::line(&compact(value)),
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("$.price: expected 10, received 12", Some("$.price: expected 10, received 12"); "a place")]
    #[test_case("$.a.password: expected x, received hush", None; "a secret place")]
    #[test_case("Authorization: expected x, received hush", None; "a secret header")]
    #[test_case("expected x, received hush", None; "no place")]
    #[test_case("$.a: expected {\"token\":\"hush\"}, received 1", Some("$.a: expected {\"token\":\"***\"}, received 1"); "a secret inside")]
    fn places_are_told_unless_they_are_secret(difference: &str, expected: Option<&str>) {
        assert_eq!(
            differing(difference),
            expected.map_or(Json::Null, Json::text)
        );
    }

    #[test]
    fn received_fields_are_cut_to_what_was_asked_for() {
        let received = || {
            Some(Json::object([
                ("Host", Json::text("a")),
                ("X-Id", Json::text("1")),
            ]))
        };
        let asked = |name| Json::object([(name, Json::text("2"))]);
        let only = Some(Json::object([("X-Id", Json::text("1"))]));
        assert_eq!(received_of(received(), Some(&asked("x-id"))), only);
        assert_eq!(received_of(received(), Some(&asked("x-other"))), None);
        assert_eq!(received_of(received(), Some(&asked("x-.*"))), received());
    }
}
