//! Which response answers, and with which parts.

use test_case::test_case;

use super::*;

/// The response for these responses of an operation `r`, with a choice of one.
fn response(responses: &str, choice: Option<&str>) -> Option<Json> {
    let paths = format!(r#"{{"/r":{{"get":{{"operationId":"r","responses":{responses}}}}}}}"#);
    let components = r##"{"examples":{"X":{"value":{"from":"comp"}}},"headers":{"H":{"schema":{"type":"integer"},"example":3}},"responses":{"R":{"content":{"text/plain":{"schema":{"type":"string"}}}}}}"##;
    let choice = choice.map(json);
    let found = spec(&document("3.0.3", &paths, components)).expectations(choice.as_ref(), None);
    let found = found.expect("expectations");
    found.first().and_then(|e| at(e, "httpResponse")).cloned()
}

#[test_case(r#"{"404":{},"200":{}}"#, r#"{"statusCode":404}"#; "the first")]
#[test_case(r#"{"default":{},"200":{}}"#, "{}"; "default has no code")]
#[test_case(r#"{"4xx":{}}"#, r#"{"statusCode":400}"#; "a range")]
#[test_case(r#"{"abc":{}}"#, "{}"; "no code")]
#[test_case(r#"{"x-foo":1,"202":{}}"#, r#"{"statusCode":202}"#; "extensions are no responses")]
#[test_case("{}", "{}"; "none")]
#[test_case("5", "{}"; "no object")]
#[test_case(r##"{"200":{"$ref":"#/components/responses/R"}}"##, r#"{"statusCode":200,"body":"some_string_value","headers":{"content-type":["text/plain"]}}"#; "a reference")]
fn the_response(responses: &str, expected: &str) {
    assert_eq!(response(responses, None), Some(json(expected)));
}

const SEVERAL: &str = r#"{"200":{"content":{"application/json":{"examples":{"one":{"value":1},"two":{"value":2}}}}},"404":{},"4XX":{},"default":{"content":{"text/plain":{"schema":{"type":"string"}}}}}"#;
const ONE: &str = r#"{"statusCode":200,"body":{"type":"JSON","json":1},"headers":{"content-type":["application/json"]}}"#;
const TWO: &str = r#"{"statusCode":200,"body":{"type":"JSON","json":2},"headers":{"content-type":["application/json"]}}"#;

#[test_case(r#"{"r":"404"}"#, r#"{"statusCode":404}"#; "a code")]
#[test_case(r#"{"r":"4XX"}"#, r#"{"statusCode":400}"#; "a range")]
#[test_case(r#"{"r":"default"}"#, r#"{"body":"some_string_value","headers":{"content-type":["text/plain"]}}"#; "default")]
#[test_case(r#"{"r":"500"}"#, ONE; "an unknown code")]
#[test_case(r#"{"r":""}"#, ONE; "no code")]
#[test_case("{}", ONE; "no choice")]
#[test_case(r#"{"r":{"statusCode":"200"}}"#, ONE; "a code in an object")]
#[test_case(r#"{"r":{"statusCode":"200","exampleName":"two"}}"#, TWO; "an example")]
#[test_case(r#"{"r":{"statusCode":"200","exampleName":"three"}}"#, ONE; "an unknown example")]
#[test_case(r#"{"r":"404","nope":"1"}"#, r#"{"statusCode":404}"#; "an unknown operation beside")]
fn the_chosen_response(choice: &str, expected: &str) {
    assert_eq!(response(SEVERAL, Some(choice)), Some(json(expected)));
}

#[test_case(r#"{"nope":"200"}"#; "an unknown operation")]
#[test_case(r#"{"R":"404"}"#; "case matters")]
fn operations_that_are_not_chosen_are_left_out(choice: &str) {
    assert_eq!(response(SEVERAL, Some(choice)), None);
}

#[test_case("application/json", r#""example":{"e":1}"#, Some(r#"{"type":"JSON","json":{"e":1}}"#); "an example")]
#[test_case("application/json", r#""example":{"e":1},"examples":{"one":{"value":{"n":1}}}"#, Some(r#"{"type":"JSON","json":{"n":1}}"#); "examples before example")]
#[test_case("application/json", r##""examples":{"one":{"$ref":"#/components/examples/X"}}"##, Some(r#"{"type":"JSON","json":{"from":"comp"}}"#); "a reference")]
#[test_case("application/json", r#""example":"text""#, Some(r#"{"type":"JSON","json":"\"text\""}"#); "a text is JSON")]
#[test_case("application/json", r#""example":"""#, Some(r#"{"type":"JSON","json":"\"\""}"#); "an empty text is JSON")]
#[test_case("application/json", r#""example":false"#, Some(r#"{"type":"JSON","json":false}"#); "false")]
#[test_case("application/json", r#""example":null,"schema":{"type":"integer"}"#, Some(r#"{"type":"JSON","json":0}"#); "null is no example")]
#[test_case("application/json", r#""examples":{"a":{"summary":"s"},"b":{"value":2}}"#, None; "the first example has no value")]
#[test_case("application/json", r#""examples":{"a":{"externalValue":"http://x"}},"schema":{"type":"integer"}"#, Some(r#"{"type":"JSON","json":0}"#); "external values are not fetched")]
#[test_case("application/problem+json; charset=utf-8", r#""schema":{"type":"integer"}"#, Some(r#"{"type":"JSON","json":0}"#); "another JSON")]
#[test_case("application/x-ndjson", r#""schema":{"type":"integer"}"#, Some(r#""0""#); "lines of JSON are text")]
#[test_case("text/plain", r#""schema":{"type":"object","properties":{"a":{"type":"integer"}}}"#, Some(r#""{\n  \"a\" : 0\n}""#); "an object as text")]
#[test_case("text/plain", r#""example":{"o":1}"#, Some(r#""{\"o\":1}""#); "an example as text")]
#[test_case("text/plain", r#""example":"""#, None; "an empty text")]
#[test_case("*/*", r#""schema":{"type":"string"}"#, Some(r#""some_string_value""#); "any type")]
#[test_case("application/json", "", None; "nothing")]
fn the_body(content_type: &str, media_type: &str, expected: Option<&str>) {
    let responses = format!(r#"{{"200":{{"content":{{"{content_type}":{{{media_type}}}}}}}}}"#);
    let found = response(&responses, None).expect("a response");
    assert_eq!(at(&found, "body"), expected.map(json).as_ref());
    let sent = at(&found, "headers").and_then(|headers| at(headers, "content-type"));
    assert_eq!(sent, Some(&Json::Array(vec![Json::text(content_type)])));
}

#[test_case(r#"{"X-A":{"schema":{"type":"integer"}}}"#, r#"{"X-A":["0"]}"#; "by schema")]
#[test_case(r#"{"X-A":{"schema":{"type":"array","items":{"type":"string"}}}}"#, r#"{"X-A":["[ \"some_string_value\" ]"]}"#; "a list")]
#[test_case(r#"{"X-A":{"schema":{"type":"array","items":{"type":"string"}},"example":["p","q"]}}"#, r#"{"X-A":["[\"p\",\"q\"]"]}"#; "an example")]
#[test_case(r#"{"X-A":{"schema":{"type":"object","properties":{"a":{"type":"integer"}}}}}"#, r#"{"X-A":["{\"a\":0}"]}"#; "an object, in one line unlike the original")]
#[test_case(r#"{"X-A":{"examples":{"e1":{"value":"one"},"e2":{"value":"two"}}}}"#, r#"{"X-A":["one"]}"#; "examples")]
#[test_case(r##"{"X-A":{"$ref":"#/components/headers/H"}}"##, r#"{"X-A":["3"]}"#; "a reference")]
#[test_case(r#"{"X-A":{},"X-B":{"schema":{"type":"string"}}}"#, r#"{"X-B":["some_string_value"]}"#; "one says nothing")]
fn the_headers(headers: &str, expected: &str) {
    let responses = format!(r#"{{"200":{{"headers":{headers}}}}}"#);
    let found = response(&responses, None).expect("a response");
    assert_eq!(at(&found, "headers"), Some(&json(expected)));
}

#[test]
fn a_declared_content_type_stands_beside_that_of_the_content() {
    let responses = r#"{"200":{"headers":{"Content-Type":{"example":"x/y"}},"content":{"application/json":{}}}}"#;
    let found = response(responses, None).expect("a response");
    let expected = json(r#"{"Content-Type":["x/y","application/json"]}"#);
    assert_eq!(at(&found, "headers"), Some(&expected));
}
