//! Items as an OpenAPI document: one operation a method and path, one answer a status.

use std::borrow::Cow;

use indexmap::IndexMap;

use super::message::{Body, Item, Message};
use super::{DESCRIPTION, TITLE, object};
use crate::json::{Json, Object, pretty};

const METHODS: &[&str] = &[
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];
const DYNAMIC: &str = "Dynamic response (forward / callback / template / error / LLM)";

/// One operation: what the first item said of it, and the answers of all.
struct Operation {
    fields: Object,
    responses: Object,
}

/// The document of the items.
pub(super) fn document(items: &[Item<'_>]) -> String {
    let mut paths: IndexMap<String, IndexMap<&str, Operation>> = IndexMap::new();
    for item in items {
        let request = item.request;
        if !request.is_present() {
            continue;
        }
        let Some(method) = method(request) else {
            continue;
        };
        let path = paths.entry(request.rooted_path()).or_default();
        let operation = path.entry(method).or_insert_with(|| Operation {
            fields: described(item.json, request, method),
            responses: Object::new(),
        });
        add_response(&mut operation.responses, item.response);
    }
    let paths = paths.into_iter().map(|(path, operations)| {
        let operations = operations.into_iter().map(|(method, operation)| {
            let mut fields = operation.fields;
            fields.insert("responses".to_owned(), Json::Object(operation.responses));
            (method.to_owned(), Json::Object(fields))
        });
        (path, Json::Object(operations.collect()))
    });
    let info = object([
        ("title", Json::text(TITLE)),
        ("version", Json::text("1.0.0")),
        ("description", Json::text(DESCRIPTION)),
    ]);
    pretty(&object([
        ("openapi", Json::text("3.0.3")),
        ("info", info),
        ("paths", Json::Object(paths.collect())),
    ]))
}

/// The method of a request, if OpenAPI knows it.
fn method(request: Message<'_>) -> Option<&'static str> {
    let given = request.text("method");
    let given = if given.is_empty() {
        Cow::Borrowed("get")
    } else {
        given
    };
    METHODS
        .iter()
        .find(|known| known.eq_ignore_ascii_case(&given))
        .copied()
}

fn described(item: &Json, request: Message<'_>, method: &str) -> Object {
    let path = request.rooted_path();
    let mut fields = Object::new();
    let summary = format!("{} {path}", method.to_ascii_uppercase());
    fields.insert("summary".to_owned(), Json::Text(summary));
    fields.insert("operationId".to_owned(), Json::Text(operation_id(item)));
    let parameters = parameters(request, &path);
    if !parameters.is_empty() {
        fields.insert("parameters".to_owned(), Json::Array(parameters));
    }
    fields
}

/// The id of an expectation. What has none gets one made of its content, so that it stays the same.
fn operation_id(item: &Json) -> String {
    use sha2::{Digest, Sha256};
    if let Json::Object(object) = item
        && let Some(Json::Text(id)) = object.get("id")
    {
        return id.clone();
    }
    let digest = Sha256::digest(pretty(item).as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string()
}

fn parameters(request: Message<'_>, path: &str) -> Vec<Json> {
    let mut parameters = Vec::new();
    for (name, values) in request.entries("queryStringParameters") {
        if !name.is_negated {
            let example = values.first().map(|value| value.text.as_ref());
            parameters.push(parameter(&name.text, "query", example));
        }
    }
    let given = request.first_values("pathParameters");
    for name in placeholders(path) {
        let example = given.iter().find(|(known, _)| known == name);
        parameters.push(parameter(
            name,
            "path",
            example.map(|(_, value)| value.as_ref()),
        ));
    }
    for (name, _) in request.entries("headers") {
        if !name.is_negated {
            parameters.push(parameter(&name.text, "header", None));
        }
    }
    parameters
}

fn placeholders(path: &str) -> impl Iterator<Item = &str> {
    let segments = path.split('/');
    segments.filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

fn parameter(name: &str, place: &str, example: Option<&str>) -> Json {
    let mut schema = Object::new();
    schema.insert("type".to_owned(), Json::text("string"));
    if let Some(example) = example {
        schema.insert("example".to_owned(), Json::text(example));
    }
    object([
        ("name", Json::text(name)),
        ("in", Json::text(place)),
        ("required", Json::Bool(place == "path")),
        ("schema", Json::Object(schema)),
    ])
}

/// A fixed answer replaces what stood under its status; an action without one says so only where nothing is known yet.
fn add_response(responses: &mut Object, response: Option<Message<'_>>) {
    let Some(response) = response else {
        if responses.is_empty() {
            let dynamic = object([("description", Json::text(DYNAMIC))]);
            responses.insert("200".to_owned(), dynamic);
        }
        return;
    };
    let reason = response.reason().unwrap_or("OK");
    let mut written = Object::new();
    written.insert("description".to_owned(), Json::text(reason));
    if let Some(body) = response.body() {
        written.insert("content".to_owned(), content(response, &body));
    }
    let status = response.status().unwrap_or("200");
    responses.insert(status.to_owned(), Json::Object(written));
}

fn content(response: Message<'_>, body: &Body<'_>) -> Json {
    let content_type = response.header("content-type");
    let content_type = content_type.as_deref().unwrap_or(match body.kind {
        "JSON" => "application/json",
        "XML" => "application/xml",
        "BINARY" => "application/octet-stream",
        _ => "text/plain",
    });
    let example = if body.kind == "BINARY" {
        let schema = [
            ("type", Json::text("string")),
            ("format", Json::text("binary")),
        ];
        object([("schema", object(schema))])
    } else {
        object([("example", Json::text(body.text.as_ref()))])
    };
    object([(content_type, example)])
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::super::tests::items;
    use super::super::{Format, RetrieveType};
    use super::*;
    use crate::json::parse_strict;

    const EXPECTATION: &str = r##"{"httpRequest": {"method": "POST", "path": "/x/{id}", "pathParameters": {"id": ["[0-9]+"]}, "queryStringParameters": {"q": ["1", "2"], "!n": ["!v"]}, "headers": {"Accept": ["text/plain"], "?opt": ["z"]}, "cookies": {"sid": "abc"}, "keepAlive": true, "secure": false, "body": {"type": "JSON", "json": {"a": 1, "b": [1.5, {"c": null}]}, "matchType": "STRICT"}}, "httpResponse": {"statusCode": 201, "reasonPhrase": "Made", "headers": {"X-A": ["1", "2"], "Y": ["3"]}, "cookies": {"c": "d"}, "body": {"k": "v"}, "delay": {"timeUnit": "SECONDS", "value": 2}, "connectionOptions": {"chunkSize": 5, "closeSocket": true, "contentLengthHeaderOverride": 3, "keepAliveOverride": false, "suppressConnectionHeader": true, "suppressContentLengthHeader": true}}, "id": "e-all", "priority": 5, "timeToLive": {"timeUnit": "MINUTES", "timeToLive": 7}, "times": {"remainingTimes": 3}}"##;
    const PATH: &str = r##"{
  "post" : {
    "summary" : "POST /x/{id}",
    "operationId" : "e-all",
    "parameters" : [ {
      "name" : "q",
      "in" : "query",
      "required" : false,
      "schema" : {
        "type" : "string",
        "example" : "1"
      }
    }, {
      "name" : "id",
      "in" : "path",
      "required" : true,
      "schema" : {
        "type" : "string",
        "example" : "[0-9]+"
      }
    }, {
      "name" : "Accept",
      "in" : "header",
      "required" : false,
      "schema" : {
        "type" : "string"
      }
    }, {
      "name" : "opt",
      "in" : "header",
      "required" : false,
      "schema" : {
        "type" : "string"
      }
    } ],
    "responses" : {
      "201" : {
        "description" : "Made",
        "content" : {
          "application/json" : {
            "example" : "{\n  \"k\" : \"v\"\n}"
          }
        }
      }
    }
  }
}"##;

    fn paths(what: RetrieveType, text: &str) -> Object {
        let written = super::super::tests::text(what, Format::Openapi, &items(text));
        let Ok(Json::Object(mut document)) = parse_strict(&written) else {
            panic!("document");
        };
        match document.shift_remove("paths") {
            Some(Json::Object(paths)) => paths,
            _ => panic!("paths"),
        }
    }

    #[test]
    fn an_expectation_becomes_an_operation() {
        let paths = paths(RetrieveType::ActiveExpectations, EXPECTATION);
        assert_eq!(paths.get("/x/{id}").map(pretty).as_deref(), Some(PATH));
    }

    #[test_case(r#"[{"httpRequest":{"path":"/s"},"httpResponse":{"body":"x"}},{"httpRequest":{"path":"/s"},"httpError":{}},{"httpRequest":{"path":"/s"},"httpResponse":{"statusCode":418,"headers":{"content-type":["a/b"]},"body":"y"}}]"#,
        r#"{"200":{"description":"OK","content":{"text/plain":{"example":"x"}}},"418":{"description":"OK","content":{"a/b":{"example":"y"}}}}"#; "answers of one operation")]
    #[test_case(r#"[{"httpRequest":{"path":"/s"},"httpError":{}},{"httpRequest":{"path":"/s"},"httpResponse":{"statusCode":418}}]"#,
        r#"{"200":{"description":"Dynamic response (forward / callback / template / error / LLM)"},"418":{"description":"OK"}}"#; "dynamic first")]
    #[test_case(r#"[{"httpRequest":{"path":"/s"},"httpResponse":{"body":"x"}},{"httpRequest":{"path":"/s"},"httpResponse":{"body":{"type":"XML","xml":"<a/>"},"reasonPhrase":"Yes"}}]"#,
        r#"{"200":{"description":"Yes","content":{"application/xml":{"example":"<a/>"}}}}"#; "the last answer of a status")]
    #[test_case(r#"[{"httpRequest":{"path":"/s"},"httpResponse":{"body":{"type":"BINARY","base64Bytes":"AQID","contentType":"image/png"}}}]"#,
        r#"{"200":{"description":"OK","content":{"application/octet-stream":{"schema":{"type":"string","format":"binary"}}}}}"#; "bytes")]
    fn answers_are_collected_by_status(expectations: &str, responses: &str) {
        let paths = paths(RetrieveType::ActiveExpectations, expectations);
        let Some(Json::Object(path)) = paths.get("/s") else {
            panic!("path");
        };
        let Some(Json::Object(operation)) = path.get("get") else {
            panic!("operation");
        };
        assert_eq!(operation.get("responses"), items(responses).first());
    }

    #[test]
    fn methods_that_openapi_does_not_know_are_left_out() {
        let expectations = r#"[{"httpRequest":{"path":"/s","method":"[A-Z]+"},"httpResponse":{}},{"httpResponse":{}}]"#;
        assert_eq!(
            paths(RetrieveType::ActiveExpectations, expectations),
            Object::new()
        );
    }

    #[test]
    fn requests_without_an_id_get_a_lasting_one() {
        let request = r#"{"method":"GET","path":"/a"}"#;
        let paths = |text| paths(RetrieveType::Requests, text);
        assert_eq!(paths(request), paths(request));
        assert_ne!(
            operation_id(&items(request)[0]),
            operation_id(&items(r#"{"method":"GET","path":"/b"}"#)[0])
        );
    }
}
