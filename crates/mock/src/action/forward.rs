//! `httpForward` and `httpOverrideForwardedRequest`: another server answers, perhaps with changes on both ways.

use styk_core::Attributes;

use super::change::{RequestModifier, ResponseChange};
use super::modifier::ResponseModifier;
use super::request::RequestChange;
use super::{ActionError, Delay, Performance, Performed};
use crate::http1::Answer;
use crate::json::Json;
use crate::matcher::Subject;
use crate::schema::{Complaints, Fields};
use crate::server::Shared;
use crate::upstream::{Outbound, Target};

/// A server that answers instead.
#[derive(Debug)]
pub(crate) struct Forward {
    /// MockServer takes a target that is none, and fails when it is used.
    target: Option<Target>,
    pub(super) delay: Option<Delay>,
}

/// A server that answers instead, and what to change of request and response.
#[derive(Debug)]
pub(crate) struct Override {
    request: Option<RequestChange>,
    request_modifier: Option<RequestModifier>,
    response: Option<ResponseChange>,
    response_modifier: Option<ResponseModifier>,
    pub(super) delay: Option<Delay>,
}

impl Forward {
    pub(super) fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, path, complaints)?;
        let host = fields.text("host", complaints);
        let port = fields.integer("port", complaints);
        let secure = fields.word("scheme", &["HTTP", "HTTPS"], complaints) == Some("HTTPS");
        let delay = super::take_delay(&mut fields, complaints);
        fields.boolean("primary", complaints);
        fields.finish(complaints);
        let port = u16::try_from(port.unwrap_or(80)).ok();
        let target = host
            .zip(port)
            .map(|(host, port)| Target { secure, host, port });
        Some(Self { target, delay })
    }

    pub(super) async fn perform(
        &self,
        performance: &Performance<'_>,
    ) -> Result<Performed, ActionError> {
        let outbound = Outbound::of(performance.request);
        let nowhere = || ActionError::Upstream("httpForward names no host or no port".to_owned());
        let target = self.target.as_ref().ok_or_else(nowhere)?;
        let answer = performance.shared.forward(target, &outbound).await?;
        Ok(Performed::forwarded(answer, target))
    }
}

/// Fields of MockServer that change requests and responses in ways this server does not.
const NOT_BUILT: &[&str] = &["responseTemplate"];

/// An override has two forms, and must show by its fields which one it is.
const BOTH_FORMS: &[&str] = &["delay", "primary"];

impl Override {
    pub(super) fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, path, complaints)?;
        if matches!(json, Json::Object(object) if object.keys().all(|name| BOTH_FORMS.contains(&name.as_str())))
        {
            complaints.error(
                path,
                "should be valid to one and only one schema, but 2 are valid with indexes '0, 1'",
            );
        }
        fields.refuse(NOT_BUILT, complaints);
        let request = fields
            .take("requestOverride")
            .or_else(|| fields.take("httpRequest"));
        let request = request
            .and_then(|json| RequestChange::read(json, &fields.at("requestOverride"), complaints));
        let request_modifier = fields.take("requestModifier");
        let request_modifier = request_modifier.and_then(|json| {
            RequestModifier::read(json, &fields.at("requestModifier"), complaints)
        });
        let response = fields
            .take("responseOverride")
            .or_else(|| fields.take("httpResponse"));
        let response = response.and_then(|json| {
            ResponseChange::read(json, &fields.at("responseOverride"), complaints)
        });
        let response_modifier = fields.take("responseModifier");
        let response_modifier = response_modifier.and_then(|json| {
            ResponseModifier::read(json, &fields.at("responseModifier"), complaints)
        });
        let delay = super::take_delay(&mut fields, complaints);
        fields.boolean("primary", complaints);
        fields.finish(complaints);
        Some(Self {
            request,
            request_modifier,
            response,
            response_modifier,
            delay,
        })
    }

    pub(super) async fn perform(
        &self,
        performance: &Performance<'_>,
    ) -> Result<Performed, ActionError> {
        let mut outbound = Outbound::of(performance.request);
        let was_secure = Subject::new(performance.request).is_secure();
        if let Some(change) = &self.request {
            change.apply(&mut outbound);
        }
        if let Some(modifier) = &self.request_modifier {
            modifier.apply(&mut outbound).map_err(ActionError::Failed)?;
        }
        let target = match &self.request {
            Some(change) => change.target(&outbound, was_secure),
            None => RequestChange::default().target(&outbound, was_secure),
        };
        let target = performance.shared.foreign(target)?;
        let mut answer = performance.shared.forward(&target, &outbound).await?;
        if let Some(change) = &self.response {
            change.apply(&mut answer);
        }
        if let Some(modifier) = &self.response_modifier {
            modifier.apply(&mut answer, performance.request);
        }
        Ok(Performed::forwarded(answer, &target))
    }
}

impl Performed {
    /// An answer that another server gave.
    pub(crate) fn forwarded(answer: Answer, target: &Target) -> Self {
        let attributes = Attributes::from([("forwarded_to", target.authority())]);
        Self {
            outgoing: answer.into(),
            attributes,
        }
    }
}

impl RequestChange {
    /// Sends the request that stands for itself; the answer, and who gave it.
    pub(super) async fn send(
        &self,
        performance: &Performance<'_>,
    ) -> Result<(Answer, Target), ActionError> {
        let shared = performance.shared;
        let outbound = self.outbound();
        let was_secure = Subject::new(performance.request).is_secure();
        let target = shared.foreign(self.target(&outbound, was_secure))?;
        let answer = shared.forward(&target, &outbound).await?;
        Ok((answer, target))
    }
}

impl Shared {
    /// Hands a request on.
    pub(crate) async fn forward(
        &self,
        target: &Target,
        outbound: &Outbound,
    ) -> Result<Answer, ActionError> {
        let sent = self.upstream.send(&self.settings(), target, outbound).await;
        sent.map_err(|error| ActionError::Upstream(error.to_string()))
    }

    /// The target of a request that names its host itself; this very server would answer itself without end.
    pub(crate) fn foreign(&self, target: Option<Target>) -> Result<Target, ActionError> {
        let target = target.ok_or_else(|| {
            let reason = "the request to be forwarded names no host: give a `Host` header or a `socketAddress`";
            ActionError::Failed(reason.to_owned())
        })?;
        let is_here = ["localhost", "127.0.0.1", "::1", "0.0.0.0"].contains(&target.host.as_str());
        if is_here && self.ports().contains(&target.port) {
            let reason = format!("the request would be forwarded to this server itself ({target})");
            return Err(ActionError::Failed(reason));
        }
        Ok(target)
    }
}
