//! `PUT /mockserver/expectation`: what is stored, what is refused, and in which words.

use serde_json::{Value, json};
use styk_mock::{ExpectationError, Limits};
use test_case::test_case;

use crate::support::{Answer, mock, mock_with};

const TEXT: &str = "text/plain; charset=utf-8";

fn refusal(text: &str) -> Answer {
    Answer {
        status: 400,
        content_type: Some(TEXT.to_owned()),
        text: text.to_owned(),
    }
}

#[tokio::test]
async fn an_expectation_is_echoed_as_an_array_with_its_defaults() {
    let mock = mock().await;
    let body = r#"{"id":"a","httpRequest":{"path":"/x","headers":[{"name":"X-A","values":["1"]}]},"httpResponse":{"body":{"type":"STRING","string":"hi"}}}"#;
    let answer = mock.put("expectation", body).await;
    assert_eq!(answer.status, 201);
    assert_eq!(
        answer.content_type.as_deref(),
        Some("application/json; charset=utf-8")
    );
    let expected = "[ {\n  \"httpRequest\" : {\n    \"path\" : \"/x\",\n    \"headers\" : {\n      \"X-A\" : [ \"1\" ]\n    }\n  },\n  \"httpResponse\" : {\n    \"body\" : \"hi\"\n  },\n  \"id\" : \"a\",\n  \"priority\" : 0,\n  \"timeToLive\" : {\n    \"unlimited\" : true\n  },\n  \"times\" : {\n    \"unlimited\" : true\n  }\n} ]";
    assert_eq!(answer.text, expected);
}

