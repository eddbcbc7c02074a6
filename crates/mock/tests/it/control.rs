//! `status`, `clear`, `reset`, `retrieve`, `stop`: and which requests are control requests at all.

use std::time::Duration;

use serde_json::json;
use test_case::test_case;

use crate::support::{Answer, mock};

fn empty(status: u16) -> Answer {
    Answer {
        status,
        content_type: None,
        text: String::new(),
    }
}

#[tokio::test]
async fn the_status_names_the_port() {
    let mock = mock().await;
    let answer = mock.put("status", "").await;
    let port = mock.server.port();
    let expected = format!(
        "{{\n  \"artifactId\" : \"mockserver-core\",\n  \"gitHash\" : \"a9db1993\",\n  \"groupId\" : \"org.mock-server\",\n  \"ports\" : [ {port} ],\n  \"version\" : \"8.0.0\"\n}}"
    );
    assert_eq!((answer.status, answer.text), (200, expected));
    assert_eq!(mock.server.start_line(), format!("started on port: {port}"));
}

#[tokio::test]
async fn no_version_header_is_sent() {
    let mock = mock().await;
    let answer = mock
        .raw("PUT /mockserver/status HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await;
    assert!(!answer.to_lowercase().contains("\r\nversion:"), "{answer}");
    assert!(!answer.contains("deprecated"), "{answer}");
}

#[tokio::test]
async fn without_the_prefix_an_operation_works_and_is_called_deprecated() {
    let mock = mock().await;
    let answer = mock
        .raw("PUT /status HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let header = "\r\ndeprecated: \"/status\" is deprecated use \"/mockserver/status\" instead\r\n";
    assert!(answer.contains(header), "{answer}");
}

#[tokio::test]
async fn the_wrong_method_makes_it_an_ordinary_request() {
    let mock = mock().await;
    mock.expect(json!({"httpRequest": {"method": "POST", "path": "/mockserver/reset"}, "httpResponse": {"body": "mine"}}));
    assert_eq!(
        mock.send("POST", "/mockserver/reset", "").await.text,
        "mine"
    );
    assert_eq!(mock.get("/mockserver/status").await.status, 404);
    let requests = mock.retrieve("requests", "").await;
    assert_eq!(requests.as_array().map(Vec::len), Some(2), "{requests}");
    assert_eq!(requests[1]["path"], "/mockserver/status");
}

#[tokio::test]
async fn control_requests_are_not_recorded() {
    let mock = mock().await;
    mock.put("status", "").await;
    mock.put("expectation", "[]").await;
    assert_eq!(mock.retrieve("requests", "").await, json!([]));
}

#[test_case("verifySLO")]
#[test_case("files/store")]
#[tokio::test]
async fn an_operation_that_is_not_there_yet_is_refused_by_name(operation: &'static str) {
    let mock = mock().await;
    let answer = mock.put(operation, "{}").await;
    assert_eq!(answer.status, 501);
    let name = operation.split('/').next().expect("a name");
    assert!(
        answer
            .text
            .starts_with(&format!("not in this version of styk: {name}")),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn a_reset_takes_any_body_and_forgets_everything() {
    let mock = mock().await;
    mock.expect_get("/x", "x");
    mock.get("/x").await;
    assert_eq!(mock.put("reset", "\"\"").await, empty(200));
    assert_eq!(mock.get("/x").await.status, 404);
    let requests = mock.retrieve("requests", "").await;
    assert_eq!(
        requests.as_array().map(Vec::len),
        Some(1),
        "only the one after the reset"
    );
}

#[tokio::test]
async fn clear_takes_what_it_is_told() {
    let mock = mock().await;
    let id = mock.expect_get("/a.*", "a");
    mock.expect_get("/b", "b");
    for path in ["/a1", "/a2", "/b"] {
        mock.get(path).await;
    }
    let paths = async || {
        let requests = mock.retrieve("requests", "").await;
        let requests = requests.as_array().expect("an array").iter();
        requests
            .map(|request| request["path"].as_str().expect("a path").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        mock.put("clear?type=LOG", r#"{"path":"/a1"}"#).await,
        empty(200)
    );
    assert_eq!(paths().await, ["/a2", "/b"]);
    assert_eq!(mock.get("/a1").await.status, 200, "the expectation stayed");
    assert_eq!(
        mock.put("clear?type=expectations", r#"{"path":"/ax"}"#)
            .await,
        empty(200)
    );
    assert_eq!(
        mock.get("/a1").await.status,
        404,
        "a stored pattern meets the filter"
    );
    assert_eq!(paths().await, ["/a2", "/b", "/a1", "/a1"]);
    let unknown = mock.put("clear", json!({"id": id}).to_string()).await;
    assert_eq!(
        (unknown.status, unknown.text),
        (400, format!("No expectation found with id {id}"))
    );
    assert_eq!(mock.put("clear", "").await, empty(200));
    assert_eq!(paths().await, [""; 0]);
    assert_eq!(mock.get("/b").await.status, 404);
}

#[tokio::test]
async fn clear_by_id_takes_the_expectation_and_its_requests() {
    let mock = mock().await;
    let id = mock.expect_get("/a", "a");
    mock.expect_get("/b", "b");
    mock.get("/a").await;
    mock.get("/b").await;
    assert_eq!(
        mock.put("clear", json!({"id": id}).to_string()).await,
        empty(200)
    );
    assert_eq!(mock.get("/a").await.status, 404);
    let requests = mock.retrieve("requests", r#"{"path":"/b"}"#).await;
    assert_eq!(requests.as_array().map(Vec::len), Some(1));
}

#[test_case(
    "clear?type=foo",
    "\"foo\" is not a valid value for \"type\" parameter, only the following values are supported [log, expectations, all]"
)]
#[test_case(
    "retrieve?type=foo",
    "\"foo\" is not a valid value for \"type\" parameter, only the following values are supported [logs, requests, request_responses, recorded_expectations, active_expectations, metrics]"
)]
#[test_case(
    "retrieve?format=foo",
    "\"foo\" is not a valid value for \"format\" parameter, only the following values are supported [java, javascript, python, go, csharp, ruby, rust, php, json, log_entries, har, openapi, postman, bruno, curl]"
)]
#[test_case(
    "retrieve?type=foo&format=bar",
    "\"bar\" is not a valid value for \"format\" parameter"
)]
#[test_case(
    "clear?body",
    "incorrect request matcher json format for:\n\n  \"\"\n\n schema validation errors:\n\n  1 error:\n   - $: string found, object expected\n"
)]
#[tokio::test]
async fn a_bad_parameter_or_filter_is_named(operation: &'static str, expected: &'static str) {
    let mock = mock().await;
    let body = if operation.ends_with("body") {
        "\"\""
    } else {
        ""
    };
    let answer = mock.put(operation, body).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.starts_with(expected), "{}", answer.text);
}

