//! The request matchers of operations. The expected ones were shown by MockServer 8.0.0 where a request missed them.

use test_case::test_case;

use super::*;

const COMPONENTS: &str = r##"{
    "schemas":{"I":{"type":"integer","minimum":5},"D":{"type":"object","required":["k"],"properties":{"k":{"type":"string"}},"additionalProperties":false},"N":{"type":"object","required":["v"],"properties":{"v":{"type":"integer"},"next":{"$ref":"#/components/schemas/N"}}}},
    "parameters":{"PP":{"name":"q","in":"query","required":true,"schema":{"type":"string"}}},
    "requestBodies":{"RB":{"required":true,"content":{"application/json":{}}}},
    "securitySchemes":{"key":{"type":"apiKey","in":"header","name":"X-Key"},"qkey":{"type":"apiKey","in":"query","name":"qk"},"ckey":{"type":"apiKey","in":"cookie","name":"ck"},"bas":{"type":"http","scheme":"basic"},"bear":{"type":"http","scheme":"bearer"},"oauth":{"type":"oauth2"},"mtls":{"type":"mutualTLS"}}
}"##;

/// The matchers of one operation without `method` and, when it is `/a`, `path`.
fn matchers_of(path: &str, item: &str) -> Vec<Json> {
    let payload = document("3.0.3", &format!(r#"{{"{path}":{item}}}"#), COMPONENTS);
    let mut found = spec(&payload).matchers(None, None).expect("matchers");
    for matcher in &mut found {
        if let Json::Object(fields) = matcher {
            assert_eq!(fields.shift_remove("method"), Some(Json::text("POST")));
            if fields.get("path") == Some(&Json::text("/a")) {
                fields.shift_remove("path");
            }
        }
    }
    found
}

fn one(operation: &str) -> Json {
    let found = matchers_of("/a", &format!(r#"{{"post":{{{operation}}}}}"#));
    assert_eq!(found.len(), 1);
    found[0].clone()
}

#[test_case("", "", "FORM_EXPLODED"; "default")]
#[test_case("", r#","explode":false"#, "FORM"; "form")]
#[test_case("spaceDelimited", "", "SPACE_DELIMITED"; "spaces")]
#[test_case("spaceDelimited", r#","explode":true"#, "SPACE_DELIMITED_EXPLODED"; "spaces exploded")]
#[test_case("pipeDelimited", "", "PIPE_DELIMITED"; "pipes")]
#[test_case("deepObject", r#","explode":true"#, "DEEP_OBJECT"; "deep object")]
fn query_parameters_have_a_style(style: &str, explode: &str, expected: &str) {
    let style = if style.is_empty() {
        String::new()
    } else {
        format!(r#","style":"{style}""#)
    };
    let found = one(&format!(
        r#""parameters":[{{"name":"q","in":"query","required":true,"schema":{{"type":"integer","minimum":5}}{style}{explode}}}]"#
    ));
    let expected = format!(
        r#"{{"queryStringParameters":{{"keyMatchStyle":"MATCHING_KEY","q":{{"parameterStyle":"{expected}","values":[{{"schema":{{"type":"integer","minimum":5}}}}]}}}}}}"#
    );
    assert_eq!(found, json(&expected));
}

#[test_case(r#"{"name":"h","in":"header","schema":{"type":"string"}}"#, r#"{"headers":{"keyMatchStyle":"MATCHING_KEY","?h":{"parameterStyle":"SIMPLE","values":[{"schema":{"type":"string"}}]}}}"#; "an optional header")]
#[test_case(r#"{"name":"c","in":"cookie","required":true,"schema":{"type":"string"}}"#, r#"{"cookies":{"c":{"schema":{"type":"string"}}}}"#; "a cookie")]
#[test_case(r#"{"name":"q","in":"query","required":true,"content":{"application/json":{"schema":{"type":"object"}}}}"#, r#"{"queryStringParameters":{"keyMatchStyle":"MATCHING_KEY","q":[{"schema":{"type":"object"}}]}}"#; "by content")]
#[test_case(r#"{"name":"q","in":"query","required":true}"#, "{}"; "without a schema")]
#[test_case(r##"{"$ref":"#/components/parameters/PP"}"##, r#"{"queryStringParameters":{"keyMatchStyle":"MATCHING_KEY","q":{"parameterStyle":"FORM_EXPLODED","values":[{"schema":{"type":"string"}}]}}}"#; "a reference")]
#[test_case(r##"{"name":"q","in":"query","schema":{"$ref":"#/components/schemas/I"},"allowEmptyValue":true}"##, r#"{"queryStringParameters":{"keyMatchStyle":"MATCHING_KEY","?q":{"parameterStyle":"FORM_EXPLODED","values":[{"schema":{"type":"integer","minimum":5}},"^$"]}}}"#; "may be empty")]
fn parameters(parameter: &str, expected: &str) {
    assert_eq!(
        one(&format!(r#""parameters":[{parameter}]"#)),
        json(expected)
    );
}

#[test]
fn parameters_of_an_operation_replace_those_of_its_path() {
    let item = r#"{"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"integer"}},{"name":"X-C","in":"header","schema":{"type":"string"}}],
        "post":{"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"},"style":"label"}]}}"#;
    let found = matchers_of("/a/{id}", item);
    let expected = r#"[{"path":"/a/{id}","pathParameters":{"keyMatchStyle":"MATCHING_KEY","id":{"parameterStyle":"LABEL","values":[{"schema":{"type":"string"}}]}},
        "headers":{"keyMatchStyle":"MATCHING_KEY","?X-C":{"parameterStyle":"SIMPLE","values":[{"schema":{"type":"string"}}]}}}]"#;
    assert_eq!(Json::Array(found), json(expected));
}

#[test_case(r#"[{"key":[]}]"#, r#"{"headers":{"X-Key":[".+"]}}"#; "a key")]
#[test_case(r#"[{"qkey":[]}]"#, r#"{"queryStringParameters":{"qk":[".+"]}}"#; "a key in the query")]
#[test_case(r#"[{"ckey":[]}]"#, r#"{"cookies":{"ck":".+"}}"#; "a key in a cookie")]
#[test_case(r#"[{"bas":[]}]"#, r#"{"headers":{"authorization":["basic.+"]}}"#; "basic")]
#[test_case(r#"[{"oauth":["a"]}]"#, r#"{"headers":{"authorization":[".+"]}}"#; "a token")]
#[test_case(r#"[{"mtls":[]}]"#, r#"{"clientCertificate":{"subject":".+"}}"#; "a certificate")]
#[test_case(r#"[{"bas":[]},{"bear":[]}]"#, r#"{"headers":{"authorization":["basic.+|bearer.+"]}}"#; "one of two in one header")]
#[test_case(r#"[{"key":[]},{"bas":[]}]"#, r#"{"headers":{"X-Key|authorization":[".*"],"?X-Key":[".+"],"?authorization":["basic.+"]}}"#; "one of two headers")]
#[test_case(r#"[{"key":[],"qkey":[]}]"#, r#"{"queryStringParameters":{"?qk":[".+"]},"headers":{"?X-Key":[".+"]}}"#; "a header and the query")]
#[test_case(r#"[{},{"key":[]}]"#, r#"{"headers":{"X-Key":[".+"]}}"#; "none is passed over")]
#[test_case(r#"[{"nope":[]}]"#, "{}"; "an unknown scheme")]
#[test_case("[]", "{}"; "none")]
fn security(requirements: &str, expected: &str) {
    assert_eq!(
        one(&format!(r#""security":{requirements}"#)),
        json(expected)
    );
}

#[test]
fn beside_header_parameters_one_of_several_headers_is_enough() {
    let found = one(
        r#""security":[{"key":[]},{"bas":[]}],"parameters":[{"name":"h","in":"header","schema":{"type":"string"}}]"#,
    );
    let expected = r#"{"headers":{"keyMatchStyle":"MATCHING_KEY","X-Key|authorization":[".*"],"?h":{"parameterStyle":"SIMPLE","values":[{"schema":{"type":"string"}}]}}}"#;
    assert_eq!(found, json(expected));
}

#[test]
fn each_content_type_of_a_required_body_has_its_matcher() {
    let item = r#"{"post":{"requestBody":{"required":true,"content":{"application/problem+json":{"schema":{"type":"object","required":["n"]}},"multipart/form-data":{"schema":{"type":"object","required":["n"]}},"text/*":{},"*/*":{}}}}}"#;
    let expected = r#"[
        {"headers":{"content-type":["application\\/problem\\+json.*"]},"body":{"type":"JSON_SCHEMA","jsonSchema":{"type":"object","required":["n"]}}},
        {"headers":{"content-type":["multipart\\/form\\-data.*"]},"body":{"type":"MULTIPART","fields":{"n":[".*"]}}},
        {"headers":{"content-type":["text\\/\\.*.*"]}},
        {}]"#;
    assert_eq!(Json::Array(matchers_of("/a", item)), json(expected));
}

#[test]
fn a_body_that_is_not_required_may_be_absent_and_of_any_type() {
    let found = one(
        r#""requestBody":{"content":{"application/x-www-form-urlencoded":{"schema":{"type":"object"},"encoding":{"l":{"style":"form","explode":false},"m":{"contentType":"x"}}}}}"#,
    );
    let expected = r#"{"body":{"type":"JSON_SCHEMA","jsonSchema":{"type":"object"},"parameterStyles":{"l":"FORM"},"optional":true}}"#;
    assert_eq!(found, json(expected));
}

#[test]
fn a_body_may_be_a_reference() {
    let found = one(r##""requestBody":{"$ref":"#/components/requestBodies/RB"}"##);
    let expected = r#"{"headers":{"content-type":["application\\/json.*"]}}"#;
    assert_eq!(found, json(expected));
}

#[test_case(r##"{"$ref":"#/components/schemas/N"}"##, r##"{"type":"object","required":["v"],"properties":{"v":{"type":"integer"},"next":{"$ref":"#/definitions/d0"}},"definitions":{"d0":{"type":"object","required":["v"],"properties":{"v":{"type":"integer"},"next":{"$ref":"#/definitions/d0"}}}}}"##; "one that holds itself")]
#[test_case(r##"{"allOf":[{"$ref":"#/components/schemas/D"},{"type":"object","required":["b"]}]}"##, r#"{"allOf":[{"type":"object","required":["k"],"properties":{"k":{"type":"string"}}},{"type":"object","required":["b"]}],"type":"object"}"#; "members allow more fields")]
#[test_case(r#"{"type":"integer","minimum":3,"exclusiveMinimum":true,"example":4,"xml":{},"x-a":1,"description":"d"}"#, r#"{"type":"integer","exclusiveMinimum":3}"#; "exclusive minimum")]
#[test_case(r#"{"type":"string","enum":["x"],"nullable":true}"#, r#"{"type":["string","null"],"enum":["x",null]}"#; "nullable")]
#[test_case(r#"{"type":"file","required":true,"minLength":-1,"enum":[],"oneOf":[],"multipleOf":0}"#, "{}"; "what JSON Schema does not have")]
#[test_case(r##"{"$ref":"#/components/schemas/Nope"}"##, r#"{"not":{}}"#; "a reference to nothing")]
fn schemas(schema: &str, expected: &str) {
    let found = one(&format!(
        r#""requestBody":{{"required":true,"content":{{"*/*":{{"schema":{schema}}}}}}}"#
    ));
    assert_eq!(at(&found, "body.jsonSchema"), Some(&json(expected)));
}

#[test_case(r#"[{"url":"http://h.example/v1/"},{"url":"/v2"}]"#, None, "/v1/a"; "the first server")]
#[test_case(r#"[{"url":"http://h"}]"#, None, "/a"; "a host only")]
#[test_case(r#"[{"url":"https://{env}.x/{ver}/z","variables":{"env":{"default":"dev"},"ver":{"default":"v9"}}}]"#, None, "/v9/z/a"; "variables")]
#[test_case(r#"[{"url":"{b}","variables":{"b":{"default":"/pp"}}}]"#, None, "/pp/a"; "one variable")]
#[test_case(r#"[{"url":"v1"}]"#, None, "/v1/a"; "without a slash")]
#[test_case(r#"[{"url":"http://h/v1?x=1"}]"#, None, "/v1/a"; "a query")]
#[test_case("[]", None, "/a"; "none")]
#[test_case("[{}]", None, "/a"; "no URL")]
#[test_case(r#"[{"url":"/v1"}]"#, Some("pre/"), "/pre/v1/a"; "a prefix")]
#[test_case(r#"[{"url":"/v1"}]"#, Some("/"), "/v1/a"; "a prefix that says nothing")]
fn paths(servers: &str, prefix: Option<&str>, expected: &str) {
    let payload =
        format!(r#"{{"openapi":"3.0.0","servers":{servers},"paths":{{"/a":{{"get":{{}}}}}}}}"#);
    let found = spec(&payload).matchers(None, prefix).expect("matchers");
    assert_eq!(text(&found[0], "path"), expected);
}

#[test]
fn servers_of_the_operation_come_before_those_of_path_and_document() {
    let payload = r#"{"openapi":"3.0.0","servers":[{"url":"/g"}],"paths":{"/a":{"servers":[{"url":"/p"}],"get":{"servers":[{"url":"/o"}]},"put":{}},"/b":{"get":{}}}}"#;
    let found = spec(payload).matchers(None, None).expect("matchers");
    let paths: Vec<&str> = found.iter().map(|matcher| text(matcher, "path")).collect();
    assert_eq!(paths, ["/o/a", "/p/a", "/g/b"]);
}

#[test_case(None, 2; "all")]
#[test_case(Some(" "), 2; "blank is all")]
#[test_case(Some("ga"), 1; "one")]
#[test_case(Some("GET /b"), 1; "one by method and path")]
#[test_case(Some("GA"), 0; "case matters")]
fn operations_are_chosen_by_id(id: Option<&str>, expected: usize) {
    let payload =
        r#"{"openapi":"3.0.0","paths":{"/a":{"get":{"operationId":"ga"}},"/b":{"get":{}}}}"#;
    let found = spec(payload).matchers(id, None).expect("matchers");
    assert_eq!(found.len(), expected);
}
