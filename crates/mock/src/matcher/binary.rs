//! Messages that are no HTTP: `{"binaryData": <base64>}`.

use super::{RequestMatcher, read_address};
use crate::body::decode_base64;
use crate::json::{Json, Object};
use crate::schema::{Complaints, Fields};

impl RequestMatcher {
    /// Reads a matcher of binary messages.
    pub(super) fn read_binary(mut fields: Fields<'_>, complaints: &mut Complaints) -> Self {
        let path = fields.at("binaryData");
        let encoded = fields.text("binaryData", complaints).unwrap_or_default();
        let not = fields.boolean("not", complaints);
        let address = fields
            .take("socketAddress")
            .and_then(|json| read_address(json, &fields.at("socketAddress"), complaints));
        fields.finish(complaints);
        let address = address.map(|(written, _)| written);
        let written = [
            ("not", not.map(Json::Bool)),
            ("binaryData", Some(Json::text(encoded.as_str()))),
            ("socketAddress", address),
        ];
        let written = written.into_iter();
        let written = written.filter_map(|(name, json)| Some((name.to_owned(), json?)));
        Self {
            binary: decode_base64(&encoded, &path, complaints),
            not: not.unwrap_or_default(),
            written: written.collect::<Object>(),
            ..Self::default()
        }
    }

    /// The bytes that a binary message must have.
    pub(crate) fn binary(&self) -> Option<&[u8]> {
        self.binary.as_deref().filter(|_| !self.not)
    }

    /// Whether it matches a message that is no HTTP; without bytes it matches them all.
    pub(crate) fn takes_binary(&self, message: &[u8]) -> bool {
        self.binary
            .as_ref()
            .is_some_and(|expected| (expected.is_empty() || expected == message) != self.not)
    }
}
