//! Recorded exchanges in MockServer's JSON.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use styk_core::{ClientCertificate, Exchange, Headers, Outcome, Request, Response};

use crate::closest::HINT_HEADER;
use crate::json::{Json, Object, compact, parse_strict};
use crate::matcher::Subject;

mod order;

use order::in_order;
pub(crate) use order::{falling, matcher_in_order};

const JSON_TYPE: &str = "application/json; charset=utf-8";

const ADDRESSES: &[&str] = &["localAddress", "remoteAddress"];

/// Headers of an answer that say how it travelled, or that the server adds for the caller alone.
const TRAVEL: &[&str] = &[
    "connection",
    "content-length",
    "transfer-encoding",
    HINT_HEADER,
];

/// Whether the addresses of both ends are part of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Addresses {
    Shown,
    Left,
}

/// The request of an exchange, its fields in alphabetical order, without the addresses of both ends.
pub(crate) fn request_json(exchange: &Exchange) -> Json {
    let request = exchange.request();
    match request.map(|request| self::request(request, Addresses::Left)) {
        Some(request) => in_order(request),
        None => Json::Null,
    }
}

/// As [`request_json`], with the bytes of a body that is JSON wherever the JSON alone does not give them back.
pub(crate) fn request_with_bytes(request: &Request) -> Json {
    let Json::Object(mut object) = record(request) else {
        return Json::Null;
    };
    object.retain(|name, _| !ADDRESSES.contains(&&**name));
    if let Some(body) = object.get_mut("body") {
        let is_the_same = match body {
            Json::Object(body) => body
                .get("json")
                .is_some_and(|json| compact(json).as_bytes() == request.body),
            _ => true,
        };
        if is_the_same {
            leave_bytes(body);
        }
    }
    in_order(Json::Object(object))
}

/// A request, its fields in the order of the original's records.
pub(crate) fn request(request: &Request, addresses: Addresses) -> Json {
    let mut object = record(request);
    if let Json::Object(object) = &mut object {
        object.retain(|name, _| addresses == Addresses::Shown || !ADDRESSES.contains(&&**name));
        if let Some(body) = object.get_mut("body") {
            leave_bytes(body);
        }
    }
    object
}

/// All that is known of a request. Bodies that are JSON have their bytes beside it.
pub(crate) fn record(request: &Request) -> Json {
    let subject = Subject::new(request);
    let mut object = Object::new();
    let mut put = |name: &str, value: Json| object.insert(name.to_owned(), value);
    put("method", Json::text(subject.method()));
    put("path", Json::text(subject.path()));
    if !subject.query().is_empty() {
        let query = subject
            .query()
            .iter()
            .map(|(name, value)| (name.as_ref(), value.as_ref()));
        put(
            "queryStringParameters",
            Json::Object(falling(grouped(query))),
        );
    }
    let mut headers = headers_json(&request.headers);
    if !subject.declares_body() {
        // The original adds this header to requests without a body.
        headers.insert(
            "content-length".to_owned(),
            Json::Array(vec![Json::text("0")]),
        );
    }
    put("headers", Json::Object(falling(headers)));
    if !subject.cookies().is_empty() {
        let cookies = subject.cookies().iter();
        let cookies = cookies.map(|(name, value)| (name.to_string(), Json::text(value.as_ref())));
        put("cookies", Json::Object(cookies.collect()));
    }
    put("keepAlive", Json::Bool(subject.keep_alive()));
    put("secure", Json::Bool(subject.is_secure()));
    put("protocol", Json::text(subject.protocol()));
    if let Some(transport) = &request.transport {
        if !transport.client_certificates.is_empty() {
            let chain = transport.client_certificates.iter().map(certificate);
            put("clientCertificateChain", Json::Array(chain.collect()));
        }
        put("localAddress", Json::text(transport.local.to_string()));
        put("remoteAddress", Json::text(transport.remote.to_string()));
    }
    if !request.body.is_empty() {
        let content_type = request.headers.text("content-type");
        put("body", body_json(&request.body, content_type.as_deref()));
    }
    Json::Object(object)
}

fn certificate(certificate: &ClientCertificate) -> Json {
    Json::object([
        ("issuerDistinguishedName", Json::text(&certificate.issuer)),
        ("subjectDistinguishedName", Json::text(&certificate.subject)),
        ("serialNumber", Json::text(&certificate.serial_number)),
        (
            "signatureAlgorithmName",
            Json::text(&certificate.signature_algorithm),
        ),
    ])
}

/// The answer of an exchange: as whoever asked for it wrote it, else as it was sent.
pub(crate) fn response_json(exchange: &Exchange) -> Option<Json> {
    let sent = exchange.response()?;
    let facts = exchange.shared_at_end();
    let written = facts.and_then(|facts| facts.answer_as_written.as_deref());
    let written = written.and_then(|text| parse_strict(text).ok());
    // An expectation may also answer in other ways, such as by a failure that it was asked for.
    let written = written.filter(|written| status_written(written) == sent.status.as_u16());
    let written = written.filter(|_| exchange.outcome() == Some(&Outcome::Answered));
    Some(written.unwrap_or_else(|| response(sent)))
}

fn status_written(response: &Json) -> u16 {
    let given = match response {
        Json::Object(object) => match object.get("statusCode") {
            Some(Json::Number(text)) => text.parse().ok(),
            _ => None,
        },
        _ => None,
    };
    given.unwrap_or(200)
}

/// A time as logs write it, in UTC.
pub(crate) fn written_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S.%3f").to_string()
}

