//! `clear`: expectations, the log, or both; all of it, or what a filter selects.

use std::sync::Arc;

use http::StatusCode;
use styk_core::Exchange;

use super::{Filter, Reply, filter, no_such_expectation, parameter};
use crate::expectation::Expectation;
use crate::matcher::{RequestMatcher, Subject};
use crate::scope::Scope;

/// What is to be cleared.
enum Selected {
    All,
    Matching(Box<RequestMatcher>),
    One(Arc<Expectation>),
}

pub(super) fn clear(scope: &Scope, query: &str, text: &str) -> Result<Reply, Reply> {
    let filter = filter(text)?;
    let filter = match filter {
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
    let (log, expectations) = (what != "expectations", what != "log");
    match filter {
        Selected::All => {
            if log {
                scope.recorder.clear_all();
            }
            if expectations {
                scope.store.remove_all();
            }
        }
        Selected::Matching(matcher) => {
            if log {
                clear_log(scope, &matcher);
            }
            if expectations {
                scope.store.remove_matching(&matcher);
            }
        }
        Selected::One(expectation) => {
            if log {
                clear_log(scope, &expectation.request);
            }
            if expectations {
                scope.store.remove(&expectation.id);
            }
        }
    }
    Ok(Reply::empty(StatusCode::OK))
}

fn clear_log(scope: &Scope, matcher: &RequestMatcher) {
    let is_cleared = |exchange: &Exchange| {
        exchange
            .request()
            .is_some_and(|request| matcher.matches(&Subject::new(request)))
    };
    scope.recorder.clear(is_cleared);
}
