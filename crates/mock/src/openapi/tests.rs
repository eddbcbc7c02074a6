//! Tests with answers seen on MockServer 8.0.0.

use super::*;
use crate::json::parse_strict;
use test_case::test_case;

mod request;
mod response;
mod robust;
mod sample;

/// Files by their path; nothing can be fetched.
struct Files(HashMap<&'static str, &'static str>);

impl Loader for Files {
    fn read_file(&self, path: &Path) -> Result<String, String> {
        let text = path.to_str().and_then(|path| self.0.get(path));
        text.map(|text| (*text).to_owned())
            .ok_or_else(|| "no such file".to_owned())
    }

    fn fetch(&self, url: &str) -> Result<String, String> {
        let text = self.0.get(url).map(|text| (*text).to_owned());
        text.ok_or_else(|| "URLs are not fetched".to_owned())
    }
}

fn files(files: &[(&'static str, &'static str)]) -> Files {
    Files(files.iter().copied().collect())
}

fn json(text: &str) -> Json {
    parse_strict(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn spec(payload: &str) -> Spec {
    Spec::parse(payload, &files(&[])).expect("a document")
}

/// A document with these paths.
fn document(version: &str, paths: &str, components: &str) -> String {
    format!(
        r#"{{"openapi":"{version}","info":{{"title":"x","version":"1"}},"paths":{paths},"components":{components}}}"#
    )
}

fn expectations(payload: &str) -> Vec<Json> {
    spec(payload)
        .expectations(None, None)
        .expect("expectations")
}

fn at<'a>(json: &'a Json, path: &str) -> Option<&'a Json> {
    path.split('.').try_fold(json, |json, name| match json {
        Json::Object(fields) => fields.get(name),
        _ => None,
    })
}

fn text<'a>(json: &'a Json, path: &str) -> &'a str {
    match at(json, path) {
        Some(Json::Text(text)) => text,
        other => panic!("{path} is {other:?}"),
    }
}

const SMALL: &str = r#"{"openapi":"3.0.0","info":{"title":"x","version":"1"},"paths":{"/a":{"get":{"responses":{"200":{"description":"x"}}}}}}"#;

#[test]
fn an_expectation_names_its_document_and_answers() {
    let found = expectations(SMALL);
    let expected = format!(
        r#"[{{"id":"openapi:x_cf0bff4b57632b0e:GET /a","httpRequest":{{"operationId":"GET /a","specUrlOrPayload":{SMALL}}},"httpResponse":{{"statusCode":200}}}}]"#
    );
    assert_eq!(Json::Array(found), json(&expected));
}

