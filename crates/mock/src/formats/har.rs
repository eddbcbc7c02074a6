//! Exchanges and expectations as an HTTP archive (HAR 1.2).

use std::borrow::Cow;

use super::message::{Body, Item, Message, Reading, entries, form};
use super::{VERSION, object};
use crate::json::{Json, Object, pretty};

/// The archive of the items.
pub(super) fn archive(items: &[Item<'_>]) -> String {
    let creator = object([
        ("name", Json::text("MockServer")),
        ("version", Json::text(VERSION)),
    ]);
    let log = object([
        ("version", Json::text("1.2")),
        ("creator", creator),
        (
            "entries",
            Json::Array(items.iter().filter_map(entry).collect()),
        ),
    ]);
    pretty(&object([("log", log)]))
}

pub(super) fn scheme(request: Message<'_>) -> &'static str {
    if request.field("secure") == Some(&Json::Bool(true)) {
        "https"
    } else {
        "http"
    }
}

/// The entry of an item; an expectation without a request has none.
fn entry(item: &Item<'_>) -> Option<Json> {
    let request = item.request;
    if !request.is_present() {
        return None;
    }
    let response = item.response;
    let time = forward_time(response);
    let mut entry = Object::new();
    let mut add = |name: &str, value| entry.insert(name.to_owned(), value);
    add("startedDateTime", Json::text(started(item.json)));
    add("time", time.clone());
    add("request", request_json(request));
    add("response", response_json(response));
    add("cache", Json::Object(Object::new()));
    add("timings", timings(time));
    if let Some(Json::Text(address)) = request.field("localAddress") {
        let host = address
            .rsplit_once(':')
            .map_or(address.as_str(), |(host, _)| host);
        add("serverIPAddress", Json::text(host));
    }
    Some(Json::Object(entry))
}

fn started(item: &Json) -> &str {
    match item {
        Json::Object(object) => match object.get("timestamp") {
            Some(Json::Text(time)) => time,
            _ => "",
        },
        _ => "",
    }
}

/// The milliseconds that a forwarded request took, as the answer says itself.
fn forward_time(response: Option<Message<'_>>) -> Json {
    let header = response.and_then(|response| response.header("x-mockserver-response-time-ms"));
    let millis = header.and_then(|value| value.parse::<u64>().ok());
    Json::number(millis.unwrap_or_default())
}

fn timings(wait: Json) -> Json {
    let unknown = || Json::number(-1);
    object([
        ("send", Json::number(0)),
        ("wait", wait),
        ("receive", Json::number(0)),
        ("blocked", unknown()),
        ("dns", unknown()),
        ("connect", unknown()),
        ("ssl", unknown()),
    ])
}

fn request_json(request: Message<'_>) -> Json {
    let method = request.text("method");
    let method = if method.is_empty() {
        Cow::Borrowed("GET")
    } else {
        method
    };
    let body = request.body();
    let size = body.as_ref().map_or(-1, size);
    let post_data = body.map(|body| post_data(&body));
    let fields = [
        ("method", Some(Json::text(method))),
        ("url", Some(Json::Text(url(request)))),
        ("httpVersion", Some(Json::text(http_version(request)))),
        ("cookies", Some(pairs(request, "cookies"))),
        ("headers", Some(pairs(request, "headers"))),
        ("queryString", Some(pairs(request, "queryStringParameters"))),
        ("postData", post_data),
        ("headersSize", Some(Json::number(-1))),
        ("bodySize", Some(Json::number(size))),
    ];
    object(
        fields
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?))),
    )
}

fn url(request: Message<'_>) -> String {
    let scheme = scheme(request);
    let host = request.header("host").unwrap_or(Cow::Borrowed("localhost"));
    let path = request.rooted_path();
    let query = form(&request.entries("queryStringParameters"));
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{scheme}://{host}{path}{mark}{query}")
}

