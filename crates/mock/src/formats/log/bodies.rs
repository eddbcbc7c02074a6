//! How the log shows messages: the bodies of requests and responses are short, those of expectations whole.

use crate::formats::message::{in_field_order, typed, with_bodies};
use crate::json::Json;

/// A request as the log shows it.
pub(super) fn request(json: &Json) -> Json {
    short(&in_field_order(json))
}

/// A message whose body is only what it is about.
pub(super) fn short(message: &Json) -> Json {
    with_bodies(message, &|body| {
        let Some((kind, object)) = typed(body) else {
            return body.clone();
        };
        let name = match kind {
            "STRING" => "string",
            "JSON" => "json",
            "XML" => "xml",
            "BINARY" => "base64Bytes",
            _ => return body.clone(),
        };
        object.get(name).unwrap_or(body).clone()
    })
}

/// An expectation or a verification: the bodies stay what they are, without their bytes.
pub(super) fn whole(json: &Json) -> Json {
    with_bodies(json, &|body| {
        let mut body = body.clone();
        if let Json::Object(object) = &mut body {
            object.shift_remove("rawBytes");
        }
        body
    })
}
