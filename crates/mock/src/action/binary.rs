//! `binaryResponse`: bytes in answer to bytes, outside HTTP.

use bytes::Bytes;

use super::{ActionError, Delay};
use crate::body::decode_base64;
use crate::json::Json;
use crate::schema::{Complaints, Fields};

/// Bytes to answer with.
#[derive(Debug)]
pub(crate) struct BinaryResponse {
    pub(crate) bytes: Bytes,
    pub(crate) delay: Option<Delay>,
}

impl BinaryResponse {
    pub(super) fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, path, complaints)?;
        let encoded = fields.text("binaryData", complaints).unwrap_or_default();
        let delay = super::take_delay(&mut fields, complaints);
        fields.boolean("primary", complaints);
        let bytes = decode_base64(&encoded, &fields.at("binaryData"), complaints);
        fields.finish(complaints);
        Some(Self {
            bytes: bytes?,
            delay,
        })
    }

    /// What becomes of a request over HTTP; the original never answers one.
    pub(super) fn not_http() -> ActionError {
        let reason = "a binaryResponse answers binary messages (httpRequest.binaryData) alone";
        ActionError::Failed(reason.to_owned())
    }
}
