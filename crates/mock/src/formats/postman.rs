//! Items as a Postman collection (format 2.1).

use std::borrow::Cow;

use super::message::{Item, Message};
use super::{DESCRIPTION, TITLE, object};
use crate::json::{Json, Object, pretty};

const SCHEMA: &str = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";
const BASE_URL: &str = "{{baseUrl}}";

/// The collection of the items.
pub(super) fn collection(items: &[Item<'_>]) -> String {
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

fn item(item: &Item<'_>) -> Json {
    let request = item.request;
    let (method, path) = (request.text("method"), request.text("path"));
    let responses = item.response.map(example).into_iter().collect();
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
    let reason = response.reason().unwrap_or("OK");
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

#[cfg(test)]
mod tests {
    use super::super::RetrieveType::ActiveExpectations as ACTIVE;
    use super::super::tests::items;
    use super::*;

    const EXPECTATION: &str = r##"{"httpRequest": {"method": "POST", "path": "/x/{id}", "pathParameters": {"id": ["[0-9]+"]}, "queryStringParameters": {"q": ["1", "2"], "!n": ["!v"]}, "headers": {"Accept": ["text/plain"], "?opt": ["z"]}, "cookies": {"sid": "abc"}, "keepAlive": true, "secure": false, "body": {"type": "JSON", "json": {"a": 1, "b": [1.5, {"c": null}]}, "matchType": "STRICT"}}, "httpResponse": {"statusCode": 201, "reasonPhrase": "Made", "headers": {"X-A": ["1", "2"], "Y": ["3"]}, "cookies": {"c": "d"}, "body": {"k": "v"}, "delay": {"timeUnit": "SECONDS", "value": 2}, "connectionOptions": {"chunkSize": 5, "closeSocket": true, "contentLengthHeaderOverride": 3, "keepAliveOverride": false, "suppressConnectionHeader": true, "suppressContentLengthHeader": true}}, "id": "e-all", "priority": 5, "timeToLive": {"timeUnit": "MINUTES", "timeToLive": 7}, "times": {"remainingTimes": 3}}"##;
    const ITEM: &str = r##"{
  "name" : "POST /x/{id}",
  "request" : {
    "method" : "POST",
    "header" : [ {
      "key" : "Accept",
      "value" : "text/plain"
    }, {
      "key" : "opt",
      "value" : "z"
    } ],
    "url" : {
      "raw" : "{{baseUrl}}/x/{id}",
      "host" : [ "{{baseUrl}}" ],
      "path" : [ "x", "{id}" ],
      "query" : [ {
        "key" : "q",
        "value" : "1"
      }, {
        "key" : "n",
        "value" : "v"
      } ]
    },
    "body" : {
      "mode" : "raw",
      "raw" : "{\n  \"a\" : 1,\n  \"b\" : [ 1.5, {\n    \"c\" : null\n  } ]\n}",
      "options" : {
        "raw" : {
          "language" : "json"
        }
      }
    }
  },
  "response" : [ {
    "name" : "Example response",
    "status" : "Made",
    "code" : 201,
    "body" : "{\n  \"k\" : \"v\"\n}",
    "header" : [ {
      "key" : "X-A",
      "value" : "1"
    }, {
      "key" : "Y",
      "value" : "3"
    } ]
  } ]
}"##;

    #[test]
    fn an_expectation_becomes_an_item() {
        assert_eq!(
            pretty(&item(&Item::read(ACTIVE, &items(EXPECTATION)[0]))),
            ITEM
        );
    }

    #[test]
    fn what_is_not_said_stays_open() {
        let expectation = r#"{"httpRequest":{"path":"/err"},"httpError":{"dropConnection":true}}"#;
        let expected = r#"{"name":" /err","request":{"method":"","header":[],"url":{"raw":"{{baseUrl}}/err","host":["{{baseUrl}}"],"path":["err"]}},"response":[]}"#;
        assert_eq!(
            item(&Item::read(ACTIVE, &items(expectation)[0])),
            items(expected)[0]
        );
    }

    #[test]
    fn a_collection_names_its_server() {
        let collection = collection(&[]);
        let end = "  \"item\" : [ ],\n  \"variable\" : [ {\n    \"key\" : \"baseUrl\",\n    \"value\" : \"http://localhost:1080\"\n  } ]\n}";
        assert!(collection.ends_with(end), "{collection}");
    }
}
