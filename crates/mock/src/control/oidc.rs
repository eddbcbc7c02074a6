//! `oidc`: an identity provider that tells about itself.

use super::{Reply, register_all};
use crate::action::DISCOVERY_CLASS;
use crate::json::{Json, Object, parse_lenient};
use crate::oidc::{DISCOVERY_PATH, Provider};
use crate::openapi::Sources;
use crate::schema::Complaints;
use crate::scope::Scope;
use crate::server::Shared;

/// Serves the discovery document; its endpoints answer what is registered for them.
pub(super) fn set(shared: &Shared, scope: &Scope, text: &str) -> Result<Reply, Reply> {
    let json = match text {
        "" => Json::Object(Object::new()),
        text => parse_lenient(text).map_err(|error| Reply::bad_request(error.to_string()))?,
    };
    let mut complaints = Complaints::default();
    let provider = Provider::read(&json, &mut complaints);
    if let Some(refusal) = Reply::complaints("oidc provider", text, &complaints) {
        return Err(refusal);
    }
    let request = [
        ("method", Json::text("GET")),
        ("path", Json::text(DISCOVERY_PATH)),
    ];
    let callback = [("callbackClass", Json::text(DISCOVERY_CLASS))];
    let expectation = Json::object([
        ("id", Json::text("oidc.discovery")),
        ("httpRequest", Json::object(request)),
        ("httpResponseClassCallback", Json::object(callback)),
    ]);
    let registered = register_all(shared, scope, &expectation, &Sources::default())?;
    scope.oidc.set(provider);
    Ok(registered)
}
