//! Items as a Postman collection (format 2.1).

use std::borrow::Cow;

use super::message::{Message, request_of, response_of};
use super::{DESCRIPTION, TITLE, object};
use crate::json::{Json, Object, pretty};

const SCHEMA: &str = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";
const BASE_URL: &str = "{{baseUrl}}";

/// The collection of the items.
pub(super) fn collection(items: &[Json]) -> String {
    let info = object([
        ("name", Json::text(TITLE)),
        ("description", Json::text(DESCRIPTION)),
        ("schema", Json::text(SCHEMA)),
    ]);
    let base_url = object([
        ("key", Json::text("baseUrl")),
        ("value", Json::text("http://localhost:1080")),
    ]);
    pretty(&object([
        ("info", info),
        ("item", Json::Array(items.iter().map(item).collect())),
        ("variable", Json::Array(vec![base_url])),
    ]))
}

fn item(item: &Json) -> Json {
    let request = request_of(item);
    let (method, path) = (request.text("method"), request.text("path"));
    let responses = response_of(item).map(example).into_iter().collect();
    object([
        ("name", Json::Text(format!("{method} {path}"))),
        ("request", request_json(request)),
        ("response", Json::Array(responses)),
    ])
}

fn request_json(request: Message<'_>) -> Json {
    let mut written = Object::new();
    let mut add = |name: &str, value| written.insert(name.to_owned(), value);
    add("method", Json::text(request.text("method")));
    add("header", pairs(request.first_values("headers")));
    add("url", url(request));
    if let Some(body) = request.body() {
        let language = object([("language", Json::text("json"))]);
        let body = object([
            ("mode", Json::text("raw")),
            ("raw", Json::text(body.text)),
            ("options", object([("raw", language)])),
        ]);
        add("body", body);
    }
    Json::Object(written)
}

fn url(request: Message<'_>) -> Json {
    let path = request.rooted_path();
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    let segments = segments.map(Json::text).collect();
    let mut url = Object::new();
    let mut add = |name: &str, value| url.insert(name.to_owned(), value);
    add("raw", Json::Text(format!("{BASE_URL}{path}")));
    add("host", Json::Array(vec![Json::text(BASE_URL)]));
    add("path", Json::Array(segments));
    let query = request.first_values("queryStringParameters");
    if !query.is_empty() {
        add("query", pairs(query));
    }
    Json::Object(url)
}

fn example(response: Message<'_>) -> Json {
    let reason = response.text("reasonPhrase");
    let reason = if reason.is_empty() {
        Cow::Borrowed("OK")
    } else {
        reason
    };
    let body = response.body().map(|body| Json::text(body.text));
    let fields = [
        ("name", Some(Json::text("Example response"))),
        ("status", Some(Json::text(reason))),
        (
            "code",
            Some(Json::number(response.status().unwrap_or("200"))),
        ),
        ("body", body),
        ("header", Some(pairs(response.first_values("headers")))),
    ];
    object(
        fields
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?))),
    )
}

fn pairs(pairs: Vec<(Cow<'_, str>, Cow<'_, str>)>) -> Json {
    let pair = |(name, value)| object([("key", Json::text(name)), ("value", Json::text(value))]);
    Json::Array(pairs.into_iter().map(pair).collect())
}
