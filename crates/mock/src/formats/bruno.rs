//! Items as a Bruno collection: a folder of small texts in a ZIP archive.

use std::borrow::Cow;
use std::collections::HashSet;

use super::message::{Item, Message};
use super::{TITLE, object, zip};
use crate::json::{Json, pretty};

/// File names end before any limit of a file system.
const LONGEST_NAME: usize = 100;

/// The archive of the items.
pub(super) fn collection(items: &[Item<'_>]) -> Vec<u8> {
    let collection = object([
        ("version", Json::text("1")),
        ("name", Json::text(TITLE)),
        ("type", Json::text("collection")),
    ]);
    let mut files = vec![
        ("bruno.json".to_owned(), pretty(&collection)),
        (
            "environments/local.bru".to_owned(),
            "vars {\n  baseUrl: http://localhost:1080\n}\n".to_owned(),
        ),
    ];
    let mut names = HashSet::new();
    for (place, item) in items.iter().enumerate() {
        let name = free_name(&file_name(item.request), &mut names);
        let content = document(item, place + 1);
        files.push((format!("{name}.bru"), content));
    }
    zip::archive(&files)
}

/// Method and path, with everything but letters and digits drawn together to single dashes.
fn file_name(request: Message<'_>) -> String {
    let method = request.text("method").to_lowercase();
    let written = format!("{method}{}", request.text("path"));
    let words = written.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let mut name = words.join("-");
    name.truncate(LONGEST_NAME);
    if name.is_empty() {
        "request".to_owned()
    } else {
        name
    }
}

fn free_name(name: &str, taken: &mut HashSet<String>) -> String {
    let mut free = name.to_owned();
    let mut number = 2;
    while !taken.insert(free.clone()) {
        free = format!("{name}-{number}");
        number += 1;
    }
    free
}

fn document(item: &Item<'_>, number: usize) -> String {
    let request = item.request;
    let method = request.text("method");
    let method = if method.is_empty() {
        Cow::Borrowed("GET")
    } else {
        method
    };
    let meta = format!(
        "name: {method} {}\ntype: http\nseq: {number}",
        request.text("path")
    );
    let mut blocks = vec![
        block("meta", &meta),
        block(&method.to_lowercase(), &format!("url: {}", url(request))),
    ];
    let headers = request.first_values("headers");
    if !headers.is_empty() {
        let lines = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}"));
        blocks.push(block("headers", &lines.collect::<Vec<_>>().join("\n")));
    }
    if let Some(body) = request.body() {
        let looks_like_json = body.text.trim_start().starts_with(['{', '[']);
        let name = if looks_like_json {
            "body:json"
        } else {
            "body:text"
        };
        blocks.push(block(name, &body.text));
    }
    if let Some(response) = item.response {
        blocks.push(block("docs", &docs(response)));
    }
    blocks.join("\n")
}

fn block(name: &str, content: &str) -> String {
    format!("{name} {{\n  {}\n}}\n", content.replace('\n', "\n  "))
}

fn url(request: Message<'_>) -> String {
    let path = request.rooted_path();
    let query = request.first_values("queryStringParameters");
    let query = query.iter().map(|(name, value)| format!("{name}={value}"));
    let query = query.collect::<Vec<_>>().join("&");
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{{{{baseUrl}}}}{path}{mark}{query}")
}

/// What the answer was, its body on one line.
fn docs(response: Message<'_>) -> String {
    let status = response.status().unwrap_or("200");
    let expected = format!("Expected response: {status}");
    match response.body() {
        Some(body) if !body.text.is_empty() => {
            let line = body.text.replace("\r\n", " ").replace(['\n', '\r'], " ");
            format!("{expected}\nBody: {line}")
        }
        _ => expected,
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::super::RetrieveType;
    use super::super::tests::items;
    use super::*;

    #[test_case(r#"{"method":"POST","path":"/x/{id}"}"#, "post-x-id")]
    #[test_case(r#"{"path":"/err"}"#, "err")]
    #[test_case(r#"{"path":""}"#, "request")]
    #[test_case(r#"{"method":"[A-Z]+","path":"/rr"}"#, "a-z-rr")]
    #[test_case(r#"{"method":"TRACE","path":"a/b//c-D_e.f~g"}"#, "tracea-b-c-D-e-f-g")]
    fn files_are_named_by_method_and_path(request: &str, name: &str) {
        let request = &items(request)[0];
        assert_eq!(
            file_name(Item::read(RetrieveType::Requests, request).request),
            name
        );
    }

    #[test]
    fn equal_names_are_numbered() {
        let mut taken = HashSet::new();
        let names = [(); 3].map(|()| free_name("s", &mut taken));
        assert_eq!(names, ["s", "s-2", "s-3"]);
    }

    #[test_case(
        r#"{"httpRequest":{"method":"POST","path":"/x","queryStringParameters":{"q":["1","2"],"!n":["!v"]},"headers":{"?opt":["z"]},"body":{"a":1}},"httpResponse":{"statusCode":201,"body":{"k":"v"}}}"#,
        "meta {\n  name: POST /x\n  type: http\n  seq: 3\n}\n\npost {\n  url: {{baseUrl}}/x?q=1&n=v\n}\n\nheaders {\n  opt: z\n}\n\nbody:json {\n  {\n    \"a\" : 1\n  }\n}\n\ndocs {\n  Expected response: 201\n  Body: {   \"k\" : \"v\" }\n}\n"; "everything")]
    #[test_case(
        r#"{"httpRequest":{"path":"/x","body":{"type":"PARAMETERS","parameters":{"a":["1 &","2"]}}},"httpError":{}}"#,
        "meta {\n  name: GET /x\n  type: http\n  seq: 3\n}\n\nget {\n  url: {{baseUrl}}/x\n}\n\nbody:text {\n  a=1+%26&a=2\n}\n"; "no fixed response")]
    #[test_case(
        r#"{"httpRequest":{"path":"/x"},"httpResponse":{"body":""}}"#,
        "meta {\n  name: GET /x\n  type: http\n  seq: 3\n}\n\nget {\n  url: {{baseUrl}}/x\n}\n\ndocs {\n  Expected response: 200\n}\n"; "an empty body")]
    fn a_request_is_described_in_blocks(item: &str, text: &str) {
        let item = &items(item)[0];
        let item = Item::read(RetrieveType::ActiveExpectations, item);
        assert_eq!(document(&item, 3), text);
    }
}