#[test_case("x", "x_cf0bff4b57632b0e"; "a word")]
#[test_case("My Shop: API v2/Été", "my_shop__api_v2__t__8297cc14ab8ac00e"; "a sentence")]
#[test_case("a-b.c_d", "a_b_c_d_0598769b64b6ec6c"; "marks")]
#[test_case("  x  ", "__x___a7f5b86749651dd6"; "blanks around")]
#[test_case("   ", "67862f82662e7ce8"; "blanks only")]
#[test_case("", "37026109837041c6"; "nothing")]
#[test_case("İK", "i_k_952e0e53d2c7e710"; "a letter that grows")]
fn ids_come_from_title_and_payload(title: &str, expected: &str) {
    let payload = SMALL.replace(r#""title":"x""#, &format!(r#""title":"{title}""#));
    let id = format!("openapi:{expected}:GET /a");
    assert_eq!(text(&expectations(&payload)[0], "id"), id);
}

#[test]
fn a_document_in_the_control_body_counts_by_its_pretty_text() {
    let spec = Spec::read(&json(SMALL), &files(&[])).expect("a document");
    let found = spec.expectations(None, None).expect("expectations");
    assert_eq!(text(&found[0], "id"), "openapi:x_2f66ba99e056fce1:GET /a");
}

#[test]
fn operations_come_path_by_path_in_a_fixed_order_of_methods() {
    let methods = "trace patch head options delete post put get";
    let all: Vec<String> = methods
        .split(' ')
        .map(|method| format!(r#""{method}":{{"responses":{{}}}}"#))
        .collect();
    let paths = format!(
        r#"{{"/b":{{{}}},"/a":{{"get":{{"operationId":""}},"x-ext":{{"get":1}}}},"x-p":{{"get":{{}}}}}}"#,
        all.join(",")
    );
    let found = expectations(&document("3.0.0", &paths, "{}"));
    let ids: Vec<&str> = found
        .iter()
        .map(|e| text(e, "httpRequest.operationId"))
        .collect();
    let expected = "GET /b,PUT /b,HEAD /b,POST /b,DELETE /b,PATCH /b,OPTIONS /b,TRACE /b,GET /a";
    assert_eq!(ids.join(","), expected);
}

#[test_case(&["d", "d", "d", "d"], "d,d (2),d (3),d (4)"; "four times")]
#[test_case(&["d", "d (2)", "d"], "d,d (2),d (3)"; "one looks numbered")]
#[test_case(&["d", "d", "d (2)"], "d,d (2),d (2) (2)"; "one was numbered before")]
#[test_case(&["GET /p1", ""], "GET /p1,GET /p1 (2)"; "one is named like a path")]
#[test_case(&["D", "d"], "D,d"; "case matters")]
fn repeated_operation_ids_are_numbered(ids: &[&str], expected: &str) {
    let paths: Vec<String> = (0..)
        .zip(ids)
        .map(|(n, id)| format!(r#""/p{n}":{{"get":{{"operationId":"{id}"}}}}"#))
        .collect();
    let paths = format!("{{{}}}", paths.join(","));
    let found = expectations(&document("3.0.0", &paths, "{}"));
    let ids: Vec<&str> = found
        .iter()
        .map(|e| text(e, "httpRequest.operationId"))
        .collect();
    assert_eq!(ids.join(","), expected);
}

#[test_case("", "Null or empty definition"; "nothing")]
#[test_case(" ", "Null or empty definition"; "a blank")]
#[test_case("{}", "attribute openapi is missing"; "an empty object")]
#[test_case(r#"{"swagger":"2.0","paths":{}}"#, "attribute openapi is missing"; "swagger 2")]
#[test_case("/no/such.yaml", "Unable to read location `/no/such.yaml`"; "no such file")]
#[test_case("http://127.0.0.1:1/x.json", "Unable to read location `http://127.0.0.1:1/x.json`"; "a URL")]
#[test_case("nonsense", "the document is of type `string`"; "a word")]
#[test_case("[]", "the document is of type `array`"; "a list")]
#[test_case("{broken", "the text is no JSON"; "broken JSON")]
#[test_case("openapi: 3.0.0\n  x: [", "the text is no YAML"; "broken YAML")]
#[test_case(r#"{"openapi":"3.2.0"}"#, "attribute openapi is `3.2.0`"; "a later version")]
fn what_is_no_document_is_named(payload: &str, expected: &str) {
    let error = Spec::parse(payload, &files(&[])).expect_err("no document");
    let beginning = format!("Unable to load API spec, {expected}");
    assert!(error.to_string().starts_with(&beginning), "{error}");
}

#[test_case("3.0"; "short")]
#[test_case("3.0.4"; "3.0")]
#[test_case("3.1.1"; "3.1")]
fn versions_3_0_and_3_1_are_read(version: &str) {
    assert!(Spec::parse(&document(version, "{}", "{}"), &files(&[])).is_ok());
}

#[test]
fn a_document_may_lie_in_a_file_and_refer_to_others() {
    let files = files(&[
        (
            "/dir/api.yaml",
            "openapi: 3.0.0\ninfo: {title: e}\npaths:\n  /e:\n    get:\n      responses:\n        200: {content: {application/json: {schema: {$ref: 'defs.yaml#/D'}}}}\n  /f: {$ref: ./item.yaml}\n",
        ),
        (
            "/dir/defs.yaml",
            "D: {type: object, properties: {d: {$ref: '#/E'}}}\nE: {type: integer}\n",
        ),
        (
            "/dir/./item.yaml",
            "get: {operationId: ext, responses: {204: {}}}\n",
        ),
    ]);
    for payload in [
        "/dir/api.yaml",
        "file:///dir/api.yaml",
        "file:/dir/api.yaml",
    ] {
        let spec = Spec::parse(payload, &files).expect("a document");
        let found = spec.expectations(None, None).expect("expectations");
        assert_eq!(
            at(&found[0], "httpResponse.body.json"),
            Some(&json(r#"{"d":0}"#))
        );
        assert_eq!(text(&found[1], "httpRequest.operationId"), "ext");
        assert_eq!(text(&found[1], "httpRequest.specUrlOrPayload"), payload);
    }
}

#[test]
fn a_missing_other_document_is_named() {
    let files = files(&[(
        "/a.json",
        r#"{"openapi":"3.0.0","paths":{"/x":{"$ref":"b.json"}}}"#,
    )]);
    let error = Spec::parse("/a.json", &files).expect_err("a missing file");
    assert!(error.to_string().contains("`/b.json`"), "{error}");
}

#[test_case("defs.json#/D", "http://h:1/dir/defs.json"; "beside it")]
#[test_case("/defs.json#/D", "http://h:1/defs.json"; "from the root")]
#[test_case("http://g/d.json#/D", "http://g/d.json"; "elsewhere")]
#[test_case("file:///etc/d.json#/D", "http://h:1/dir/file:///etc/d.json"; "no file of this machine")]
fn references_of_a_fetched_document_are_fetched(reference: &str, expected: &str) {
    let text = format!(r#"{{"openapi":"3.0.0","paths":{{"/x":{{"$ref":"{reference}"}}}}}}"#);
    let files = Files(HashMap::from([("http://h:1/dir/api.json", &*text.leak())]));
    let error = Spec::parse("http://h:1/dir/api.json", &files).expect_err("a missing document");
    assert!(
        error
            .to_string()
            .contains(&format!("`{expected}`: URLs are")),
        "{error}"
    );
}

#[test_case("", None, "an expectation or expectation array is required but value was \"null\""; "nothing")]
#[test_case(" ", None, "an expectation or expectation array is required but value was \"\""; "blanks")]
#[test_case("[]", None, "an expectation or array of expectations is required"; "an empty list")]
#[test_case("null", None, "$: null found, object expected"; "null")]
#[test_case("{}", None, "$.specUrlOrPayload: is missing, but is required, if specifying OpenAPI request matcher"; "no document")]
#[test_case(r#"{"specUrlOrPayload":5}"#, None, "$.specUrlOrPayload: integer found, string expected"; "a number")]
#[test_case(r#"{"specUrlOrPayload":"x","foo":1}"#, None, "$.foo: is not defined in the schema"; "an unknown field")]
#[test_case(r#"{"specUrlOrPayload":"x","operationsAndResponses":{"r":404}}"#, None, "$.operationsAndResponses.r: should be valid to one and only one schema, but 0 are valid"; "a number as response")]
#[test_case(r#"{"specUrlOrPayload":"x","operationsAndResponses":{"r":{}}}"#, None, "$.operationsAndResponses.r.statusCode: is missing but it is required"; "no status code")]
#[test_case(r#"{"specUrlOrPayload":"x","contextPathPrefix":5}"#, None, "$.contextPathPrefix: integer found, string expected"; "a number as prefix")]
#[test_case("a: [", Some("application/yaml"), "failed to convert YAML to JSON"; "broken YAML")]
fn a_malformed_control_body_is_answered(body: &str, content_type: Option<&str>, expected: &str) {
    let error = read(body, content_type, &files(&[]))
        .expect_err("an error")
        .to_string();
    assert!(error.starts_with("Unable to load API spec, "), "{error}");
    assert!(error.contains(expected), "{error}");
}

#[test]
fn the_report_on_a_control_body_has_the_form_of_mockserver() {
    let error = read("[{}, 5]", None, &files(&[])).expect_err("an error");
    let one = |body: &str, complaint: &str| {
        format!(
            "  incorrect openapi expectation json format for:\n  \n    {body}\n  \n   schema validation errors:\n  \n    1 error:\n     - {complaint}\n    \n    OpenAPI Specification: https://app.swaggerhub.com/apis/jamesdbloom/mock-server-openapi/8.0.x\n    Documentation: https://mock-server.com/mock_server/creating_expectations.html"
        )
    };
    let missing =
        "$.specUrlOrPayload: is missing, but is required, if specifying OpenAPI request matcher";
    let expected = format!(
        "Unable to load API spec, [\n{},\n  \n{}\n]",
        one("{ }", missing),
        one("5", "$: integer found, object expected")
    );
    assert_eq!(error.to_string(), expected);
}

#[test_case("{specUrlOrPayload: '/f.json', /* why */}", None; "lenient JSON")]
#[test_case("[{\"specUrlOrPayload\":\"/f.json\"}]", Some("application/json"); "a list")]
#[test_case("- specUrlOrPayload: /f.json\n", Some("application/x-yaml"); "YAML")]
#[test_case("specUrlOrPayload: /f.json\n", Some("text/yaml; charset=utf-8"); "YAML with a charset")]
#[test_case("{\"specUrlOrPayload\":\"/f.json\"}", Some("Application/YAML"); "JSON is YAML")]
fn a_control_body_is_json_or_yaml(body: &str, content_type: Option<&str>) {
    let found = read(body, content_type, &files(&[("/f.json", SMALL)])).expect("expectations");
    assert_eq!(text(&found[0], "httpRequest.specUrlOrPayload"), "/f.json");
}
