//! Bodies that are looked into: schemas, paths, XML, forms. The outcomes are those of MockServer 8.0.0.

use serde_json::{Value, json};
use test_case::test_case;

use crate::support::{Mock, mock};

const JSON: &str = "application/json";
const XML: &str = "application/xml";
const FORM: &str = "application/x-www-form-urlencoded";

async fn status(mock: &Mock, content_type: &str, body: &'static str) -> u16 {
    let request = mock.client.post(format!("{}/", mock.server.url()));
    let request = request.header("content-type", content_type).body(body);
    request.send().await.expect("an answer").status().as_u16()
}

#[test_case(json!({"type": "JSON_SCHEMA", "jsonSchema": {"required": ["a"]}}), JSON, "{\"a\":1}", "{\"b\":1}")]
#[test_case(json!({"type": "JSON_SCHEMA", "jsonSchema": "{\"required\":[\"a\"]}"}), JSON, "{a:1}", "[\"a\""; "a schema as text")]
#[test_case(json!({"jsonSchema": {"type": "string"}}), JSON, "\"a\"", "1"; "known by its field")]
#[test_case(json!({"type": "JSON_SCHEMA", "jsonSchema": {"required": ["a"]}, "not": true}), JSON, "{}", "{\"a\":1}"; "a schema not met")]
#[test_case(json!({"type": "JSON_SCHEMA", "jsonSchema": {"properties": {"a": {"type": "integer"}}}}), FORM, "a=1", "a=x"; "a form under a schema")]
#[test_case(json!({"type": "JSON_SCHEMA", "jsonSchema": {"properties": {"a": {"type": "array"}}}, "parameterStyles": {"a": "PIPE_DELIMITED"}}), FORM, "a=1|2", "a=1"; "lists in a form")]
#[test_case(json!({"type": "JSON_PATH", "jsonPath": "$.a[?(@.p < 10)]"}), JSON, "{\"a\":[{\"p\":5}]}", "{\"a\":[{\"p\":12}]}")]
#[test_case(json!({"jsonPath": "$.a"}), JSON, "{\"a\":false}", "{\"a\":null}"; "a definite path")]
#[test_case(json!({"type": "JSON_PATH", "jsonPath": "$.a"}), FORM, "a=1", "b=1"; "a path in a form")]
#[test_case(json!({"type": "JSON_PATH", "jsonPath": "$["}), JSON, "$[", "{}"; "no path is a text")]
#[test_case(json!({"type": "JSON_PATH", "jsonPath": "$"}), "text/plain", "<a/>", "{bad"; "a text under a path")]
#[test_case(json!({"type": "JSON_PATH", "jsonPath": "$.a["}), JSON, "{\"a\":1}", "{\"b\":1}"; "a bracket at the end of a path")]
#[test_case(json!({"type": "JSON_SCHEMA", "jsonSchema": {"type": "object", "properties": {"a": {"type": "string", "required": true}}}}), JSON, "{}", "{\"a\":1}"; "required as of old drafts")]
#[test_case(json!({"type": "BINARY", "base64Bytes": "YQ"}), "text/plain", "a", "b"; "base64 without padding")]
#[test_case(json!({"type": "XPATH", "xpath": "//*[local-name()='Body']/id"}), XML, "<s:Envelope xmlns:s='u'><s:Body><id>1</id></s:Body></s:Envelope>", "<s:Envelope xmlns:s='u'/>"; "an XPath in a SOAP message")]
#[test_case(json!({"type": "JSON_PATH", "jsonPath": "$.a", "optional": true}), JSON, "", "{}"; "an optional body")]
#[test_case(json!({"type": "XML", "xml": "<a><b>1</b><c/></a>"}), XML, "<a> <c></c><!-- x --><b>1</b></a>", "<a><b>2</b><c/></a>")]
#[test_case(json!({"xml": "<a>${xmlunit.isNumber}</a>"}), "text/plain", "<a>1.5</a>", "<a>x</a>"; "a placeholder")]
#[test_case(json!({"type": "XML", "xml": "!<a/>"}), XML, "<b/>", "<a/>"; "notted XML")]
#[test_case(json!({"type": "XPATH", "xpath": "/r/a[@id=1]"}), XML, "<r><a id='1'/></r>", "<r><a id='2'/></r>")]
#[test_case(json!({"type": "XPATH", "xpath": "//p:a", "namespacePrefixes": {"p": "u"}}), XML, "<a xmlns='u'/>", "<a/>"; "an XPath with prefixes")]
#[test_case(json!({"a": 1}), XML, "<r><a>1</a></r>", "<a>1</a>"; "XML as JSON")]
#[test_case(json!({"type": "JSON", "json": {"a": 1}, "matchNumbersAsStrings": true}), JSON, "{\"a\":1.0}", "{\"a\":\"1\"}"; "numbers by value")]
#[test_case(json!({"type": "PARAMETERS", "parameters": {"a": {"parameterStyle": "FORM", "values": ["1", "2"]}}}), FORM, "a=1,2", "a=1"; "a list in a parameter")]
#[test_case(json!({"bodyAllOf": ["!b", {"type": "REGEX", "regex": ".b?"}]}), JSON, "ab", "b"; "all of several")]
#[test_case(json!({"type": "JSON_RPC", "method": "sum"}), JSON, "{\"jsonrpc\":\"2.0\",\"method\":\"sum\"}", "{\"method\":\"sum\"}")]
#[test_case(json!({"type": "GRAPHQL", "query": "{ a b }"}), JSON, "{\"query\":\"{a, b}\"}", "{\"query\":\"{ b a }\"}")]
#[test_case(json!({"fuzzy": "hello world"}), "text/plain", "hello worl", "goodbye")]
#[test_case(json!({"type": "MULTIPART", "fields": {"a": ["1"]}}), "multipart/form-data; boundary=B", "--B\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--B--", "a=1")]
#[test_case(json!({"type": "REGEX", "regex": ".*"}), JSON, "x", ""; "no body matches no pattern")]
#[tokio::test]
async fn a_body_is_looked_into(
    body: Value,
    content_type: &'static str,
    matching: &'static str,
    other: &'static str,
) {
    let mock = mock().await;
    mock.expect(json!({"httpRequest": {"body": body}, "httpResponse": {"statusCode": 200}}));
    assert_eq!(status(&mock, content_type, matching).await, 200);
    assert_eq!(status(&mock, content_type, other).await, 404);
    let stored = mock.retrieve("active_expectations", "").await;
    let again = mock.put("expectation", stored.to_string()).await;
    assert_eq!(again.status, 201, "what is shown can be given: {stored}");
    assert_eq!(status(&mock, content_type, matching).await, 200);
}

