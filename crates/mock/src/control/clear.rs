//! `clear`: expectations, the log, or both; all of it, or what a filter selects.

use std::sync::Arc;

use http::StatusCode;
use styk_core::Exchange;

use super::{Filter, Reply, filter, no_such_expectation, parameter};
use crate::expectation::Expectation;
use crate::formats::{Subject as About, What};
use crate::json::{Json, Object};
use crate::matcher::{RequestMatcher, Subject};
use crate::scope::Scope;
use crate::server::Shared;

/// What is to be cleared.
enum Selected {
    All,
    Matching(Box<RequestMatcher>),
    One(Arc<Expectation>),
}

pub(super) fn clear(
    shared: &Shared,
    scope: &Scope,
    query: &str,
    text: &str,
) -> Result<Reply, Reply> {
    let filter = filter(text)?;
    let selected = match filter {
        Filter::Id(id) => Selected::One(
            scope
                .store
                .get(&id)
                .ok_or_else(|| no_such_expectation(&id))?,
        ),
        Filter::Matcher(matcher) => Selected::Matching(matcher),
        Filter::All => Selected::All,
    };
    let what = parameter(query, "type", &["log", "expectations", "all"], "all")?;
    if what != "expectations" {
        clear_log(shared, scope, &selected);
    }
    if what != "log" {
        clear_expectations(shared, scope, &selected);
    }
    Ok(Reply::empty(StatusCode::OK))
}

fn clear_log(shared: &Shared, scope: &Scope, selected: &Selected) {
    let by = |matcher: &RequestMatcher| {
        let is_cleared = |exchange: &Exchange| {
            exchange
                .request()
                .is_some_and(|request| matcher.matches(&Subject::new(request)))
        };
        scope.recorder.clear(is_cleared);
    };
    match selected {
        Selected::All => scope.recorder.clear_all(),
        Selected::Matching(matcher) => by(matcher),
        Selected::One(expectation) => by(&expectation.request),
    }
    let filter = selected.written();
    let what = What::LogCleared { filter };
    match selected {
        Selected::All => scope.events.restart(shared, what),
        _ => scope.events.add(shared, what),
    }
}

fn clear_expectations(shared: &Shared, scope: &Scope, selected: &Selected) {
    match selected {
        Selected::All => scope.store.remove_all(),
        Selected::Matching(matcher) => scope.store.remove_matching(matcher),
        Selected::One(expectation) => {
            scope.store.remove(&expectation.id);
            let expectation = expectation.written();
            scope.events.add(shared, What::Removed { expectation });
        }
    }
    let by = match selected {
        Selected::One(expectation) => About::Id(expectation.id.to_string()),
        _ => {
            let all = || Json::Object(Object::new());
            About::Matcher(selected.written().unwrap_or_else(all))
        }
    };
    scope.events.add(shared, What::ExpectationsCleared { by });
}

impl Selected {
    fn written(&self) -> Option<Json> {
        match self {
            Self::All => None,
            Self::Matching(matcher) => Some(matcher.written()),
            Self::One(expectation) => Some(expectation.request.written()),
        }
    }
}
