//! Small extractors.

use std::net::IpAddr;

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;

use crate::error::ApiError;

/// The `{id}` of the path. Whatever it is, a wrong one is an object that does not exist.
#[derive(Clone, Debug)]
pub(crate) struct Id(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let params = RawPathParams::from_request_parts(parts, state).await;
        let params = params.map_err(|_| ApiError::not_found("object"))?;
        let id = params
            .iter()
            .find(|(name, _)| *name == "id")
            .map(|(_, value)| value.to_owned());
        id.map(Self)
            .ok_or_else(|| ApiError::internal("the route has no {id}"))
    }
}

/// Who is at the other end of the connection: the client, or a proxy in between.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for Peer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let peer = parts.extensions.get::<Self>().copied();
        peer.ok_or_else(|| ApiError::internal("the request has no peer"))
    }
}
