//! Recorded exchanges in MockServer's JSON. Requests have their fields in alphabetical order; within them, bodies keep
//! theirs.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use styk_core::{Exchange, Headers, Request, Response};

use crate::json::{Json, Object, parse_strict};
use crate::matcher::Subject;

/// Whether the addresses of both ends are part of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Addresses {
    Shown,
    Left,
}

/// The request of an exchange, its fields in alphabetical order.
pub(crate) fn request_json(exchange: &Exchange) -> Json {
    let described = exchange
        .request()
        .map(|request| self::request(request, Addresses::Left));
    described.unwrap_or(Json::Null)
}

/// A request, its fields in alphabetical order.
pub(crate) fn request(request: &Request, addresses: Addresses) -> Json {
    let subject = Subject::new(request);
    let mut object = Object::new();
    if !request.body.is_empty() {
        object.insert(
            "body".to_owned(),
            body_json(
                &request.body,
                request.headers.text("content-type").as_deref(),
            ),
        );
    }
    if !subject.cookies().is_empty() {
        let cookies = subject.cookies().iter();
        let cookies = cookies.map(|(name, value)| (name.to_string(), Json::text(value.as_ref())));
        object.insert("cookies".to_owned(), Json::Object(cookies.collect()));
    }
    let mut headers = headers_json(&request.headers);
    if !subject.declares_body() {
        // The original adds this header to requests without a body.
        headers.insert(
            "content-length".to_owned(),
            Json::Array(vec![Json::text("0")]),
        );
    }
    headers.sort_unstable_keys();
    object.insert("headers".to_owned(), Json::Object(headers));
    object.insert("keepAlive".to_owned(), Json::Bool(subject.keep_alive()));
    let ends = request
        .transport
        .as_ref()
        .filter(|_| addresses == Addresses::Shown);
    if let Some(transport) = ends {
        object.insert(
            "localAddress".to_owned(),
            Json::text(transport.local.to_string()),
        );
    }
    object.insert("method".to_owned(), Json::text(subject.method()));
    object.insert("path".to_owned(), Json::text(subject.path()));
    object.insert("protocol".to_owned(), Json::text(subject.protocol()));
    if !subject.query().is_empty() {
        let query = subject
            .query()
            .iter()
            .map(|(name, value)| (name.as_ref(), value.as_ref()));
        object.insert("queryStringParameters".to_owned(), grouped(query));
    }
    if let Some(transport) = ends {
        object.insert(
            "remoteAddress".to_owned(),
            Json::text(transport.remote.to_string()),
        );
    }
    object.insert("secure".to_owned(), Json::Bool(subject.is_secure()));
    Json::Object(object)
}

/// A request matcher with its fields in alphabetical order, as refusals show it.
pub(crate) fn in_order(matcher: Json) -> Json {
    match matcher {
        Json::Object(mut object) => {
            object.sort_unstable_keys();
            Json::Object(object)
        }
        other => other,
    }
}

/// The response of an exchange.
pub(crate) fn response(response: &Response) -> Json {
    let mut object = Object::new();
    object.insert(
        "statusCode".to_owned(),
        Json::number(response.status.as_u16()),
    );
    if let Some(reason) = response.status.canonical_reason() {
        object.insert("reasonPhrase".to_owned(), Json::text(reason));
    }
    let headers = headers_json(&response.headers);
    if !headers.is_empty() {
        object.insert("headers".to_owned(), Json::Object(headers));
    }
    if !response.body.is_empty() {
        object.insert(
            "body".to_owned(),
            body_json(
                &response.body,
                response.headers.text("content-type").as_deref(),
            ),
        );
    }
    Json::Object(object)
}

fn headers_json(headers: &Headers) -> Object {
    let pairs = headers
        .iter()
        .map(|(name, value)| (name, String::from_utf8_lossy(value)));
    match grouped(pairs) {
        Json::Object(object) => object,
        _ => Object::new(),
    }
}

fn grouped<'a, V: AsRef<str>>(pairs: impl Iterator<Item = (&'a str, V)>) -> Json {
    let mut object = Object::new();
    for (name, value) in pairs {
        let values = object
            .entry(name.to_owned())
            .or_insert_with(|| Json::Array(Vec::new()));
        if let Json::Array(values) = values {
            values.push(Json::text(value.as_ref()));
        }
    }
    Json::Object(object)
}

/// The form of a recorded body depends on its content type.
fn body_json(body: &Bytes, content_type: Option<&str>) -> Json {
    let text = String::from_utf8_lossy(body);
    let Some(content_type) = content_type else {
        return Json::text(text);
    };
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let typed = |kind: &str, name: &str, value: Json, with_bytes: bool| {
        let mut object = Object::new();
        if kind == "JSON" {
            object.insert("contentType".to_owned(), Json::text(content_type));
        }
        object.insert("type".to_owned(), Json::text(kind));
        object.insert(name.to_owned(), value);
        if with_bytes {
            object.insert("rawBytes".to_owned(), Json::Text(STANDARD.encode(body)));
        }
        object
            .entry("contentType".to_owned())
            .or_insert_with(|| Json::text(content_type));
        Json::Object(object)
    };
    if essence == "application/json" || essence.ends_with("+json") {
        match parse_strict(&text) {
            Ok(json) => typed("JSON", "json", json, false),
            Err(_malformed) => typed("JSON", "rawBytes", Json::Text(STANDARD.encode(body)), false),
        }
    } else if essence.ends_with("/xml") || essence.ends_with("+xml") {
        typed("XML", "xml", Json::text(text), true)
    } else if essence.starts_with("text/") || essence == "application/x-www-form-urlencoded" {
        typed("STRING", "string", Json::text(text), true)
    } else {
        typed(
            "BINARY",
            "base64Bytes",
            Json::Text(STANDARD.encode(body)),
            false,
        )
    }
}