fn http_version(message: Message<'_>) -> &'static str {
    match &*message.text("protocol") {
        "HTTP_2" => "HTTP/2.0",
        _ => "HTTP/1.1",
    }
}

fn post_data(body: &Body<'_>) -> Json {
    let content = if body.kind == "PARAMETERS" {
        let parameters = entries(
            body.object.and_then(|body| body.get("parameters")),
            Reading::Matcher,
        );
        let pairs = parameters
            .iter()
            .flat_map(|(name, values)| values.iter().map(|value| pair(&name.text, &value.text)));
        ("params", Json::Array(pairs.collect()))
    } else {
        ("text", Json::text(body.text.as_ref()))
    };
    object([("mimeType", Json::text(mime_type(body))), content])
}

/// The content type that a body brings along.
fn mime_type<'a>(body: &Body<'a>) -> &'a str {
    body.content_type.unwrap_or(match body.kind {
        "JSON" => "application/json; charset=utf-8",
        "XML" => "application/xml; charset=utf-8",
        _ => "",
    })
}

fn response_json(response: Option<Message<'_>>) -> Json {
    let Some(response) = response else {
        return answer(
            None,
            "",
            "0",
            Json::Array(Vec::new()),
            Json::Array(Vec::new()),
        );
    };
    answer(
        response.body().as_ref(),
        response.reason().unwrap_or_default(),
        response.status().unwrap_or("0"),
        pairs(response, "cookies"),
        pairs(response, "headers"),
    )
}

fn answer(
    body: Option<&Body<'_>>,
    reason: &str,
    status: &str,
    cookies: Json,
    headers: Json,
) -> Json {
    let bytes = body.map_or(0, |body| body.size);
    let mut content = Object::new();
    content.insert("size".to_owned(), Json::number(bytes));
    content.insert(
        "mimeType".to_owned(),
        Json::text(body.map_or("", mime_type)),
    );
    if let Some(body) = body {
        content.insert("text".to_owned(), Json::text(body.text.as_ref()));
        if body.kind == "BINARY" {
            content.insert("encoding".to_owned(), Json::text("base64"));
        }
    }
    object([
        ("status", Json::number(status)),
        ("statusText", Json::text(reason)),
        ("httpVersion", Json::text("HTTP/1.1")),
        ("cookies", cookies),
        ("headers", headers),
        ("content", Json::Object(content)),
        ("redirectURL", Json::text("")),
        ("headersSize", Json::number(-1)),
        ("bodySize", Json::number(body.map_or(-1, size))),
    ])
}

/// The size of a body; an empty one counts as unknown.
fn size(body: &Body<'_>) -> i64 {
    match i64::try_from(body.size) {
        Ok(0) | Err(_) => -1,
        Ok(size) => size,
    }
}

fn pairs(message: Message<'_>, name: &str) -> Json {
    let pairs = message.pairs(name);
    Json::Array(
        pairs
            .iter()
            .map(|(name, value)| pair(name, value))
            .collect(),
    )
}

fn pair(name: &str, value: &str) -> Json {
    object([("name", Json::text(name)), ("value", Json::text(value))])
}

#[cfg(test)]
mod tests {
    use super::super::RetrieveType::ActiveExpectations as ACTIVE;
    use super::super::tests::items;
    use super::*;

