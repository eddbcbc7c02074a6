//! `httpResponseObjectCallback` and `httpForwardObjectCallback`: the test's own code answers, or says what to forward.

use std::sync::Arc;

use styk_core::Attributes;

use super::request::RequestChange;
use super::{ActionError, Delay, Performance, Performed, Respond};
use crate::callbacks::CallbackError;
use crate::describe;
use crate::http1::Answer;
use crate::json::Json;
use crate::schema::{Complaints, Fields};

/// A callback over the websocket.
#[derive(Debug)]
pub(crate) struct ObjectCallback {
    client: String,
    /// The callback gives a request to be forwarded, not a response.
    forwards: bool,
    /// It also wants to see the answer to the forwarded request.
    sees_response: bool,
    pub(super) delay: Option<Delay>,
}

impl ObjectCallback {
    pub(super) fn read(
        json: &Json,
        path: &str,
        forwards: bool,
        complaints: &mut Complaints,
    ) -> Option<Self> {
        let mut fields = Fields::of(json, path, complaints)?;
        let client = fields.text("clientId", complaints);
        let sees_response = fields
            .boolean("responseCallback", complaints)
            .unwrap_or_default();
        let delay = super::take_delay(&mut fields, complaints);
        fields.boolean("primary", complaints);
        fields.finish(complaints);
        Some(Self {
            client: client.unwrap_or_default(),
            forwards,
            sees_response,
            delay,
        })
    }

    /// Whether it gives a request to be forwarded.
    pub(crate) fn forwards(&self) -> bool {
        self.forwards
    }

    pub(super) async fn perform(
        &self,
        performance: &Performance<'_>,
    ) -> Result<Performed, ActionError> {
        let request = describe::request(performance.request, describe::Addresses::Shown);
        let answer = self.ask(performance, request.clone(), None).await?;
        if !self.forwards {
            return Ok(Performed {
                outgoing: respond(&answer)?.into(),
                attributes: Attributes::new(),
            });
        }
        let mut complaints = Complaints::without_schema();
        let change = RequestChange::read(&answer, "$", &mut complaints);
        let change = change.filter(|_| complaints.is_empty());
        let change = change.ok_or_else(|| unusable("request", &complaints))?;
        let (mut forwarded, target) = change.send(performance).await?;
        if self.sees_response {
            let response = describe::response(&forwarded.recorded());
            let answer = self.ask(performance, answer, Some(response)).await?;
            forwarded = respond(&answer)?;
        }
        Ok(Performed::forwarded(forwarded, &target))
    }

    async fn ask(
        &self,
        performance: &Performance<'_>,
        request: Json,
        response: Option<Json>,
    ) -> Result<Json, ActionError> {
        let shared = performance.shared;
        let correlation = shared.random_id();
        let limit = shared.limits.callback_timeout;
        let asked = shared
            .callbacks
            .ask(&self.client, &correlation, request, response, limit)
            .await;
        asked.map_err(|error: CallbackError| ActionError::Failed(error.to_string()))
    }
}

fn respond(json: &Json) -> Result<Answer, ActionError> {
    let mut complaints = Complaints::without_schema();
    let respond = Respond::read(json, "$", &mut complaints);
    let respond = respond.filter(|_| complaints.is_empty());
    respond
        .map(|respond| Arc::unwrap_or_clone(respond.answer))
        .ok_or_else(|| unusable("response", &complaints))
}

fn unusable(what: &str, complaints: &Complaints) -> ActionError {
    ActionError::Failed(format!(
        "the callback gave no usable {what}:\n{}",
        complaints.all().join("\n")
    ))
}
