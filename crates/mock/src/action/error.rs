//! `httpError`: raw bytes past the protocol, the end of the connection, or both.

use bytes::Bytes;

use super::Delay;
use crate::body::decode_base64;
use crate::data::Outgoing;
use crate::json::Json;
use crate::schema::{Complaints, Fields};

/// What to do to the connection instead of an answer.
#[derive(Debug)]
pub(crate) struct Break {
    bytes: Bytes,
    drop_connection: bool,
    pub(super) delay: Option<Delay>,
}

impl Break {
    pub(super) fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, path, complaints)?;
        // HTTP/1.1 has no streams: the connection stands for one.
        let stream_error = fields.integer("streamError", complaints).is_some();
        fields.boolean("primary", complaints);
        let drop_connection = fields
            .boolean("dropConnection", complaints)
            .unwrap_or_default();
        let encoded = fields.text("responseBytes", complaints).unwrap_or_default();
        let delay = fields
            .take("delay")
            .and_then(|json| Delay::read(json, &format!("{path}.delay"), complaints));
        fields.finish(complaints);
        let bytes = decode_base64(&encoded, &format!("{path}.responseBytes"), complaints)?;
        Some(Self {
            bytes,
            drop_connection: drop_connection || stream_error,
            delay,
        })
    }

    /// Without bytes to write there is only the end of the connection.
    pub(super) fn outgoing(&self) -> Outgoing {
        Outgoing::Break {
            bytes: self.bytes.clone(),
            drop_connection: self.drop_connection || self.bytes.is_empty(),
        }
    }
}
