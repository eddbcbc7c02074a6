//! `httpResponseClassCallback`: a class of the server answers. Of the original's own classes there is one.

use bytes::Bytes;
use http::StatusCode;

use super::{Delay, Performance, Performed};
use crate::http1::Answer;
use crate::json::{Json, compact, pretty};
use crate::matcher::Subject;
use crate::schema::{Complaints, Fields};

/// The class that answers with the discovery document of the mocked identity provider.
pub(crate) const DISCOVERY_CLASS: &str = "org.mockserver.oidc.OidcDiscoveryCallback";

#[derive(Debug)]
pub(crate) struct DiscoveryCallback {
    pub(super) delay: Option<Delay>,
}

impl DiscoveryCallback {
    pub(super) fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, path, complaints)?;
        let class = fields.text("callbackClass", complaints);
        let delay = super::take_delay(&mut fields, complaints);
        fields.boolean("primary", complaints);
        fields.finish(complaints);
        if class.as_deref() != Some(DISCOVERY_CLASS) {
            complaints.not_built("httpResponseClassCallback");
            return None;
        }
        Some(Self { delay })
    }

    pub(super) fn perform(performance: &Performance<'_>) -> Performed {
        let own = performance.scope.oidc.get();
        let provider = own.or_else(|| performance.shared.scopes.common().oidc.get());
        let (status, body) = match provider {
            Some(provider) => (
                StatusCode::OK,
                pretty(&provider.discovery(&address(performance.request))),
            ),
            None => {
                let error = Json::object([("error", Json::text("no OIDC provider configured"))]);
                (StatusCode::NOT_FOUND, compact(&error))
            }
        };
        let content_type = [("content-type", "application/json; charset=utf-8")];
        Answer {
            headers: content_type.into_iter().collect(),
            body: Bytes::from(body),
            ..Answer::new(status)
        }
        .into()
    }
}

/// Where the client found the server.
fn address(request: &styk_core::Request) -> String {
    let scheme = if Subject::new(request).is_secure() {
        "https"
    } else {
        "http"
    };
    let host = request.headers.text("host");
    format!("{scheme}://{}", host.as_deref().unwrap_or("localhost"))
}
