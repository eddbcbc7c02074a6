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
/// The longest value of a field that is shown whole.
const VALUE_MAX: usize = 4 << 10;

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
        let wanted = self.expectation.request.written();
        let received = describe::request(request, Addresses::Left);
        let of = |json: &Json, name: &str| match masked::json(json) {
            Json::Object(fields) => fields.get(name).map(|value| match value {
                Json::Text(text) => masked::line(text),
                value => cut(&compact(value)),
            }),
            _ => None,
        };
        let difference = |field: &Field| {
            let name = field.name();
            // Path parameters are written in the path.
            let wanted_in = match field {
                Field::PathParameters => "path",
                _ => name,
            };
            let text = |value: Option<String>| value.map_or(Json::Null, Json::Text);
            Json::object([
                ("field", Json::text(name)),
                ("expected", text(of(&wanted, wanted_in))),
                ("received", text(of(&received, wanted_in))),
            ])
        };
        Json::Array(self.missed.iter().map(difference).collect())
    }
}

fn cut(text: &str) -> String {
    let (shown, omitted) = masked::cut(text, VALUE_MAX);
    if omitted == 0 {
        shown.to_owned()
    } else {
        format!("{shown}… ({omitted} more bytes)")
    }
}