#[tokio::test]
async fn an_id_is_made_up_where_none_is_given() {
    let mock = mock().await;
    let answer = mock.put("expectation", r#"{"httpResponse":{}}"#).await;
    let stored: Value = serde_json::from_str(&answer.text).expect("JSON");
    let id = stored[0]["id"].as_str().expect("an id");
    assert_eq!(id.len(), 36, "{id}");
    assert!(mock.server.remove(id));
    assert!(!mock.server.remove(id));
}

#[tokio::test]
async fn a_missing_expectation_is_named() {
    let mock = mock().await;
    let required =
        "1 error:\n - an expectation or expectation array is required but value was \"null\"";
    assert_eq!(mock.put("expectation", "").await, refusal(required));
    let blank = mock.put("expectation", " ").await;
    assert_eq!(blank, refusal(&required.replace("null", "")));
    let null = mock.put("expectation", "null").await;
    assert!(
        null.text.contains("   - $: null found, object expected\n"),
        "{}",
        null.text
    );
    let empty = "1 error:\n - an expectation or array of expectations is required";
    assert_eq!(mock.put("expectation", "[]").await, refusal(empty));
}

#[tokio::test]
async fn an_unknown_property_is_reported_in_the_words_of_the_schema_check() {
    let mock = mock().await;
    let answer = mock
        .put("expectation", r#"{"foo":1,"httpResponse":{}}"#)
        .await;
    let expected = "incorrect expectation json format for:\n\n  {\n    \"foo\" : 1,\n    \"httpResponse\" : { }\n  }\n\n schema validation errors:\n\n  1 error:\n   - $.foo: is not defined in the schema and the schema does not allow additional properties\n  \n  OpenAPI Specification: https://app.swaggerhub.com/apis/jamesdbloom/mock-server-openapi/8.0.x\n  Documentation: https://mock-server.com/mock_server/creating_expectations.html";
    assert_eq!(answer, refusal(expected));
}

#[tokio::test]
async fn an_unknown_property_of_the_request_is_two_errors() {
    let mock = mock().await;
    let answer = mock
        .put(
            "expectation",
            r#"{"httpRequest":{"paths":"/x"},"httpResponse":{}}"#,
        )
        .await;
    assert_eq!(answer.status, 400);
    let errors = "  2 errors:\n   - $.httpRequest.paths: is not defined in the schema and the schema does not allow additional properties\n   - $.httpRequest.specUrlOrPayload: is missing, but is required, if specifying OpenAPI request matcher\n";
    assert!(answer.text.contains(errors), "{}", answer.text);
}

#[tokio::test]
async fn two_actions_are_one_plain_sentence() {
    let mock = mock().await;
    let answer = mock
        .put("expectation", r#"{"httpResponse":{},"httpError":{}}"#)
        .await;
    let expected =
        "when multiple action types are configured, exactly one must be marked as primary";
    assert_eq!(answer, refusal(expected));
}

#[test_case(r#"{"string":"x","a":1}"#, r#""x""#; "a type may be told by its field")]
#[test_case(r#"{"json":{"a":0.00}}"#, r#"{"a":0.00}"#; "also for JSON")]
#[test_case(r#"{"type":"JSON","json":"{a:1}"}"#, r#"{"a":1}"#; "JSON text is shown as JSON")]
#[test_case(r#"{"type":"STRING","string":"x","not":true,"subString":true}"#, r#"{"not":true,"type":"STRING","string":"x","rawBytes":"eA==","subString":true}"#; "the long form of a text")]
#[test_case(r#"{"type":"JSON","json":{"a":1},"matchType":"STRICT"}"#, r#"{"type":"JSON","json":{"a":1},"matchType":"STRICT"}"#; "the long form of JSON")]
#[test_case(r#"{"type":"foo","a":1}"#, r#"{"type":"foo","a":1}"#; "an unknown type is JSON")]
#[tokio::test]
async fn bodies_are_echoed_in_their_short_form(body: &'static str, echoed: &'static str) {
    let mock = mock().await;
    let expectation = format!(r#"{{"httpRequest":{{"body":{body}}},"httpResponse":{{}}}}"#);
    let answer = mock.put("expectation", expectation).await;
    let stored: Value = serde_json::from_str(&answer.text).expect("JSON");
    let echoed: Value = serde_json::from_str(echoed).expect("JSON");
    assert_eq!(stored[0]["httpRequest"]["body"], echoed, "{}", answer.text);
}

#[tokio::test]
async fn nothing_of_an_array_is_stored_when_one_is_invalid() {
    let mock = mock().await;
    let answer = mock
        .put(
            "expectation",
            r#"[{"httpResponse":{}},{"foo":1},{"bar":1}]"#,
        )
        .await;
    assert_eq!(answer.status, 400);
    assert!(
        answer
            .text
            .starts_with("[\n  incorrect expectation json format for:\n"),
        "{}",
        answer.text
    );
    assert!(answer.text.ends_with("\n]"), "{}", answer.text);
    assert_eq!(mock.retrieve("active_expectations", "").await, json!([]));
}

#[test_case("{"; "half an object")]
#[test_case("{\"httpResponse\":{\"statusCode\":\"x\"}}"; "a status that is no number")]
#[test_case("{\"httpResponse\":{\"headers\":{\"a b\":\"c\"}}}"; "a header name with a blank")]
#[test_case("{\"httpResponse\":{\"body\":5}}"; "a number as body")]
#[test_case("{\"httpRequest\":{}}"; "no action")]
#[test_case("{\"httpResponse\":{},\"httpError\":{}}"; "two actions")]
#[test_case("{\"httpResponse\":{},\"times\":{\"remainingTimes\":\"2\"}}"; "times as text")]
#[test_case("{\"httpResponse\":{},\"timeToLive\":{\"timeUnit\":\"YEARS\",\"timeToLive\":1}}"; "an unknown unit")]
#[test_case("{\"httpResponse\":{\"body\":{\"type\":\"JSON\",\"json\":\"{a\"}}}"; "malformed JSON as body")]
#[test_case("{\"HTTPREQUEST\":{},\"httpResponse\":{}}"; "a name in another case")]
#[test_case("{\"httpRequest\":{\"path\":5},\"httpResponse\":{}}"; "a number as path")]
#[test_case("5"; "a number")]
#[tokio::test]
async fn what_is_malformed_gets_400(body: &'static str) {
    let mock = mock().await;
    let answer = mock.put("expectation", body).await;
    assert_eq!(
        (answer.status, answer.content_type.as_deref()),
        (400, Some(TEXT)),
        "{}",
        answer.text
    );
    assert!(!answer.text.is_empty());
}

#[test_case(json!({"httpResponseClassCallback": {"callbackClass": "a.B"}}), "httpResponseClassCallback")]
#[test_case(json!({"httpRequest": {"body": {"type": "XML_SCHEMA", "xmlSchema": ""}}, "httpResponse": {}}), "body matcher XML_SCHEMA")]
#[test_case(json!({"httpRequest": {"path": "\\N{x}"}, "httpResponse": {}}), "`\\N{` in the regular expression `\\N{x}`")]
#[test_case(json!({"httpResponse": {"body": {"type": "FILE", "filePath": "x"}}}), "response body FILE")]
#[tokio::test]
async fn what_is_not_there_yet_is_refused_by_name(expectation: Value, feature: &'static str) {
    let mock = mock().await;
    let answer = mock.put("expectation", expectation.to_string()).await;
    assert_eq!(answer.status, 501, "{}", answer.text);
    assert!(answer.text.contains(feature), "{}", answer.text);
    let features = vec![feature.to_owned()];
    assert_eq!(
        mock.server.expect(&expectation),
        Err(ExpectationError::NotBuilt { features })
    );
    assert_eq!(mock.retrieve("active_expectations", "").await, json!([]));
}

#[tokio::test]
async fn a_mark_without_a_word_comes_back_as_it_was_given() {
    // Found by the fuzz target of matchers: left out, it would take every method.
    let mock = mock().await;
    let body = r#"{"httpRequest": {"method": "!", "path": "/a"}, "httpResponse": {}}"#;
    let answer = mock.put("expectation", body).await;
    let stored: Value = serde_json::from_str(&answer.text).expect("JSON");
    assert_eq!(stored[0]["httpRequest"]["method"], "!");
}

#[tokio::test]
async fn control_json_may_be_written_loosely() {
    let mock = mock().await;
    let body = "// comment\n{ httpRequest: { path: '/loose', }, /* more */ 'httpResponse': { statusCode: 0202 } } trailing";
    assert_eq!(mock.put("expectation", body).await.status, 201);
    assert_eq!(mock.get("/loose").await.status, 202);
}

#[tokio::test]
async fn the_same_id_replaces_in_place() {
    let mock = mock().await;
    let old = |body: &str| json!({"id": "x", "httpRequest": {"path": "/p"}, "httpResponse": {"body": body}});
    mock.expect(old("first"));
    mock.expect_get("/p", "younger");
    assert_eq!(mock.get("/p").await.text, "first");
    mock.expect(old("replaced"));
    assert_eq!(mock.get("/p").await.text, "replaced", "it keeps its age");
    mock.expect(json!({"id": "x", "priority": -1, "httpRequest": {"path": "/p"}, "httpResponse": {"body": "low"}}));
    assert_eq!(
        mock.get("/p").await.text,
        "younger",
        "but its priority is read again"
    );
}

#[tokio::test]
async fn registration_beyond_the_limit_is_an_error() {
    let limits = Limits {
        expectations_max: 2,
        ..Limits::default()
    };
    let mock = mock_with(limits).await;
    mock.expect(json!({"httpResponse": {}, "times": {"remainingTimes": 1}}));
    mock.expect_get("/b", "b");
    let third = json!({"httpResponse": {}}).to_string();
    let answer = mock.put("expectation", third.clone()).await;
    assert_eq!(answer.status, 400);
    assert!(
        answer.text.contains("holds 2 expectations, its limit"),
        "{}",
        answer.text
    );
    assert_eq!(mock.get("/a").await.status, 200, "the one use is taken");
    assert_eq!(
        mock.put("expectation", third).await.status,
        201,
        "what is used up makes room"
    );
}

#[test_case(r#"{"httpRequest":null,"httpResponse":{}}"#, "$.httpRequest: null found, object expected"; "a request")]
#[test_case(r#"{"httpResponse":{"statusCode":null}}"#, "$.httpResponse.statusCode: null found, integer expected"; "a status")]
#[test_case(r#"{"id":null,"httpResponse":{}}"#, "$.id: null found, string expected"; "an id")]
#[test_case(r#"{"httpResponse":{},"times":{"remainingTimes":3000000000}}"#, "exception while parsing [{"; "too many times")]
#[test_case(r#"{"httpOverrideForwardedRequest":{}}"#, "should be valid to one and only one schema, but 2 are valid with indexes '0, 1'"; "an override without form")]
#[tokio::test]
async fn what_is_no_value_is_refused(text: &'static str, expected: &str) {
    let mock = mock().await;
    let answer = mock.put("expectation", text).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains(expected), "{}", answer.text);
}

#[tokio::test]
async fn an_action_is_shown_in_the_long_form_and_in_order() {
    let mock = mock().await;
    let text = r#"{"id":"1","httpRequest":{"path":"/r"},"httpForward":{"host":"h","delay":{"timeUnit":"SECONDS"}}}"#;
    let shown = mock.put("expectation", text).await.text;
    let expected = "[ {\n  \"httpForward\" : {\n    \"delay\" : {\n      \"timeUnit\" : \"SECONDS\",\n      \"value\" : 0\n    },\n    \
                    \"host\" : \"h\",\n    \"port\" : 80,\n    \"scheme\" : \"HTTP\"\n  },\n  \"httpRequest\" : {";
    assert!(shown.starts_with(expected), "{shown}");
}