/// The JSON of a body that has its bytes beside it, without them.
fn leave_bytes(body: &mut Json) {
    let Json::Object(object) = body else {
        return;
    };
    let Some(json) = object.get("json").cloned() else {
        return;
    };
    object.shift_remove("rawBytes");
    if !object.contains_key("contentType") {
        // What is left needs no name.
        *body = json;
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
    let mut headers = headers_json(&response.headers);
    headers.retain(|name, _| !TRAVEL.iter().any(|other| other.eq_ignore_ascii_case(name)));
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

/// Header fields by name. Names that differ in their case alone are the same: each has the values of all.
fn headers_json(headers: &Headers) -> Object {
    let pairs = headers
        .iter()
        .map(|(name, value)| (name, String::from_utf8_lossy(value)));
    let mut object = grouped(pairs);
    for (name, values) in &mut object {
        let all = headers.get_all(name);
        let all = all.map(|value| Json::text(String::from_utf8_lossy(value)));
        *values = Json::Array(all.collect());
    }
    object
}

fn grouped<'a, V: AsRef<str>>(pairs: impl Iterator<Item = (&'a str, V)>) -> Object {
    let mut object = Object::new();
    for (name, value) in pairs {
        let values = object
            .entry(name.to_owned())
            .or_insert_with(|| Json::Array(Vec::new()));
        if let Json::Array(values) = values {
            values.push(Json::text(value.as_ref()));
        }
    }
    object
}

/// Whether bodies of a type and subtype are texts. What is no type is one, too.
fn is_text(essence: &str) -> bool {
    const SUBTYPES: &[&str] = &[
        "csv",
        "ecmascript",
        "form-data",
        "graphql",
        "javascript",
        "ndjson",
        "x-www-form-urlencoded",
        "yaml",
    ];
    let is_text = |(kind, subtype): (&str, &str)| {
        kind == "text" || SUBTYPES.iter().any(|known| subtype.contains(known))
    };
    type_and_subtype(essence).is_none_or(is_text)
}

fn type_and_subtype(essence: &str) -> Option<(&str, &str)> {
    let parts = essence.split_once('/');
    parts.filter(|(_, subtype)| !subtype.is_empty())
}

/// The form of a recorded body depends on its content type.
fn body_json(body: &Bytes, content_type: Option<&str>) -> Json {
    let is_latin1 = content_type.is_some_and(|content_type| {
        let content_type = content_type.to_ascii_lowercase();
        content_type.contains("charset=iso-8859-1")
    });
    let text: Cow<'_, str> = if is_latin1 {
        body.iter().map(|byte| char::from(*byte)).collect()
    } else {
        String::from_utf8_lossy(body)
    };
    let Some(content_type) = content_type.filter(|content_type| !content_type.trim().is_empty())
    else {
        return Json::text(text);
    };
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    // Like the original, what is no type is not shown as one; it stands among the headers.
    let content_type = type_and_subtype(&essence).map_or("", |_| content_type);
    let typed = |kind: &str, name: &str, value: Json, with_bytes: bool| {
        let mut object = Object::new();
        // What a body of this kind has anyway is not said.
        let is_usual = kind == "JSON" && content_type.eq_ignore_ascii_case(JSON_TYPE);
        if kind == "JSON" && !is_usual {
            object.insert("contentType".to_owned(), Json::text(content_type));
        }
        object.insert("type".to_owned(), Json::text(kind));
        object.insert(name.to_owned(), value);
        if with_bytes {
            object.insert("rawBytes".to_owned(), Json::Text(STANDARD.encode(body)));
        }
        if !is_usual {
            object
                .entry("contentType".to_owned())
                .or_insert_with(|| Json::text(content_type));
        }
        Json::Object(object)
    };
    if essence == "application/json" || essence.ends_with("+json") {
        match parse_strict(&text) {
            Ok(json) => typed("JSON", "json", json, true),
            Err(_malformed) => typed("JSON", "rawBytes", Json::Text(STANDARD.encode(body)), false),
        }
    } else if essence.ends_with("/xml") || essence.ends_with("+xml") {
        typed("XML", "xml", Json::text(text), true)
    } else if is_text(&essence) {
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

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("text/csv", r#""STRING","contentType":"text/csv""#; "text")]
    #[test_case("application/yaml", r#""STRING","contentType":"application/yaml""#; "yaml")]
    #[test_case("application/vnd.api+yaml", r#""STRING","contentType":"application/vnd.api+yaml""#; "a suffix")]
    #[test_case("application/graphql; charset=utf-8", r#""STRING","contentType":"application/graphql; charset=utf-8""#; "graphql")]
    #[test_case("multipart/form-data; boundary=x", r#""STRING","contentType":"multipart/form-data; boundary=x""#; "a form of parts")]
    #[test_case("nonsense", r#""STRING","contentType":"""#; "no type")]
    #[test_case("a/", r#""STRING","contentType":"""#; "no subtype")]
    #[test_case("multipart/mixed; boundary=x", r#""BINARY","contentType":"multipart/mixed; boundary=x""#; "parts")]
    #[test_case("application/toml", r#""BINARY","contentType":"application/toml""#; "unknown")]
    fn the_form_of_a_body_depends_on_its_content_type(content_type: &str, expected: &str) {
        let Json::Object(body) = body_json(&Bytes::from("text"), Some(content_type)) else {
            panic!("an object");
        };
        let shown = format!(
            r#"{},"contentType":{}"#,
            crate::json::compact(&body["type"]),
            crate::json::compact(&body["contentType"])
        );
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_body_with_a_blank_content_type_is_a_plain_text() {
        let body = body_json(&Bytes::from("text"), Some(" "));
        assert_eq!(body, Json::text("text"));
    }
}