    const EXPECTATION: &str = r##"{"httpRequest": {"method": "POST", "path": "/x/{id}", "pathParameters": {"id": ["[0-9]+"]}, "queryStringParameters": {"q": ["1", "2"], "!n": ["!v"]}, "headers": {"Accept": ["text/plain"], "?opt": ["z"]}, "cookies": {"sid": "abc"}, "keepAlive": true, "secure": false, "body": {"type": "JSON", "json": {"a": 1, "b": [1.5, {"c": null}]}, "matchType": "STRICT"}}, "httpResponse": {"statusCode": 201, "reasonPhrase": "Made", "headers": {"X-A": ["1", "2"], "Y": ["3"]}, "cookies": {"c": "d"}, "body": {"k": "v"}, "delay": {"timeUnit": "SECONDS", "value": 2}, "connectionOptions": {"chunkSize": 5, "closeSocket": true, "contentLengthHeaderOverride": 3, "keepAliveOverride": false, "suppressConnectionHeader": true, "suppressContentLengthHeader": true}}, "id": "e-all", "priority": 5, "timeToLive": {"timeUnit": "MINUTES", "timeToLive": 7}, "times": {"remainingTimes": 3}}"##;
    const ENTRY: &str = r##"{
  "startedDateTime" : "",
  "time" : 0,
  "request" : {
    "method" : "POST",
    "url" : "http://localhost/x/{id}?q=1&q=2&n=v",
    "httpVersion" : "HTTP/1.1",
    "cookies" : [ {
      "name" : "sid",
      "value" : "abc"
    } ],
    "headers" : [ {
      "name" : "Accept",
      "value" : "text/plain"
    }, {
      "name" : "opt",
      "value" : "z"
    } ],
    "queryString" : [ {
      "name" : "q",
      "value" : "1"
    }, {
      "name" : "q",
      "value" : "2"
    }, {
      "name" : "n",
      "value" : "v"
    } ],
    "postData" : {
      "mimeType" : "application/json; charset=utf-8",
      "text" : "{\n  \"a\" : 1,\n  \"b\" : [ 1.5, {\n    \"c\" : null\n  } ]\n}"
    },
    "headersSize" : -1,
    "bodySize" : 52
  },
  "response" : {
    "status" : 201,
    "statusText" : "Made",
    "httpVersion" : "HTTP/1.1",
    "cookies" : [ {
      "name" : "c",
      "value" : "d"
    } ],
    "headers" : [ {
      "name" : "X-A",
      "value" : "1"
    }, {
      "name" : "X-A",
      "value" : "2"
    }, {
      "name" : "Y",
      "value" : "3"
    } ],
    "content" : {
      "size" : 15,
      "mimeType" : "application/json; charset=utf-8",
      "text" : "{\n  \"k\" : \"v\"\n}"
    },
    "redirectURL" : "",
    "headersSize" : -1,
    "bodySize" : 15
  },
  "cache" : { },
  "timings" : {
    "send" : 0,
    "wait" : 0,
    "receive" : 0,
    "blocked" : -1,
    "dns" : -1,
    "connect" : -1,
    "ssl" : -1
  }
}"##;

    #[test]
    fn an_expectation_becomes_an_entry() {
        let entry = entry(&Item::read(ACTIVE, &items(EXPECTATION)[0])).expect("entry");
        assert_eq!(pretty(&entry), ENTRY);
    }

    #[test]
    fn an_archive_of_nothing_says_who_made_it() {
        // An expectation without a request counts as nothing.
        let items = items(r#"{"httpResponse":{}}"#);
        let archive = archive(&[Item::read(ACTIVE, &items[0])]);
        assert_eq!(
            archive,
            "{\n  \"log\" : {\n    \"version\" : \"1.2\",\n    \"creator\" : {\n      \"name\" : \"MockServer\",\n      \"version\" : \"8.0.0\"\n    },\n    \"entries\" : [ ]\n  }\n}"
        );
    }

    fn part(item: &str, name: &str) -> Json {
        let Some(Json::Object(entry)) = entry(&Item::read(ACTIVE, &items(item)[0])) else {
            panic!("entry");
        };
        entry.get(name).cloned().unwrap_or(Json::Null)
    }

    #[test]
    fn an_exchange_says_when_where_and_how_long() {
        let item = r#"{"httpRequest":{"method":"GET","path":"/a","queryStringParameters":{"x":["a b"]},"headers":{"Host":["h:1"]},"localAddress":"127.0.0.1:1"},"httpResponse":{"headers":{"x-mockserver-response-time-ms":["110"]}},"timestamp":"2026-11-25 22:55:30.826"}"#;
        assert_eq!(
            part(item, "startedDateTime"),
            Json::text("2026-11-25 22:55:30.826")
        );
        assert_eq!(part(item, "time"), Json::number(110));
        assert_eq!(part(item, "serverIPAddress"), Json::text("127.0.0.1"));
        let Json::Object(request) = part(item, "request") else {
            panic!("request");
        };
        assert_eq!(request.get("url"), Some(&Json::text("http://h:1/a?x=a+b")));
    }

    #[test]
    fn bytes_are_marked_and_counted() {
        let item = r#"{"httpRequest":{"path":"/a"},"httpResponse":{"body":{"type":"BINARY","base64Bytes":"AQID","contentType":"image/png"}}}"#;
        let Json::Object(response) = part(item, "response") else {
            panic!("response");
        };
        let content =
            items(r#"{"size":3,"mimeType":"image/png","text":"AQID","encoding":"base64"}"#);
        assert_eq!(response.get("content"), content.first());
        assert_eq!(response.get("status"), Some(&Json::number(0)));
    }
}
