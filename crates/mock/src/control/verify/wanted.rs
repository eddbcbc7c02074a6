//! What a verification looks for, and how often.

use std::fmt;

use styk_core::Exchange;

use super::response::ResponseMatcher;
use crate::describe::matcher_in_order;
use crate::json::{Json, Object};
use crate::matcher::{RequestMatcher, Subject};
use crate::scope::Scope;

/// An exchange that is looked for: everything given must fit.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) request: Option<RequestWanted>,
    pub(super) response: Option<ResponseMatcher>,
    pub(super) disposition: Option<Disposition>,
}

#[derive(Debug)]
pub(super) enum RequestWanted {
    Matcher(Box<RequestMatcher>),
    /// Requests that this expectation answered.
    AnsweredBy(String),
}

/// Who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Disposition {
    Mocked,
    Forwarded,
}

/// How often a request should have come. -1 over the wire is no bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Times {
    pub(super) at_least: Option<u64>,
    pub(super) at_most: Option<u64>,
}

impl Wanted {
    pub(super) fn is_met_by(&self, exchange: &Exchange) -> bool {
        self.fits_request(exchange)
            && self.fits_disposition(exchange)
            && self
                .response
                .as_ref()
                .is_none_or(|response| response.matches(exchange))
    }

    /// Whether the request is the one looked for, whatever was answered.
    pub(super) fn fits_request(&self, exchange: &Exchange) -> bool {
        match &self.request {
            None => true,
            Some(RequestWanted::Matcher(matcher)) => exchange
                .request()
                .is_some_and(|request| matcher.matches(&Subject::new(request))),
            Some(RequestWanted::AnsweredBy(id)) => exchange.attribute("expectation") == Some(id),
        }
    }

    fn fits_disposition(&self, exchange: &Exchange) -> bool {
        let is_forwarded = exchange.attribute("forwarded_to").is_some();
        match self.disposition {
            None => true,
            Some(Disposition::Forwarded) => is_forwarded,
            Some(Disposition::Mocked) => {
                !is_forwarded && exchange.attribute("expectation").is_some()
            }
        }
    }

    /// The path, when only exchanges on it can be meant and the journal can look it up.
    pub(super) fn literal_path(&self) -> Option<&str> {
        match &self.request {
            Some(RequestWanted::Matcher(matcher)) => {
                matcher.literal_path().filter(|path| path.is_ascii())
            }
            _ => None,
        }
    }

    /// What the refusal says was expected.
    pub(super) fn written(&self, scope: &Scope) -> Json {
        if let Some(response) = &self.response {
            return response.written();
        }
        match &self.request {
            Some(RequestWanted::Matcher(matcher)) => matcher_in_order(matcher.written()),
            Some(RequestWanted::AnsweredBy(id)) => {
                let mounted = scope.store.get(id);
                let mounted =
                    mounted.map(|expectation| matcher_in_order(expectation.request.written()));
                mounted.unwrap_or_else(|| Json::object([("id", Json::text(id))]))
            }
            None => Json::Object(Object::new()),
        }
    }
}

impl Times {
    pub(super) const ONCE: Self = Self {
        at_least: Some(1),
        at_most: Some(1),
    };
}

impl fmt::Display for Times {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |count: u64| {
            if count == 1 {
                "once".to_owned()
            } else {
                format!("{count} times")
            }
        };
        match (self.at_least, self.at_most) {
            (Some(least), Some(most)) if least == most => {
                write!(formatter, "exactly {}", count(least))
            }
            (Some(least), Some(most)) => write!(formatter, "between {least} and {most} times"),
            (Some(least), None) => write!(formatter, "at least {}", count(least)),
            (None, Some(most)) => write!(formatter, "at most {}", count(most)),
            (None, None) => formatter.write_str("any number of times"),
        }
    }
}