#[test_case(json!({"not": true, "path": "/a"}), "/b", "/a")]
#[test_case(json!({"not": true, "method": "GET", "path": "/a.*"}), "/b", "/abc")]
#[test_case(json!({"queryStringParameters": {"a": [{"schema": {"type": "integer", "minimum": 5}}]}}), "/?a=7", "/?a=3")]
#[test_case(json!({"queryStringParameters": {"a": {"parameterStyle": "PIPE_DELIMITED", "values": ["1", "2"]}}}), "/?a=1|2", "/?a=1,2")]
#[test_case(json!({"path": "/c/{id}", "pathParameters": {"id": [{"schema": {"type": "integer"}}]}}), "/c/7", "/c/z")]
#[test_case(json!({"method": {"schema": {"type": "string", "pattern": "^G"}}, "path": "/a"}), "/a", "/b")]
#[tokio::test]
async fn a_whole_request_may_be_notted_and_values_be_schemas(
    request: Value,
    matching: &'static str,
    other: &'static str,
) {
    let mock = mock().await;
    mock.expect(json!({"httpRequest": request, "httpResponse": {"statusCode": 200}}));
    assert_eq!(mock.get(matching).await.status, 200);
    assert_eq!(mock.get(other).await.status, 404);
    let stored = mock.retrieve("active_expectations", "").await;
    assert_eq!(
        mock.put("expectation", stored.to_string()).await.status,
        201
    );
    assert_eq!(mock.get(other).await.status, 404);
}

#[test_case(json!("text"), "Schema must either be a path reference to a *.json file or a json string")]
#[test_case(json!({"minimum": "x"}), "minimum value is not a number")]
#[test_case(json!({"exclusiveMinimum": true}), "exclusiveMinimum value is not a number")]
#[test_case(json!({"$schema": "http://x/y"}), "Schema from 'http://x/y' is not allowed to be loaded.")]
#[tokio::test]
async fn some_schemas_are_refused(schema: Value, text: &'static str) {
    let mock = mock().await;
    let body = json!({"type": "JSON_SCHEMA", "jsonSchema": schema});
    let expectation = json!({"httpRequest": {"body": body}, "httpResponse": {}});
    let answer = mock.put("expectation", expectation.to_string()).await;
    assert_eq!((answer.status, answer.text.as_str()), (400, text));
}

#[tokio::test]
async fn a_schema_that_cannot_be_used_matches_nothing() {
    let mock = mock().await;
    for schema in [
        json!({"type": "nonsense"}),
        json!({"$ref": "http://127.0.0.1:1/none.json"}),
    ] {
        let body = json!({"type": "JSON_SCHEMA", "jsonSchema": schema});
        mock.expect(json!({"httpRequest": {"body": body}, "httpResponse": {}}));
    }
    assert_eq!(status(&mock, JSON, "{}").await, 404);
}
