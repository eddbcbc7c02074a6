//! `clear`: expectations, the log, or both; all of it, or what a filter selects.

use std::sync::Arc;

use http::StatusCode;
use styk_core::Exchange;

use super::{Filter, Reply, filter, no_such_expectation, parameter};
use crate::expectation::Expectation;
use crate::matcher::{RequestMatcher, Subject};
use crate::server::Shared;

pub(super) fn clear(shared: &Shared, query: &str, text: &str) -> Result<Reply, Reply> {
    let what = parameter(query, "type", &["log", "expectations", "all"], "all")?;
    let (log, expectations) = (what != "expectations", what != "log");
    match filter(text)? {
        Filter::All => {
            if log {
                shared.recorder.clear_all();
            }
            if expectations {
                shared.store.remove_all();
            }
        }
        Filter::Matcher(matcher) => {
            if log {
                clear_log(shared, &matcher);
            }
            if expectations {
                shared.store.remove_matching(&matcher);
            }
        }
        Filter::Id(id) => {
            let expectation: Arc<Expectation> = shared
                .store
                .get(&id)
                .ok_or_else(|| no_such_expectation(&id))?;
            if log {
                clear_log(shared, &expectation.request);
            }
            if expectations {
                shared.store.remove(&id);
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
