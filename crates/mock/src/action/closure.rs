//! A closure of the Rust program that holds the server answers.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::{Action, ActionError, Performance, Performed};
use crate::json::Json;
use crate::library::{RecordedRequest, Response};
use crate::schema::Complaints;

/// Answers in the same process.
#[derive(Clone)]
pub(crate) struct Closure(Arc<Answering>);

type Answering = dyn Fn(RecordedRequest) -> BoxFuture<'static, Response> + Send + Sync;

impl Closure {
    /// The field that holds its place while an expectation is read.
    pub(crate) const PLACE: &'static str = "httpResponse";

    pub(crate) fn new<F>(answer: impl Fn(RecordedRequest) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Response> + Send + 'static,
    {
        Self(Arc::new(move |request| answer(request).boxed()))
    }

    /// What those read who ask for the expectations: the nearest thing that MockServer has.
    pub(crate) fn written() -> (&'static str, Json) {
        let callback = Json::object([("callbackClass", Json::text("a closure in Rust"))]);
        ("httpResponseClassCallback", callback)
    }

    pub(super) async fn perform(
        &self,
        performance: &Performance<'_>,
    ) -> Result<Performed, ActionError> {
        let now = performance.shared.clock.now();
        let request = RecordedRequest::new(performance.request, now);
        // The closure may panic before its future is there, or later.
        let answering = AssertUnwindSafe(async { (self.0)(request).await }).catch_unwind();
        let response = answering.await.map_err(panicked)?;
        let unusable = |text: String| {
            ActionError::Failed(format!("the closure gave no usable response: {text}"))
        };
        let (name, json) = response.written().map_err(unusable)?;
        let mut complaints = Complaints::default();
        let (_, action) = Action::read_one(name, &json, &mut complaints);
        match action {
            Some((Action::Respond(respond), _)) if complaints.is_empty() => {
                if let Some(delay) = &respond.delay {
                    performance.shared.wait(delay).await;
                }
                Ok(respond.answer_to(performance).into())
            }
            Some((Action::Break(broken), _)) if complaints.is_empty() => {
                if let Some(delay) = &broken.delay {
                    performance.shared.wait(delay).await;
                }
                Ok(broken.outgoing().into())
            }
            _ => Err(unusable(complaints.all().join("\n"))),
        }
    }
}

impl fmt::Debug for Closure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Closure")
    }
}

fn panicked(payload: Box<dyn std::any::Any + Send>) -> ActionError {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    let text = text.unwrap_or_else(|| "no message".to_owned());
    ActionError::Failed(format!("the closure panicked: {text}"))
}