#[test_case("", "null"; "nothing")]
#[test_case(" \n", ""; "blanks")]
#[tokio::test]
async fn a_blank_body_is_told_apart_from_none(body: &'static str, shown: &'static str) {
    let mock = mock().await;
    for operation in ["expectation", "verify", "verifySequence", "openapi"] {
        let answer = mock.put(operation, body).await;
        assert_eq!(answer.status, 400, "{operation}");
        let expected = format!("is required but value was \"{shown}\"");
        assert!(answer.text.contains(&expected), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_body_in_another_charset_is_read_as_its_content_type_says() {
    let mock = mock().await;
    let text = r#"{"httpRequest":{"path":"/x"},"httpResponse":{"body":"ä"}}"#;
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let url = format!("{}/mockserver/expectation", mock.server.url());
    for (mark, expected) in [(&[0xff, 0xfe][..], 201), (&[], 400)] {
        let request = mock
            .client
            .put(&url)
            .header("content-type", "application/json; charset=utf-16")
            .body([mark, &bytes].concat());
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), expected);
    }
    assert_eq!(mock.get("/x").await.text, "ä");
}

#[test_case(r#"{"httpRequest":{"path":"/a"}}"#; "its request alone")]
#[test_case(r#"{"id":"1","httpRequest":{"path":"/a"},"httpResponse":{"body":"a"}}"#; "all of it")]
#[tokio::test]
async fn a_filter_may_be_an_expectation(filter: &'static str) {
    let mock = mock().await;
    mock.get("/a").await;
    mock.get("/b").await;
    let paths = |requests: serde_json::Value| {
        let requests = requests.as_array().expect("a list").iter();
        let path = |request: &serde_json::Value| request["path"].clone();
        requests.map(path).collect::<Vec<_>>()
    };
    assert_eq!(paths(mock.retrieve("requests", filter).await), ["/a"]);
    assert_eq!(mock.put("clear", filter).await, empty(200));
    assert_eq!(paths(mock.retrieve("requests", "").await), ["/b"]);
}

#[test_case(json!({"not": true, "path": "/a"}), &["b", "not-a"]; "what the filter does not select")]
#[test_case(json!({"path": "/a"}), &["a", "any"]; "a stored negation is of another path")]
#[test_case(json!({"path": "/b"}), &["b", "not-a", "any"]; "a stored negation takes the path")]
#[tokio::test]
async fn a_negation_turns_a_filter_round(
    filter: serde_json::Value,
    expected: &'static [&'static str],
) {
    let mock = mock().await;
    for (id, request) in [
        ("a", json!({"path": "/a"})),
        ("b", json!({"path": "/b"})),
        ("not-a", json!({"not": true, "path": "/a"})),
        ("any", json!({})),
    ] {
        mock.expect(json!({"id": id, "httpRequest": request, "httpResponse": {}}));
    }
    let found = mock
        .retrieve("active_expectations", &filter.to_string())
        .await;
    let found = found.as_array().expect("a list").iter();
    let found: Vec<_> = found.filter_map(|one| one["id"].as_str()).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_client_can_stop_the_server() {
    let mock = mock().await;
    assert_eq!(mock.put("stop", "").await, empty(200));
    let stopped = tokio::time::timeout(Duration::from_secs(10), mock.server.stopped()).await;
    assert!(stopped.is_ok());
    mock.server.stop().await;
    assert!(
        tokio::net::TcpStream::connect(("127.0.0.1", mock.server.port()))
            .await
            .is_err()
    );
}

#[test_case(json!({"method": "GET"}), &["none", "get", "path", "pattern", "one"]; "a stored matcher of any method takes it")]
#[test_case(json!({"path": "/a"}), &["none", "get", "post", "path", "pattern", "header", "absent"]; "and of any path")]
#[test_case(json!({"path": "/a/1"}), &["none", "get", "post", "pattern", "one", "header", "absent"]; "path parameters take their values")]
#[test_case(json!({"path": "/b"}), &["none", "get", "post", "header", "absent"]; "another path")]
#[test_case(json!({"headers": {"A": ["1"]}}), &["header"]; "headers must be there")]
#[test_case(json!({"headers": {"C": ["3"]}}), &["absent"]; "or be asked to be others")]
#[test_case(json!({"path": "/a/{id}", "pathParameters": {"id": ["1"]}}), &["one"]; "path parameters must be the same")]
#[tokio::test]
async fn a_filter_selects_stored_matchers(
    filter: serde_json::Value,
    expected: &'static [&'static str],
) {
    let mock = mock().await;
    for (id, request) in [
        ("none", json!({})),
        ("get", json!({"method": "GET"})),
        ("post", json!({"method": "POST"})),
        ("path", json!({"path": "/a"})),
        ("pattern", json!({"path": "/a.*"})),
        (
            "one",
            json!({"path": "/a/{id}", "pathParameters": {"id": ["1"]}}),
        ),
        ("header", json!({"headers": {"A": ["1"]}})),
        ("absent", json!({"headers": {"!A": [".*"]}})),
    ] {
        mock.expect(json!({"id": id, "httpRequest": request, "httpResponse": {}}));
    }
    let found = mock
        .retrieve("active_expectations", &filter.to_string())
        .await;
    let found = found.as_array().expect("a list").iter();
    let mut found: Vec<_> = found
        .map(|one| one["id"].as_str().expect("an id"))
        .collect();
    if filter.get("method").is_some() {
        found.retain(|id| !["header", "absent"].contains(id));
    }
    assert_eq!(found, expected);
}
