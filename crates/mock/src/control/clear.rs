//! `clear`: expectations, the log, or both; all of it, or what a filter selects.

use std::sync::Arc;

use http::StatusCode;
use styk_core::Exchange;

use super::{Filter, Reply, filter, no_such_expectation, parameter};
use crate::expectation::Expectation;
use crate::matcher::{RequestMatcher, Subject};
use crate::server::Shared;

/// What is to be cleared.
enum Selected {
    All,
    Matching(Box<RequestMatcher>),
    One(Arc<Expectation>),
}

pub(super) fn clear(shared: &Shared, query: &str, text: &str) -> Result<Reply, Reply> {
    let filter = filter(text)?;
    let filter = match filter {
        Filter::Id(id) => Selected::One(
            shared
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
                shared.recorder.clear_all();
            }
            if expectations {
                shared.store.remove_all();
            }
        }
        Selected::Matching(matcher) => {
            if log {
                clear_log(shared, &matcher);
            }
            if expectations {
                shared.store.remove_matching(&matcher);
            }
        }
        Selected::One(expectation) => {
            if log {
                clear_log(shared, &expectation.request);
            }
            if expectations {
                shared.store.remove(&expectation.id);
            }
        }
    }
    Ok(Reply::empty(StatusCode::OK))
}

fn clear_log(shared: &Shared, matcher: &RequestMatcher) {
    let is_cleared = |exchange: &Exchange| {
        exchange
            .request()
            .is_some_and(|request| matcher.matches(&Subject::new(request)))
    };
    shared.recorder.clear(is_cleared);
}
