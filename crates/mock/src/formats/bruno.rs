//! Items as a Bruno collection: a folder of small texts in a ZIP archive.

use std::borrow::Cow;
use std::collections::HashSet;

use super::message::{Message, request_of, response_of};
use super::{TITLE, object, zip};
use crate::json::{Json, pretty};

/// File names end before any limit of a file system.
const LONGEST_NAME: usize = 100;

/// The archive of the items.
pub(super) fn collection(items: &[Json]) -> Vec<u8> {
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
        let request = request_of(item);
        let name = free_name(&file_name(request), &mut names);
        let content = document(request, response_of(item), place + 1);
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

fn document(request: Message<'_>, response: Option<Message<'_>>, number: usize) -> String {
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
    if let Some(response) = response {
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
