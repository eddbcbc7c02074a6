//! What the library does on one scope of a server, or on the common ground.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use http::{Method, StatusCode, Uri};
use styk_core::{Exchange, Headers, Request};

use super::{Expectations, RecordedRequest, RequestPattern, VerificationError};
use crate::control;
use crate::error::ExpectationError;
use crate::expectation::incorrect_format;
use crate::json::{Json, compact, pretty};
use crate::matcher::{RequestMatcher, Subject};
use crate::schema::Complaints;
use crate::scope::{SCOPE_HEADER, Scope};
use crate::server::Shared;

/// A server, and the scope that is spoken of; `None` is the common ground.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    pub(super) shared: Arc<Shared>,
    pub(super) scope: Option<Arc<str>>,
}

impl Ground {
    pub(crate) fn expect(
        &self,
        expectations: Expectations,
    ) -> Result<Vec<String>, ExpectationError> {
        let read = expectations.read()?;
        let scope = self.open()?;
        let mounted = scope.store.register(read.specs)?;
        let ids: Vec<String> = mounted.iter().map(|one| one.id.to_string()).collect();
        for (id, count) in ids.iter().zip(read.expected) {
            scope.promises.keep(id, count);
        }
        Ok(ids)
    }

    pub(crate) fn remove(&self, id: &str) -> bool {
        self.open().is_ok_and(|scope| {
            scope.promises.keep(id, None);
            scope.store.remove(id)
        })
    }

    pub(crate) fn reset(&self) {
        if let Ok(scope) = self.open() {
            self.shared.reset(&scope);
        }
    }

    pub(super) fn requests(&self) -> Vec<RecordedRequest> {
        self.select(|_| true)
    }

    pub(super) fn received(
        &self,
        pattern: &RequestPattern,
    ) -> Result<Vec<RecordedRequest>, ExpectationError> {
        let json = pattern.written().map_err(ExpectationError::Invalid)?;
        let mut complaints = Complaints::default();
        let matcher = RequestMatcher::read(&json, "$", &mut complaints);
        if !complaints.errors.is_empty() {
            let text = incorrect_format("request matcher", &pretty(&json), &complaints);
            return Err(ExpectationError::Invalid(text));
        }
        if !complaints.not_built.is_empty() {
            let features = complaints.not_built;
            return Err(ExpectationError::NotBuilt { features });
        }
        let matches = |exchange: &Exchange| {
            let request = exchange.request();
            request.is_some_and(|request| matcher.matches(&Subject::new(request)))
        };
        Ok(self.select(matches))
    }

    pub(super) fn answered_by(&self, id: &str) -> Vec<RecordedRequest> {
        self.select(|exchange| exchange.attribute("expectation") == Some(id))
    }

    pub(super) fn promises(&self) -> Vec<(String, super::Count)> {
        self.open()
            .map(|scope| scope.promises.all())
            .unwrap_or_default()
    }

    pub(super) fn scenario_state(&self, name: &str) -> String {
        match self.open() {
            Ok(scope) => scope.store.scenarios.state(name),
            Err(_not_open) => "Started".to_owned(),
        }
    }

    pub(super) fn set_scenario_state(
        &self,
        name: &str,
        state: &str,
    ) -> Result<(), ExpectationError> {
        let scope = self.open()?;
        let set = scope.store.scenarios.set(name, state.to_owned(), None);
        set.map_err(|error| ExpectationError::Invalid(error.to_string()))
    }

    /// Asks the control plane for a verification. Nothing in one without a time to wait is waited for, so that the
    /// answer is there at once.
    pub(super) fn ask(&self, operation: &str, body: &Json) -> Result<(), VerificationError> {
        let path = format!("/mockserver/{operation}");
        let refused = |text: String| VerificationError::Invalid(ExpectationError::Invalid(text));
        let uri: Uri = path.parse().map_err(|_| refused(path.clone()))?;
        let body = Bytes::from(compact(body));
        let request = Request::new(Method::PUT, uri, self.headers(), body);
        let answer = control::operation(&self.shared, &Method::PUT, &path).and_then(|operation| {
            control::answer(&self.shared, operation, &request).now_or_never()
        });
        let Some(answer) = answer else {
            return Err(refused(format!("{path} gave no answer")));
        };
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        match answer.status {
            status if status.is_success() => Ok(()),
            StatusCode::NOT_ACCEPTABLE if text.starts_with("Verification incomplete") => {
                Err(VerificationError::Incomplete { report: text })
            }
            StatusCode::NOT_ACCEPTABLE => Err(VerificationError::Unmet { report: text }),
            _ => Err(refused(text)),
        }
    }

    pub(super) fn journal(&self) -> &styk_core::Journal {
        self.shared.scopes.common().recorder.journal()
    }

    /// A scope that cannot be opened, since there are too many, has received nothing.
    fn select(&self, mut wanted: impl FnMut(&Exchange) -> bool) -> Vec<RecordedRequest> {
        let Ok(scope) = self.open() else {
            return Vec::new();
        };
        let recorded = scope.recorder.recorded();
        let exchanges = recorded.exchanges.iter().filter(|one| wanted(one));
        exchanges
            .filter_map(|exchange| RecordedRequest::of(exchange))
            .collect()
    }

    fn open(&self) -> Result<Arc<Scope>, ExpectationError> {
        let opened = self.shared.scopes.of(&self.headers());
        opened.map_err(|error| ExpectationError::Invalid(error.to_string()))
    }

    fn headers(&self) -> Headers {
        let name = self.scope.as_deref();
        name.map(|name| (SCOPE_HEADER, name)).into_iter().collect()
    }
}
